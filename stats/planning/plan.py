"""One entry to planning: a frozen question in, everything a person needs to decide out."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from math import ceil
from typing import ClassVar

from stats.direction import Direction
from stats.planning.baselines import RateBaseline
from stats.planning.guards import GuardrailPlan, plan_guardrail
from stats.planning.profit import ProfitableSize, Prospect, most_profitable_test
from stats.planning.question import Question, Unknown
from stats.planning.shapes import TestThenRest
from stats.planning.sizing import MOST_POWER, bounds_of, required_units
from stats.planning.visibility import Visible, visible_effects
from stats.sequential.bounds import Look
from stats.sequential.operating import drift_for, expected_fraction, inflation_factor

LARGEST_USUAL = 0.10
"""Of the baseline: campaigns rarely move a KPI by more."""
USUAL_PRIOR = 0.10
"""Of the baseline: how much the true values of variants usually differ, as a standard deviation."""
LEAST_UNITS = 100
"""Of a variant: with fewer, nothing always valid is shown before the end."""
LEAST_OUTCOMES = 5
"""Of the rarer kind in a variant: with fewer, an exact test decides, which shows less."""
MOST_DAYS = 56


class Caution(StrEnum):
    """What to know before the start. None of these is a refusal."""

    LIST_BELOW_NEED = "list_below_need"
    SMALL_LIST = "small_list"
    LOW_POWER = "low_power"
    NO_INCREASE_VISIBLE = "no_increase_visible"
    NO_DECREASE_VISIBLE = "no_decrease_visible"
    FEW_UNITS = "few_units"
    FEW_OUTCOMES = "few_outcomes"
    MANY_WEEKS = "many_weeks"
    NO_REST = "no_rest"
    GUARDRAIL_LIMIT_NOT_SHOWN = "guardrail_limit_not_shown"


@dataclass(frozen=True)
class TestPlan:
    """The answer of the planner.

    Attributes:
        question: What was asked.
        total: Units to assign in all, before rounding.
        per_variant: Units to assign to each variant, the control first.
        power: Chance to show the question's effect with them; if the effect is asked, the chance to
            show each of those in ``visible``.
        visible: Least effects these units show with the rules' power.
        whole_list: The same of the whole list; None if there is no end to the list.
        alpha: Two-sided error of one comparison with the control; of a margin, twice the one-sided.
        looks: When the test is read, with the bounds.
        inflation: By how much the looks raise the number of units.
        expected_units: Used on average, if the effect is the one planned for.
        saved_by_covariate: Share of the units that the covariate makes unnecessary.
        days: From the first assignment to the last; None if all enter at once.
        days_to_verdict: The same with the window of the last customer; at least 1.
        profit: For a test with a rest, the size that pays most; None for other shapes, for margins,
            and for a baseline of 0 without a prior.
        guardrails: One for each of the question's.
    """

    question: Question
    total: float
    per_variant: tuple[int, ...]
    power: float
    visible: Visible
    whole_list: Visible | None
    alpha: float
    looks: tuple[Look, ...]
    inflation: float
    expected_units: float
    saved_by_covariate: float
    days: int | None
    days_to_verdict: int
    profit: ProfitableSize | None
    guardrails: tuple[GuardrailPlan, ...]
    __test__: ClassVar[bool] = False  # by its name a runner would take it for a test

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What to know before the start."""
        return (*_cautions_of_size(self), *_cautions_of_sight(self))


