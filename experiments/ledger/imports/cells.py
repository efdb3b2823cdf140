"""Cells of a file as values: amounts, counts, yes and no."""

import re
from collections.abc import Callable
from decimal import Decimal
from functools import lru_cache
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import brief

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_LONGEST_AMOUNT = 64
_YES = frozenset({"1", "1.0", "true", "t", "yes", "y", "예", "네"})
_NO = frozenset({"0", "0.0", "false", "f", "no", "n", "", "아니오", "아니요", "-"})


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
        >>> read_flag("True", "visit"), read_flag("0", "visit"), read_flag("예", "visit")
        (True, False, True)
    """
    text = cell.strip().lower()
    if text in _NO:
        return False
    if text in _YES:
        return True
    raise Invalid(field=field, expected="1 or 0, true or false, yes or no", got=brief(cell))


def read_count(cell: str, field: str) -> int:
    """How often, as a cell tells it: a whole number, or yes or no for 1 or 0.

    Raises:
        Invalid: If it is neither, naming ``field``.

    Examples:
        >>> read_count("1,204", "opens"), read_count("no", "opens"), read_count("", "opens")
        (1204, 0, 0)
    """
    text = cell.strip().lower()
    if text in _NO or text in _YES:
        return int(text in _YES)
    number = _number(text) if len(text) <= _LONGEST_AMOUNT else None
    if number is None or number < 0 or number != number.to_integral_value():
        raise Invalid(field=field, expected="a whole number, or yes or no", got=brief(cell))
    return int(number)


@lru_cache(maxsize=16_384)
def _number(text: str) -> Decimal | None:
    if _PLAIN.fullmatch(text):
        return Decimal(text)
    if _GROUPED.fullmatch(text):
        return Decimal(text.replace(",", ""))
    return None


def _read_word(cell: str, field: str) -> str | None:  # noqa: ARG001 - every reader's signature
    return cell.strip() or None


def _read_reason(cell: str, field: str) -> str | None:  # noqa: ARG001 - as the other readers are called
    word = cell.strip()
    return None if word in {"", "none"} else word


READ_CELL: dict[str, Callable[[str, str], Any]] = {
    "experiment": _read_word,
    "type": _read_word,
    "variant": _read_word,
    "channel": _read_word,
    "suppressed_reason": _read_reason,
    "value": read_amount,
    "currency": _read_word,
    "machine": read_flag,
    "cost": read_amount,
    "campaign": _read_word,
    "bounce": _read_word,
    "url": _read_word,
}
"""How the cell of a field is read, times aside; a field not here is taken as it stands."""
