"""The one JSON reader: strict where Python's own is lenient.

Python's ``json`` takes the last of two equal keys, accepts NaN and Infinity, lets lone
surrogates and NUL through and answers a deep nesting with RecursionError. Each of these
is refused here, with its reason. Numbers stay exact: fractions become ``Decimal``.
"""

import json
import re
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from api.quick_json import DEEPEST, LARGEST_INTEGER, InDoubt, fraction, quick_json

# Possessive, and an unclosed string runs to the end: one pass, whatever the text.
_STRING = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)', re.DOTALL)
_NO_BRACKETS = bytes(set(range(256)) - set(b"[]{}"))
_ONE_KIND = bytes.maketrans(b"{}", b"[]")
_SURROGATE = re.compile("[\ud800-\udfff]")


class JsonRefused(Exception):
    """The text is not JSON as this service reads it."""


def read_json(body: bytes) -> Any:
    """Parse a JSON text.

    Raises:
        JsonRefused: With what was met, and where it is known.

    Examples:
        >>> read_json(b'{"a": 0.1}')
        {'a': Decimal('0.1')}
    """
    try:
        return quick_json(body)
    except InDoubt:
        value = _parse_exactly(body)
    if b"\\u" in body:
        _check_strings(value)
    return value


def parse_json(body: bytes) -> Any:
    """Parse a JSON text whose strings are looked at later, item by item.

    Raises:
        JsonRefused: With what was met, and where it is known; not for what strings hold.
    """
    try:
        return quick_json(body)
    except InDoubt:
        return _parse_exactly(body)


def _parse_exactly(body: bytes) -> Any:
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"not UTF-8 at byte {error.start}"
        raise JsonRefused(message) from error
    _check_depth(text)
    try:
        value = json.loads(
            text,
            object_pairs_hook=_object,
            parse_constant=_constant,
            parse_float=_fraction,
            parse_int=_integer,
        )
    except json.JSONDecodeError as error:
        message = f"{error.msg.lower()} at line {error.lineno}, column {error.colno}"
        raise JsonRefused(message) from error
    except RecursionError as error:
        message = f"nested deeper than {DEEPEST} levels"
        raise JsonRefused(message) from error
    return value


def _check_depth(text: str) -> None:
    if text.count("[") + text.count("{") <= DEEPEST:
        return
    # Without escapes every other part between quotes is a string, the unclosed one included.
    bare = _STRING.sub("", text) if "\\" in text else "".join(text.split('"')[::2])
    brackets = bare.encode("ascii", "ignore").translate(_ONE_KIND, _NO_BRACKETS)
    if not _is_flat(brackets):
        _count_depth(brackets)


def _is_flat(brackets: bytes) -> bool:
    """Whether taking away the innermost pairs, as often as levels are allowed, leaves nothing."""
    for _ in range(DEEPEST):
        if not brackets:
            return True
        brackets = brackets.replace(b"[]", b"")
    return not brackets


def _count_depth(brackets: bytes) -> None:
    depth = 0
    for bracket in brackets:
        depth += 1 if bracket == ord("[") else -1
        if depth > DEEPEST:
            message = f"nested deeper than {DEEPEST} levels"
            raise JsonRefused(message)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = Counter(key for key, _ in pairs).most_common(1)[0][0]
        message = f"the key {twice!r} stands twice in one object"
        raise JsonRefused(message)
    return found


def _constant(name: str) -> Any:
    message = f"{name} is not a JSON number"
    raise JsonRefused(message)


def _fraction(digits: str) -> Decimal:
    try:
        return fraction(digits)
    except ValueError as error:
        message = "a number out of range"
        raise JsonRefused(message) from error


def _integer(digits: str) -> int:
    if len(digits) > 20 or abs(int(digits)) > LARGEST_INTEGER:
        message = "an integer beyond 64 bits"
        raise JsonRefused(message)
    return int(digits)


def _check_strings(value: Any) -> None:
    """Refuse what UTF-8 cannot carry and what PostgreSQL cannot store."""
    for text in _strings(value):
        if "\0" in text or _SURROGATE.search(text):
            message = "a string holds NUL or half of a surrogate pair"
            raise JsonRefused(message)


def _strings(value: Any) -> Iterator[str]:
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str(text):
                yield text
            case dict(entries):
                yield from entries
                waiting.extend(entries.values())
            case list(items):
                waiting.extend(items)
            case _:
                pass
