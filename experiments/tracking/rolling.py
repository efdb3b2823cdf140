"""Everybody's sums over windows that overlap: from what enters each window, and what leaves it.

Windows overlap where they roll. Between two of their ends lies a cell; what a customer did in
one is added up once. It enters the windows of that cell and leaves them again, so that running
sums give the customer's content of every window, and change only where something enters or
leaves: a run of windows alike. Of these runs, sums by window are running sums again. Exact,
where what is taken of events can be added and taken away.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.taken import WHOLE, added_up
from experiments.measurement.kinds import MEASURED, Moment
from experiments.measurement.session import Session
from experiments.tracking.slots import windows
from experiments.tracking.stretches import Span

_CELLS = ("since", "until", "first", "last")
_CLOSINGS = ("since", "until", "closed")
_NEVER_ADDED = ("distinct", "days")

Row = dict[str, Any]


@dataclass(frozen=True)
class Rolled:
    """Customers by runs of windows in which they have the same.

    Attributes:
        runs: Rows of ``period`` (the first window), ``ends`` (the first after the run; null:
            none), ``events`` and what the events add up to.
        late: By window, events that arrived after it had closed.
    """

    runs: Table
    late: list[int]


def rolls(spans: Sequence[Span], plan: Plan) -> bool:
    """Whether windows overlap, and what they hold can be added and taken away."""
    overlap = any(before.until > after.since for before, after in pairwise(spans))
    adds = all(each.value not in _NEVER_ADDED for each in plan.selections)
    kind = plan.kpi.kind
    return overlap and adds and not (plan.in_order or MEASURED[kind].per or kind == "score")


def rolled(session: Session, could: Table, spans: Sequence[Span], plan: Plan) -> Rolled:
    """Add events up by runs of windows.

    Args:
        session: On the project's facts.
        could: Events that could count, as :func:`experiments.tracking.judged.judged` gives.
        spans: The windows, oldest first.
        plan: Of the KPI.
    """
    placed = windows(session, "cells", _CELLS, [*_cells(spans)]).met(could)
    per_cell = session.keep("by_cell", object(), lambda: _by_cell(placed, plan))
    runs = session.keep("runs", object(), lambda: _runs(per_cell, plan, len(spans)))
    return Rolled(runs, _late(session, placed, spans))


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


def _runs(per_cell: Table, plan: Plan, count: int) -> Table:
    names = ["events", *(each.column for each in plan.selections)]
    enters = per_cell.select("unit_id", *names, period=per_cell["first"])
    gone = per_cell.filter(per_cell["last"] + 1 < count)
    leaves = gone.select(
        "unit_id", **{name: -gone[name] for name in names}, period=gone["last"] + 1
    )
    both = enters.union(leaves)
    changes = both.group_by("unit_id", "period").aggregate(
        **{name: both[name].sum() for name in names}
    )
    onwards = ibis.cumulative_window(group_by="unit_id", order_by="period")
    in_order = ibis.window(group_by="unit_id", order_by="period")
    run = changes.select(
        "period",
        ends=changes.period.lead().over(in_order),
        **{name: changes[name].sum().over(onwards).cast(WHOLE) for name in names},
    )
    run = run.mutate(events=run.events.cast("int64"))
    return run.filter(run.events > 0)


def _late(session: Session, placed: Table, spans: Sequence[Span]) -> list[int]:
    """An event is late in those of its windows that had closed before it arrived."""
    ends = [*(span.until for span in spans), spans[-1].until + 1]
    rows = [(since, until, number) for number, (since, until) in enumerate(pairwise(ends))]
    arrived = placed.select(
        "first", "last", arrived=ibis.least(placed.received_at, ibis.literal(ends[-2], "int64"))
    )
    met = windows(session, "closings", _CLOSINGS, rows).met(arrived, "arrived")
    met = met.mutate(until_last=ibis.least(met["last"], met.closed))
    met = met.filter(met["first"] <= met.until_last)
    changes = [0] * (len(spans) + 1)
    for row in session.rows(met.group_by("first", "until_last").aggregate(events=met.count())):
        changes[row["first"]] += row["events"]
        changes[row["until_last"] + 1] -= row["events"]
    return [*accumulate(changes[:-1])]


def summed(session: Session, rolled_up: Rolled, plan: Plan, moment: Moment) -> dict[int, Row]:
    """Sums by window of the customers with events in it."""
    kind = MEASURED[plan.kpi.kind]
    unit = rolled_up.runs.mutate(**kind.values(rolled_up.runs, plan, moment))
    begun = unit.group_by("period").aggregate(units=unit.count(), **kind.sums(unit, plan))
    over = unit.filter(unit.ends.notnull())
    ended = over.group_by(period=over.ends).aggregate(units=over.count(), **kind.sums(over, plan))
    changes: list[dict[str, int]] = [{} for _ in rolled_up.late]
    for sign, sums in ((1, begun), (-1, ended)):
        for row in session.rows(sums):
            change = changes[row.pop("period")]
            for name, value in row.items():
                change[name] = change.get(name, 0) + sign * int(value)
    found: dict[int, Row] = {}
    running: dict[str, int] = {}
    for number, change in enumerate(changes):
        running = {name: running.get(name, 0) + change.get(name, 0) for name in running | change}
        if running.get("units"):
            found[number] = {"period": number, **running, "late": rolled_up.late[number]}
    return found
