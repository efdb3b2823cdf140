"""A file of JSON, one value a line."""

import io
import json
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from experiments.ledger.imports.errors import LineTooLong, NotJson
from experiments.ledger.imports.rows import LONGEST_LINE, LONGEST_SHOWN, BadRow, Row

DEEPEST = 32
_LARGEST = 2**63


class JsonLines:
    """The values of a text, one a line; empty lines are no rows.

    Attributes:
        header: None has one.
    """

    def __init__(self, text: io.TextIOBase) -> None:
        self._read = text.readline
        self.header: list[str] = []

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Every value in order, with its line."""
        number = 0
        while line := self._read(LONGEST_LINE):
            number += 1
            if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
                self._skip_rest()
                yield BadRow(number, LineTooLong(most=LONGEST_LINE), line[:LONGEST_SHOWN])
                continue
            if line.strip():
                yield _row(number, line)

    def _skip_rest(self) -> None:
        while (more := self._read(LONGEST_LINE)) and more[-1] not in "\r\n":
            pass


def _row(number: int, line: str) -> Row | BadRow:
    try:
        return Row(number, read_value(line), line)
    except NotJson as error:
        return BadRow(number, error, line[:LONGEST_SHOWN])


def read_value(text: str) -> Any:
    """A JSON value; fractions are exact, and what no ledger keeps is refused.

    Raises:
        NotJson: With what was met.

    Examples:
        >>> read_value('{"price": 0.10}')
        {'price': Decimal('0.10')}
    """
    try:
        value = json.loads(
            text, object_pairs_hook=_object, parse_float=_fraction, parse_int=_whole,
            parse_constant=_constant,
        )  # fmt: skip
    except json.JSONDecodeError as error:
        raise NotJson(reason=f"{error.msg.lower()} at character {error.pos + 1}") from error
    except RecursionError as error:
        raise NotJson(reason=f"nested deeper than {DEEPEST} levels") from error
    if text.count("{") + text.count("[") > DEEPEST and _depth(value) > DEEPEST:
        raise NotJson(reason=f"nested deeper than {DEEPEST} levels")
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotJson(reason="a key stands twice in one object")
    return found


def _constant(name: str) -> Any:
    raise NotJson(reason=f"{name} is not a JSON number")


def _fraction(digits: str) -> Decimal:
    try:
        found = Decimal(digits)
    except InvalidOperation:
        found = Decimal("Infinity")
    if len(digits) > 64 or not found.is_finite() or abs(found.adjusted()) > 308:
        raise NotJson(reason="a number out of range")
    return found


def _whole(digits: str) -> int:
    if len(digits) > 20 or not -_LARGEST <= int(digits) < _LARGEST:
        raise NotJson(reason="an integer beyond 64 bits")
    return int(digits)


def _depth(value: Any) -> int:
    deepest, waiting = 0, [(value, 1)]
    while waiting:
        found, depth = waiting.pop()
        deepest = max(deepest, depth)
        if isinstance(found, dict | list):
            members = found.values() if isinstance(found, dict) else found
            waiting.extend((member, depth + 1) for member in members)
    return deepest
