"""Funnels outside of tests, measured from the facts of customers."""

from collections import defaultdict
from typing import Any

import ibis
from ibis.expr.types import StringValue, Table

from experiments.ledger.instants import microseconds
from experiments.measurement.formula.requirements import chosen
from experiments.measurement.formula.sequences import sequences
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.history import members
from experiments.measurement.identity import certain
from experiments.measurement.properties import text_at
from experiments.measurement.replica import ReplicaState
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session, session_on
from experiments.tracking.funnels import (
    BY_PROPERTY,
    Funnel,
    FunnelGroup,
    FunnelQuestion,
    largest,
    together,
)
from experiments.tracking.judged import facts
from experiments.tracking.periods import day_after
from experiments.tracking.ready import beginning, segment_of


def measured_funnel(source: ReplicaState | Session, question: FunnelQuestion) -> Funnel:
    """Measure a funnel at the replica's position.

    Raises:
        UnknownSegment: If there is no such segment.
        ReplicaUnreadable, TooMuchToMeasure: As the engine finds.
    """
    with session_on(source, question.project_id) as session:
        request = _request(question)
        events = certain(facts(session, request, request.plan.types))
        entries = session.keep("entries", object(), lambda: _entries(session, events, question))
        placed = _placed(events, entries, request)
        ordered = session.keep("sequences", object(), lambda: sequences(placed, request.plan))
        steps = len(question.steps)
        groups = _groups(session.rows(_counted(entries, ordered, steps)), steps)
        return Funnel(
            question,
            together(groups, steps),
            largest(groups, steps) if question.by is not None else (),
            session.state.ledger_identity,
            session.state.position,
            session.sql,
        )


def _request(question: FunnelQuestion) -> MeasureRequest:
    return MeasureRequest(
        project_id=question.project_id,
        experiment_id=0,
        anchor="assignment",
        variants=(),
        as_of=question.as_of,
        allocation="external",
        kpi=question.document,
        window_hours=question.window_hours,
        zone=question.zone,
    )


def _entries(session: Session, events: Table, question: FunnelQuestion) -> Table:
    """Rows of ``anchor``, ``unit_id``, ``anchor_at``, ``closes_at``, ``waiting``, ``name``."""
    until = min(
        beginning(day_after(question.until, "day"), question.zone),
        microseconds(question.as_of) + 1,
    )
    made = events.filter(
        chosen(events, question.steps[0]),
        events.unit_id.notnull(),
        events.occurred_at >= beginning(question.since, question.zone),
        events.occurred_at < until,
    )
    in_time = ibis.window(group_by="unit_id", order_by=["occurred_at", "source_id"])
    first = made.mutate(rank=ibis.row_number().over(in_time))
    first = first.filter(first.rank == 0)
    closes_at = first.occurred_at + question.window_hours * HOUR
    entries = first.select(
        "unit_id",
        anchor=first.position,
        anchor_at=first.occurred_at,
        closes_at=closes_at,
        waiting=closes_at > microseconds(question.as_of),
        name=_name(first, question.by),
    )
    segment = segment_of(question.segment)
    if segment is None:
        return entries
    return entries.filter(entries.anchor.isin(members(session.events, entries, segment).anchor))


def _name(first: Table, by: str | None) -> StringValue:
    if by is None:
        return ibis.null("string")
    found: StringValue = (
        first.channel if by == "channel" else text_at(first.properties, by[len(BY_PROPERTY) :])
    )
    return found


def _placed(events: Table, entries: Table, request: MeasureRequest) -> Table:
    """Events within the windows, and which step each may be."""
    plan = request.plan
    of_type = events.filter(events.type.isin(plan.types))
    met = of_type.inner_join(entries, of_type.unit_id == entries.unit_id, rname="entry_{name}")
    met = met.filter(
        met.occurred_at >= met.anchor_at,
        met.occurred_at < met.closes_at,
        met.occurred_at <= microseconds(request.as_of),
    )
    steps = {f"c{each.place}": chosen(met, each.events) for each in plan.selections}
    return met.select("anchor", at=met.occurred_at, id=met.source_id, **steps)


def _counted(entries: Table, ordered: Table, steps: int) -> Table:
    every = entries.left_join(ordered, "anchor")
    return every.group_by("name", "waiting").aggregate(
        units=every.count(),
        **{f"r{place}": every[f"s{place}"].notnull().sum() for place in range(steps)},
    )


def _groups(rows: list[dict[str, Any]], steps: int) -> list[FunnelGroup]:
    reached: dict[str | None, list[int]] = defaultdict(lambda: [0] * steps)
    waiting: dict[str | None, int] = defaultdict(int)
    for row in rows:
        if row["waiting"]:
            waiting[row["name"]] += row["units"]
        else:
            reached[row["name"]] = [int(row[f"r{place}"]) for place in range(steps)]
    return [FunnelGroup(name, tuple(reached[name]), waiting[name]) for name in {*reached, *waiting}]
