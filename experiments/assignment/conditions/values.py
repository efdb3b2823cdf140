"""JSON values as JavaScript reads them: their kinds, equality, order, text and number."""

import math
import re
from decimal import Decimal
from typing import Any

from experiments.assignment.hash_values import number_text

_KINDS = {
    type(None): "null", bool: "boolean", int: "number", float: "number", Decimal: "number",
    str: "string", list: "array", tuple: "array", dict: "object",
}  # fmt: skip
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_INDEX = re.compile(r"0|[1-9]\d{0,9}", re.ASCII)


def kind_of(value: object) -> str:
    """The kind of a JSON value: null, boolean, number, string, array or object.

    Examples:
        >>> kind_of(True), kind_of(1), kind_of(Decimal("0.5")), kind_of(None)
        ('boolean', 'number', 'number', 'null')
    """
    return _KINDS.get(type(value), "unknown")


def same(one: object, other: object) -> bool:
    """Whether two values are the same string, number, boolean or null.

    Arrays and objects never are, as with ``===``; nor are values of two kinds.

    Examples:
        >>> same(1, 1.0), same(1, True), same("1", 1), same([], [])
        (True, False, False, False)
    """
    if isinstance(one, str):
        return one == other
    kind = kind_of(one)
    if kind != kind_of(other) or kind in {"array", "object", "unknown"}:
        return False
    return plain(one) == plain(other) if kind == "number" else one == other


def same_json(one: object, other: object) -> bool:
    """Whether two values have the same JSON text; the order of an object's names matters.

    Examples:
        >>> same_json({"a": [1]}, {"a": [1.0]}), same_json({"a": 1, "b": 2}, {"b": 2, "a": 1})
        (True, False)
    """
    if isinstance(one, dict) and isinstance(other, dict):
        return list(one) == list(other) and all(same_json(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same_json, one, other))
    return same(one, other)


def plain(number: Any) -> Any:
    """The number as clients hold it: a decimal fraction becomes a double."""
    return float(number) if isinstance(number, Decimal) else number


def before(one: str, other: str) -> bool:
    r"""Whether a text comes before another in JavaScript's order.

    Examples:
        >>> before("a", "b"), before("\N{GRINNING FACE}", "\uffee")
        (True, True)
    """
    if one.isascii() and other.isascii():
        return one < other
    return one.encode("utf-16-be", "surrogatepass") < other.encode("utf-16-be", "surrogatepass")


def at_path(subject: object, path: str) -> Any:
    """What stands at a dotted path; None where the path leads nowhere.

    Examples:
        >>> at_path({"pets": [{"name": "Fido"}]}, "pets.0.name"), at_path({"a": 1}, "a.b")
        ('Fido', None)
    """
    if type(subject) is dict and path in subject and "." not in path:
        return subject[path]
    for name in path.split("."):
        if isinstance(subject, dict):
            subject = subject.get(name)
        elif isinstance(subject, list):
            subject = _in_list(subject, name)
        else:
            return None
    return subject


def _in_list(items: list[Any], name: str) -> Any:
    if name == "length":
        return len(items)
    index = int(name) if _INDEX.fullmatch(name) else len(items)
    return items[index] if index < len(items) else None


def is_true(value: object) -> bool:
    """JavaScript's ``!!value``: empty arrays and objects count as true."""
    return kind_of(value) in {"array", "object"} or bool(value)


def text_of(value: object) -> str:
    """JavaScript's ``value + ""``.

    Examples:
        >>> text_of(None), text_of(True), text_of(1.0), text_of(["a", 1])
        ('null', 'true', '1', 'a,1')
    """
    match value:
        case str():
            return value
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case list():
            return ",".join("" if item is None else text_of(item) for item in value)
        case int() | float() | Decimal():
            return number_text(float(value))
        case _:
            return "[object Object]"


def number_of(value: object) -> Any:
    """JavaScript's ``value * 1``; NaN where it is no number.

    Examples:
        >>> number_of("8"), number_of(None), number_of(True), number_of("eight")
        (8.0, 0, True, nan)
    """
    match value:
        case None:
            return 0
        case bool() | int() | float() | Decimal():
            return plain(value)
        case str():
            text = value.strip()
            if not text:
                return 0
            return float(text) if _DECIMAL.fullmatch(text) else math.nan
        case _:
            return math.nan
