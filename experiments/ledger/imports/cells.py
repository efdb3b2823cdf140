"""Cells of a CSV file as values: amounts, times, yes and no."""

import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import brief
from experiments.ledger.instants import read_instant

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_LONGEST_AMOUNT = 64
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", ""})


def read_amount(cell: str, field: str) -> Decimal | None:
    """The number in a cell; None if the cell is empty. Thousands may be set off by commas.

    Raises:
        Invalid: Naming ``field``.

    Examples:
        >>> read_amount(" 42,000 ", "amount"), read_amount("", "amount")
        (Decimal('42000'), None)
    """
    text = cell.strip()
    if not text:
        return None
    number = _number(text) if len(text) <= _LONGEST_AMOUNT else None
    if number is None:
        raise Invalid(field=field, expected="a number", got=brief(cell))
    return number


def read_flag(cell: str, field: str) -> bool:
    """Whether a cell says yes; an empty one says no.

    Raises:
        Invalid: If it says neither, naming ``field``.

    Examples:
        >>> read_flag("True", "visit"), read_flag("0", "visit")
        (True, False)
    """
    text = cell.strip().lower()
    if text in _NO:
        return False
    if text in _YES:
        return True
    raise Invalid(field=field, expected="1 or 0, true or false, yes or no", got=brief(cell))


@lru_cache(maxsize=16_384)
def _number(text: str) -> Decimal | None:
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    return None


def _read_time(cell: str, field: str) -> datetime:
    return read_instant(cell.strip(), field)


def _read_word(cell: str, field: str) -> str | None:  # noqa: ARG001 - every reader's signature
    return cell.strip() or None


def _read_reason(cell: str, field: str) -> str | None:  # noqa: ARG001 - as the other readers are called
    word = cell.strip()
    return None if word in {"", "none"} else word


READ_CELL: dict[str, Callable[[str, str], Any]] = {
    "experiment": _read_word,
    "type": _read_word,
    "occurred_at": _read_time,
    "variant": _read_word,
    "channel": _read_word,
    "suppressed_reason": _read_reason,
    "value": read_amount,
    "currency": _read_word,
    "machine": read_flag,
}
"""How the cell of a field is read; a field that is not here is taken as it stands."""
