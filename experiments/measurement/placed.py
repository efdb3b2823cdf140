"""The tables that a measurement rests on: units, outcomes of events, and a value for each unit."""

from collections.abc import Hashable
from dataclasses import dataclass, replace

from ibis.expr.types import Table

from experiments.measurement.accounting import MACHINE, USED, outcomes, placed_events
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.anchors import (
    ANALYSED,
    IMMATURE,
    NOT_REQUIRED,
    OUTSIDE,
    merged_apart,
    units,
)
from experiments.measurement.formula.credit import credited, with_credit
from experiments.measurement.formula.plan import SENT, Plan
from experiments.measurement.formula.requirements import eligible
from experiments.measurement.formula.sends import with_sends
from experiments.measurement.formula.sequences import sequences
from experiments.measurement.history import HistorySegment, members
from experiments.measurement.kinds import MEASURED, Moment
from experiments.measurement.request import MeasureRequest
from experiments.measurement.scanners import SCANNED, by_scanners, marked
from experiments.measurement.session import Session


@dataclass(frozen=True)
class Placed:
    """What is kept of a request.

    Attributes:
        units: As :func:`experiments.measurement.anchors.units` gives.
        outcomes: As :func:`experiments.measurement.accounting.outcomes` gives.
        ordered: Where the order of events matters, as
            :func:`experiments.measurement.formula.sequences.sequences` gives.
    """

    units: Table
    outcomes: Table
    ordered: Table | None


def place_events(session: Session, request: MeasureRequest) -> Placed:
    """Keep the tables of a request."""
    request = settled(session, request)
    anchored, plan = anchored_units(session, request), request.plan
    placed = placed_events(credited_events(session, request), anchored, request)
    # A key of its own: every KPI has other outcomes.
    found = session.keep("outcomes", object(), lambda: outcomes(placed, plan))
    if not plan.in_order:
        return Placed(anchored, found, None)
    used = placed.filter(placed.reason == USED)
    ordered = session.keep("sequences", object(), lambda: sequences(used, plan))
    return Placed(anchored, found, ordered)


def used_events(session: Session, request: MeasureRequest) -> tuple[Table, Table]:
    """Keep the events that count, until another KPI's are asked for.

    Returns:
        The units of the request, and these events, as
        :func:`experiments.measurement.accounting.placed_events` gives them.
    """
    request = settled(session, request)
    anchored = anchored_units(session, request)
    placed = placed_events(credited_events(session, request), anchored, request)
    # What follows from the request is the same for as long as the session lasts.
    used = session.keep("used", repr(request), lambda: placed.filter(placed.reason == USED))
    return anchored, used


def place_used(session: Session, request: MeasureRequest) -> Placed:
    """As :func:`place_events`, of the events that count and of no others.

    For all that is told of a KPI beside its samples: its events are placed once for that.
    """
    anchored, used = used_events(session, request)
    plan = request.plan
    ordered = sequences(used, plan) if plan.in_order else None
    return Placed(anchored, outcomes(used, plan), ordered)


def unit_values(placed: Placed, request: MeasureRequest, plan: Plan) -> Table:
    """A value for each unit, whatever its standing.

    Args:
        placed: Of the request.
        request: As it was placed.
        plan: Of the request's KPI, or the same with other caps.

    Returns:
        The units with the values of the KPI's kind, ``events`` (how many count) and
        ``by_machine`` (whether a program made one that would).
    """
    made = placed.outcomes
    made = made.filter(made.reason.isin((USED, MACHINE)))
    used = made.reason == USED
    per_unit = made.group_by("anchor").aggregate(
        events=made.events.max(where=used),
        by_machine=made.by_machine.any(),
        **{each.column: made[each.column].max(where=used) for each in plan.selections},
    )
    unit = placed.units.left_join(per_unit, "anchor")
    if placed.ordered is not None:
        unit = unit.left_join(placed.ordered, "anchor", rname="ordered_{name}")
    unit = unit.mutate(events=unit.events.fill_null(0))
    moment = Moment(request.as_of, request.window_hours)
    return unit.mutate(**MEASURED[plan.kpi.kind].values(unit, plan, moment))


def settled(session: Session, request: MeasureRequest) -> MeasureRequest:
    """The request, with when the first customer was met where its local days ask for it."""
    if request.met_since is not None or not request.plan.has_local_days:
        return request
    return replace(request, met_since=met_since(session, request))


