"""Events beside the windows that they lie in, and what each customer's of one period add up to."""

from dataclasses import dataclass

import ibis
from ibis.expr.types import BooleanValue, Table

from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.sequences import sequences
from experiments.measurement.formula.taken import added_up
from experiments.measurement.session import Session
from experiments.tracking.judged import REASONS
from experiments.tracking.populations import COUNTED, Population

_USED = len(REASONS)
_LAST = REASONS.index("not_required")


@dataclass(frozen=True)
class Added:
    """What is kept of a measurement.

    Attributes:
        units: A row per customer counted and period, with what its events add up to; of
            everybody, only those with an event.
        blank: A row per period of a customer without any event; None where ``units`` has all.
        pairs: Rows of ``position`` and ``rank`` (place of the reason, or that of the used).
    """

    units: Table
    blank: Table | None
    pairs: Table


def pairs_of(events: Table, when: Table, population: Population, *, cohorts: bool) -> Table:
    """Events that could count with every window that they lie in.

    Args:
        events: As :func:`experiments.tracking.judged.judged` gives; only those that could count.
        when: The periods.
        population: Who is counted.
        cohorts: Whether windows are the customers' own.
    """
    units = population.units
    if cohorts:
        assert units is not None  # noqa: S101 - narrows a type: cohorts have their customers
        return events.inner_join(
            units,
            [
                events.unit_id == units.unit_id,
                events["at"] >= units.opens_at,
                events["at"] < units.closes_at,
            ],
            rname="unit_{name}",
        )
    met = events.inner_join(when, [events["at"] >= when.since, events["at"] < when.until])
    if units is not None:
        return met.inner_join(units, ["unit_id", "period"], rname="unit_{name}")
    return met.mutate(
        anchor=met.unit_id + "/" + met.period.cast("string"),
        anchor_at=met.since,
        closes_at=met.until,
        base_id=ibis.null("string"),
        standing=ibis.literal(COUNTED),
    )


def add_up(
    session: Session, pairs: Table, when: Table, population: Population, plan: Plan
) -> Added:
    """Add the events of each customer and period up, once."""
    counted = pairs.mutate(
        **{f"c{each.place}": _counts(pairs, each.place, plan) for each in plan.selections}
    )
    flags = [counted[f"c{each.place}"] for each in plan.selections]
    some = flags[0] if len(flags) == 1 else ibis.or_(*flags)
    ranked = counted.select("position", rank=_rank(counted, some))
    used = counted.filter(some, counted.standing == COUNTED)
    sums = session.keep("sums", object(), lambda: _sums(used, plan))
    if plan.in_order:
        order = session.keep("sequences", object(), lambda: sequences(used, plan))
        sums = sums.left_join(order, "anchor", rname="ordered_{name}")
    if population.units is None:
        return Added(sums, _blank(when, sums), ranked)
    known = sums.drop("period", "anchor_at", "closes_at")
    units = population.units.filter(population.units.standing == COUNTED)
    unit = units.left_join(known, "anchor", rname="sum_{name}")
    return Added(unit.mutate(events=unit.events.fill_null(0)), None, ranked)


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


def _sums(used: Table, plan: Plan) -> Table:
    flags = [used[f"c{each.place}"] for each in plan.selections]
    return used.group_by("anchor").aggregate(
        period=used.period.max(),
        anchor_at=used.anchor_at.max(),
        closes_at=used.closes_at.max(),
        events=used.count(),
        late=(used.received_at >= used.closes_at).sum().fill_null(0),
        **added_up(used, plan, plan.selections, flags),
    )


def _blank(when: Table, sums: Table) -> Table:
    """Somebody who did nothing, in every period; the columns of ``sums``, most of them null."""
    nobody = when.select(
        "period", anchor=ibis.null("string"), anchor_at=when.since, closes_at=when.until
    )
    known = sums.drop("period", "anchor_at", "closes_at")
    blank = nobody.left_join(known, "anchor", rname="sum_{name}")
    return blank.mutate(events=ibis.literal(0))
