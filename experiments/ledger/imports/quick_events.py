"""Most rows of a file of events, straight to the ledger's row.

What this says is what the reader of long files and ``resolve`` say together, a few times as
fast. It refuses nothing: whatever it does not know well is left to them.
"""

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import (
    LONGEST_SOURCE_ID,
    MONEY_EVENTS,
    check_event_type,
    check_one_of,
)
from experiments.ledger.imports.cells import read_amount, read_flag
from experiments.ledger.imports.long import LongMapping, constants
from experiments.ledger.instants import microseconds, quick_micros
from experiments.ledger.money import check_currency, scaled
from experiments.ledger.quick import event_row, is_plain
from experiments.ledger.resolve import Resolved
from experiments.registry.experiment import CHANNELS
from experiments.units import LONGEST_UNIT_ID

# In the order in which a row's values are unpacked.
_READ = ("type", "occurred_at", "value", "currency", "channel", "machine")
_KNOWN = {"source_id", "unit_id", *_READ}


def is_quick(mapping: LongMapping) -> bool:
    """Whether the rows of a file may be read this way."""
    named = {*mapping.fields, *mapping.constants}
    is_plain_mapping = mapping.alias is None and not (mapping.values or mapping.properties)
    return mapping.fact == "event" and is_plain_mapping and named <= _KNOWN


class QuickEvents:
    """Rows of a file of events.

    Args:
        mapping: For which ``is_quick`` holds.
        at: Where the columns are, by the path of what names them.
        mark: What the ids of rows without one begin with.
        currency: The project's.
    """

    def __init__(
        self, mapping: LongMapping, at: Mapping[str, int], mark: str, currency: str
    ) -> None:
        place = {name: at[f"columns.{name}"] for name in mapping.fields}
        fixed: dict[str, Any] = {"machine": False, **dict(constants(mapping))}
        if "occurred_at" in fixed:
            fixed["occurred_at"] = microseconds(fixed["occurred_at"])
        read = _CELLS | {"occurred_at": _micros_of(mapping.reading.times.read)}
        self._values = [(place.get(name), read[name], fixed.get(name)) for name in _READ]
        self._unit_id, self._source_id = place["unit_id"], place.get("source_id")
        self._mark = mark
        self._currency = currency

    def __call__(self, line: int, cells: Sequence[str]) -> Resolved | None:
        """The row; None where it takes a closer look."""
        try:
            values: list[Any] = [
                fixed if place is None else read(cells[place])
                for place, read, fixed in self._values
            ]
            kind, at, value, money, channel, machine = values
            if value is None:
                money = None
            else:
                money = money or (self._currency if kind in MONEY_EVENTS else None)
                value = _scaled(value, money, kind)
        except Invalid:
            return None
        unit_id = cells[self._unit_id]
        source_id = "" if self._source_id is None else cells[self._source_id]
        source_id = source_id or f"{self._mark}:{line}:event:{kind}"
        if not (is_plain(unit_id, LONGEST_UNIT_ID) and is_plain(source_id, LONGEST_SOURCE_ID)):
            return None
        return event_row(source_id, unit_id, kind, at, channel, value, money, machine, None)


def _micros_of(read: Callable[[str, str], Any]) -> Callable[[str], int]:
    def micros(cell: str) -> int:
        found = quick_micros(cell.strip())
        return microseconds(read(cell, "occurred_at")) if found is None else found

    return micros


@lru_cache(maxsize=4096)
def _event_type(cell: str) -> str:
    return check_event_type(cell.strip())


@lru_cache(maxsize=4096)
def _money(cell: str) -> str | None:
    code = cell.strip()
    return check_currency(code) if code else None


@lru_cache(maxsize=4096)
def _channel(cell: str) -> str | None:
    name = cell.strip()
    return check_one_of(name, CHANNELS, "channel") if name else None


def _amount(cell: str) -> Decimal | None:
    return read_amount(cell, "value") if cell else None


@lru_cache(maxsize=65_536)
def _scaled(value: Decimal, money: str | None, kind: str) -> int:
    if value > 0 and kind == "refund":
        raise Invalid(field="value", expected="0 or less", got=str(value))
    return scaled(value, money)


def _flag(cell: str) -> bool:
    return read_flag(cell, "machine") if cell else False


_CELLS: dict[str, Callable[[str], Any]] = {
    "type": _event_type,
    "value": _amount,
    "currency": _money,
    "channel": _channel,
    "machine": _flag,
}
