"""Measuring units that new facts are of from what is kept of them and from what is new.

Of a unit that has a row and was not met again, all is known but its new events: who it is
stands in its row, and its events are kept with their marks. Whoever was met since is measured
from the facts, as everybody is. So a refresh reads what is new, and of the past only which
events are of units met since. What a KPI makes of events is defined in one place for all:
:mod:`experiments.measurement.stored.together`.
"""

from dataclasses import dataclass

import ibis
from ibis.expr.datatypes import DataType
from ibis.expr.types import BooleanValue, IntegerValue, Table

from experiments.measurement.anchors import ANCHOR_TYPES
from experiments.measurement.formula.windows import HOUR, HoursWindow
from experiments.measurement.placed import anchored_units
from experiments.measurement.session import Session
from experiments.measurement.stored.layout import (
    ALIKE,
    CODED,
    WHO_BITS,
    layout_of,
    standing_of,
    variant_of,
)
from experiments.measurement.stored.marks import Marks
from experiments.measurement.stored.packing import coded
from experiments.measurement.stored.part import (
    Part,
    by_number,
    goes_by_number,
    of_somebody,
    of_whom,
    short,
)
from experiments.measurement.stored.partitions import run
from experiments.measurement.stored.scripts import Since
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.together import Together, added_together, described, placed
from experiments.measurement.stored.touched import is_new
from experiments.measurement.stored.turnover import GONE, MARKED
from experiments.measurement.stored.writing import TOUCHED
from experiments.measurement.unit_numbers import HALVES

_HIGH, _LOW = HALVES


@dataclass(frozen=True)
class News:
    """What has to be looked at beside new facts.

    Attributes:
        later: Whether facts that were known had not happened, and have now.
        hidden: Whether any of what was known had not happened.
        again: Whether anybody was met since who has a row.
    """

    later: bool
    hidden: bool
    again: bool


def can_go_on(session: Session, sheet: Sheet) -> bool:
    """Whether the units of a sheet are measured so: when they were met follows from their rows."""
    return goes_by_number(session, sheet) and isinstance(sheet.first.window, HoursWindow)


def met_again(session: Session) -> bool:
    """Whether anybody was met since who has a row."""
    both = f"SELECT 1 FROM {TOUCHED} SEMI JOIN {GONE} USING (unit) WHERE met LIMIT 1"  # noqa: S608 - our own names
    return bool(run(session, both))


def _at_anchor(exposures: Table, sheet: Sheet) -> tuple[BooleanValue, ...]:
    mine = exposures.experiment_id == sheet.first.experiment_id
    return mine, exposures.type.isin(ANCHOR_TYPES[sheet.first.anchor])


@dataclass
class _Onwards(Part):
    """All events, and of the exposures those of units that were met since.

    Attributes:
        exposed: Of these exposures, which.
    """

    exposed: Table | None = None

    def _whose(self, fact: str) -> Table:
        exposed = self.exposed
        if fact == "event" or exposed is None:
            return super()._whose(fact)
        return exposed


def measured_onwards(session: Session, sheet: Sheet, since: Since, news: News) -> Together:
    """The rows of touched units, and all of their events.

    Args:
        session: With the tables ``TOUCHED``, ``GONE`` and ``MARKED``.
        sheet: One that :func:`can_go_on`.
        since: What is kept of it.
        news: What has to be looked at.
    """
    marks = Marks(sheet)
    part = _onwards(session, sheet, since, news)
    gone = _gone().filter(lambda rows: ~rows.unit.isin(_exposed().unit))
    met = anchored_units(part, sheet.matured[0])
    known, others = _known(gone, sheet), _met(met, sheet)
    units = described(known.select(others.columns).union(others), sheet, marks)
    new = is_new(part.events, sheet, since, later=news.later)
    # What had all happened then is not looked at for when it did.
    before = part.events.filter(~new) if news.hidden else _up_to(session, since)
    facts = part.events.filter(new).union(_of_units(before, met, part))

    def found() -> Table:
        fresh = placed(facts, sheet, units, marks)
        return _kept_events(fresh.marks.type()).union(fresh)

    events = part.keep("placed", object(), found)
    return added_together(units, events, sheet, marks.meaning)


def _onwards(session: Session, sheet: Sheet, since: Since, news: News) -> _Onwards:
    part = _Onwards(
        session.state,
        session.project_id,
        session.engine,
        session.uncertainty,
        until=sheet.as_of,
        once=True,
        numbered=True,
    )
    exposures = of_whom(part.exposures)
    exposures = exposures.filter(of_somebody(exposures), *_at_anchor(exposures, sheet))
    new = is_new(exposures, sheet, since, later=news.later)
    part.exposed = exposures.filter(new)
    if news.again:
        part.exposed = part.exposed.union(_of_those_known(exposures.filter(~new)))
    return part


def _of_those_known(exposures: Table) -> Table:
    """Of units that have a row and were met since."""
    again = _exposed().semi_join(_gone(), "unit")
    return exposures.filter(short(exposures).isin(again.unit))


def _up_to(session: Session, since: Since) -> Table:
    """The events that were known then."""
    events = by_number(session.events, "event")
    return events.filter(events.position <= since.position)


def _of_units(events: Table, units: Table, part: Part) -> Table:
    """Those of some units, found by their positions first: that reads but two columns."""
    theirs = events.filter(short(events).isin(short(units)))
    found = part.keep("past", object(), lambda: theirs.select("position"))
    return events.filter(events.position.isin(found.position))


def _exposed() -> Table:
    """Rows of ``unit``: who was met since, at the anchor."""
    rows = ibis.table({"unit": "int64", "met": "boolean"}, name=TOUCHED)
    return rows.filter(rows.met).select("unit")


def _gone() -> Table:
    """The rows of touched units as they stood."""
    numbers = dict.fromkeys(("unit", _HIGH, "anchor", "closes_at", ALIKE), "int64")
    rows = ibis.table(numbers | {"touched": "boolean"}, name=GONE)
    return rows.filter(rows.touched)


def _known(gone: Table, sheet: Sheet) -> Table:
    """As :func:`experiments.measurement.anchors.units` gives, and who they are as it is kept."""
    layout = layout_of(sheet)
    rows = gone.mutate(open=ibis.literal(False))
    return rows.select(
        _HIGH, "anchor", "closes_at",
        unit_low=rows.unit,
        variant=variant_of(rows, layout, sheet),
        two_variants=layout.read(rows, "two_variants") != 0,
        anchor_at=_met_at(rows.closes_at, sheet),
        standing=standing_of(rows, layout),
        **{CODED: rows[ALIKE] & layout.mask(*WHO_BITS)},
    )  # fmt: skip


def _met(units: Table, sheet: Sheet) -> Table:
    """The same of units that were met since."""
    days = units.mutate(day=sheet.days.calendar.day_of(units.anchor_at))
    return days.mutate(**{CODED: coded(days, sheet)}).drop("day")


def _met_at(closes_at: IntegerValue, sheet: Sheet) -> IntegerValue:
    window = sheet.first.window
    assert isinstance(window, HoursWindow)  # noqa: S101 - narrows a type: no other goes on
    met_at: IntegerValue = closes_at - window.hours * HOUR
    return met_at


def _kept_events(marks: DataType) -> Table:
    """Those of touched units that were not met since."""
    numbers = dict.fromkeys(("unit", "anchor", "closes_at", "value"), "int64")
    events = ibis.table(numbers | {"marks": marks, "touched": "boolean"}, name=MARKED)
    events = events.filter(events.touched, ~events.unit.isin(_exposed().unit))
    return events.select("anchor", "closes_at", "value", "marks")
