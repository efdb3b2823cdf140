"""A fast JSON reader that knows its limits: it reads what is beyond doubt, and refuses nothing.

``msgspec`` reads as strictly as we do but for keys that stand twice, numbers beyond 64 bits,
deep nesting and NUL. Where one of these may be, whoever asked reads the slow way, which
alone knows how to refuse (``api.strict_json``).
"""

from decimal import Decimal, InvalidOperation
from math import isfinite
from typing import Any

import msgspec

DEEPEST = 32
LARGEST_INTEGER = 2**63 - 1
_LONGEST_FRACTION = 64


class InDoubt(Exception):
    """The text may not be JSON as this service reads it."""


def fraction(digits: str) -> Decimal:
    """A number with a point or an exponent, exactly.

    Raises:
        ValueError: If it is out of range.
    """
    if len(digits) > _LONGEST_FRACTION or not isfinite(float(digits)):
        raise ValueError(digits)
    try:
        return Decimal(digits)
    except InvalidOperation as error:
        raise ValueError(digits) from error


_DECODE = msgspec.json.Decoder(float_hook=fraction).decode


def quick_json(body: bytes) -> Any:
    """Parse a JSON text.

    Raises:
        InDoubt: If it may be one to refuse.

    Examples:
        >>> quick_json(b'[{"a": 0.1}]')
        [{'a': Decimal('0.1')}]
    """
    if b"\\u0000" in body:
        raise InDoubt
    try:
        value = _DECODE(body)
    except (ValueError, RecursionError) as error:
        raise InDoubt from error
    # Of two equal keys one is gone, and the quotes around it with it.
    if _strings(value) * 2 != _quotes(body):
        raise InDoubt
    return value


def _quotes(body: bytes) -> int:
    """How many quotes begin or end a string."""
    if b"\\" not in body:
        return body.count(b'"')
    bare = body.replace(b"\\\\", b"")
    return bare.count(b'"') - bare.count(b'\\"')


def _strings(value: Any) -> int:
    """How many strings it holds, keys included, looking level by level at how deep it is.

    Raises:
        InDoubt: If it is too deep, or holds a whole number beyond 64 bits.
    """
    count = 0
    level: list[Any] = [[value]]
    for _ in range(DEEPEST + 1):
        inner: list[Any] = []
        for holder in level:
            is_object = type(holder) is dict
            count += len(holder) if is_object else 0
            for member in holder.values() if is_object else holder:
                kind = type(member)
                if kind is str:
                    count += 1
                elif kind is dict or kind is list:
                    inner.append(member)
                elif kind is int and not -LARGEST_INTEGER <= member <= LARGEST_INTEGER:
                    raise InDoubt
        if not inner:
            return count
        level = inner
    raise InDoubt
