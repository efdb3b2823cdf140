"""Whether a customer's attributes meet a condition."""

from collections.abc import Mapping
from typing import Any

from experiments.assignment.conditions.compare import COMPARISONS, Groups, Operator, folded
from experiments.assignment.conditions.values import (
    at_path,
    is_true,
    kind_of,
    number_of,
    plain,
    same_json,
    text_of,
)


def matches(
    condition: Mapping[str, Any],
    attributes: Mapping[str, Any],
    saved_groups: Groups | None = None,
) -> bool:
    """Whether the attributes meet the condition; anything malformed meets nothing.

    Order comparisons (``$lt`` and the like) hold between two numbers or two texts alone.

    Args:
        condition: As accepted by ``check_condition``; every entry must hold.
        attributes: What is known of the customer, by name; any JSON.
        saved_groups: Lists that ``$inGroup`` and ``$notInGroup`` name.

    Examples:
        >>> matches({"age": {"$gte": 20}, "$not": {"grade": "vip"}}, {"age": 31})
        True
    """
    try:
        return _all_hold(condition, attributes, saved_groups or {})
    except _Malformed:
        return False


class _Malformed(Exception):
    """A part that is no condition: raised past every ``$not``, which would turn it round."""


def _all_hold(condition: Any, subject: Any, groups: Groups) -> bool:
    if not isinstance(condition, dict):
        raise _Malformed
    for key, wanted in condition.items():
        logic = _LOGIC.get(key)
        if logic is not None:
            holds = logic(wanted, subject, groups)
        else:
            holds = value_matches(wanted, at_path(subject, key), groups)
        if not holds:
            return False
    return True


def value_matches(wanted: Any, value: Any, groups: Groups) -> bool:
    """Whether a value is as wanted: a literal, or an object of operators that must all hold."""
    if not is_operators(wanted):
        return _is_literally(wanted, value)
    for name, operand in wanted.items():
        operator = OPERATORS.get(name)
        if operator is None or not operator(operand, value, groups):
            return False
    return True


def is_operators(wanted: object) -> bool:
    """Whether it is an object whose every name is an operator's; the empty one is a literal."""
    if not isinstance(wanted, dict) or not wanted:
        return False
    for name in wanted:  # noqa: SIM110 - a generator would cost most of an evaluation's time
        if name[:1] != "$":
            return False
    return True


def _is_literally(wanted: Any, value: Any) -> bool:
    match kind_of(wanted):
        case "string":
            return text_of(value) == str(wanted)
        case "number":
            return bool(number_of(value) == plain(wanted))
        case "boolean":
            return value is not None and is_true(value) is bool(wanted)
        case _:
            return same_json(wanted, value)


def _conditions(operand: Any) -> list[Any]:
    if not isinstance(operand, list):
        raise _Malformed
    return operand


def _any_of(operand: Any, subject: Any, groups: Groups) -> bool:
    """An empty list holds, as in the clients."""
    conditions = _conditions(operand)
    return not conditions or any(_all_hold(each, subject, groups) for each in conditions)


def _every_one_of(operand: Any, subject: Any, groups: Groups) -> bool:
    return all(_all_hold(each, subject, groups) for each in _conditions(operand))


_LOGIC: dict[str, Operator] = {
    "$and": _every_one_of,
    "$or": _any_of,
    "$nor": lambda operand, subject, groups: not _any_of(operand, subject, groups),
    "$not": lambda operand, subject, groups: not _all_hold(operand, subject, groups),
}


def _has_all(operand: Any, value: Any, groups: Groups) -> bool:
    if not isinstance(operand, list) or not isinstance(value, list):
        return False
    return all(any(value_matches(each, item, groups) for item in value) for each in operand)


def _has_all_folded(operand: Any, value: Any, groups: Groups) -> bool:
    return _has_all(folded(operand), folded(value), groups)


def _has_element(operand: Any, value: Any, groups: Groups) -> bool:
    if not isinstance(value, list):
        return False
    hold = value_matches if is_operators(operand) else _all_hold
    return any(hold(operand, item, groups) for item in value if item is not None)


OPERATORS: dict[str, Operator] = {
    **COMPARISONS,
    "$all": _has_all,
    "$alli": _has_all_folded,
    "$elemMatch": _has_element,
    "$size": lambda operand, value, groups: (
        isinstance(value, list) and value_matches(operand, len(value), groups)
    ),
    "$not": lambda operand, value, groups: not value_matches(operand, value, groups),
}
