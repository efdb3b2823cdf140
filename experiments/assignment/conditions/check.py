"""What is refused of a condition when it is registered.

Clients take an unknown operator, a misspelt operand or a broken pattern for "nobody", and
say nothing. Here each is refused by name, and so is what two clients would read in two ways.
"""

import json
from collections.abc import Callable
from typing import Any

from experiments.assignment.conditions.evaluate import OPERATORS, is_operators
from experiments.assignment.conditions.patterns import fault_of
from experiments.assignment.conditions.portable import (
    ORDERS,
    PATTERNS,
    VERSION_ORDERS,
    kinds_compared,
)
from experiments.assignment.conditions.values import kind_of, plain
from experiments.errors import Invalid

DEEPEST = 32
LARGEST_BYTES = 65_536
LONGEST_PATH = 256
TYPES = ("string", "number", "boolean", "array", "object", "null", "undefined")
LOGIC = ("$and", "$or", "$nor", "$not")
_SCALARS = {"string", "number", "boolean", "null"}
_SHOWN = 60

Check = Callable[[Any, str, int], None]


def check_condition(condition: object, field: str = "audience.conditions") -> None:
    """Refuse a condition that some client would not read as it was meant.

    Args:
        condition: JSON, as the caller sent it.
        field: Path of it in the caller's input.

    Raises:
        Invalid: Naming the place below ``field``: no object, an unknown operator, an operand
            of the wrong kind, a pattern that is none, comparisons of two kinds at once,
            deeper than 32 levels, larger than 64 KiB.

    Examples:
        >>> check_condition({"age": {"$gte": 20}, "country": {"$in": ["KR", "JP"]}})
    """
    _check_condition(condition, field, DEEPEST)
    size = len(
        json.dumps(condition, default=plain, ensure_ascii=False).encode("utf-8", "surrogatepass")
    )
    if size > LARGEST_BYTES:
        raise Invalid(field=field, expected=f"at most {LARGEST_BYTES} bytes", got=size)


def _check_condition(condition: Any, field: str, depth: int) -> None:
    _check_depth(field, depth)
    if not isinstance(condition, dict):
        raise _unfit(field, "an object", condition)
    for key, wanted in condition.items():
        place = f"{field}.{key[:_SHOWN]}"
        if key in {"$and", "$or", "$nor"}:
            _check_list(wanted, place)
            for index, each in enumerate(wanted):
                _check_condition(each, f"{place}.{index}", depth - 2)
        elif key == "$not":
            _check_condition(wanted, place, depth - 1)
        else:
            _check_path(key, field)
            _check_value(wanted, place, depth - 1)


def _check_path(path: str, field: str) -> None:
    if path.startswith("$"):
        expected = "an attribute or one of " + ", ".join(LOGIC)
        raise _unfit(f"{field}.{path[:_SHOWN]}", expected, path)
    if not 0 < len(path) <= LONGEST_PATH or "" in path.split("."):
        raise _unfit(field, f"attributes named in 1 to {LONGEST_PATH} characters", path)


def _check_value(wanted: Any, field: str, depth: int) -> None:
    _check_depth(field, depth)
    if not isinstance(wanted, dict):
        _check_literal(wanted, field, depth)
    elif is_operators(wanted):
        _check_operators(wanted, field, depth)
    elif not wanted or any(name.startswith("$") for name in wanted):
        raise _unfit(field, "operators alone, or a value without any", wanted)
    else:
        _check_literal(wanted, field, depth)


def _check_literal(value: Any, field: str, depth: int) -> None:
    """Any JSON within the depth."""
    _check_depth(field, depth)
    if isinstance(value, dict):
        for name, each in value.items():
            _check_literal(each, f"{field}.{name[:_SHOWN]}", depth - 1)
    elif isinstance(value, list):
        for index, each in enumerate(value):
            _check_literal(each, f"{field}.{index}", depth - 1)
    elif kind_of(value) not in _SCALARS:
        raise _unfit(field, "a JSON value", value)


