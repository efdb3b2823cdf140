"""Lifts of past tests, for holding leading KPIs against lagging ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from scipy.stats import norm
from sqlalchemy import Connection

from experiments.registry.catalog import list_experiments
from experiments.registry.experiment import Experiment
from experiments.reporting.goal_facts import Comparison
from experiments.reporting.report import Report
from experiments.storage.projects import Project
from experiments.tracking.correlations import Foretelling, LeftOut, LiftsOfTest
from experiments.tracking.foretold import foretold

ENDED = ("stopped", "decided", "archived")
MOST_TESTS = 200
NOT_FINAL, WITHHELD, NO_COMPARISON = "not_final", "withheld", "no_comparison"


@dataclass
class _Found:
    tests: list[LiftsOfTest] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)


def tests_with(db: Connection, project: Project, *kpis: str) -> list[str]:
    """Keys of the tests that have ended and have all of these KPIs as goals."""
    known = list_experiments(db, project, limit=10_000, states=ENDED)
    found = [each for each in known if set(kpis) <= {goal.kpi for goal in each.draft.goals}]
    return [each.draft.key for each in sorted(found, key=_newest_first)[:MOST_TESTS]]


def foretelling(
    keys: Iterable[str], report_of: Callable[[str], Report], leading: str, lagging: str
) -> Foretelling:
    """Hold the lifts of two KPIs against each other, one point for each test.

    Args:
        keys: Of tests that measured both.
        report_of: Gives a test's report.
        leading: Key of the KPI that moves first.
        lagging: Key of the KPI that should follow.
    """
    found = _Found()
    for key in keys:
        read = lifts_of(report_of(key), leading, lagging)
        if isinstance(read, LiftsOfTest):
            found.tests.append(read)
        else:
            found.left_out.append(read)
    return foretold(found.tests, found.left_out)


def lifts_of(report: Report, leading: str, lagging: str) -> LiftsOfTest | LeftOut:
    """What a test's first variant did to both KPIs, or why it cannot be told."""
    if not report.final:
        return LeftOut(report.experiment, NOT_FINAL)
    if report.withheld:
        return LeftOut(report.experiment, WITHHELD)
    goals = {goal.kpi: goal for goal in report.goals}
    first, second = (_first(goals[kpi].comparisons) for kpi in (leading, lagging))
    if first is None or second is None or first.variant != second.variant:
        return LeftOut(report.experiment, NO_COMPARISON)
    reach = float(norm.ppf(1 - report.provenance.alpha / 2))
    errors = [_error(each, reach) for each in (first, second)]
    if not all(errors) or first.difference is None or second.difference is None:
        return LeftOut(report.experiment, NO_COMPARISON)
    return LiftsOfTest(
        report.experiment,
        first.variant,
        first.difference,
        errors[0] or 0.0,
        second.difference,
        errors[1] or 0.0,
    )


def _first(comparisons: Iterable[Comparison]) -> Comparison | None:
    return next((each for each in comparisons if each.gap is None), None)


def _error(comparison: Comparison, reach: float) -> float | None:
    """The standard error, from the width of the interval read alone."""
    between = comparison.interval
    if between is None or between.lower is None or between.upper is None:
        return None
    return (between.upper - between.lower) / (2 * reach)


def _newest_first(experiment: Experiment) -> tuple[float, str]:
    ended = experiment.stopped_at or experiment.updated_at
    return -ended.timestamp(), experiment.draft.key
