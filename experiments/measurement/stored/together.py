"""All KPIs of a sheet in one pass over the events, where each event is looked at by itself.

That is so for KPIs that count events or add up amounts. The others need more of an event
(its order among others, the message that gets the credit, a property) and are measured one
by one, as :mod:`experiments.measurement.stored.values` does.
"""

from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import Any

import ibis
import ibis.expr.operations as ops
from ibis.expr.types import IntegerValue, Table

from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.taken import WHOLE
from experiments.measurement.identity import certain, keys_of
from experiments.measurement.kinds import MEASURED, Moment
from experiments.measurement.placed import anchored_units, events_of_types
from experiments.measurement.request import MeasureRequest
from experiments.measurement.scanners import SCANNED
from experiments.measurement.stored.layout import CODED, MACHINES
from experiments.measurement.stored.marks import Marks, Meaning
from experiments.measurement.stored.part import Part, short
from experiments.measurement.stored.sheet import Sheet, free_columns, value_columns
from experiments.measurement.stored.sums import Own
from experiments.measurement.stored.values import FREE, WHO, prefix_of
from experiments.measurement.telling import uncapped_plan
from experiments.measurement.unit_numbers import HALVES

_NONE = ibis.literal(0, "int32")


@dataclass(frozen=True)
class Together:
    """What one pass gives.

    Attributes:
        rows: As :func:`experiments.measurement.stored.values.values_of` gives, without what
            became of events.
        events: Rows of ``anchor``, ``closes_at`` and ``marks``, one for each event of a unit
            in the test.
    """

    rows: Table
    events: Table
    meaning: Meaning


def measured_together(part: Part, sheet: Sheet) -> Together:
    """Place the events of all KPIs at once, and add up every unit's."""
    marks = Marks(sheet)
    units = described(anchored_units(part, sheet.matured[0]), sheet, marks)
    asks = next((each for each in sheet.matured if SCANNED in each.plan.types), sheet.matured[0])
    facts = events_of_types(part, asks)
    events = part.keep("placed", object(), lambda: placed(facts, sheet, units, marks))
    return added_together(units, events, sheet, marks.meaning)


def described(units: Table, sheet: Sheet, marks: Marks) -> Table:
    """Units with all that is to be kept of who they are, and their marks."""
    return units.mutate(
        unit=short(units),
        day=sheet.days.calendar.day_of(units.anchor_at),
        unit_marks=marks.of_units(units),
    )


def placed(facts: Table, sheet: Sheet, units: Table, marks: Marks) -> Table:
    """The events of units, with their marks.

    Args:
        facts: Events of any type.
        sheet: Whose types count.
        units: As :func:`described` gives.
        marks: That have been asked of the units.

    Returns:
        Rows of ``anchor``, ``closes_at``, ``value`` and ``marks``.
    """
    types = sorted({each for request in sheet.requests for each in request.plan.types})
    events = certain(facts)
    events = events.filter(events.type.isin(types))
    # Before they meet their units: a number is carried along instead of texts.
    events = events.select(
        *keys_of(events),
        "occurred_at",
        "received_at",
        "value",
        event_marks=marks.of_events(events),
    )
    units = units.drop("variant", "two_variants", "unit")
    met = events.inner_join(units, keys_of(units), rname="unit_{name}")
    return met.select("anchor", "closes_at", "value", marks=marks.of_both(met))


def added_together(units: Table, events: Table, sheet: Sheet, meaning: Meaning) -> Together:
    """The events of all KPIs added up at once, for every unit.

    Args:
        units: As :func:`described` gives.
        events: As :func:`placed` gives.
        sheet: Whose KPIs.
        meaning: Of the marks.
    """
    requests = sheet.matured
    made = events.group_by("anchor").aggregate(
        machines=_machines(events, meaning, len(requests)).bit_or(),
        **{
            prefix_of(number) + name: value
            for number, request in enumerate(requests)
            for name, value in _added(events, request, number, meaning).items()
        },
    )
    rows = units.left_join(made, "anchor", rname="made_{name}")
    # One number for all KPIs, as it is kept.
    columns: dict[str, Any] = {MACHINES: rows.machines.fill_null(0)}
    for number, request in enumerate(requests):
        prefix = prefix_of(number)
        own = _values(Own(rows, prefix), request)
        columns |= {prefix + name: value for name, value in own.items()}
    who = (*WHO, *(name for name in (*HALVES[:1], CODED) if name in units.columns))
    return Together(rows.select(*who, **columns), events, meaning)


def _added(events: Table, request: MeasureRequest, number: int, meaning: Meaning) -> dict[str, Any]:
    """What is added up of a unit's events, for one KPI."""
    sums: dict[str, Any] = {}
    for each in request.plan.selections:
        used = meaning.used(events.marks, number, each.place)
        is_sum = each.value == "amount"
        sums[each.column] = events.value.sum(where=used) if is_sum else events.count(where=used)
    return sums


def _machines(events: Table, meaning: Meaning, kpis: int) -> IntegerValue:
    """Of each KPI, as a bit: whether a program made an event that counts but for that."""
    bits = [
        meaning.but_for_machines(events.marks, number).ifelse(_bit(number), _NONE)
        for number in range(kpis)
    ]
    return meaning.by_machine(events.marks).ifelse(reduce(or_, bits), _NONE)


def _bit(number: int) -> IntegerValue:
    return ibis.literal(1 << number, "int32")


def _values(unit: Own, request: MeasureRequest) -> dict[str, Any]:
    plan, free = request.plan, uncapped_plan(request.plan)
    moment, kind = Moment(request.as_of, request.window_hours), MEASURED[plan.kpi.kind]
    made = kind.values(_as_table(unit), plan, moment)
    columns = {name: _cast(made[name], _type_of(plan, name)) for name in value_columns(plan)}
    if free is not None:
        made = kind.values(_as_table(unit), free, moment)
        columns |= {FREE + name: made[name].cast(WHOLE) for name in free_columns(plan)}
    return columns


def _cast(value: Any, type_: str) -> Any:
    """A value in a type; a count as it was before it was made wider."""
    op = value.op()
    if type_ == "int64" and isinstance(op, ops.Cast) and op.arg.dtype.is_int64():
        return op.arg.to_expr()
    return value.cast(type_)


def _type_of(plan: Plan, name: str) -> str:
    """Counts of events fit into 64 bits, and so do their squares."""
    amount = plan.below if name == "below" else plan.value
    assert amount is not None  # noqa: S101 - narrows a type: those without have no such column
    counts = all(part.selection.is_counted and abs(part.times) == 1 for part in amount.parts)
    return "int64" if counts else WHOLE


def _as_table(own: Own) -> Any:
    """For those that ask a table for nothing but its columns."""
    return own
