"""A session on the facts seen at a moment, of everybody or of some units only.

Whatever a KPI makes of a unit rests on the facts of that unit alone. So the expressions that
measure everybody measure some, exactly, if they see the facts of those only.
"""

from collections.abc import Callable, Hashable
from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue, StringValue, Table

from experiments.measurement.session import Session

EVERYBODY = None
# Of exposures, where units are all that is asked of them.
_BESIDES = ("received_at", "channel", "value", "currency", "machine", "properties", "import_id")


@ibis.udf.scalar.builtin(name="hash", signature=(("string",), "uint64"))
def _hash(text):  # type: ignore[no-untyped-def]  # the engine's own
    """A number for a text, the same for the same text."""


def short(unit_id: StringValue) -> IntegerValue:
    """A number for a unit.

    Two units may have one number. Then they are looked at together, whichever was touched.
    """
    found: IntegerValue = _hash(unit_id)
    return found


@dataclass
class Part(Session):
    """The facts up to a moment.

    Attributes:
        until: Microseconds; what happened later is not there.
        touched: Rows of ``unit``, the numbers of those whose facts are there; None: everybody.
        once: Whether facts are read but once, and without what they hold besides: then only
            exposures are kept, and events of others find no unit.
    """

    until: int = 0
    touched: Table | None = EVERYBODY
    once: bool = False

    def keep(self, name: str, key: Hashable, build: Callable[[], Table]) -> Table:
        """As of any session, under names that no other session on the connection uses."""
        return super().keep(f"part_{name}", key, build)

    def _whose(self, fact: str) -> Table:
        facts = super()._whose(fact)
        facts = facts.filter(facts.occurred_at <= self.until)
        touched = self.touched
        if touched is EVERYBODY:
            return facts
        mine = facts.filter(facts.unit_id.notnull(), short(facts.unit_id).isin(touched.unit))
        if not self.once:
            return self.keep(f"{fact}s", None, lambda: mine)
        if fact == "event":
            return mine
        needed = mine.drop(*(name for name in _BESIDES if name in mine.columns))
        return self.keep("exposures", None, lambda: needed)


def part_of(session: Session, until: int, touched: Table | None, *, once: bool = False) -> Part:
    """A part of a session, on its connection."""
    return Part(
        session.state,
        session.project_id,
        session.engine,
        session.uncertainty,
        until=until,
        touched=touched,
        once=once,
    )
