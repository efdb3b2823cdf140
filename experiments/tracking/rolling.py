"""Everybody's sums over windows that overlap: from what enters each window, and what leaves it.

Windows overlap where they roll. Between two of their ends lies a cell; what a customer did in
one is added up once. It enters the windows of that cell and leaves them again, so that running
sums give the customer's content of every window, and change only where something enters or
leaves: a run of windows alike. Of these runs, sums by window are running sums again. Exact,
where what is taken of events can be added and taken away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.measurement.formula.days import DAY, Calendar
from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.taken import WHOLE, added_up
from experiments.measurement.kinds import MEASURED, Moment
from experiments.measurement.session import Session
from experiments.tracking.slots import windows
from experiments.tracking.stretches import Span

_CELLS = ("since", "until", "first", "last")
_CLOSINGS = ("since", "until", "closed")
_NO_END = 2**31

Row = dict[str, Any]


@dataclass(frozen=True)
class Rolled:
    """Customers by runs of windows in which they have the same.

    Attributes:
        runs: Rows of ``period`` (the first window), ``ends`` (the first after the run; null:
            none), ``events``, ``late`` and what the events add up to; of customers counted.
        used: Events in a window of a customer counted.
        windows: How many there are.
    """

    runs: Table
    used: int
    windows: int


def rolls(spans: Sequence[Span], plan: Plan, zone: Calendar) -> bool:
    """Whether windows overlap, and what they hold can be added and taken away.

    Args:
        spans: The windows, oldest first.
        plan: Of the KPI.
        zone: Where days are told apart: where none comes twice, each lies in one cell.
    """
    overlap = any(before.until > after.since for before, after in pairwise(spans))
    taken = {each.value for each in plan.selections}
    adds = "distinct" not in taken and ("days" not in taken or _days_come_once(zone))
    kind = plan.kpi.kind
    return overlap and adds and not (plan.in_order or MEASURED[kind].per or kind == "score")


def _days_come_once(zone: Calendar) -> bool:
    """Whether no clock was ever put back over midnight."""
    return all(
        (at - 1 + before) // DAY <= (at + after) // DAY
        for (_, before), (at, after) in pairwise(zone.offsets)
    )


def rolled(
    session: Session, could: Table, base: Table | None, spans: Sequence[Span], plan: Plan
) -> Rolled:
    """Add events up by runs of windows.

    Args:
        session: On the project's facts.
        could: Events that could count, as :func:`experiments.tracking.judged.judged` gives.
        base: Events (``unit_id``, ``at``) of which a customer counted has one in the window;
            None: everybody is counted, and only those with an event are told.
        spans: The windows, oldest first.
        plan: Of the KPI.
    """
    cells = windows(session, "cells", _CELLS, [*_cells(spans)])
    placed = cells.met(could)
    per_cell = session.keep("by_cell", object(), lambda: _by_cell(placed, plan))
    parts = [per_cell, _late(session, placed, spans)]
    if base is not None:
        met = cells.met(base)
        has = met.group_by("unit_id", "first", "last").aggregate(based=met.count())
        parts.append(has)
    names = ["events", "late", "based", *(each.column for each in plan.selections)]
    counted = "events" if base is None else "based"
    runs = session.keep("runs", object(), lambda: _runs(parts, names, len(spans), counted))
    used = per_cell if base is None else _met(per_cell, runs)
    [row] = session.rows(used.aggregate(events=used.events.sum().fill_null(0)))
    return Rolled(runs, int(row["events"]), len(spans))


def _met(per_cell: Table, runs: Table) -> Table:
    """The cells that lie in a window of a customer counted."""
    return per_cell.semi_join(
        runs,
        [
            per_cell.unit_id == runs.unit_id,
            per_cell["last"] >= runs.period,
            per_cell["first"] < runs.ends.fill_null(_NO_END),
        ],
    )


def _cells(spans: Sequence[Span]) -> Iterator[tuple[int, int, int, int]]:
    """The time between two ends, with the first and the last window that it lies in."""
    ends = sorted({end for span in spans for end in (span.since, span.until)})
    first = last = 0
    for since, until in pairwise(ends):
        while spans[first].until <= since:
            first += 1
        while last + 1 < len(spans) and spans[last + 1].since <= since:
            last += 1
        if first <= last:
            yield since, until, first, last


def _by_cell(placed: Table, plan: Plan) -> Table:
    flags = [placed[f"c{each.place}"] for each in plan.selections]
    sums = added_up(placed, plan, plan.selections, flags)
    return placed.group_by("unit_id", "first", "last").aggregate(
        events=placed.count(),
        **{name: value.fill_null(0).cast(WHOLE) for name, value in sums.items()},
    )


def _late(session: Session, placed: Table, spans: Sequence[Span]) -> Table:
    """An event is late in those of its windows that had closed before it arrived."""
    ends = [*(span.until for span in spans), spans[-1].until + 1]
    rows = [(since, until, number) for number, (since, until) in enumerate(pairwise(ends))]
    arrived = placed.select(
        "unit_id", "first", "last",
        arrived=ibis.least(placed.received_at, ibis.literal(ends[-2], "int64")),
    )  # fmt: skip
    met = windows(session, "closings", _CLOSINGS, rows).met(arrived, "arrived")
    met = met.select("unit_id", "first", last=ibis.least(met["last"], met.closed))
    met = met.filter(met["first"] <= met["last"])
    return met.group_by("unit_id", "first", "last").aggregate(late=met.count())


def _runs(parts: Sequence[Table], names: Sequence[str], count: int, counted: str) -> Table:
    changes = [change for part in parts for change in _changes(part, names, count)]
    both = ibis.union(*changes)
    per_unit = both.group_by("unit_id", "period").aggregate(
        **{name: both[name].sum() for name in names}
    )
    onwards = ibis.cumulative_window(group_by="unit_id", order_by="period")
    in_order = ibis.window(group_by="unit_id", order_by="period")
    running = {name: per_unit[name].sum().over(onwards).cast(WHOLE) for name in names}
    running |= {name: running[name].cast("int64") for name in ("events", "late", "based")}
    run = per_unit.select(
        "unit_id", "period", ends=per_unit.period.lead().over(in_order), **running
    )
    return run.filter(run[counted] > 0).drop("based")


def _changes(part: Table, names: Sequence[str], count: int) -> tuple[Table, Table]:
    """What enters windows, and what leaves them."""
    nothing = ibis.literal(0, WHOLE)
    sums = {name: part[name].cast(WHOLE) if name in part.columns else nothing for name in names}
    enters = part.select("unit_id", period=part["first"], **sums)
    leaves = part.select(
        "unit_id", period=part["last"] + 1, **{name: (-sums[name]).cast(WHOLE) for name in names}
    )
    return enters, leaves.filter(leaves.period < count)


def summed(session: Session, rolled_up: Rolled, plan: Plan, moment: Moment) -> dict[int, Row]:
    """Sums by window of the customers with events in it."""
    kind = MEASURED[plan.kpi.kind]
    unit = rolled_up.runs.mutate(**kind.values(rolled_up.runs, plan, moment))
    over = unit.filter(unit.ends.notnull()).mutate(period=unit.ends)
    changes: list[dict[str, int]] = [{} for _ in range(rolled_up.windows)]
    for sign, each in ((1, unit), (-1, over)):
        sums = {"units": each.count(), "late": each.late.sum(), **kind.sums(each, plan)}
        for row in session.rows(each.group_by("period").aggregate(**sums)):
            change = changes[row.pop("period")]
            for name, value in row.items():
                change[name] = change.get(name, 0) + sign * int(value)
    found: dict[int, Row] = {}
    running: dict[str, int] = {}
    for number, change in enumerate(changes):
        running = {name: running.get(name, 0) + change.get(name, 0) for name in running | change}
        if running.get("units"):
            found[number] = {"period": number, **running}
    return found
