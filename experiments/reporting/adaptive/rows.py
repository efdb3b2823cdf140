"""The batches among the tidy rows of a report: of each variant, under the primary KPI."""

from collections.abc import Iterator

from experiments.reporting.exports.depth_rows import Told
from experiments.reporting.goal_facts import Arm, Goal
from experiments.reporting.report import Report


def of_batches(report: Report, goal: Goal, arm: Arm) -> Iterator[Told]:
    """Share, customers and chance to be the best in every batch; of the KPI that shares follow."""
    fact = report.adaptive
    if fact is None or goal.kpi != fact.kpi:
        return
    for batch in fact.batches:
        name = f"batch{batch.number}"
        yield Told(f"{name}_opened_at", batch.opened_at.isoformat())
        yield Told(f"{name}_share", batch.shares[arm.variant])
        yield Told(f"{name}_customers", batch.units[arm.variant])
        best = None if batch.best is None else batch.best[arm.variant]
        yield Told(f"{name}_best", best, "not_followed")
