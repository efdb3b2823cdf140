"""Most events, read in one go: no test named, nothing unusual, straight to the ledger's row.

What this says is what ``read_event`` and ``resolve`` say together, a few times as fast. It
refuses nothing: whatever it does not know well is left to them.
"""

from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Event, read_event
from experiments.ledger.fields import LONGEST_SOURCE_ID, MONEY_EVENTS, check_event_type
from experiments.ledger.instants import quick_micros
from experiments.ledger.money import MINOR_UNIT_DECIMALS, scaled
from experiments.ledger.properties import check_properties, written
from experiments.ledger.resolve import Resolved, digest_of
from experiments.registry.experiment import CHANNELS
from experiments.units import LONGEST_UNIT_ID

_FIELDS = frozenset(
    {
        "source_id", "unit_id", "type", "occurred_at", "value", "currency", "channel", "machine",
        "properties",
    }
)  # fmt: skip
_CHANNELS = frozenset({None, *CHANNELS})
_CURRENCIES = frozenset({None, *MINOR_UNIT_DECIMALS})


def event_reader(currency: str) -> Callable[[object], Event | Resolved]:
    """A reader of events in JSON.

    Args:
        currency: The project's, for purchases and refunds that name none.

    Returns:
        A function that gives the row where that is clear, else the event; it raises Invalid
        as ``read_event`` does.
    """

    def read(item: object) -> Event | Resolved:
        return quick_row(item, currency) or read_event(item)

    return read


def quick_row(item: object, currency: str) -> Resolved | None:
    """The row of an event; None where it takes a closer look.

    Examples:
        >>> row = quick_row({"source_id": "o-1", "unit_id": "7", "type": "purchase",
        ...     "value": 42000, "occurred_at": "2025-03-10T02:00:00Z"}, "KRW")
        >>> row.currency, quick_row({"source_id": "o-1"}, "KRW")
        ('KRW', None)
    """
    if type(item) is not dict or not item.keys() <= _FIELDS:
        return None
    try:
        return _row(item, item.get, currency)
    except (KeyError, TypeError, ArithmeticError, Invalid):
        return None


def _row(item: dict[str, Any], get: Callable[[str], Any], currency: str) -> Resolved | None:
    source_id, unit_id, kind = item["source_id"], item["unit_id"], item["type"]
    channel, money, machine = get("channel"), get("currency"), get("machine")
    machine = False if machine is None else machine
    if not (
        is_plain(source_id, LONGEST_SOURCE_ID)
        and is_plain(unit_id, LONGEST_UNIT_ID)
        and channel in _CHANNELS
        and money in _CURRENCIES
        and (machine is False or machine is True)
    ):
        return None
    at, kind = quick_micros(item["occurred_at"]), _event_type(kind)
    if at is None:
        return None
    value = get("value")
    if value is not None:
        money = money or (currency if kind in MONEY_EVENTS else None)
        if (type(value) is not int and type(value) is not Decimal) or (
            value > 0 and kind == "refund"
        ):
            return None
        value = scaled(value, money)
    elif money is not None:
        return None
    properties = _written(get("properties"))
    return event_row(source_id, unit_id, kind, at, channel, value, money, machine, properties)


def event_row(
    source_id: str,
    unit_id: str,
    kind: str,
    at: int,
    channel: str | None,
    value: int | None,
    money: str | None,
    machine: bool,
    properties: str | None,
) -> Resolved:
    """The row of an event that names no test; its digest is that of ``resolve``."""
    said = (
        "event", unit_id, None, kind, at, channel, None, None, value, money, machine, properties,
    )  # fmt: skip
    return Resolved(
        source_id, digest_of(said), "event", unit_id, None, kind, at, channel, None, None, None,
        None, value, money, machine, properties,
    )  # fmt: skip


def is_plain(text: object, longest: int) -> bool:
    """Whether it is text of the right length, free of NUL, half pairs and the like.

    Ids that begin as the ledger's own do are left to a closer look.
    """
    return (
        type(text) is str
        and 0 < len(text) <= longest
        and text.isprintable()
        and not text.startswith("withdraw")
    )


def _written(properties: Any) -> str | None:
    if properties is None or properties == {}:
        return None
    check_properties(properties)
    return written(properties)


@lru_cache(maxsize=4096)
def _event_type(name: str) -> str:
    return check_event_type(name)
