"""A KPI of each stretch of its window: the first day after the anchor, the second, and so on.

One statement adds up all stretches of a customer, so that they are those of one measurement.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from ibis.expr.types import BooleanValue, IntegerValue, Table

from experiments.measurement.anchors import ANALYSED
from experiments.measurement.errors import DivisorBelowZero
from experiments.measurement.formula.plan import Plan
from experiments.measurement.formula.sequences import sequences
from experiments.measurement.formula.taken import added_up
from experiments.measurement.formula.windows import HOUR
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.placed import settled, used_events
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session

MOST = 7
_DAY_HOURS = 24
# Why a KPI has no stretches of its own, by what it counts.
SHORT = "the window is a day or less, so there are no days to tell apart"
ABSENT = "the KPI counts what did not happen in the whole window, so no single day has an effect"
CALENDAR = "the KPI counts days of the calendar, which begin at other times than a customer's own"
ONE_ANSWER = "the KPI takes one answer of each customer, whenever it came"
TIME = "the KPI is itself the time until something happens"
BELOW_ZERO = "what the KPI is divided by adds up to less than 0 on some of the days"


@dataclass(frozen=True)
class Stretch:
    """From so many hours after the anchor, before so many."""

    from_hours: int
    to_hours: int


@dataclass(frozen=True)
class Stretched:
    """A KPI of each stretch.

    Attributes:
        found: Each stretch with the samples of all variants.
        gap: Why there are none; None if there are.
    """

    found: tuple[tuple[Stretch, dict[str, KpiSample]], ...] = ()
    gap: str | None = None


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


def measure_stretches(session: Session, request: MeasureRequest) -> Stretched:
    """Measure every stretch, of the customers whose window has closed.

    A sum, a count or a quantile is that of the stretch alone; of a funnel, it is those who took
    the last step then.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    gap = why_not(request)
    if gap is not None:
        return Stretched(gap=gap)
    parts = stretches(request.window_hours)
    session.begin()
    request = settled(session, request)
    plan, kind = _uncapped(request.plan), MEASURED[request.kpi.kind]
    taken = _completed if plan.steps else _taken
    unit = session.keep("stretched", object(), lambda: taken(session, request, plan, parts))
    moment = Moment(request.as_of, request.window_hours)
    found = []
    for place, part in enumerate(parts):
        rows = session.rows(_sums(unit, request, plan, place))
        by_variant = {key: [r for r in rows if r["variant"] == key] for key in request.variants}
        try:
            samples = {key: kind.sample(mine, plan, moment) for key, mine in by_variant.items()}
        except DivisorBelowZero:
            return Stretched(gap=BELOW_ZERO)
        found.append((part, samples))
    return Stretched(tuple(found))


def why_not(request: MeasureRequest) -> str | None:
    """Why the KPI has no stretches; None if it has."""
    values = {each.value for each in request.plan.selections}
    if request.kpi.kind == "time_to_event":
        return TIME
    if request.kpi.kind == "score":
        return ONE_ANSWER
    if "absence" in values:
        return ABSENT
    if request.plan.has_local_days:
        return CALENDAR
    return SHORT if len(stretches(request.window_hours)) < 2 else None


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
        within = _within(used.at - used.anchor_at, part)
        several = len(plan.selections) > 1
        counts = [within & used[f"c{e.place}"] if several else within for e in plan.selections]
        for name, value in added_up(used, plan, plan.selections, counts).items():
            taken[f"p{place}_{name}"] = value
        taken[f"p{place}_events"] = used.count(where=within)
    per_unit = used.group_by("anchor").aggregate(**taken)
    unit = _analysed(units).left_join(per_unit, "anchor", rname="taken_{name}")
    return unit.select("anchor", "variant", *taken)


def _completed(
    session: Session, request: MeasureRequest, plan: Plan, parts: Sequence[Stretch]
) -> Table:
    """In which stretch every customer took the last step of a funnel, side by side."""
    units, used = used_events(session, request)
    unit = _analysed(units).left_join(sequences(used, plan), "anchor", rname="ordered_{name}")
    since = unit[f"s{len(plan.steps) - 1}"] - unit.anchor_at
    taken = {f"p{place}": _within(since, part).fill_null(False) for place, part in enumerate(parts)}
    return unit.mutate(**taken).select("anchor", "variant", *taken)


def _analysed(units: Table) -> Table:
    return units.filter(units.standing == ANALYSED).select("anchor", "anchor_at", "variant")


def _within(since: IntegerValue, part: Stretch) -> BooleanValue:
    found: BooleanValue = (since >= part.from_hours * HOUR) & (since < part.to_hours * HOUR)
    return found


def _sums(unit: Table, request: MeasureRequest, plan: Plan, place: int) -> Table:
    """Exact sums of one stretch, by variant, and by value where customers are counted by it."""
    if plan.steps:
        mine = unit.group_by("variant").aggregate(units=unit.count(), total=unit[f"p{place}"].sum())
        return mine.order_by("variant")
    kind, moment = MEASURED[request.kpi.kind], Moment(request.as_of, request.window_hours)
    taken = {e.column: unit[f"p{place}_{e.column}"] for e in plan.selections}
    mine = unit.mutate(**taken, events=unit[f"p{place}_events"].fill_null(0))
    mine = mine.mutate(**kind.values(mine, plan, moment))
    keys = ["variant", *kind.per]
    return mine.group_by(keys).aggregate(units=mine.count(), **kind.sums(mine, plan)).order_by(keys)
