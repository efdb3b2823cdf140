"""Tests that met the same customers: how many, and whether one changes what the other does."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from experiments.kpis.text import Text
from experiments.measurement.groups import Cell
from experiments.measurement.overlaps import Overlap, overlaps_of, samples_by_other
from experiments.measurement.replica import Replica
from experiments.measurement.session import open_session
from experiments.registry.experiment import Experiment
from experiments.reporting.analysis import report_on
from experiments.reporting.basis import basis_of
from experiments.reporting.dimensions import Dimension
from experiments.reporting.group_facts import DimensionFact
from experiments.reporting.quality_facts import KeptOut
from experiments.reporting.segmented import judged_dimensions
from experiments.reporting.sources import GoalPlan, Source, plan_asked
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import experiments

# The largest overlaps are tested; every one more makes each harder to show.
MOST_TESTED = 10


@dataclass(frozen=True)
class OverlapFact:
    """Another test that met customers of this one.

    Attributes:
        customers: In both.
        share: Of this test's customers, a fraction; None without any.
        counts: By this test's variant and the other's.
        interactions: Whether this test's effect differs by the variant met there, for each
            variant; none before the planned end, and while results are withheld.
    """

    experiment: str
    name: str
    state: str
    customers: int
    share: float | None
    counts: dict[str, dict[str, int]]
    interactions: tuple[DimensionFact, ...]


@dataclass(frozen=True)
class OverlapReport:
    """All tests that met customers of one."""

    experiment: str
    kpi: str | None
    as_of: datetime
    final: bool
    variants: dict[str, str]
    tests: tuple[OverlapFact, ...]
    ledger_position: int


@dataclass(frozen=True)
class Other:
    """Another test, as far as it is named here."""

    id: int
    key: str
    state: str
    name: str
    variants: Mapping[str, str]
    adaptive: bool = False


def overlap_report(
    database: Database, replica: Replica, project: Project, key: str, *, now: datetime
) -> OverlapReport:
    """Which tests overlap with one, and whether they change its effect on its primary KPI.

    Raises:
        NotFound: If the project has no such test.
        DatabaseUnavailable: If the database does not answer.
    """
    basis, state = basis_of(database, project, key, now), replica.refresh()
    test, plans = basis.registered.experiment, basis.registered.plans
    plan = plan_asked(plans, None) or next(iter(plans), None)
    report = report_on(database, state, basis)
    facts: tuple[OverlapFact, ...] = ()
    if plan is not None:
        with open_session(state, project.id) as session:
            kept_out = KeptOut(basis.pace, 0, basis.erased)
            source = Source(session, project, test, now, {}, kept_out, basis.costs)
            overlaps = overlaps_of(session, source.request(plan))
            tested = [each.experiment_id for each in overlaps[:MOST_TESTED]]
            samples = samples_by_other(session, source.request(plan), tested) if tested else {}
        with database.reading() as db:
            others = _others(db, project, [each.experiment_id for each in overlaps])
        may = report.final and not report.withheld
        found = _interactions(test, plan, samples, others, final=may)
        units = sum(arm.units for goal in report.goals[:1] for arm in goal.arms)
        facts = tuple(
            _fact(each, others[each.experiment_id], found, units)
            for each in overlaps
            if each.experiment_id in others
        )
    return OverlapReport(
        experiment=test.key,
        kpi=None if plan is None else plan.goal.kpi,
        as_of=report.as_of,
        final=report.final,
        variants=report.variants,
        tests=facts,
        ledger_position=state.position,
    )


def _others(db: Connection, project: Project, ids: Sequence[int]) -> dict[int, Other]:
    """The tests of these row ids that the project has."""
    mine = (experiments.c.project_id == project.id) & experiments.c.id.in_(ids)
    rows = db.execute(select(experiments).where(mine))
    return {row.id: _other(row) for row in rows}


def _other(row: Row[Any]) -> Other:
    variants = {each["key"]: each["name"] for each in row.draft.get("variants", ())}
    adaptive = row.draft.get("adaptive") is not None
    return Other(row.id, row.key, row.state, row.draft.get("name", row.key), variants, adaptive)


def _interactions(
    test: Experiment,
    plan: GoalPlan,
    samples: Mapping[int, Mapping[str, Any]],
    others: Mapping[int, Other],
    *,
    final: bool,
) -> tuple[DimensionFact, ...]:
    # Where shares followed results, samples of all batches compare different times.
    steady = {} if test.draft.adaptive else {k: o for k, o in others.items() if not o.adaptive}
    dimensions = {str(key): _dimension(steady[key]) for key in samples if key in steady}
    found = {
        key: {each: samples[int(key)][each] for each in one.groups if each in samples[int(key)]}
        for key, one in dimensions.items()
    }
    return judged_dimensions(test.draft, plan.document, dimensions, found, final=final)


def _dimension(other: Other) -> Dimension:
    known = {key: Text(name, name) for key, name in other.variants.items()}
    return Dimension(f"test:{other.key}", "test", Text(other.name, other.name), known, _nobody)


def _nobody(_: Cell) -> None:
    return None


def _fact(
    overlap: Overlap, other: Other, found: Sequence[DimensionFact], units: int
) -> OverlapFact:
    return OverlapFact(
        experiment=other.key,
        name=other.name,
        state=other.state,
        customers=overlap.customers,
        share=overlap.customers / units if units else None,
        counts={variant: dict(row) for variant, row in overlap.counts.items()},
        interactions=tuple(each for each in found if each.key == f"test:{other.key}"),
    )
