"""The steps of a refresh that are recorded: all that they run follows from what they are given."""

from dataclasses import dataclass

import ibis
from ibis.expr.types import Table

from experiments.measurement.session import Session
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.onwards import (
    News,
    measured_onwards,
)
from experiments.measurement.stored.packing import packed
from experiments.measurement.stored.part import EVERYBODY, part_of
from experiments.measurement.stored.partitions import keep_table, typed, wide
from experiments.measurement.stored.scripts import Asked, Since
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.together import measured_together
from experiments.measurement.stored.touched import touched_by
from experiments.measurement.stored.values import values_of
from experiments.measurement.stored.writing import TOUCHED

# A view of the rows of units as they stand.
CURRENT = "stored_current"


def touch(session: Session, sheet: Sheet, since: Since, *, later: bool, again: bool) -> None:
    """Keep the numbers of units whose values may be others, and of those who were met since.

    Args:
        session: To keep them in.
        sheet: Whose KPIs.
        since: What is kept of it.
        later: Whether facts that are known had not happened then, and have now.
        again: Whether units with open windows have other values by now.
    """
    touched = touched_by(session, sheet, since, later=later)
    if again:
        rows = ibis.table({"unit": "int64", "closes_at": "int64"}, name=CURRENT)
        open_ = rows.filter(rows.closes_at > since.as_of)
        touched = touched.union(open_.select("unit", met=ibis.literal(False)))
    keep_table(session, TOUCHED, touched)


@dataclass(frozen=True)
class Measured:
    """What is told of rows that were measured, beside them.

    Attributes:
        meaning: Of the marks of their events.
        wide: Their columns of numbers of any length.
    """

    meaning: Meaning
    wide: tuple[str, ...]


def measure(session: Session, sheet: Sheet, _: Since, *, touched: bool) -> Asked[Measured]:
    """The rows of touched units, or of everybody; their events are kept."""
    rows = ibis.table({"unit": "int64", "met": "boolean"}, name=TOUCHED)
    units = rows.select("unit") if touched else EVERYBODY
    part = part_of(session, sheet, units)
    if sheet.is_plain:
        found = measured_together(part, sheet)
        return _asked(session, packed(found.rows, sheet), found.meaning)
    return _asked(session, packed(values_of(part, sheet), sheet), Meaning())


def measure_onwards(session: Session, sheet: Sheet, since: Since, *, news: News) -> Asked[Measured]:
    """As :func:`measure`, of touched units, from what is kept and what is new."""
    found = measured_onwards(session, sheet, since, news)
    return _asked(session, packed(found.rows, sheet), found.meaning)


def _asked(session: Session, rows: Table, meaning: Meaning) -> Asked[Measured]:
    return Asked(typed(session, rows), Measured(meaning, wide(rows)))
