"""Values of typed files, as the text of a cell or as what JSON has."""

from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any

import msgspec

from experiments.ledger.imports.rows import LONGEST_SHOWN

_ENCODE = msgspec.json.Encoder(decimal_format="number", enc_hook=str).encode
_WRITTEN: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (bool, lambda value: "true" if value else "false"),
    ((int, float, Decimal), str),
    ((datetime, date, time), lambda value: value.isoformat()),
    (bytes, lambda value: value.decode("utf-8", "replace")),
)


def as_text(value: Any) -> str:
    """A value as a cell of a CSV file has it; nothing is an empty one."""
    if isinstance(value, str):
        return value
    if value is None or value != value:  # noqa: PLR0124 - NaN is not itself
        return ""
    written = next((write for kinds, write in _WRITTEN if isinstance(value, kinds)), None)
    return _ENCODE(value).decode() if written is None else written(value)


def as_item(value: Any) -> Any:
    """A row as the JSON value that its source would have sent."""
    match value:
        case dict():
            return {str(name): as_item(member) for name, member in value.items()}
        case list():
            return [as_item(member) for member in value]
        case float():
            return None if value != value or abs(value) == float("inf") else Decimal(repr(value))  # noqa: PLR0124 - NaN is not itself
        case None | bool() | int() | str() | Decimal():
            return value
        case _:
            return as_text(value)


def shown(item: Any) -> str:
    """An item as people see it, cut short."""
    return _ENCODE(item).decode("utf-8", "replace")[:LONGEST_SHOWN]
