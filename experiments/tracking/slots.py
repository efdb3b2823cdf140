"""Which windows an instant lies in, found without comparing every event with every window.

Time is cut into slots of 24 hours. A window touches a few slots; an event looks only at the
windows of its own slot, and there at the instants, to the microsecond.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue, Table

from experiments.measurement.formula.days import DAY
from experiments.measurement.session import Session


@dataclass(frozen=True)
class Windows:
    """Stretches of time, kept.

    Attributes:
        rows: With ``since`` and ``until`` (microseconds) and columns of their own.
        slots: The same, each as often as it touches slots, with the ``slot``.
    """

    rows: Table
    slots: Table

    def met(self, facts: Table, at: str = "at") -> Table:
        """Facts with every window that they lie in.

        Args:
            facts: With an instant.
            at: Its name.
        """
        # A name of its own: facts may have met other windows before.
        slot = f"{self.rows.get_name()}_slot"
        slots, placed = self.slots.rename({slot: "slot"}), facts.mutate(**{slot: _slot(facts[at])})
        met = placed.inner_join(slots, [slot, placed[at] >= slots.since, placed[at] < slots.until])
        return met.drop(slot)


def windows(
    session: Session, name: str, columns: Sequence[str], rows: Sequence[Sequence[int]]
) -> Windows:
    """Keep windows.

    Args:
        session: To keep them in.
        name: Of the table.
        columns: Among them ``since`` and ``until``.
        rows: Whole numbers.
    """
    key = tuple(map(tuple, rows))
    kept = session.keep(name, key, lambda: _listed(columns, rows))
    since, until = columns.index("since"), columns.index("until")
    most = max(((row[until] - row[since]) // DAY + 2 for row in rows), default=1)
    return Windows(kept, session.keep(f"{name}_slots", key, lambda: _slots(kept, most)))


def _listed(columns: Sequence[str], rows: Sequence[Sequence[int]]) -> Table:
    """One text that the engine takes apart: thousands of literals take their compiler a second."""
    text = ";".join(",".join(str(number) for number in row) for row in rows)
    lines = ibis.literal(text).split(";").unnest().name("line").as_table()
    cells = lines.line.split(",")
    return lines.select(**{name: cells[place].cast("int64") for place, name in enumerate(columns)})


def _slots(kept: Table, most: int) -> Table:
    after = ibis.range(0, most).unnest().name("after").as_table()
    each = kept.cross_join(after)
    each = each.mutate(slot=_slot(each.since) + each.after * ibis.literal(DAY, "int64"))
    return each.filter(each.slot <= _slot(each.until - 1)).drop("after")


def _slot(at: IntegerValue) -> IntegerValue:
    found: IntegerValue = at - at % ibis.literal(DAY, "int64")
    return found
