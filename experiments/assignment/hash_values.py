"""What is hashed where a test is split by an attribute: its value as a text.

A number is written as JavaScript writes it, since clients in every language do so; so a
household numbered 7 in JSON and in a CSV file is one household.
"""

from collections.abc import Mapping
from decimal import Decimal
from math import isfinite

_PLAIN_FROM, _PLAIN_BELOW = -6, 21


def hash_value(attributes: Mapping[str, object] | None, name: str) -> str | None:
    """The attribute's value as it is hashed; None where it has none that can be.

    Examples:
        >>> [hash_value({"household": value}, "household") for value in ("가-7", 7.0, "", True)]
        ['가-7', '7', None, None]
    """
    value = attributes.get(name) if attributes else None
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    number = float(value)
    return number_text(number) if number and isfinite(number) else None


def number_text(number: float) -> str:
    """A finite number as JavaScript's ``String(number)`` (ECMA-262, Number::toString).

    Examples:
        >>> [number_text(each) for each in (7.0, 1.5, 1e20, 1e21, 1e-7)]
        ['7', '1.5', '100000000000000000000', '1e+21', '1e-7']
    """
    sign, digits, exponent = Decimal(repr(number)).normalize().as_tuple()
    assert isinstance(exponent, int)  # noqa: S101 - narrows a type: the number is finite
    written = "".join(map(str, digits))
    point = len(written) + exponent
    if not _PLAIN_FROM < point <= _PLAIN_BELOW:
        rest = f".{written[1:]}" if len(written) > 1 else ""
        text = f"{written[0]}{rest}e{point - 1:+d}"
    elif point <= 0:
        text = f"0.{'0' * -point}{written}"
    else:
        whole = written.ljust(point, "0")
        text = whole[:point] + (f".{whole[point:]}" if len(whole) > point else "")
    return f"-{text}" if sign else text
