"""What the planned looks found: group-sequential bounds, at the shares of the plan really seen.

Lan and DeMets (1983), "Discrete sequential boundaries for clinical trials", Biometrika 70,
659-663, spending as O'Brien and Fleming; several variants share the error rate by Bonferroni,
since how their statistics correlate over looks is known of none of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from experiments.registry.experiment import Variant
from experiments.reporting.families import wanted
from experiments.reporting.goal_facts import Comparison, Goal
from experiments.reporting.ranges import Range
from experiments.reporting.report import Look, LookFinding
from experiments.reporting.setting import Setting
from stats.errors import NotEnoughData
from stats.sequential import (
    NormalEstimate,
    Progress,
    crosses,
    final_looks,
    interim_looks,
    repeated_interval,
    repeated_p_value,
)
from stats.sequential.bounds import MIN_STEP
from stats.sequential.bounds import Look as Bound

METHOD = "group_sequential"


@dataclass(frozen=True)
class Due:
    """A planned look that came: its number, when, and everything counted until then."""

    number: int
    at: datetime
    seen: float
    setting: Setting


def judged_looks(due: Sequence[Due], planned: int) -> tuple[Look, ...]:
    """Every planned look; of those that came, their bound and what they found.

    Args:
        due: Those that came, rising.
        planned: How many are planned in all.
    """
    bounds = dict(zip((each.number for each in due), _bounds(due), strict=True))
    came = {each.number: each for each in due}
    return tuple(
        _look(number, planned, came.get(number), bounds.get(number))
        for number in range(1, planned + 1)
    )


def first_shown(looks: Sequence[Look]) -> Look | None:
    """The first look that showed a difference of any variant."""
    return next((look for look in looks if any(each.shown for each in look.findings)), None)


def at_the_end(setting: Setting, variant: Variant, found: Comparison) -> Comparison:
    """The comparison at the end of a test that was looked at before: its last look.

    A difference that an earlier look has shown stays shown; that range still holds.
    """
    share = (1 - setting.shared_confidence) / (1 - setting.confidence)
    seen = sum(sample.units for sample in setting.samples.values()) / setting.planned_units
    fractions = [each for each in setting.looks if each < min(1.0, seen - MIN_STEP)]

    def last(alpha: float) -> Bound:
        return final_looks([*fractions, seen], alpha=alpha * share)[-1]

    try:
        estimate = setting.family.running(setting.control, setting.samples[variant.key])
        bound = last(1 - setting.confidence)
    except NotEnoughData:
        return found
    interval = repeated_interval(estimate, bound)
    difference = estimate.value
    shown = crosses(estimate, bound)
    return Comparison(
        **{
            **vars(found),
            "difference": difference,
            "interval_adjusted": Range(interval.lower, interval.upper),
            "p_value_adjusted": repeated_p_value(estimate, last),
            "significant": shown,
            "better": _better(setting, difference),
            "method": METHOD,
        }
    )


def kept(goal: Goal, looks: Sequence[Look]) -> Goal:
    """The goal at the end, with what an earlier look has shown: it stays shown.

    The ranges of all looks hold together, so what lies in every one of them holds as well.
    """
    look = first_shown(looks)
    findings = {each.variant: each for each in look.findings if each.shown} if look else {}
    comparisons = tuple(
        _with_finding(each, findings[each.variant]) if each.variant in findings else each
        for each in goal.comparisons
    )
    return replace(goal, comparisons=comparisons)


def _with_finding(found: Comparison, finding: LookFinding) -> Comparison:
    if found.gap is not None or found.interval_adjusted is None or finding.interval is None:
        return found
    both = _common(found.interval_adjusted, finding.interval)
    return replace(found, interval_adjusted=both, significant=True, better=finding.better)


def _common(one: Range, other: Range) -> Range:
    """What lies in both; the second where nothing does."""
    lower = max(each for each in (one.lower, other.lower) if each is not None)
    upper = min(each for each in (one.upper, other.upper) if each is not None)
    return Range(lower, upper) if lower <= upper else other


def _bounds(due: Sequence[Due]) -> tuple[Bound, ...]:
    if not due:
        return ()
    alpha = 1 - due[0].setting.shared_confidence
    return interim_looks([each.seen for each in due], alpha=alpha)


def _look(number: int, planned: int, due: Due | None, bound: Bound | None) -> Look:
    if due is None or bound is None:
        return Look(number, number / planned, None)
    return Look(
        number=number,
        share=number / planned,
        at=due.at,
        seen=due.seen,
        bound=bound.critical_z,
        spent=bound.spent,
        findings=tuple(_finding(due, variant, bound) for variant in due.setting.treatments),
    )


def _finding(due: Due, variant: Variant, bound: Bound) -> LookFinding:
    try:
        estimate = _estimate(due.setting, variant)
    except NotEnoughData as reason:
        return LookFinding(variant.key, None, None, shown=False, better=None, gap=reason.reason)
    interval = repeated_interval(estimate, bound)
    return LookFinding(
        variant=variant.key,
        difference=estimate.value,
        interval=Range(interval.lower, interval.upper),
        shown=crosses(estimate, bound),
        better=_better(due.setting, estimate.value),
    )


def _estimate(setting: Setting, variant: Variant) -> NormalEstimate:
    """The difference so far.

    Raises:
        NotEnoughData: If too few customers, or too few of them with the outcome, were met.
    """
    treatment, family = setting.samples[variant.key], setting.family
    conversions = family.conversions(setting.control, treatment)
    Progress(setting.control.units, treatment.units, max(1, setting.planned_units), conversions)
    return family.running(setting.control, treatment)


def _better(setting: Setting, difference: float) -> bool | None:
    gain = wanted(setting.direction).sign * difference
    return None if gain == 0 else gain > 0
