"""A session on the facts seen at a moment, of everybody or of some units only.

Whatever a KPI makes of a unit rests on the facts of that unit alone. So the expressions that
measure everybody measure some, exactly, if they see the facts of those only.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, IntegerValue, Table

from experiments.measurement.engine import NUMBERED
from experiments.measurement.identity import keys_of
from experiments.measurement.session import Session
from experiments.measurement.stored.sheet import Sheet
from experiments.measurement.unit_numbers import HALVES

EVERYBODY = None
# Of exposures, where units are all that is asked of them.
_BESIDES = ("received_at", "channel", "value", "currency", "machine", "properties", "import_id")


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), "uint64"))
def _hash(text):  # type: ignore[no-untyped-def]  # the engine's own
    """A number for a text, the same for the same text."""


def short(rows: Table) -> IntegerValue:
    """A number of 64 bits for the unit of each row.

    Two units may have one number. Then they are looked at together, whichever was touched.
    """
    if "unit_id" not in rows.columns:
        return rows[HALVES[-1]]
    # One bit less: numbers with a sign have room for it.
    found: IntegerValue = (_hash(rows.unit_id) >> 1).cast("int64")
    return found


def of_somebody(facts: Table) -> BooleanValue:
    """Whether it is known of which unit each fact is."""
    found: BooleanValue = facts[keys_of(facts)[0]].notnull()
    return found


def of_whom(exposures: Table) -> Table:
    """Exposures with what tells who was met, and no more."""
    return exposures.drop(*(name for name in _BESIDES if name in exposures.columns))


def goes_by_number(session: Session, sheet: Sheet) -> bool:
    """Whether a sheet's facts can be told apart by the numbers of their units alone.

    Not where ids have to be looked up, or facts are asked for again by ids.
    """
    unsure = any(session.uncertainty.touches(fact) for fact in NUMBERED)
    return sheet.reads_once and not unsure


def by_number(facts: Table, fact: str) -> Table:
    """Facts as they arrived, with the numbers of their units in place of ids."""
    columns = {name: type_ for name, type_ in facts.schema().items() if name != "unit_id"}
    return ibis.table(columns | dict.fromkeys(HALVES, "int64"), name=NUMBERED[fact])


@dataclass
class Part(Session):
    """The facts up to a moment.

    Attributes:
        until: Microseconds; what happened later is not there.
        touched: Rows of ``unit``, the numbers of those whose facts are there; None: everybody.
        once: Whether facts are read but once, and without what they hold besides: then only
            exposures are kept, and events of others find no unit.
        numbered: Whether facts have the numbers of their units in place of ids.
    """

    until: int = 0
    touched: Table | None = EVERYBODY
    once: bool = False
    numbered: bool = False

    def arrived(self, fact: str) -> Table:
        """As of any session."""
        facts = super().arrived(fact)
        return by_number(facts, fact) if self.numbered and fact in NUMBERED else facts

    def keep(self, name: str, key: Hashable, build: Callable[[], Table]) -> Table:
        """As of any session, under names that no other session on the connection uses."""
        return super().keep(f"part_{name}", key, build)

    def _whose(self, fact: str) -> Table:
        facts = super()._whose(fact)
        facts = facts.filter(facts.occurred_at <= self.until)
        touched = self.touched
        if touched is EVERYBODY:
            return facts
        mine = facts.filter(of_somebody(facts), short(facts).isin(touched.unit))
        if not self.once:
            return self.keep(f"{fact}s", None, lambda: mine)
        if fact == "event":
            return mine
        return self.keep("exposures", None, lambda: of_whom(mine))


def part_of(session: Session, sheet: Sheet, touched: Table | None) -> Part:
    """What a sheet's KPIs see at its moment, on the session's connection."""
    return Part(
        session.state,
        session.project_id,
        session.engine,
        session.uncertainty,
        until=sheet.as_of,
        touched=touched,
        once=sheet.reads_once,
        numbered=goes_by_number(session, sheet),
    )
