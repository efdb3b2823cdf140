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

_CELLS = ("since", "until", "first", "last", "closes")
_CLOSINGS = ("since", "until", "closed")
_AMOUNTS = ("amount", "number", "message_cost")
_NO_END = 2**31
# Of an event that has met its cell: nothing of a sum comes of these.
_NEEDLESS = ("position", "at", "id", "rank", "since", "until")

Row = dict[str, Any]


@dataclass(frozen=True)
class Rolled:
    """Customers by runs of windows in which they have the same.

    Attributes:
        runs: Rows of ``period`` (the first window), ``ends`` (the first after the run; null:
            none) and what the events add up to; of customers counted.
        used: Events in a window of a customer counted.
        windows: How many there are.
        late_at: By window, how many late events more it has than the one before; None: the
            runs say it, in ``late``.
    """

    runs: Table
    used: int
    windows: int
    late_at: Mapping[int, int] | None


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
    placed = session.keep("placed", object(), lambda: _numbered(cells.met(could), known))
    per_cell = session.keep("by_cell", object(), lambda: _by_cell(placed, plan))
    late = _late(session, placed, spans)
    kinds = {each.column: WHOLE if each.value in _AMOUNTS else "int64" for each in plan.selections}
    if base is None:
        counted, parts = _counted(plan), [per_cell]
        late_at = _late_at(session, late, len(spans))
    else:
        counted, late_at = "based", None
        met = _numbered(cells.met(base), known)
        has = met.group_by("number", "first", "last").aggregate(based=met.count())
        by_number = late.group_by("number", "first", "last").aggregate(late=late.count())
        parts = [per_cell, has, by_number]
        kinds["late"] = "int64"
    kinds[counted] = "int64"
    runs = session.keep("runs", object(), lambda: _runs(parts, kinds, len(spans), counted))
    used = per_cell if base is None else _met(per_cell, runs)
    [row] = session.rows(used.aggregate(events=used.events.sum().fill_null(0)))
    return Rolled(runs, int(row["events"]), len(spans), late_at)


def _counted(plan: Plan) -> str:
    """What a customer who is counted has some of: the one thing that is counted, or events."""
    [first, *others] = plan.selections
    return first.column if first.is_counted and not others else "events"


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


def _cells(spans: Sequence[Span]) -> Iterator[tuple[int, int, int, int, int]]:
    """The time between two ends, with the first and the last window, and when the first closes."""
    ends = sorted({end for span in spans for end in (span.since, span.until)})
    first = last = 0
    for since, until in pairwise(ends):
        while spans[first].until <= since:
            first += 1
        while last + 1 < len(spans) and spans[last + 1].since <= since:
            last += 1
        if first <= last:
            yield since, until, first, last, spans[first].until


def _numbered(placed: Table, known: Table) -> Table:
    """With short names, and no more: what is sorted by customer is sorted by numbers."""
    named = placed.drop(*(name for name in _NEEDLESS if name in placed.columns))
    return named.inner_join(known.select("unit_id", "number"), "unit_id").drop("unit_id")


def _by_cell(placed: Table, plan: Plan) -> Table:
    flags = [placed[f"c{each.place}"] for each in plan.selections]
    sums = added_up(placed, plan, plan.selections, flags)
    return placed.group_by("number", "first", "last").aggregate(
        events=placed.count(), **{name: value.fill_null(0) for name, value in sums.items()}
    )


def _late(session: Session, placed: Table, spans: Sequence[Span]) -> Table:
    """Events with the windows in which they are late: those that had closed when they arrived."""
    ends = [*(span.until for span in spans), spans[-1].until + 1]
    rows = [(since, until, number) for number, (since, until) in enumerate(pairwise(ends))]
    some = placed.filter(placed.received_at >= placed.closes)
    arrived = some.mutate(arrived=ibis.least(some.received_at, ibis.literal(ends[-2], "int64")))
    met = windows(session, "closings", _CLOSINGS, rows).met(arrived, "arrived")
    return met.select("number", "first", last=ibis.least(met.closed, met["last"]))


def _late_at(session: Session, late: Table, count: int) -> dict[int, int]:
    found: dict[int, int] = {}
    for row in session.rows(late.group_by("first", "last").aggregate(late=late.count())):
        for at, change in ((row["first"], row["late"]), (row["last"] + 1, -row["late"])):
            found[at] = found.get(at, 0) + change
    return {at: change for at, change in found.items() if at < count}


def _runs(parts: Sequence[Table], kinds: Mapping[str, str], count: int, counted: str) -> Table:
    changes = ibis.union(*_changes(_merged(parts, kinds), kinds, count))
    # All changes at one window make one step: the others of it are runs of no windows.
    onwards = ibis.window(group_by="number", order_by="period", range=(None, 0))
    in_order = ibis.window(group_by="number", order_by="period")
    run = changes.select(
        "number", "period",
        ends=changes.period.lead().over(in_order),
        **{name: changes[name].sum().over(onwards).cast(kind) for name, kind in kinds.items()},
    )  # fmt: skip
    return run.filter(run[counted] > 0, run.ends.isnull() | (run.ends > run.period))


def _merged(parts: Sequence[Table], kinds: Mapping[str, str]) -> Table:
    """What several parts have of the same windows of a customer, in one row."""
    if len(parts) == 1:
        return parts[0]
    nothing = {name: ibis.literal(0).cast(kind) for name, kind in kinds.items()}
    each = ibis.union(
        *(
            part.select("number", "first", "last", **{
                name: part[name].cast(kind) if name in part.columns else nothing[name]
                for name, kind in kinds.items()
            })
            for part in parts
        )
    )  # fmt: skip
    return each.group_by("number", "first", "last").aggregate(
        **{name: each[name].sum().cast(kind) for name, kind in kinds.items()}
    )


def _changes(cells: Table, kinds: Mapping[str, str], count: int) -> tuple[Table, Table]:
    """What enters windows, and what leaves them."""
    sums = {name: cells[name].cast(kind) for name, kind in kinds.items()}
    enters = cells.select("number", period=cells["first"], **sums)
    leaves = cells.select(
        "number", period=cells["last"] + 1,
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
        sums = {"units": each.count(), **kind.sums(each, plan)}
        sums |= {"late": each.late.sum()} if rolled_up.late_at is None else {}
        for row in session.rows(each.group_by("period").aggregate(**sums)):
            change = changes[row.pop("period")]
            for name, value in row.items():
                change[name] = change.get(name, 0) + sign * int(value)
    for period, late in (rolled_up.late_at or {}).items():
        changes[period]["late"] = late
    found: dict[int, Row] = {}
    running: dict[str, int] = {"late": 0}
    for number, change in enumerate(changes):
        running = {name: running.get(name, 0) + change.get(name, 0) for name in running | change}
        if running.get("units"):
            found[number] = {"period": number, **running}
    return found
