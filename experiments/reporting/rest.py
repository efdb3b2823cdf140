"""What the winner of a test on a sample is expected to bring to the rest of the list.

For N further customers it is N times the expected difference: that which is corrected for
having won (``stats.shrinkage``) where there is one, on the control's value, else the observed
one. The range is that of the expectation; how these N customers happen to act comes on top.
"""

from dataclasses import replace
from decimal import Decimal

from experiments.kpis.kinds import SUMMED
from experiments.reporting.depth_facts import Rest
from experiments.reporting.goal_facts import Comparison, Goal
from experiments.reporting.ranges import Range
from experiments.reporting.report import Report, State

# In these shapes everybody enters at once, from one list.
AT_ONCE = frozenset({"one_blast", "test_then_rest"})
# Share of the customers to be met that must have been before a blast counts as sent.
WHOLE_LIST = 0.95


def with_rest(report: Report, planned: int | None, coverage: Decimal, met: int) -> Report:
    """The report with what its winner is expected to bring to the rest of the list.

    Args:
        report: Of everybody, judged.
        planned: Customers of the whole list; None if not known.
        coverage: Share of them that takes part.
        met: Customers of the test, in all variants.
    """
    units = rest_of_list(report.shape, planned, coverage, met)
    if units is None or not _recommends(report):
        return report
    winner = report.verdict.variant
    return replace(report, goals=tuple(_told(goal, winner, units) for goal in report.goals))


def rest_of_list(shape: str, planned: int | None, coverage: Decimal, met: int) -> int | None:
    """Customers of the list who were not in the test; None if nobody remains, or nobody knows.

    By the coverage, those who took no part. Where all take part, a sample may still have been
    drawn elsewhere, which is what ``test_then_rest`` says; but those whom a blast to everybody
    did not reach are no rest: they cannot be reached.

    Examples:
        >>> rest_of_list("one_blast", 60_000, Decimal("0.2"), 11_800)
        48000
        >>> rest_of_list("test_then_rest", 60_000, Decimal(1), 12_000)
        48000
        >>> rest_of_list("one_blast", 60_000, Decimal(1), 51_000) is None
        True
    """
    if planned is None or met <= 0 or shape not in AT_ONCE:
        return None
    if coverage < 1:
        return round(planned * (1 - coverage)) or None
    is_sample = shape == "test_then_rest" and met < WHOLE_LIST * planned
    return planned - met if is_sample else None


def _recommends(report: Report) -> bool:
    """Whether the report says to use the winner, with no guardrail that somebody must look at."""
    verdict = report.verdict
    return report.final and verdict.state is State.WIN and not verdict.guardrails


def _told(goal: Goal, winner: str | None, units: int) -> Goal:
    if goal.role == "guardrail" or goal.kind not in SUMMED:
        return goal
    told = (
        replace(each, rest=_rest(goal, each, units)) if each.variant == winner else each
        for each in goal.comparisons
    )
    return replace(goal, comparisons=tuple(told))


def _rest(goal: Goal, found: Comparison, units: int) -> Rest | None:
    """None where there is no difference, or none with limits on both sides."""
    expected, base = found.expected, goal.control.value
    corrected = expected is not None and base is not None
    if expected is not None and base is not None:
        each: float | None = expected.difference
        limits = _times(expected.relative_interval, units * base)
    else:
        each = found.difference
        limits = _times(found.interval_adjusted or found.interval, units)
    if each is None or limits is None:
        return None
    return Rest(units, units * each, limits, corrected=corrected)


def _times(limits: Range | None, factor: float) -> Range | None:
    if limits is None or limits.lower is None or limits.upper is None:
        return None
    return Range(*sorted((factor * limits.lower, factor * limits.upper)))
