"""What lifts of a kind of KPI usually are: what one test tells of it, and many together."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log1p
from typing import TYPE_CHECKING

from experiments.reporting.goal_facts import Comparison, Goal

if TYPE_CHECKING:
    from experiments.reporting.report import Report


@dataclass(frozen=True)
class PastLift:
    """What one ended test did to its first KPI of a kind.

    Attributes:
        kind, unit: Of the KPI: its kind, and its unit of measure.
        log_ratio: Logarithm of the first variant's value over the control's.
        error: Its standard error.
    """

    kind: str
    unit: str
    log_ratio: float
    error: float


@dataclass(frozen=True)
class Prior:
    """How much the lifts of tests like this one differ from none.

    Attributes:
        kind, unit: Of the KPIs that it is of.
        sd: Standard deviation of the logarithms of their ratios.
        past_tests: Tests that it rests on; 0 where there were too few, and it is the default.
        ended_tests: How many there were.
    """

    kind: str
    unit: str
    sd: float
    past_tests: int
    ended_tests: int


def lifts_of(report: "Report") -> list[PastLift] | None:
    """What a report has to say to later ones: of each kind of KPI its first; None before the end.

    Of several variants it is the first as registered, so that no choice is made by the result.
    """
    if not report.final or report.segment is not None:
        return None
    if report.withheld:
        return []
    found: dict[tuple[str, str], PastLift] = {}
    for goal in report.goals:
        kind = goal.kind, goal.unit_of_measure
        lift = None if goal.role == "guardrail" else _lift(report, goal)
        if lift is not None and kind not in found:
            found[kind] = lift
    return list(found.values())


def prior_of(kind: str, unit: str, past: Sequence[PastLift]) -> Prior:
    """The prior of one kind of KPI.

    Args:
        kind: Of the KPI.
        unit: Of measure of the KPI.
        past: Of all kinds, of each kind one for each test.
    """
    # scipy, which only reports need.
    from stats.sequential.estimates import NormalEstimate  # noqa: PLC0415 - slow to import
    from stats.shrinkage import prior_from_past  # noqa: PLC0415 - slow to import

    mine = [each for each in past if (each.kind, each.unit) == (kind, unit)]
    found = prior_from_past([NormalEstimate(each.log_ratio, each.error) for each in mine])
    return Prior(kind, unit, found.sd, found.past_tests, len(mine))


def _lift(report: "Report", goal: Goal) -> PastLift | None:
    """Of the first variant; None where there is no lift with both limits."""
    entry = goal.comparisons[0] if goal.comparisons else None
    if entry is None or entry.relative is None or entry.relative_interval is None:
        return None
    error = _error(entry, 1 - report.provenance.alpha)
    if error is None:
        return None
    return PastLift(goal.kind, goal.unit_of_measure, log1p(entry.relative), error)


def _error(entry: Comparison, confidence: float) -> float | None:
    """Half the width of the interval of the logarithm, over the normal quantile."""
    from scipy.special import ndtri  # noqa: PLC0415 - slow to import, and only reports need it

    limits = entry.relative_interval
    if limits is None or limits.lower is None or limits.upper is None:
        return None
    if min(limits.lower, entry.relative or 0.0) <= -1:
        return None
    width = log1p(limits.upper) - log1p(limits.lower)
    return width / 2 / float(ndtri((1 + confidence) / 2)) or None
