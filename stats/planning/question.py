"""What is asked of the planner: everything but one of effect, units and power."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite

from stats.checks import check_alpha
from stats.direction import Direction
from stats.planning.baselines import Baseline
from stats.planning.contrasts import Contrast
from stats.planning.rules import USUAL_RULES, Rules
from stats.planning.shapes import Shape


class Unknown(StrEnum):
    """What the planner is to find."""

    EFFECT = "effect"
    UNITS = "units"
    POWER = "power"


@dataclass(frozen=True)
class GuardrailQuestion:
    """A guardrail KPI of the test: which limit can it show to be kept?

    Attributes:
        baseline: The control's KPI as expected.
        worse: The change that harms.
        margin: The limit thought of, above 0, in the KPI's unit of measure; None if it is open.
        alpha: One-sided error of calling a variant safe.

    Raises:
        ValueError: If the margin or alpha is out of range.
    """

    baseline: Baseline
    worse: Direction = Direction.INCREASE
    margin: float | None = None
    alpha: float = 0.05

    def __post_init__(self) -> None:
        check_alpha(self.alpha)
        self.contrast(self.margin)

    def contrast(self, margin: float | None) -> Contrast:
        """Aim at a limit; at any, if it is open."""
        return _margin(self.baseline, self.worse, margin)

    def reachable(self, margin: float) -> bool:
        """Whether a treatment could have the baseline's value plus this."""
        return _within(self.baseline, margin)

    def rules(self, rules: Rules) -> Rules:
        """Give the rules of the guardrail in a test with these: read once, without covariate."""
        return replace(rules, alpha=self.alpha, looks=(1.0,), covariate_correlation=0.0)


@dataclass(frozen=True)
class Question:
    """A test to be planned. Of effect, units and power just one is asked.

    The effect, if it is None; the units, if they are None; the power, if both are stated.

    Attributes:
        baseline: The control's KPI as expected.
        shape: Of the campaign.
        effect: Least effect worth showing, treatment minus control, in the KPI's unit of measure;
            with ``harm``, the margin, above 0.
        units: To assign in all, variants together.
        harm: None for a lift; else the change that must stay within a margin.
        rules: What the test must satisfy. Where the power is asked, theirs is that of the effects
            shown beside it.
        window_days: From a customer's assignment until its KPI is counted.
        guardrails: KPIs that must not be harmed.

    Raises:
        ValueError: If more than one is asked, a number is out of range, there are more units than
            customers, or looks at a campaign that brings nothing to look at before its end.
    """

    baseline: Baseline
    shape: Shape
    effect: float | None = None
    units: int | None = None
    harm: Direction | None = None
    rules: Rules = USUAL_RULES
    window_days: float = 0.0
    guardrails: tuple[GuardrailQuestion, ...] = ()

    def __post_init__(self) -> None:
        if self.effect is None and self.units is None:
            raise ValueError("neither effect nor units are stated, expected at least one of them")
        if self.effect is not None and not self.reachable(self.contrast.size):
            raise ValueError(f"the effect is {self.effect}, beyond what the KPI can be")
        if self.units is not None:
            self._check_units(self.units)
        if len(self.rules.looks) > 1 and not self.shape.may_look:
            raise ValueError(
                f"{len(self.rules.looks)} looks, expected one: all customers enter at once"
            )
        if not (isfinite(self.window_days) and self.window_days >= 0):
            raise ValueError(f"the window is {self.window_days} days, expected 0 or more")

    @property
    def unknown(self) -> Unknown:
        """What the planner is to find."""
        if self.effect is None:
            return Unknown.EFFECT
        return Unknown.UNITS if self.units is None else Unknown.POWER

    @property
    def contrast(self) -> Contrast:
        """What is to be shown; if the effect is asked, of any size."""
        return self.towards(self.harm or Direction.INCREASE, self.effect)

    def towards(self, direction: Direction, effect: float | None = None) -> Contrast:
        """Aim at an effect, or at any in this direction."""
        if self.harm is not None:
            return _margin(self.baseline, direction, effect)
        if effect is None:
            effect = direction.sign * room(self.baseline, direction) / 2
        return self.baseline.lift(effect)

    def reachable(self, effect: float) -> bool:
        """Whether a treatment could have the baseline's value plus this."""
        return _within(self.baseline, effect)

    def _check_units(self, units: int) -> None:
        variants, most = len(self.rules.weights), self.shape.list_size
        if type(units) is not int or units < variants:
            raise ValueError(f"there are {units!r} units, expected an int of {variants} or more")
        if most is not None and units > most:
            raise ValueError(f"there are {units} units of a list of {most}: all of it is the most")


def _margin(baseline: Baseline, worse: Direction, margin: float | None) -> Contrast:
    if margin is None:
        margin = room(baseline, worse) / 2
    if not margin > 0:
        raise ValueError(f"the margin is {margin}, expected above 0")
    return baseline.margin(worse.sign * margin)


def _within(baseline: Baseline, effect: float) -> bool:
    least, most = baseline.limits
    value = baseline.value + effect
    return (least is None or value >= least) and (most is None or value <= most)


def room(baseline: Baseline, direction: Direction) -> float:
    """Give how far the KPI can move, or a standard deviation if it knows no end there.

    Examples:
        >>> from stats.planning.baselines import RateBaseline
        >>> room(RateBaseline(0.25), Direction.INCREASE)
        0.75
    """
    least, most = baseline.limits
    end = most if direction is Direction.INCREASE else least
    return baseline.unit_sd if end is None else abs(end - baseline.value)
