"""Writing a condition so that every client reads it alike.

The JavaScript client converts where the Python client compares kinds: to the first the
text "5" is the literal 5, a missing attribute is less than 10 and matches /null/, and no
version is version 0. Said with ``$eq`` and ``$type``, a condition leaves nothing to convert.
"""

from collections.abc import Mapping
from typing import Any

from experiments.assignment.conditions.evaluate import is_operators
from experiments.assignment.conditions.values import kind_of

ORDERS = ("$lt", "$lte", "$gt", "$gte")
PATTERNS = ("$regex", "$regexi")
VERSION_ORDERS = ("$veq", "$vlt", "$vlte", "$vgt", "$vgte")


def portable(condition: Mapping[str, Any]) -> dict[str, Any]:
    """The condition, each comparison said with the kind of value that it is about.

    Args:
        condition: As accepted by ``check_condition``, or portable already.

    Examples:
        >>> portable({"country": "KR", "age": {"$gte": 20}})
        {'country': {'$eq': 'KR'}, 'age': {'$type': 'number', '$gte': 20}}
    """
    return {key: _entry(key, wanted) for key, wanted in condition.items()}


def kinds_compared(operators: Mapping[str, Any]) -> set[str]:
    """The kinds of value that the operators can be asked about; none if any will do."""
    kinds = {kind_of(operand) for name, operand in operators.items() if name in ORDERS}
    if any(name in operators for name in (*PATTERNS, *VERSION_ORDERS)):
        kinds.add("string")
    return kinds


def _entry(key: str, wanted: Any) -> Any:
    if key in {"$and", "$or", "$nor"}:
        return [portable(each) for each in wanted]
    return portable(wanted) if key == "$not" else _value(wanted)


def _value(wanted: Any) -> Any:
    if is_operators(wanted):
        return _guarded({name: _operand(name, operand) for name, operand in wanted.items()})
    # Arrays, objects and null are read alike as they stand.
    return {"$eq": wanted} if kind_of(wanted) in {"string", "number", "boolean"} else wanted


def _operand(name: str, operand: Any) -> Any:
    match name:
        case "$not" | "$size":
            return _value(operand)
        case "$elemMatch":
            return _value(operand) if is_operators(operand) else portable(operand)
        case "$all" | "$alli":
            return [_item(name, each) for each in operand]
        case _:
            return operand


def _item(name: str, wanted: Any) -> Any:
    if isinstance(wanted, dict):
        return wanted
    return {"$eq": wanted} if name == "$all" else {"$ini": [wanted]}


def _guarded(operators: dict[str, Any]) -> dict[str, Any]:
    kinds = kinds_compared(operators)
    if kinds:
        return {"$type": kinds.pop(), **operators}
    if "$vne" in operators:
        # Whoever has no version has another one: no kind may be asked for here.
        other = {"$not": {"$type": "string", "$veq": operators.pop("$vne")}}
        return {**operators, **other}
    return operators
