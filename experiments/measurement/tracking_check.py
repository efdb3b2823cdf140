"""Whether what a test counts arrives: events of late, and what units sent to try it out met."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import EXPOSURE_TYPES, instant
from experiments.measurement.session import Session

LOOKED_BACK = timedelta(days=7)
_USUAL, _LATE = 0.5, 0.99


@dataclass(frozen=True)
class LatelySeen:
    """The events of one type that arrived within the time looked back on.

    Attributes:
        received: How many.
        last_received_at: Of all that ever arrived; None if none did.
        usual_delay, late_delay: From happening to arriving, of every second one and of 99 in
            100; None if all came with imports, which come when they come.
        with_unit: Of those received, events whose customer is known, a fraction.
        with_variant: Events whose customer has met a variant of the test, a fraction of those
            received; None while nobody has met one.
    """

    event: str
    received: int
    last_received_at: datetime | None
    usual_delay: timedelta | None
    late_delay: timedelta | None
    with_unit: float | None
    with_variant: float | None


@dataclass(frozen=True)
class TestUnitSeen:
    """What a unit that tries the test out has met.

    Attributes:
        variant: That it was given.
        exposed: Whether an exposure in that variant arrived.
        other_variant: Whether one in another variant did.
        events: Types of its events after the exposure.
    """

    __test__ = False  # not a test of pytest's

    variant: str
    exposed: bool
    other_variant: bool
    events: frozenset[str]


def lately_seen(
    session: Session, experiment_id: int, events: Collection[str], now: datetime
) -> dict[str, LatelySeen]:
    """What arrived of each type of event within the last seven days.

    Args:
        session: On the project's facts.
        experiment_id: Row id of the test.
        events: Types.
        now: Aware.
    """
    known = session.events
    mine = known.filter(known.type.isin(sorted(events)))
    met = _met(session, experiment_id)
    [anybody] = session.rows(met.aggregate(units=met.unit_id.nunique()))
    rows = session.rows(_counted(mine, met, microseconds(now - LOOKED_BACK)))
    found = {row["type"]: row for row in rows}
    return {each: _lately(each, found.get(each), bool(anybody["units"])) for each in events}


def _met(session: Session, experiment_id: int) -> Table:
    exposures = session.exposures
    here = exposures.experiment_id == experiment_id
    return exposures.filter(here, exposures.unit_id.notnull()).select("unit_id").distinct()


def _counted(events: Table, met: Table, since: int) -> Table:
    late = events.received_at >= since
    joined = events.unit_id.notnull()
    if "doubt" in events.columns:
        joined = joined & events.doubt.isnull()
    rows = events.mutate(
        late=late,
        joined=joined,
        placed=joined & events.unit_id.isin(met.unit_id),
        live=events.import_id.isnull(),
        delay=ibis.greatest(events.received_at - events.occurred_at, 0),
    )
    return rows.group_by("type").aggregate(
        received=rows.count(where=rows.late),
        last=rows.received_at.max(),
        usual=rows.delay.quantile(_USUAL, where=rows.late & rows.live),
        slow=rows.delay.quantile(_LATE, where=rows.late & rows.live),
        joined=rows.count(where=rows.late & rows.joined),
        placed=rows.count(where=rows.late & rows.placed),
    )


def _lately(event: str, row: Mapping[str, Any] | None, anybody: bool) -> LatelySeen:
    if row is None:
        return LatelySeen(event, 0, None, None, None, None, None)
    last, received = instant(int(row["last"])), int(row["received"])
    if not received:
        return LatelySeen(event, 0, last, None, None, None, None)
    return LatelySeen(
        event=event,
        received=received,
        last_received_at=last,
        usual_delay=_delay(row["usual"]),
        late_delay=_delay(row["slow"]),
        with_unit=int(row["joined"]) / received,
        with_variant=int(row["placed"]) / received if anybody else None,
    )


def _delay(microseconds_late: float | None) -> timedelta | None:
    if microseconds_late is None:
        return None
    return timedelta(microseconds=round(microseconds_late))


def test_units_seen(
    session: Session, experiment_id: int, testers: Mapping[str, str], events: Collection[str]
) -> dict[str, TestUnitSeen]:
    """What came back of every unit that tries the test out, by its id.

    Args:
        session: On the project's facts.
        experiment_id: Row id of the test.
        testers: Variant by unit id.
        events: Types that the test counts.
    """
    if not testers:
        return {}
    units = sorted(testers)
    exposures, known = session.exposures, session.events
    sent = session.rows(
        exposures.filter(
            exposures.experiment_id == experiment_id,
            exposures.unit_id.isin(units),
            exposures.type.isin(EXPOSURE_TYPES),
        ).select("unit_id", "variant", "occurred_at")
    )
    acts = session.rows(
        known.filter(known.unit_id.isin(units), known.type.isin(sorted(events))).select(
            "unit_id", "type", "occurred_at"
        )
    )
    return {unit: _seen_of(unit, testers[unit], sent, acts) for unit in units}


test_units_seen.__test__ = False  # type: ignore[attr-defined] # not a test of pytest's


def _seen_of(
    unit: str,
    variant: str,
    sent: Collection[Mapping[str, object]],
    acts: Collection[Mapping[str, object]],
) -> TestUnitSeen:
    mine = [row for row in sent if row["unit_id"] == unit]
    first = min((int(str(row["occurred_at"])) for row in mine), default=None)
    events = {
        str(row["type"])
        for row in acts
        if row["unit_id"] == unit and first is not None and int(str(row["occurred_at"])) >= first
    }
    return TestUnitSeen(
        variant=variant,
        exposed=any(row["variant"] == variant for row in mine),
        other_variant=any(row["variant"] != variant for row in mine),
        events=frozenset(events),
    )