def plan_test(question: Question) -> TestPlan:
    """Plan a test.

    Args:
        question: What is known; one of effect, units and power is asked.

    Returns:
        The plan. A list that is too small is a caution, never a refusal.

    Examples:
        >>> from stats.planning.baselines import RateBaseline
        >>> from stats.planning.shapes import OneBlast
        >>> plan = plan_test(Question(RateBaseline(0.025), OneBlast(5000), units=5000))
        >>> round(plan.visible.increase.relative, 2), round(plan.visible.decrease.relative, 2)
        (0.56, -0.44)
        >>> [caution.value for caution in plan.cautions]
        ['small_list']
    """
    rules, list_size = question.rules, question.shape.list_size
    total, per_variant = _size(question)
    visible = visible_effects(question, total)
    power = visible.power if question.unknown is Unknown.POWER else None
    looks = bounds_of(question.contrast, rules)
    days = question.shape.days(total)
    at_hand = total if list_size is None else min(total, list_size)
    return TestPlan(
        question=question,
        total=total,
        per_variant=per_variant,
        power=rules.power if power is None else power,
        visible=visible,
        whole_list=None if list_size is None else visible_effects(question, list_size),
        alpha=looks[-1].spent,
        looks=looks,
        inflation=inflation_factor(looks, rules.power),
        expected_units=total * _share_used(looks, rules.power if power is None else power),
        saved_by_covariate=1 - rules.variance_left,
        days=days,
        days_to_verdict=max(1, ceil((days or 0) + question.window_days)),
        profit=_profit(question),
        guardrails=tuple(plan_guardrail(guard, at_hand, rules) for guard in question.guardrails),
    )


def _size(question: Question) -> tuple[float, tuple[int, ...]]:
    if question.units is not None:
        return float(question.units), question.rules.split(question.units)
    size = required_units(question.contrast, question.rules)
    return size.total, size.per_variant


def _share_used(looks: tuple[Look, ...], power: float) -> float:
    """Give the share of the units that the test uses on average, at the drift of this power."""
    if len(looks) == 1:
        return 1.0
    least = looks[-1].spent / 2 + 1e-6
    return expected_fraction(looks, drift_for(looks, min(max(power, least), MOST_POWER)))


def _profit(question: Question) -> ProfitableSize | None:
    shape, baseline = question.shape, question.baseline
    if not isinstance(shape, TestThenRest) or question.harm is not None:
        return None
    prior_sd = shape.prior_sd or USUAL_PRIOR * abs(baseline.value)
    if prior_sd == 0:
        return None
    variants = len(question.rules.weights)
    return most_profitable_test(Prospect(shape.list_size, prior_sd, baseline.unit_sd, variants))


def _cautions_of_size(plan: TestPlan) -> Iterator[Caution]:
    question, needed = plan.question, sum(plan.per_variant)
    list_size = question.shape.list_size
    if list_size is not None and needed > list_size:
        yield Caution.LIST_BELOW_NEED
    if isinstance(question.shape, TestThenRest) and needed >= question.shape.list_size:
        yield Caution.NO_REST
    least = min(plan.per_variant) * question.rules.retention
    if least < LEAST_UNITS:
        yield Caution.FEW_UNITS
    rate = question.baseline.value if isinstance(question.baseline, RateBaseline) else 0.5
    if least * min(rate, 1 - rate) < LEAST_OUTCOMES:
        yield Caution.FEW_OUTCOMES
    if plan.days is not None and plan.days > MOST_DAYS:
        yield Caution.MANY_WEEKS


def _cautions_of_sight(plan: TestPlan) -> Iterator[Caution]:
    question = plan.question
    if plan.whole_list is not None and question.harm is None:
        best = plan.whole_list.increase
        if best is None or (best.relative is not None and best.relative > LARGEST_USUAL):
            yield Caution.SMALL_LIST
    if question.unknown is Unknown.POWER and plan.power < question.rules.power:
        yield Caution.LOW_POWER
    if plan.visible.increase is None and question.harm in {None, Direction.INCREASE}:
        yield Caution.NO_INCREASE_VISIBLE
    if plan.visible.decrease is None and question.harm in {None, Direction.DECREASE}:
        yield Caution.NO_DECREASE_VISIBLE
    for guard in plan.guardrails:
        chance = guard.safe_chance
        if guard.limit is None or (chance is not None and chance < question.rules.power):
            yield Caution.GUARDRAIL_LIMIT_NOT_SHOWN
            break
