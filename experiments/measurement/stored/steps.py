"""The steps of a refresh that are recorded: all that they run follows from what they are given."""

import ibis

from experiments.measurement.session import Session
from experiments.measurement.stored.marks import Meaning
from experiments.measurement.stored.onwards import (
    EXPOSED,
    News,
    can_go_on,
    exposed_since,
    measured_onwards,
)
from experiments.measurement.stored.packing import packed
from experiments.measurement.stored.part import EVERYBODY, part_of
from experiments.measurement.stored.partitions import keep_table, keep_view
from experiments.measurement.stored.scripts import Since
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.stored.together import measured_together
from experiments.measurement.stored.touched import touched_by
from experiments.measurement.stored.values import values_of
from experiments.measurement.stored.writing import MEASURED, TOUCHED

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
        touched = touched.union(rows.filter(rows.closes_at > since.as_of).select("unit"))
    keep_table(session, TOUCHED, touched)
    if can_go_on(session, sheet):
        keep_table(session, EXPOSED, exposed_since(session, sheet, since, later=later))


def measure(session: Session, sheet: Sheet, _: Since, *, touched: bool) -> Meaning:
    """Give the rows of touched units, or of everybody, a name, and keep their events."""
    units = ibis.table({"unit": "int64"}, name=TOUCHED) if touched else EVERYBODY
    part = part_of(session, sheet, units)
    found = measured_together(part, sheet) if sheet.is_plain else None
    rows = values_of(part, sheet) if found is None else found.rows
    keep_view(session, MEASURED, packed(rows, sheet))
    return Meaning() if found is None else found.meaning


def measure_onwards(session: Session, sheet: Sheet, since: Since, *, news: News) -> Meaning:
    """As :func:`measure`, of touched units, from what is kept and what is new."""
    found = measured_onwards(session, sheet, since, news)
    keep_view(session, MEASURED, packed(found.rows, sheet))
    return found.meaning
