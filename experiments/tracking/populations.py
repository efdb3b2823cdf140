"""Who is counted in which period, and from when: a population with anchors.

By cohort, a customer belongs to the period of its first ``base`` event in it, which is the
anchor of a window; one customer can belong to many periods. By period, a customer's anchor is
the period's start (or so many rolling days before its end) and the window is the period.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, StringValue, Table

from experiments.kpis.terms import Events
from experiments.kpis.tracking import Tracking
from experiments.ledger.instants import microseconds
from experiments.measurement.formula.requirements import chosen, eligible
from experiments.measurement.history import HistorySegment, members
from experiments.measurement.identity import certain
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.tracking.judged import facts
from experiments.tracking.slots import Windows, windows
from experiments.tracking.stretches import Span

COUNTED, WAITING = "counted", "immature"
NOT_REQUIRED, OUTSIDE = "not_required", "outside_segment"
_COLUMNS = ("period", "since", "starts", "until")
# Anchors by period: the customer's number times this, and the period's.
_APART = 10_000


@dataclass(frozen=True)
class Population:
    """Customers with their anchors.

    Attributes:
        units: Rows of ``anchor`` (a number), ``unit_id``, ``period`` (number of the period,
            from 0), ``anchor_at``, ``opens_at``, ``closes_at``, ``base_id`` (source id of the
            base event; null by period) and ``standing``. None where everybody the project has
            seen is counted: then ``seen`` suffices.
        seen: Rows of ``unit_id``, ``number`` and ``at`` (when the project first saw it).
    """

    units: Table | None
    seen: Table | None


def periods(session: Session, spans: Sequence[Span]) -> Windows:
    """Keep the periods: rows of ``period``, ``since``, ``starts`` and ``until``."""
    rows = [(number, span.since, span.starts, span.until) for number, span in enumerate(spans)]
    return windows(session, "periods", _COLUMNS, rows)


def population(
    session: Session,
    request: MeasureRequest,
    tracking: Tracking,
    when: Windows,
    segment: HistorySegment | None,
) -> Population:
    """Who is counted.

    Args:
        session: On the project's facts.
        request: Of the KPI; its window is that of cohorts.
        tracking: Of the document.
        when: As :func:`periods` gives.
        segment: Only customers who belonged to it at their anchor; None: everybody.
    """
    narrow = segment is not None or bool(request.kpi.formula.requires)
    if tracking.base is None and not narrow:
        return Population(None, seen(session, request))
    units = session.keep("anchored", object(), lambda: _units(session, request, tracking, when))
    if narrow:
        whole = units
        units = session.keep(
            "narrowed", object(), lambda: _narrowed(session, request, whole, segment)
        )
    return Population(units, None)


def _units(session: Session, request: MeasureRequest, tracking: Tracking, when: Windows) -> Table:
    if tracking.by == "cohort":
        assert tracking.base is not None  # noqa: S101 - narrows a type: the document was checked
        base = base_events(session, request, tracking.base)
        return _cohorts(when.met(base), request)
    if tracking.base is None:
        known = seen(session, request)
        each = known.inner_join(when.rows, [known["at"] < when.rows.until])
    else:
        base, known = base_events(session, request, tracking.base), seen(session, request)
        met = when.met(base)
        own = met.select("unit_id", "period", "since", "until").distinct()
        each = own.inner_join(known.select("unit_id", "number"), "unit_id")
    return each.select(
        "unit_id", "period",
        anchor=each.number * _APART + each.period,
        anchor_at=each.since,
        opens_at=each.since,
        closes_at=each.until,
        base_id=ibis.null("string"),
        standing=ibis.literal(COUNTED),
    )  # fmt: skip


def _cohorts(met: Table, request: MeasureRequest) -> Table:
    in_time = ibis.window(group_by=["unit_id", "period"], order_by=["at", "id"])
    first = met.mutate(number=ibis.row_number().over(in_time))
    first = first.filter(first.number == 0)
    closes_at = request.window.closes_at(first["at"])
    opens_at = request.window.opens_at(first["at"])
    return first.select(
        "unit_id", "period",
        anchor=first.position,
        anchor_at=first["at"],
        opens_at=first["at"] if opens_at is None else ibis.greatest(opens_at, first["at"]),
        closes_at=closes_at,
        base_id=first.id,
        standing=_open(closes_at > microseconds(request.as_of)),
    )  # fmt: skip


def _open(is_open: BooleanValue) -> StringValue:
    found: StringValue = is_open.ifelse(WAITING, COUNTED)
    return found


def base_events(session: Session, request: MeasureRequest, base: Events) -> Table:
    """Rows of ``unit_id``, ``position``, ``at`` and ``id``, whenever they happened."""
    events = certain(facts(session, request, {base.event}))
    mine = events.filter(
        chosen(events, base),
        events.unit_id.notnull(),
        events.occurred_at <= microseconds(request.as_of),
    )
    return mine.select("unit_id", "position", at=mine.occurred_at, id=mine.source_id)


def seen(session: Session, request: MeasureRequest) -> Table:
    """Everybody the project has seen, and since when."""

    def build() -> Table:
        known = [certain(facts) for facts in (session.events, session.exposures)]
        both = (
            known[0]
            .select("unit_id", "occurred_at")
            .union(known[1].select("unit_id", "occurred_at"))
        )
        both = both.filter(both.unit_id.notnull(), both.occurred_at <= microseconds(request.as_of))
        first = both.group_by("unit_id").aggregate(at=both.occurred_at.min())
        in_order = ibis.window(order_by="unit_id")
        return first.mutate(number=ibis.row_number().over(in_order))

    return session.keep("seen", request.as_of, build)


def _narrowed(
    session: Session, request: MeasureRequest, units: Table, segment: HistorySegment | None
) -> Table:
    requires = request.kpi.formula.requires
    if requires:
        past = facts(session, request, {each.event for each in requires})
        fits = units.anchor.isin(eligible(past, units, requires).anchor)
        units = units.mutate(standing=fits.ifelse(units.standing, NOT_REQUIRED))
    if segment is not None:
        inside = units.anchor.isin(members(session.events, units, segment).anchor)
        units = units.mutate(standing=inside.ifelse(units.standing, OUTSIDE))
    return units
