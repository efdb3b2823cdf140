"""Single values of a source's item: found by their path, read or refused."""

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec

from experiments.errors import Invalid
from experiments.ledger.fields import LONGEST_SOURCE_ID, Missing, brief
from experiments.ledger.instants import check_instant, read_instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST_NUMBER = 40
# Up to what ends a word or a part of a link; a link's own part of it is at most 320 long.
_WORD = r"[^\s<>()\[\]{}\"',;:=&?#/|@%]"
_ADDRESS = re.compile(rf"(?:{_WORD}|%2[Bb]){{1,64}}(?:@|%40){_WORD}{{1,255}}")
_ENCODE = msgspec.json.Encoder(order="sorted").encode


def at_path(item: object, path: str) -> Any:
    """What stands at a path with dots, list items by their number; None if nothing does.

    Examples:
        >>> at_path({"a": {"b": [5, 6]}}, "a.b.1"), at_path({"a.b": 1}, "a.b"), at_path({}, "c")
        (6, 1, None)
    """
    if isinstance(item, Mapping) and path in item:
        return item[path]
    for name in path.split("."):
        if isinstance(item, Mapping):
            item = item.get(name)
        elif isinstance(item, list) and name.isdecimal() and len(name) < 5:
            item = item[int(name)] if int(name) < len(item) else None
        else:
            return None
    return item


def text_at(item: object, *paths: str) -> str | None:
    """The first text or whole number at one of the paths, as text; an empty one is none."""
    for path in paths:
        found = at_path(item, path)
        if isinstance(found, int) and not isinstance(found, bool):
            return str(found)
        if isinstance(found, str) and found:
            return found
    return None


def needed_text(item: object, *paths: str) -> str:
    """As ``text_at``.

    Raises:
        Missing: Naming the first path.
    """
    found = text_at(item, *paths)
    if found is None:
        raise Missing(field=paths[0])
    return found


def instant_at(item: object, path: str, form: str = "iso") -> datetime:
    """The time at a path.

    Args:
        item: Of the source.
        path: Of the time.
        form: ``iso``, ``seconds``, ``milliseconds`` or ``microseconds`` since 1970.

    Raises:
        Invalid: Naming the path.
    """
    value = at_path(item, path)
    if value is None:
        raise Missing(field=path)
    if form == "iso":
        return read_instant(value, path)
    number = _number(value)
    if number is None:
        raise Invalid(field=path, expected=f"{form} since 1970", got=brief(value))
    per_second = {"seconds": 1, "milliseconds": 1_000, "microseconds": 1_000_000}[form]
    try:
        at = _EPOCH + timedelta(microseconds=int(number * 1_000_000 / per_second))
    except (OverflowError, InvalidOperation) as error:
        raise Invalid(field=path, expected=f"{form} since 1970", got=brief(value)) from error
    return check_instant(at, path)


def amount_at(item: object, *paths: str) -> Decimal | int | None:
    """The first number at one of the paths, a text of digits included; None without one.

    Raises:
        Invalid: Naming the path, if something else stands there.

    Examples:
        >>> amount_at({"revenue": "29.90"}, "revenue")
        Decimal('29.90')
    """
    for path in paths:
        value = at_path(item, path)
        if value is None or value == "":
            continue
        number = _number(value)
        if number is None:
            raise Invalid(field=path, expected="a number", got=brief(value))
        return number if isinstance(value, Decimal | str) else int(number)
    return None


def _number(value: object) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal | str):
        return None
    if isinstance(value, str) and (len(value) > _LONGEST_NUMBER or not value.isascii()):
        return None
    try:
        number = Decimal(value)
    except InvalidOperation:
        return None
    return number if number.is_finite() and abs(number.adjusted()) < _LONGEST_NUMBER else None


def flag_at(item: object, *paths: str) -> bool:
    """Whether one of the paths says yes: true, 1, or either as text."""
    return any(at_path(item, path) in (True, "true", "True", "1") for path in paths)


def address_at(item: object, *paths: str) -> str | None:
    """An e-mail address in small letters: no provider tells two customers apart by case."""
    found = text_at(item, *paths)
    return found and found.strip().lower()


def is_address(text: str) -> bool:
    """Whether a text is an e-mail address and nothing else.

    Examples:
        >>> is_address(" Minji@example.com"), is_address("guest-17"), is_address("a@b.kr, c@d.kr")
        (True, False, False)
    """
    return _ADDRESS.fullmatch(text.strip()) is not None


def without_addresses(text: str) -> str:
    """The text with an ellipsis for whatever looks like an e-mail address.

    Examples:
        >>> without_addresses("550 <kim@example.com> unknown; see https://x.example/?m=a%40b.kr&u=1")
        '550 <…> unknown; see https://x.example/?m=…&u=1'
    """
    return _ADDRESS.sub("…", text) if "@" in text or "%40" in text else text


def source_id(source: str, *parts: str) -> str:
    """The id of a fact: the source's name and its own id, so that those of two never meet.

    Args:
        source: Name of the source.
        parts: What tells the fact; of a customer only a digest, since ids outlive them.

    Examples:
        >>> source_id("ses", "m-1", "Open"), len(source_id("ses", "m" * 300))
        ('ses:m-1:Open', 68)
    """
    whole = ":".join((source, *parts))
    if len(whole) <= LONGEST_SOURCE_ID:
        return whole
    return f"{source}:{hashlib.sha256(_ENCODE(parts)).hexdigest()}"


def digest_of(value: object) -> str:
    """A short digest of a JSON value, for what has no id or is not to be read in one."""
    return hashlib.sha256(_ENCODE(value)).hexdigest()[:40]
