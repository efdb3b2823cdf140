"""What is added to a row: the variant, and on request the fields of its payload."""

import json
from collections.abc import Mapping
from typing import Any

from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.lists.rows import ListOptions

PAYLOAD = "payload"


def added_columns(experiment: AssignableExperiment, options: ListOptions) -> tuple[str, ...]:
    """The names of the columns that are added.

    Examples:
        >>> one = AssignableExperiment(
        ...     1, "k", 1, "running", "k", payloads={"a": {"title": "가"}, "b": {"code": 7}})
        >>> added_columns(one, ListOptions("id", payload=True))
        ('variant', 'payload.title', 'payload.code')
    """
    sends = () if experiment.sends is None else (options.send_at_column,)
    return (*variant_columns(experiment, options), *sends)


def variant_columns(experiment: AssignableExperiment, options: ListOptions) -> tuple[str, ...]:
    """Those of them that the variant alone decides."""
    if not options.payload:
        return (options.variant_column,)
    payloads = [each for each in experiment.payloads.values() if each is not None]
    if payloads and all(isinstance(each, Mapping) for each in payloads):
        names = dict.fromkeys(name for each in payloads for name in each)
        return (options.variant_column, *(f"{PAYLOAD}.{name}" for name in names))
    return (options.variant_column, PAYLOAD)


def added_values(
    experiment: AssignableExperiment, variant: str | None, columns: tuple[str, ...]
) -> tuple[str, ...]:
    """The texts under ``variant_columns`` for a variant; empty where there is none."""
    payload = None if variant is None else experiment.payloads.get(variant)
    return (variant or "", *(_text(_value(payload, name)) for name in columns[1:]))


def _value(payload: Any, column: str) -> Any:
    if column == PAYLOAD:
        return payload
    return payload.get(column.removeprefix(f"{PAYLOAD}.")) if isinstance(payload, Mapping) else None


def _text(value: Any) -> str:
    """Text as it is, anything else as JSON; nothing for what is absent."""
    if value is None or isinstance(value, str):
        return value or ""
    return json.dumps(value, ensure_ascii=False)
