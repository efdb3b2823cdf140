"""Events beside the windows that they lie in, and what each customer's of one period add up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import ibis
from ibis.expr.types import BooleanValue, Table

from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.sequences import sequences
from experiments.measurement.formula.taken import added_up
from experiments.measurement.session import Session
from experiments.tracking.judged import REASONS
from experiments.tracking.populations import COUNTED
from experiments.tracking.rolling import Rolled, rolled
from experiments.tracking.slots import Windows
from experiments.tracking.stretches import Span

_USED = len(REASONS)
_LAST = REASONS.index("not_required")


@dataclass(frozen=True)
class Added:
    """What is kept of a measurement.

    Attributes:
        units: A row per customer counted and period, with what its events add up to; of
            everybody, only those with an event. Of windows that roll, runs of them.
        blank: A row per period of a customer without any event; None where ``units`` has all.
        pairs: Rows of ``position`` and ``rank`` (place of the reason, or that of the used);
            None where every event that could count does, or the runs tell how many do.
    """

    units: Table | Rolled
    blank: Table | None
    pairs: Table | None


def everybodys(
    session: Session, could: Table, when: Windows, spans: Sequence[Span], plan: Plan
) -> Added:
    """Add the events of everybody up by period, once.

    Args:
        session: On the project's facts.
        could: Events that could count, as :func:`experiments.tracking.judged.judged` gives.
        when: The periods.
        spans: The same.
        plan: Of the KPI.
    """
    whole = all(after.since <= before.until for before, after in pairwise(spans))
    ranked = None
    if not whole:
        met = when.met(could)
        ranked = met.select("position", rank=ibis.literal(_USED, "int8"))
    used = when.met(could)
    used = used.mutate(
        anchor=used.unit_id + "/" + used.period.cast("string"),
        anchor_at=used.since,
        closes_at=used.until,
    )
    by = ("anchor",) if plan.in_order else ("unit_id", "period")
    sums = session.keep("sums", object(), lambda: _in_order(session, used, plan, *by))
    known = sums.drop("period", "anchor_at", "closes_at", *by[:1])
    return Added(sums, _blank(when.rows, known), ranked)


def rolling_sums(
    session: Session,
    could: Table,
    known: Table,
    base: Table | None,
    when: Windows,
    spans: Sequence[Span],
    plan: Plan,
) -> Added:
    """Add events up by windows that roll.

    Args:
        session: On the project's facts.
        could: Events that could count.
        known: Everybody, with ``unit_id`` and ``number``.
        base: As :func:`experiments.tracking.rolling.rolled` takes it.
        when: The periods.
        spans: The same.
        plan: Of the KPI.
    """
    found = rolled(session, could, known, base, spans, plan)
    names = found.runs.drop("number", "period", "ends")
    return Added(found, None if base is not None else _blank(when.rows, names), None)


def pairs_of(events: Table, when: Windows, units: Table, *, cohorts: bool) -> Table:
    """Events that could count with every window that they lie in.

    Args:
        events: As :func:`experiments.tracking.judged.judged` gives; only those that could count.
        when: The periods.
        units: Who is counted, as :class:`experiments.tracking.populations.Population` has it.
        cohorts: Whether windows are the customers' own.
    """
    if cohorts:
        return events.inner_join(
            units,
            [
                events.unit_id == units.unit_id,
                events["at"] >= units.opens_at,
                events["at"] < units.closes_at,
            ],
            rname="unit_{name}",
        )
    return when.met(events).inner_join(units, ["unit_id", "period"], rname="unit_{name}")


def add_up(session: Session, pairs: Table, everyone: Table, plan: Plan) -> Added:
    """Add the events of each customer counted and period up, once."""
    counted = pairs.mutate(
        **{f"c{each.place}": _counts(pairs, each.place, plan) for each in plan.selections}
    )
    flags = [counted[f"c{each.place}"] for each in plan.selections]
    some = flags[0] if len(flags) == 1 else ibis.or_(*flags)
    ranked = counted.select("position", rank=_rank(counted, some))
    used = counted.filter(some, counted.standing == COUNTED)
    sums = session.keep("sums", object(), lambda: _in_order(session, used, plan, "anchor"))
    known = sums.drop("period", "anchor_at", "closes_at")
    units = everyone.filter(everyone.standing == COUNTED)
    unit = units.left_join(known, "anchor", rname="sum_{name}")
    return Added(unit.mutate(events=unit.events.fill_null(0)), None, ranked)


def _in_order(session: Session, used: Table, plan: Plan, *by: str) -> Table:
    sums = _sums(used, plan, *by)
    if not plan.in_order:
        return sums
    order = session.keep("sequences", object(), lambda: sequences(used, plan))
    return sums.left_join(order, "anchor", rname="ordered_{name}")


def _counts(pairs: Table, place: int, plan: Plan) -> BooleanValue:
    """Whether the event counts for a selection: one that starts the window is no outcome."""
    starts = plan.since if plan.since is not None else plan.steps[0] if plan.steps else None
    counts: BooleanValue = pairs[f"c{place}"]
    if starts is not None and place == starts.place:
        return counts
    return counts & (pairs.base_id.isnull() | (pairs.id != pairs.base_id))


def _rank(pairs: Table, some: BooleanValue) -> ibis.Value:
    ranked = [
        (~some, REASONS.index("starts_window")),
        *((pairs.standing == each, REASONS.index(each)) for each in REASONS[_LAST:]),
    ]
    cases = [(applies, ibis.literal(rank, "int8")) for applies, rank in ranked]
    return ibis.cases(*cases, else_=ibis.literal(_USED, "int8"))


def _sums(used: Table, plan: Plan, *by: str) -> Table:
    flags = [used[f"c{each.place}"] for each in plan.selections]
    known = ("period", "anchor_at", "closes_at")
    return used.group_by(by).aggregate(
        **{name: used[name].max() for name in known if name not in by},
        events=used.count(),
        late=(used.received_at >= used.closes_at).sum().fill_null(0),
        **added_up(used, plan, plan.selections, flags),
    )


def _blank(when: Table, known: Table) -> Table:
    """Somebody who did nothing, in every period; the columns of ``known``, all of them null."""
    nothing = {name: ibis.null(kind) for name, kind in known.schema().items()}
    return when.select(
        "period",
        anchor_at=when.since,
        closes_at=when.until,
        **(nothing | {"events": ibis.literal(0), "late": ibis.null("int64")}),
    )