def met_since(session: Session, request: MeasureRequest, *, before: int | None = None) -> int:
    """When the test met its first customer, in microseconds; 0 if it met none.

    Args:
        session: On the facts.
        request: Of the test.
        before: Whom it met from then on does not matter; few facts are read if that is all.
    """
    if before is None:
        first = session.keep("met_since", request.experiment_id, lambda: _first(session, request))
    else:
        first = _first(session, request, before)
    [row] = session.rows(first)
    return row["at"] or 0


def _first(session: Session, request: MeasureRequest, before: int | None = None) -> Table:
    exposures = session.arrived("exposure")
    of_test = exposures.filter(exposures.experiment_id == request.experiment_id)
    if before is not None:
        of_test = of_test.filter(of_test.occurred_at < before)
    return of_test.aggregate(at=of_test.occurred_at.min())


def anchored_units(session: Session, request: MeasureRequest) -> Table:
    """Keep the table ``units`` of a request."""
    request = settled(session, request)
    population = (request.experiment_id, request.anchor, request.variants, request.as_of)
    key = (*population, request.allocation, request.window)
    requires, segment = request.kpi.formula.requires, request.segment
    if segment is None and not requires:
        return session.keep("units", key, lambda: _units_of(session, request))
    everybody = session.keep("everybody", key, lambda: _units_of(session, request))
    narrowed: Hashable = (*key, segment, repr(requires))
    return session.keep("units", narrowed, lambda: _narrowed(session, request, everybody, segment))


def _units_of(session: Session, request: MeasureRequest) -> Table:
    exposures = session.exposures
    return units(exposures, request, request.window, merged_apart(exposures, request))


def _narrowed(
    session: Session,
    request: MeasureRequest,
    everybody: Table,
    segment: HistorySegment | AnchorSegment | None,
) -> Table:
    found, requires = everybody, request.kpi.formula.requires
    if requires:
        past = _facts_of(session, request, {each.event for each in requires})
        fits = everybody.anchor.isin(eligible(past, everybody, requires).anchor)
        counted = everybody.standing.isin((ANALYSED, IMMATURE))
        found = found.mutate(standing=(counted & ~fits).ifelse(NOT_REQUIRED, found.standing))
    if segment is not None:
        inside = found.anchor.isin(_members(session, everybody, segment).anchor)
        found = found.mutate(standing=inside.ifelse(found.standing, OUTSIDE))
    return found


def _members(session: Session, everybody: Table, segment: HistorySegment | AnchorSegment) -> Table:
    if isinstance(segment, AnchorSegment):
        return segment.members(session.arrived("exposure"), everybody)
    return members(session.events, everybody, segment)


def events_of_types(session: Session, request: MeasureRequest) -> Table:
    """The project's events of all types, as the KPI's types need them."""
    return _facts_of(session, request, set(request.plan.types))


def credited_events(session: Session, request: MeasureRequest) -> Table:
    """The events of the KPI's types, with the credit where it has a rule."""
    events = events_of_types(session, request)
    if request.kpi.credit == "any":
        return events
    sent = with_sends(session.events, session.exposures, request.as_of)
    acts = events.filter(events.type.isin(request.plan.types))
    credit = session.keep("credited", object(), lambda: credited(acts, sent, request))
    return with_credit(events, credit)


def _facts_of(session: Session, request: MeasureRequest, types: set[str]) -> Table:
    """Events, with clicks of scanners marked and messages of tests among them if asked for."""
    events = session.events
    if SCANNED in types:
        events = marked(events, _by_scanners(session, request))
    return with_sends(events, session.exposures, request.as_of) if SENT in types else events


def _by_scanners(session: Session, request: MeasureRequest) -> Table:
    return session.keep(
        "scanned",
        (request.pace, request.as_of),
        lambda: by_scanners(session.events, request.pace, request.as_of),
    )


def scanned_clicks(session: Session, request: MeasureRequest) -> int:
    """Clicks of the project that only their pace tells of a scanner."""
    clicks = _by_scanners(session, request)
    [found] = session.rows(clicks.aggregate(clicks=(~clicks.machine).sum().fill_null(0)))
    return int(found["clicks"])
