"""Everybody's sums over windows that overlap: from what enters each window, and what leaves it.

Windows overlap where they roll. Between two of their ends lies a cell; what a customer did in
one is added up once. It enters the windows of that cell and leaves them again, so that running
sums give the customer's content of every window, and change only where something enters or
leaves: a run of windows alike. Of these runs, sums by window are running sums again. Exact,
where what is taken of events can be added and taken away.
"""

from collections.abc import Iterator, Mapping, Sequence
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
_AMOUNTS = ("amount", "number", "message_cost")
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
    session: Session,
    could: Table,
    known: Table,
    base: Table | None,
    spans: Sequence[Span],
    plan: Plan,
) -> Rolled:
    """Add events up by runs of windows.

    Args:
        session: On the project's facts.
        could: Events that could count, as :func:`experiments.tracking.judged.judged` gives.
        known: Everybody, with ``unit_id`` and ``number``.
        base: Events (``unit_id``, ``at``) of which a customer counted has one in the window;
            None: everybody is counted, and only those with an event are told.
        spans: The windows, oldest first.
        plan: Of the KPI.
    """
    cells = windows(session, "cells", _CELLS, [*_cells(spans)])
    met = _closed(session, _numbered(cells.met(could), known), spans)
    placed = session.keep("placed", object(), lambda: met)
    per_cell = session.keep("by_cell", object(), lambda: _by_cell(placed, plan))
    parts = [per_cell, _late_for_some(placed)]
    if base is not None:
        met = _numbered(cells.met(base), known)
        has = met.group_by("number", "first", "last").aggregate(based=met.count())
        parts.append(has)
    counted = "events" if base is None else "based"
    kinds = dict.fromkeys(("events", "late", counted), "int64") | {
        each.column: WHOLE if each.value in _AMOUNTS else "int64" for each in plan.selections
    }
    runs = session.keep("runs", object(), lambda: _runs(parts, kinds, len(spans), counted))
    used = per_cell if base is None else _met(per_cell, runs)
    [row] = session.rows(used.aggregate(events=used.events.sum().fill_null(0)))
    return Rolled(runs, int(row["events"]), len(spans))


def _met(per_cell: Table, runs: Table) -> Table:
    """The cells that lie in a window of a customer counted."""
    return per_cell.semi_join(
        runs,
        [
            per_cell.number == runs.number,
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


def _numbered(placed: Table, known: Table) -> Table:
    """With short names: what is sorted by customer is sorted by numbers."""
    named = placed.drop("since", "until").inner_join(known.select("unit_id", "number"), "unit_id")
    return named.drop("unit_id")


def _closed(session: Session, placed: Table, spans: Sequence[Span]) -> Table:
    """With the last window that had ``closed`` when the event arrived; -1: none had."""
    ends = [spans[0].since, *(span.until for span in spans), spans[-1].until + 1]
    rows = [(since, until, number - 1) for number, (since, until) in enumerate(pairwise(ends))]
    first, last = (ibis.literal(end, "int64") for end in (ends[0], ends[-2]))
    arrived = placed.mutate(arrived=ibis.greatest(ibis.least(placed.received_at, last), first))
    met = windows(session, "closings", _CLOSINGS, rows).met(arrived, "arrived")
    return met.drop("since", "until", "arrived", "received_at")


def _by_cell(placed: Table, plan: Plan) -> Table:
    flags = [placed[f"c{each.place}"] for each in plan.selections]
    sums = added_up(placed, plan, plan.selections, flags)
    return placed.group_by("number", "first", "last").aggregate(
        events=placed.count(),
        late=placed.count(where=placed.closed >= placed["last"]),
        **{name: value.fill_null(0) for name, value in sums.items()},
    )


def _late_for_some(placed: Table) -> Table:
    """An event is late in those of its windows that had closed before it arrived."""
    some = placed.filter(placed.closed >= placed["first"], placed.closed < placed["last"])
    late = some.select("number", "first", last=some.closed)
    return late.group_by("number", "first", "last").aggregate(late=late.count())


def _runs(parts: Sequence[Table], kinds: Mapping[str, str], count: int, counted: str) -> Table:
    changes = [change for part in parts for change in _changes(part, kinds, count)]
    both = ibis.union(*changes)
    per_unit = both.group_by("number", "period").aggregate(
        **{name: both[name].sum().cast(kind) for name, kind in kinds.items()}
    )
    onwards = ibis.cumulative_window(group_by="number", order_by="period")
    in_order = ibis.window(group_by="number", order_by="period")
    run = per_unit.select(
        "number", "period",
        ends=per_unit.period.lead().over(in_order),
        **{name: per_unit[name].sum().over(onwards).cast(kind) for name, kind in kinds.items()},
    )  # fmt: skip
    return run.filter(run[counted] > 0)


def _changes(part: Table, kinds: Mapping[str, str], count: int) -> tuple[Table, Table]:
    """What enters windows, and what leaves them."""
    sums = {
        name: (part[name] if name in part.columns else ibis.literal(0)).cast(kind)
        for name, kind in kinds.items()
    }
    enters = part.select("number", period=part["first"], **sums)
    leaves = part.select(
        "number", period=part["last"] + 1,
        **{name: (-sums[name]).cast(kind) for name, kind in kinds.items()},
    )  # fmt: skip
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
