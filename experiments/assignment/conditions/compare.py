"""Operators that compare one value with their operand."""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from experiments.assignment.conditions.values import before, is_true, kind_of, plain, same
from experiments.assignment.conditions.versions import version_key

Groups = Mapping[str, Any]
# Called with the operand, the customer's value and the saved groups.
Operator = Callable[[Any, Any, Groups], bool]

# A regular expression may take time that grows with a power of the text's length.
LONGEST_TEXT_SEARCHED = 512


def folded(value: Any) -> Any:
    """Texts in lower case; of a list, those in it."""
    if isinstance(value, list):
        return [folded(item) for item in value]
    return value.lower() if isinstance(value, str) else value


def _ordered(compare: Callable[[Any, Any], bool]) -> Operator:
    def hold(operand: Any, value: Any, _groups: Groups) -> bool:
        kind = kind_of(value)
        if kind != kind_of(operand):
            return False
        if kind == "number":
            return compare(plain(value), plain(operand))
        return kind == "string" and compare(_order(value, operand), 0)

    return hold


def _by_version(compare: Callable[[Any, Any], bool]) -> Operator:
    def hold(operand: Any, value: Any, _groups: Groups) -> bool:
        return compare(_order(version_key(value), version_key(operand)), 0)

    return hold


def _order(one: str, other: str) -> int:
    """Negative, zero or positive, as the first comes before, with or after the other."""
    return before(other, one) - before(one, other)


def _is_in(values: list[Any], value: Any) -> bool:
    """Whether the value is in the list; of an array, whether any of its items is."""
    if isinstance(value, str):
        return value in values
    if isinstance(value, list):
        return any(same(item, each) for item in value for each in values)
    return any(same(value, each) for each in values)


def _in_list(*, wanted: bool) -> Operator:
    """Nothing is in, and nothing is out of, what is no list."""
    return lambda operand, value, _groups: (
        isinstance(operand, list) and _is_in(operand, value) is wanted
    )


def _in_folded_list(*, wanted: bool) -> Operator:
    return lambda operand, value, _groups: (
        isinstance(operand, list) and _is_in(folded(operand), folded(value)) is wanted
    )


def _in_group(*, wanted: bool) -> Operator:
    """A group that is not there is empty."""

    def hold(operand: Any, value: Any, groups: Groups) -> bool:
        found = groups.get(operand, []) if isinstance(operand, str) else None
        return isinstance(found, list) and _is_in(found, value) is wanted

    return hold


def _searches(flags: int) -> Operator:
    def hold(operand: Any, value: Any, _groups: Groups) -> bool:
        if not isinstance(operand, str) or not isinstance(value, str):
            return False
        pattern = _compiled(operand, flags)
        is_short = len(value) <= LONGEST_TEXT_SEARCHED
        return pattern is not None and is_short and pattern.search(value) is not None

    return hold


@lru_cache(maxsize=1024)
def _compiled(pattern: str, flags: int) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, flags)
    except (re.error, RecursionError, OverflowError):
        return None


COMPARISONS: dict[str, Operator] = {
    "$eq": lambda operand, value, _groups: same(value, operand),
    "$ne": lambda operand, value, _groups: not same(value, operand),
    "$lt": _ordered(lt),
    "$lte": _ordered(le),
    "$gt": _ordered(gt),
    "$gte": _ordered(ge),
    "$veq": _by_version(eq),
    "$vne": _by_version(ne),
    "$vlt": _by_version(lt),
    "$vlte": _by_version(le),
    "$vgt": _by_version(gt),
    "$vgte": _by_version(ge),
    "$in": _in_list(wanted=True),
    "$nin": _in_list(wanted=False),
    "$ini": _in_folded_list(wanted=True),
    "$nini": _in_folded_list(wanted=False),
    "$inGroup": _in_group(wanted=True),
    "$notInGroup": _in_group(wanted=False),
    "$exists": lambda operand, value, _groups: (value is not None) is is_true(operand),
    "$type": lambda operand, value, _groups: bool(kind_of(value) == operand),
    "$regex": _searches(0),
    "$regexi": _searches(re.IGNORECASE),
}
