"""Measuring a KPI: from the replica to one sample per variant, with every event accounted for."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.accounting import Accounting, read_accounting
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    MERGED_APART,
    MISMATCHED,
    NOT_REQUIRED,
    UNLISTED,
    instant,
)
from experiments.measurement.arrivals import Arrivals, arrivals
from experiments.measurement.formula.covariates import (
    covariate_samples,
    covariate_sums,
    past_values,
)
from experiments.measurement.formula.plan import SENT, Plan
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.placed import (
    Placed,
    events_of_types,
    place_events,
    scanned_clicks,
    settled,
    unit_values,
)
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.scanners import SCANNED
from experiments.measurement.session import Session, session_on
from stats.samples import CovariateSample

__all__ = ["MeasureRequest", "Measurement", "measure"]

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Measurement:
    """A KPI, measured. Mappings by variant have every variant of the request.

    Attributes:
        samples: Units whose window has closed, with the sums of their values. Of a time to
            an event those whose window is open too, as long as they were seen.
        accounting: Every event of the KPI's types.
        immature: Units whose window is still open, by variant.
        matures_at: When the last of these windows closes; None if none is open.
        mismatched: Units reported in a variant that Truelift did not give them; left out.
        two_variants: Anchored units met in another variant later, by the first, which counts.
        unlisted: Units in variants that the request does not name; left out.
        merged_apart: Units whose ids, since merged, met different variants; left out.
        by_machines: Analysed units with an event that would count, but for a program having
            made it (or that counts, where programs' do), by variant.
        scanned: Clicks of the project that only their pace tells of a scanner; None unless
            the KPI counts clicks.
        arrivals: How the events of the KPI's first type come in.
        ledger_identity, position: What was measured.
        sql: What measured it, over tables named ``exposures`` and ``events``.
        analysed: Units whose window has closed, by variant, whether they have a value or not.
        not_required: Units that the KPI does not count, by variant.
        uncapped: The samples without the KPI's cap; None if it has none.
        steps: Of a funnel: units that took each step, by variant; else None.
        covariates: The samples with each unit's own value of the time before; None unless
            the KPI asks for it.
    """

    samples: Mapping[str, KpiSample]
    accounting: Accounting
    immature: Mapping[str, int]
    matures_at: datetime | None
    mismatched: Mapping[str, int]
    two_variants: Mapping[str, int]
    unlisted: int
    merged_apart: int
    by_machines: Mapping[str, int]
    scanned: int | None
    arrivals: Arrivals
    ledger_identity: str
    position: int
    sql: str
    analysed: Mapping[str, int]
    not_required: Mapping[str, int]
    uncapped: Mapping[str, KpiSample] | None
    steps: Mapping[str, tuple[int, ...]] | None
    covariates: Mapping[str, CovariateSample] | None


def measure(source: ReplicaState | Session, request: MeasureRequest) -> Measurement:
    """Measure one KPI at the replica's position.

    Args:
        source: The replica, or a session opened on it when several KPIs are wanted.
        request: What and on whom.

    Raises:
        ReplicaUnreadable: If the replica's files are damaged; refresh it and try again.
        TooLargeToSum: If sums of squares pass 38 digits.
        DivisorBelowZero: If what a ratio divides by adds up to less than 0.
        TooMuchToMeasure: If memory and disk do not suffice.
    """
    with session_on(source, request.project_id) as session:
        request = settled(session, request)
        placed, plan = place_events(session, request), request.plan
        sums = _sums(session, placed, request, plan)
        return Measurement(
            samples=_samples(sums, request, plan),
            accounting=_accounting(session, placed.outcomes, request),
            immature=_units(sums, IMMATURE, request.variants),
            matures_at=_latest(sums, IMMATURE),
            mismatched=_units(sums, MISMATCHED, request.variants),
            two_variants=_of_variants(sums, "two_variants", request.variants),
            unlisted=_standing(sums, UNLISTED),
            merged_apart=_standing(sums, MERGED_APART),
            by_machines=_of_variants(_analysed(sums), "by_machines", request.variants),
            scanned=scanned_clicks(session, request) if SCANNED in plan.types else None,
            arrivals=arrivals(session, request.kpi.formula.event, request.as_of),
            analysed=_units(sums, ANALYSED, request.variants),
            not_required=_units(sums, NOT_REQUIRED, request.variants),
            uncapped=_uncapped(session, placed, request),
            steps=_steps(sums, request) if plan.steps else None,
            covariates=_covariates(session, placed, request),
            ledger_identity=session.state.ledger_identity,
            position=session.state.position,
            sql=session.sql,
        )


def _sums(session: Session, placed: Placed, request: MeasureRequest, plan: Plan) -> Rows:
    """Units and exact sums per variant and standing; values only of what was used."""
    kind = MEASURED[plan.kpi.kind]
    unit = unit_values(placed, request, plan)
    return session.rows(
        unit.group_by("variant", "standing", *kind.per)
        .aggregate(
            units=unit.count(),
            **kind.sums(unit, plan),
            two_variants=unit.two_variants.sum(),
            by_machines=unit.by_machine.fill_null(False).sum(),
            closes_at=unit.closes_at.max(),
        )
        .order_by("variant", "standing", *kind.per)
    )


def _accounting(session: Session, placed: Table, request: MeasureRequest) -> Accounting:
    by_reason = placed.group_by("reason").aggregate(
        events=placed.events.sum(), late=placed.late.sum()
    )
    rows = session.rows(by_reason.order_by("reason"))
    return read_accounting(rows, _received(session, request))


def _received(session: Session, request: MeasureRequest) -> int:
    """Facts of the KPI's types that ever arrived, counted apart from what became of them."""
    types = request.plan.types
    events = sum(arrivals(session, each, request.as_of).received for each in types)
    if SENT not in types:
        return events
    exposures = session.arrived("exposure")
    sent = exposures.filter(exposures.type == SENT)
    [found] = session.rows(sent.aggregate(sent=sent.count()))
    return events + int(found["sent"])


def _uncapped(
    session: Session, placed: Placed, request: MeasureRequest
) -> dict[str, KpiSample] | None:
    plan = request.plan
    amounts = [each for each in (plan.value, plan.below) if each is not None]
    if all(each.cap is None for each in amounts):
        return None
    value, *below = (replace(each, cap=None) for each in amounts)
    free = replace(plan, value=value, below=below[0] if below else None)
    return _samples(_sums(session, placed, request, free), request, free)


def _covariates(
    session: Session, placed: Placed, request: MeasureRequest
) -> dict[str, CovariateSample] | None:
    if request.kpi.covariate_days is None:
        return None
    plan, moment = request.plan, Moment(request.as_of, request.window_hours)
    unit = unit_values(placed, request, plan)
    unit = unit.filter(unit.standing == ANALYSED)
    past = past_values(events_of_types(session, request), placed.units, request)
    rows = session.rows(covariate_sums(unit, past, plan).order_by("variant"))
    return covariate_samples(rows, request.variants, plan, moment)


def _samples(sums: Rows, request: MeasureRequest, plan: Plan) -> dict[str, KpiSample]:
    kind = MEASURED[plan.kpi.kind]
    moment = Moment(request.as_of, request.window_hours)
    counted = {ANALYSED, IMMATURE} if plan.kpi.kind == "time_to_event" else {ANALYSED}
    found: dict[str, Rows] = {variant: [] for variant in request.variants}
    for row in sums:
        if row["standing"] in counted and row["variant"] in found:
            found[row["variant"]].append(row)
    return {variant: kind.sample(rows, plan, moment) for variant, rows in found.items()}


def _steps(sums: Rows, request: MeasureRequest) -> dict[str, tuple[int, ...]]:
    analysed = _analysed(sums)
    by_step = [
        _of_variants(analysed, f"step{number}", request.variants)
        for number in range(len(request.plan.steps))
    ]
    return {variant: tuple(step[variant] for step in by_step) for variant in request.variants}


def _analysed(sums: Rows) -> Rows:
    return [row for row in sums if row["standing"] == ANALYSED]


def _standing(sums: Rows, standing: str) -> int:
    return sum(row["units"] for row in sums if row["standing"] == standing)


def _units(sums: Rows, standing: str, variants: tuple[str, ...]) -> dict[str, int]:
    return _of_variants([row for row in sums if row["standing"] == standing], "units", variants)


def _latest(sums: Rows, standing: str) -> datetime | None:
    found = [row["closes_at"] for row in sums if row["standing"] == standing]
    return instant(max(found)) if found else None


def _of_variants(rows: Rows, column: str, variants: tuple[str, ...]) -> dict[str, int]:
    return {
        variant: sum(int(row[column]) for row in rows if row["variant"] == variant)
        for variant in variants
    }
