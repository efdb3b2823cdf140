"""What is read off the engine's tables: sums of every period, customers who wait, every event."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.arrivals import arrivals
from experiments.measurement.formula.plan import SENT
from experiments.measurement.kinds import MEASURED, Moment
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.tracking.judged import REASONS
from experiments.tracking.paired import Added
from experiments.tracking.populations import WAITING, Population
from experiments.tracking.rolling import Rolled, summed
from experiments.tracking.settled import Asked
from experiments.tracking.slots import windows

_USED, _WITHOUT = len(REASONS), REASONS.index("no_window")
Rows = list[dict[str, Any]]


def sums_by_period(
    session: Session, asked: Asked, counted: Population, added: Added
) -> dict[int, Rows]:
    """Sums by period: of customers with events, and of all those who did nothing."""
    found: dict[int, Rows] = {}
    if isinstance(added.units, Rolled):
        plan, moment = asked.request.plan, _moment(asked)
        found = {at: [row] for at, row in summed(session, added.units, plan, moment).items()}
    else:
        for row in session.rows(_summed(added.units, asked)):
            found.setdefault(int(row["period"]), []).append(row)
    if added.blank is None:
        return found
    assert counted.seen is not None  # noqa: S101 - narrows a type: everybody is counted
    known = _seen_by_the_end(session, counted.seen, asked)
    for row in session.rows(_summed(added.blank, asked)):
        number = int(row["period"])
        mine = found.setdefault(number, [])
        rest = known[number] - sum(int(each["units"]) for each in mine)
        if rest:
            mine.append(_times(row, rest, MEASURED[asked.document.kind].per))
    return found


def _summed(unit: Table, asked: Asked) -> Table:
    kind, plan = MEASURED[asked.document.kind], asked.request.plan
    unit = unit.mutate(**kind.values(unit, plan, _moment(asked)))
    return (
        unit.group_by("period", *kind.per)
        .aggregate(units=unit.count(), **kind.sums(unit, plan), late=unit.late.sum().fill_null(0))
        .order_by("period", *kind.per)
    )


def _moment(asked: Asked) -> Moment:
    return Moment(asked.series.as_of, asked.request.window_hours)


def _times(row: dict[str, Any], customers: int, kept: Sequence[str]) -> dict[str, Any]:
    """The sums of so many customers like this one."""
    whole = {"period", *kept}
    return {
        name: value if name in whole or value is None else int(value) * customers
        for name, value in row.items()
    }


def _seen_by_the_end(session: Session, seen: Table, asked: Asked) -> list[int]:
    """Customers that the project had seen by the end of each period."""
    first = asked.spans[0].starts
    rows = [(number, span.starts, span.until) for number, span in enumerate(asked.spans)]
    [before] = session.rows(seen.aggregate(units=seen.count(where=seen["at"] < first)))
    met = windows(session, "steps", ("period", "since", "until"), rows).met(seen)
    new = {
        int(row["period"]): int(row["units"])
        for row in session.rows(met.group_by("period").aggregate(units=met.count()))
    }
    by_period = accumulate(new.get(number, 0) for number in range(len(asked.spans)))
    return [int(before["units"]) + up_to for up_to in by_period]


def waiting_by_period(session: Session, counted: Population) -> dict[int, int]:
    """Customers whose window is open."""
    units = counted.units
    assert units is not None  # noqa: S101 - narrows a type: cohorts have their customers
    waiting = units.filter(units.standing == WAITING)
    by_period = waiting.group_by("period").aggregate(units=waiting.count())
    return {int(row["period"]): int(row["units"]) for row in session.rows(by_period)}


def events_by_reason(session: Session, found: Table, added: Added) -> dict[int, int]:
    """Events by the place of their reason: the nearest to counting of all their windows."""
    if added.pairs is None:
        could = found["rank"] == _WITHOUT
        ranked = found.select(place=could.ifelse(_USED, found["rank"].cast("int64")))
    else:
        pairs = added.pairs.group_by("position").aggregate(nearest=added.pairs["rank"].max())
        met = found.left_join(pairs, "position", rname="pair_{name}")
        ranked = met.select(place=met.nearest.coalesce(met["rank"]).cast("int64"))
    counted = ranked.group_by("place").aggregate(events=ranked.count())
    reasons = {int(row["place"]): int(row["events"]) for row in session.rows(counted)}
    if isinstance(added.units, Rolled):
        used = added.units.used
        reasons[_WITHOUT] = reasons.pop(_USED, 0) - used
        reasons[_USED] = used
    return {place: events for place, events in reasons.items() if events}


def received_events(session: Session, request: MeasureRequest) -> int:
    """Facts of the KPI's types that ever arrived, counted apart from what became of them."""
    types = request.plan.types
    events = sum(arrivals(session, each, request.as_of).received for each in types)
    if SENT not in types:
        return events
    exposures = session.arrived("exposure")
    sent = exposures.filter(exposures.type == SENT)
    [found] = session.rows(sent.aggregate(sent=sent.count()))
    return events + int(found["sent"])