def _check_operators(operators: dict[str, Any], field: str, depth: int) -> None:
    for name, operand in operators.items():
        check = _CHECKS.get(name)
        if check is None:
            expected = "one of the operators " + ", ".join(OPERATORS)
            raise _unfit(f"{field}.{name[:_SHOWN]}", expected, name)
        check(operand, f"{field}.{name}", depth - 1)
    kinds = kinds_compared(operators)
    if kinds and "$type" in operators:
        kinds.add(operators["$type"])
    if len(kinds) > 1:
        raise _unfit(field, "comparisons with values of one kind", ", ".join(sorted(kinds)))
    if "$vne" in operators and "$not" in operators:
        raise _unfit(field, "$vne and $not in two conditions, joined by $and", "both")


def _check_depth(field: str, depth: int) -> None:
    if depth < 0:
        raise Invalid(field=field, expected=f"at most {DEEPEST} levels", got="more")


def _check_list(operand: Any, field: str, _depth: int = 0) -> None:
    if not isinstance(operand, list):
        raise _unfit(field, "a list", operand)


def _check_scalar(operand: Any, field: str, _depth: int = 0) -> None:
    if kind_of(operand) not in _SCALARS:
        raise _unfit(field, "a text, a number, true, false or null", operand)


def _check_scalars(operand: Any, field: str, _depth: int) -> None:
    _check_list(operand, field)
    for index, each in enumerate(operand):
        _check_scalar(each, f"{field}.{index}")


def _check_order(operand: Any, field: str, _depth: int) -> None:
    if kind_of(operand) not in {"number", "string"}:
        raise _unfit(field, "a number or a text", operand)


def _check_text(operand: Any, field: str, _depth: int) -> None:
    if not isinstance(operand, str) or not operand:
        raise _unfit(field, "a text", operand)


def _check_pattern(operand: Any, field: str, depth: int) -> None:
    _check_text(operand, field, depth)
    fault = fault_of(operand)
    if fault is not None:
        raise _unfit(field, fault, operand)


def _check_exists(operand: Any, field: str, _depth: int) -> None:
    if not isinstance(operand, bool):
        raise _unfit(field, "true or false", operand)


def _check_type(operand: Any, field: str, _depth: int) -> None:
    if operand not in TYPES:
        raise _unfit(field, "one of " + ", ".join(TYPES), operand)


def _check_size(operand: Any, field: str, depth: int) -> None:
    if kind_of(operand) != "number" and not is_operators(operand):
        raise _unfit(field, "a number, or operators", operand)
    _check_value(operand, field, depth)


def _check_element(operand: Any, field: str, depth: int) -> None:
    """Refuse bare logic too: one client asks it of the item, the other of nothing."""
    if not is_operators(operand):
        _check_condition(operand, field, depth)
    elif logic := next((name for name in ("$and", "$or", "$nor") if name in operand), None):
        raise _unfit(f"{field}.{logic}", "operators, or a condition on named parts", logic)
    else:
        _check_operators(operand, field, depth)


_CHECKS: dict[str, Check] = {
    "$eq": _check_scalar,
    "$ne": _check_scalar,
    **dict.fromkeys(ORDERS, _check_order),
    **dict.fromkeys((*VERSION_ORDERS, "$vne", "$inGroup", "$notInGroup"), _check_text),
    **dict.fromkeys(("$in", "$nin", "$ini", "$nini", "$all", "$alli"), _check_scalars),
    **dict.fromkeys(PATTERNS, _check_pattern),
    "$elemMatch": _check_element,
    "$size": _check_size,
    "$exists": _check_exists,
    "$type": _check_type,
    "$not": _check_value,
}


def _unfit(field: str, expected: str, got: object) -> Invalid:
    shown = got if isinstance(got, str | int | bool | None) else type(got).__name__
    return Invalid(
        field=field, expected=expected, got=shown[:_SHOWN] if isinstance(shown, str) else shown
    )
