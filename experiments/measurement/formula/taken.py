"""What is taken of one event, and added up of a customer's."""

from collections.abc import Sequence
from typing import Any

import ibis
from ibis.expr.types import BooleanValue, Table

from experiments.measurement.engines.functions import number_in
from experiments.measurement.formula.plan import Plan, Selection
from experiments.measurement.formula.sends import PriceList
from experiments.measurement.properties import text_at
from experiments.measurement.request import MeasureRequest

_DIGITS, _DECIMALS = 18, 6
WHOLE = "decimal(38, 0)"
_MILLION = 1_000_000


def of_each(events: Table, selection: Selection, request: MeasureRequest) -> Any:
    """What is taken of each event, null where it has none; None where events are counted."""
    if selection.value == "amount":
        return events.value.cast(WHOLE)
    if selection.value == "number":
        assert selection.of is not None  # noqa: S101 - narrows a type: the document was checked
        number = number_in(text_at(events.properties, selection.of), _DIGITS, _DECIMALS)
        return (number * _MILLION).cast(WHOLE)
    if selection.value == "distinct":
        assert selection.of is not None  # noqa: S101 - narrows a type: the document was checked
        return text_at(events.properties, selection.of)
    if selection.value == "days":
        return request.place.calendar.day_of(events.occurred_at)
    if selection.value == "message_cost":
        return prices(selection, request).cost(events).cast(WHOLE)
    return None


def prices(selection: Selection, request: MeasureRequest) -> PriceList:
    """The price list in the KPI's currency."""
    currency = request.kpi.currency
    assert currency is not None  # noqa: S101 - narrows a type: costs have the document's
    return PriceList(request.costs, currency, selection.decimals)


def lacking(met: Table, request: MeasureRequest, selection: Selection) -> dict[str, BooleanValue]:
    """Why an event has no value that could be added up, by reason."""
    currency = request.kpi.currency
    if selection.value == "amount":
        return {
            "without_value": met.value.isnull(),
            "other_currency": _other_money(met, currency),
        }
    if selection.value == "message_cost":
        other = prices(selection, request).in_other_money(met)
        return {
            "without_value": of_each(met, selection, request).isnull() & ~other,
            "other_currency": other,
        }
    if selection.value not in {"number", "distinct"}:
        return {}
    lacks = {"without_value": of_each(met, selection, request).isnull()}
    if selection.value == "number" and currency is not None:
        lacks["other_currency"] = (met.currency != currency).fill_null(False)
    return lacks


def has_value(met: Table, request: MeasureRequest, selection: Selection) -> BooleanValue:
    """Whether an event has a value that can be added up."""
    found = ibis.literal(True)
    for lacks in lacking(met, request, selection).values():
        found &= ~lacks
    return found


def _other_money(met: Table, currency: str | None) -> BooleanValue:
    if currency is None:
        return met.currency.notnull()
    return (met.currency != currency).fill_null(True)


def added_up(
    placed: Table,
    plan: Plan,
    selections: Sequence[Selection],
    counts: Sequence[BooleanValue | None],
) -> dict[str, Any]:
    """What to add up of a customer's events, by the column of each selection.

    Args:
        placed: Events with ``at``, ``id`` and what is taken of each.
        plan: Of the KPI.
        selections: Those of the plan that are asked for.
        counts: For each of them, whether an event counts for it; None: every one does.
    """
    found: dict[str, Any] = {}
    for each, where in zip(selections, counts, strict=True):
        found[each.column] = _added(placed, each, plan, where)
    return found


def _added(placed: Table, selection: Selection, plan: Plan, where: BooleanValue | None) -> Any:
    if plan.kpi.kind == "time_to_event":
        return placed.at.min(where=where)
    if selection.is_counted:
        return placed.count(where=where)
    taken = placed[selection.column]
    if plan.kpi.kind == "score":
        return _answer(placed, taken, plan, where)
    if selection.value in {"distinct", "days"}:
        return taken.nunique(where=where)
    return taken.sum(where=where).cast(WHOLE)


def _answer(placed: Table, taken: Any, plan: Plan, where: BooleanValue | None) -> Any:
    """The first or the last answer; of two at one instant, by the order of their ids."""
    in_time = ibis.struct({"at": placed.at, "id": placed.id})
    bands = plan.kpi.formula.bands
    answered = taken.notnull() if where is None else where & taken.notnull()
    if bands is not None and bands.answer == "first":
        return taken.argmin(in_time, where=answered)
    return taken.argmax(in_time, where=answered)
