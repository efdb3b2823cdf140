"""A KPI of each stretch of its window: the first day after the anchor, the second, and so on.

One statement adds up all stretches of a customer, so that they are those of one measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ibis.expr.types import Table

from experiments.measurement.anchors import ANALYSED
from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.taken import added_up
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.placed import settled, used_events
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session

# Kinds whose values of all stretches are the same thing as the value of the whole.
_ADD_UP = frozenset({"proportion", "mean", "ratio"})
MOST = 7
_DAY_HOURS = 24


@dataclass(frozen=True)
class Stretch:
    """From so many hours after the anchor, before so many."""

    from_hours: int
    to_hours: int


def stretches(window_hours: int) -> tuple[Stretch, ...]:
    """At most seven stretches of whole days; the last may be shorter.

    Examples:
        >>> [(each.from_hours, each.to_hours) for each in stretches(60)]
        [(0, 24), (24, 48), (48, 60)]
        >>> len(stretches(30 * 24)), stretches(30 * 24)[0].to_hours
        (6, 120)
    """
    days = -(-window_hours // _DAY_HOURS)
    step = _DAY_HOURS * -(-days // MOST)
    starts = range(0, window_hours, step)
    return tuple(Stretch(start, min(start + step, window_hours)) for start in starts)


def measure_stretches(
    session: Session, request: MeasureRequest
) -> list[tuple[Stretch, dict[str, KpiSample]]]:
    """Measure every stretch, of the customers whose window has closed.

    Returns:
        Nothing for kinds that do not add up over time, for KPIs that count what did not happen
        or local days, and for windows of a day or less.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    parts = stretches(request.window_hours)
    if not _can(request) or len(parts) < 2:
        return []
    session.begin()
    request = settled(session, request)
    plan, kind = _uncapped(request.plan), MEASURED[request.kpi.kind]
    unit = session.keep("stretched", object(), lambda: _taken(session, request, plan, parts))
    moment = Moment(request.as_of, request.window_hours)
    found = []
    for place, part in enumerate(parts):
        rows = session.rows(_sums(unit, request, plan, place))
        by_variant = {key: [r for r in rows if r["variant"] == key] for key in request.variants}
        samples = {key: kind.sample(mine, plan, moment) for key, mine in by_variant.items()}
        found.append((part, samples))
    return found


def _can(request: MeasureRequest) -> bool:
    plan = request.plan
    absent = any(each.value in {"absence", "distinct", "days"} for each in plan.selections)
    within_days = request.kpi.formula.days is not None
    return request.kpi.kind in _ADD_UP and not absent and not within_days and not plan.in_order


def _uncapped(plan: Plan) -> Plan:
    """A cap is on the whole; a stretch has none."""
    below = None if plan.below is None else replace(plan.below, cap=None)
    return replace(plan, value=replace(plan.value, cap=None), below=below)


def _taken(
    session: Session, request: MeasureRequest, plan: Plan, parts: Sequence[Stretch]
) -> Table:
    """What every customer did in every stretch, side by side."""
    units, used = used_events(session, request)
    used = used.inner_join(units.select("anchor", "anchor_at"), "anchor")
    taken: dict[str, Any] = {}
    for place, part in enumerate(parts):
        since = used.at - used.anchor_at
        within = (since >= part.from_hours * HOUR) & (since < part.to_hours * HOUR)
        several = len(plan.selections) > 1
        counts = [within & used[f"c{e.place}"] if several else within for e in plan.selections]
        for name, value in added_up(used, plan, plan.selections, counts).items():
            taken[f"p{place}_{name}"] = value
    per_unit = used.group_by("anchor").aggregate(**taken)
    analysed = units.filter(units.standing == ANALYSED).select("anchor", "variant")
    unit = analysed.left_join(per_unit, "anchor", rname="taken_{name}")
    return unit.select("anchor", "variant", *taken)


def _sums(unit: Table, request: MeasureRequest, plan: Plan, place: int) -> Table:
    """Exact sums of one stretch, by variant."""
    kind, moment = MEASURED[request.kpi.kind], Moment(request.as_of, request.window_hours)
    mine = unit.mutate(**{e.column: unit[f"p{place}_{e.column}"] for e in plan.selections})
    mine = mine.mutate(**kind.values(mine, plan, moment))
    sums = mine.group_by("variant").aggregate(units=mine.count(), **kind.sums(mine, plan))
    return sums.order_by("variant")
