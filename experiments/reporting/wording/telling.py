"""A report beside the language it is told in: names, scales and ranges for the sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

from experiments.reporting.goal_facts import Arm, Comparison, Goal, GuardrailFact, Range
from experiments.reporting.report import Report
from experiments.reporting.wording.names import kpi_name, listed, spoken
from experiments.reporting.wording.numbers import about, count, relative
from experiments.reporting.wording.phrases import moves, phrase
from experiments.reporting.wording.scales import Scale


@dataclass(frozen=True)
class Contrast:
    """Everything about one variant of one KPI against the control."""

    goal: Goal
    arm: Arm
    comparison: Comparison

    @property
    def control(self) -> Arm:
        """The control's arm."""
        return self.goal.control


@dataclass(frozen=True)
class Telling:
    """A report, told in one language."""

    report: Report
    language: str

    @property
    def goal(self) -> Goal:
        """The primary goal, in states that have one."""
        primary = self.report.primary
        if primary is None:
            message = f"a report in state {self.report.verdict.state} has no primary KPI"
            raise ValueError(message)
        return primary

    def contrast(self, variant: str, goal: Goal | None = None) -> Contrast:
        """One variant of a KPI, the primary unless named, against the control."""
        goal = goal or self.goal
        comparison = next(each for each in goal.comparisons if each.variant == variant)
        return Contrast(goal, arm_of(goal, variant), comparison)

    def name(self, variant: str) -> str:
        """The variant's name in a sentence."""
        return spoken(self.report.variants[variant], self.language)

    def names(self, variants: Sequence[str]) -> str:
        """Several variants in a row."""
        return listed([self.name(variant) for variant in variants], self.language)

    @property
    def control(self) -> str:
        """The control's name in a sentence."""
        return self.name(self.report.control)

    @property
    def many(self) -> bool:
        """Whether more than one variant meets the control."""
        return len(self.report.variants) > 2

    def phrase(self, key: str, **values: str) -> str:
        """The sentence of that key; the control's name is always among its values."""
        return phrase(self.language, key, **{"control": self.control, **values})

    def guardrails(self) -> list[tuple[Goal, GuardrailFact]]:
        """The guardrails that stand in the way, with their facts."""
        return [
            (goal, fact)
            for key, variant in self.report.verdict.guardrails
            for goal in self.report.goals
            if goal.kpi == key
            for fact in goal.guardrails
            if fact.variant == variant
        ]

    def harmful(self) -> set[str]:
        """Variants that go beyond the limit of a guardrail."""
        return {
            fact.variant
            for goal in self.report.goals
            for fact in goal.guardrails
            if fact.outcome == "harmful"
        }

    def change(self, contrast: Contrast) -> dict[str, str]:
        """Names, values and words for "from this to that", as values of a sentence."""
        goal, arm, control = contrast.goal, contrast.arm, contrast.control
        before, after = control.value or 0.0, arm.value or 0.0
        shown = scale_of(goal, self.language).change(before, after)
        return {
            "kpi": kpi_name(goal, self.language),
            "variant": self.name(arm.variant),
            "control": self.name(control.variant),
            **dict(zip(("control_value", "value", "difference"), shown, strict=True)),
            "relative": relative_text(contrast.comparison, self.language),
            **moves(goal.unit_of_measure, after - before, self.language),
        }


def scale_of(goal: Goal, language: str) -> Scale:
    """How the KPI's values are written."""
    return Scale(goal.unit_of_measure, goal.currency, language)


def arm_of(goal: Goal, variant: str) -> Arm:
    """The KPI of one variant."""
    return next(arm for arm in goal.arms if arm.variant == variant)


def range_of(comparison: Comparison) -> Range | None:
    """The range that the verdict goes by; before the end, the one that always holds."""
    return comparison.interval_adjusted or comparison.interval or comparison.always_valid


def relative_text(comparison: Comparison, language: str) -> str:
    """The relative difference in brackets; nothing where there is none."""
    if comparison.relative is None:
        return ""
    bracketed = f"({relative(comparison.relative)})"
    return bracketed if language == "ko" else f" {bracketed}"


def range_text(scale: Scale, limits: Range | None, *, always_signed: bool) -> str | None:
    """A range of differences; without signs where all of it lies on one side of 0.

    Args:
        scale: Of the differences.
        limits: The range; a side that is None has no limit.
        always_signed: Whether signs are written even so.

    Returns:
        None if there is no range, or no limit on either side.
    """
    lower, upper = (limits.lower, limits.upper) if limits else (None, None)
    if lower is None:
        return None if upper is None else _one_sided("at_most", scale, upper)
    if upper is None:
        return _one_sided("at_least", scale, lower)
    if always_signed or lower < 0 < upper:
        return scale.signed_between(lower, upper)
    return scale.between(lower, upper)


def _one_sided(key: str, scale: Scale, limit: float) -> str:
    return phrase(scale.language, key, value=scale.signed(limit)[0])


def counted(number: int, language: str) -> str:
    """A number of customers as it was counted: 499명, 30,000 customers."""
    key = "customers.one" if number == 1 else "customers"
    return phrase(language, key, number=count(number))


def customers(number: int, language: str) -> str:
    """A rough number of customers: 43만 명, 7,500명, 430,000 customers."""
    size = about(number, language)
    if size == "1":
        return counted(number, language)
    key = "customers.large" if size[-1] in "만억" else "customers"
    return phrase(language, key, number=size)
