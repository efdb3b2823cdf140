"""Measuring a KPI: from the replica to one sample per variant, with every event accounted for."""

from ibis.expr.types import Table

from experiments.measurement.accounting import Accounting, read_accounting
from experiments.measurement.anchors import ANALYSED
from experiments.measurement.arrivals import arrivals
from experiments.measurement.formula.covariates import covariate_sums, past_values
from experiments.measurement.formula.plan import SENT, Plan
from experiments.measurement.kinds import MEASURED
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
from experiments.measurement.telling import (
    Measurement,
    Rows,
    Sums,
    measurement_of,
    uncapped_plan,
)

__all__ = ["MeasureRequest", "Measurement", "measure"]


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
        free = uncapped_plan(plan)
        found = Sums(
            capped=_sums(session, placed, request, plan),
            uncapped=None if free is None else _sums(session, placed, request, free),
            covariates=_covariates(session, placed, request),
            accounting=_accounting(session, placed.outcomes, request),
            scanned=scanned_clicks(session, request) if SCANNED in plan.types else None,
            arrivals=arrivals(session, request.kpi.formula.event, request.as_of),
        )
        return measurement_of(found, request, session)


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


def _covariates(session: Session, placed: Placed, request: MeasureRequest) -> Rows | None:
    if request.kpi.covariate_days is None:
        return None
    unit = unit_values(placed, request, request.plan)
    unit = unit.filter(unit.standing == ANALYSED)
    past = past_values(events_of_types(session, request), placed.units, request)
    return session.rows(covariate_sums(unit, past, request.plan).order_by("variant"))
