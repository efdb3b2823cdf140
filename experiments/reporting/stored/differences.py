"""Where two JSON documents differ, field by field."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

ABSENT = "(absent)"


@dataclass(frozen=True)
class Difference:
    """One field that is another.

    Attributes:
        field: Path with dots between names and places.
        stored: What was kept.
        now: What comes out now.
    """

    field: str
    stored: Any
    now: Any


def differences(stored: Any, now: Any, path: str = "") -> Iterator[Difference]:
    """Every value that differs, in the order of the first document.

    Examples:
        >>> [each.field for each in differences({"a": [1, 2]}, {"a": [1, 3], "b": 0})]
        ['a.1', 'b']
    """
    if isinstance(stored, dict) and isinstance(now, dict):
        for name in [*stored, *(name for name in now if name not in stored)]:
            pair = stored.get(name, ABSENT), now.get(name, ABSENT)
            yield from differences(*pair, _below(path, name))
    elif isinstance(stored, list) and isinstance(now, list):
        for place, pair in enumerate(zip_longest(stored, now, fillvalue=ABSENT)):
            yield from differences(*pair, _below(path, str(place)))
    elif (type(stored), stored) != (type(now), now):
        yield Difference(path, stored, now)


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
