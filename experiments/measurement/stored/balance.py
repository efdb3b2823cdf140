"""Sums after some rows went and others came: what is kept, less the one, and the other."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

Row = dict[str, Any]
Rows = list[Row]


class UnbalancedError(Exception):
    """More is taken away than is there: what is kept is not what was added up."""


def balanced(held: Rows, gone: Rows, come: Rows, by: Sequence[str], counted: str) -> Rows:
    """The sums of rows, by groups.

    Args:
        held: Of what was there.
        gone: Of what went.
        come: Of what came instead.
        by: Names that make a group.
        counted: How many rows a group has; one without any is left out.

    Raises:
        UnbalancedError: If less was there than went.

    Examples:
        >>> balanced([{"day": 1, "units": 5, "total": 9}], [{"day": 1, "units": 5, "total": 9}],
        ...          [{"day": 2, "units": 5, "total": 8}], ["day"], "units")
        [{'day': 2, 'units': 5, 'total': 8}]
    """
    found: dict[Hashable, Row] = {_group(row, by): row for row in held}
    _add(found, gone, by, -1)
    _add(found, come, by, 1)
    for row in found.values():
        if row[counted] < 0 or (not row[counted] and any(_sums(row, by).values())):
            raise UnbalancedError
    return [row for row in found.values() if row[counted]]


def _add(found: dict[Hashable, Row], rows: Iterable[Row], by: Sequence[str], sign: int) -> None:
    for row in rows:
        group = _group(row, by)
        held = found.get(group, {})
        sums = {name: held.get(name, 0) + sign * value for name, value in _sums(row, by).items()}
        found[group] = {name: row[name] for name in by} | sums


def _group(row: Mapping[str, Any], by: Sequence[str]) -> Hashable:
    return tuple(row[name] for name in by)


def _sums(row: Mapping[str, Any], by: Sequence[str]) -> Row:
    """All but what makes the group; nothing added up is 0."""
    return {name: value or 0 for name, value in row.items() if name not in by}
