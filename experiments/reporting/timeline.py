"""The primary KPI day by day, and when the planned looks came.

A customer counts from the day on which its window closed, with everything that is known of
it today; so the last day is the report itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, time, timedelta
from itertools import accumulate
from typing import Any
from zoneinfo import ZoneInfo

from ibis.expr.types import Table

from experiments.kpis.document import KpiDocument
from experiments.kpis.reading import KpiReading
from experiments.measurement.accounting import USED
from experiments.measurement.anchors import ANALYSED, instant
from experiments.measurement.kinds import MEASURED, Sums, scale_of, unit_value
from experiments.measurement.measure import MeasureRequest, place_events
from experiments.measurement.session import Session
from experiments.registry.experiment import ExperimentDraft
from experiments.reporting.comparisons import Setting, running_comparisons
from experiments.reporting.families import FAMILIES
from experiments.reporting.report import Look, Timeline, TimelinePoint

MOST_POINTS = 60
# Days of every time zone begin on a quarter of an hour.
_QUARTER = 900_000_000
Cumulated = dict[str, Sums]


def timeline_of(
    session: Session, request: MeasureRequest, draft: ExperimentDraft, zone: str
) -> Timeline | None:
    """The primary KPI as it stood at the end of every day.

    Args:
        session: On the replica, where the request was measured already or will be.
        request: Of the primary KPI.
        draft: The test as registered.
        zone: IANA time zone whose days count.

    Returns:
        None for kinds of KPI that do not add up by day, and before anybody is counted.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    if request.kpi.kind not in MEASURED:
        return None
    session.begin()
    rows = session.rows(_by_quarter(*place_events(session, request), request.kpi))
    if not rows:
        return None
    first, last = (instant(int(rows[place]["quarter"]) * _QUARTER) for place in (0, -1))
    ends = [*_ends_of_days(first, last, zone)]
    sums = _cumulated(rows, ends, request.variants)
    days = [(min(end, request.as_of), each) for end, each in zip(ends, sums, strict=True)]
    return Timeline(
        kpi=request.kpi.key,
        points=tuple(_points(_thinned(days), draft, request.kpi)),
        looks=tuple(_looks(days, draft)),
    )


def _by_quarter(anchored: Table, placed: Table, kpi: KpiDocument) -> Table:
    """Units and exact sums by variant and the quarter of an hour in which windows closed."""
    used = placed.filter(placed.reason == USED)
    per_unit = used.group_by("anchor").aggregate(
        events=used.events.sum(), total=used.total.sum().cast("decimal(38, 0)")
    )
    unit = anchored.filter(anchored.standing == ANALYSED).left_join(per_unit, "anchor")
    unit = unit.mutate(events=unit.events.fill_null(0), total=unit.total.fill_null(0))
    unit = unit.mutate(value=unit_value(unit, kpi), quarter=unit.closes_at // _QUARTER)
    return (
        unit.group_by("quarter", "variant")
        .aggregate(
            units=unit.count(),
            total=unit.value.sum(),
            squares=(unit.value * unit.value).sum(),
        )
        .order_by("quarter", "variant")
    )


def _ends_of_days(first: datetime, last: datetime, zone: str) -> Iterator[datetime]:
    """Midnights from the one after ``first`` to the one after ``last``."""
    place = ZoneInfo(zone)
    on, until = first.astimezone(place).date(), last.astimezone(place).date()
    while on <= until:
        on += timedelta(days=1)
        yield datetime.combine(on, time(), place).astimezone(first.tzinfo)


def _cumulated(
    rows: Sequence[Mapping[str, Any]], ends: Sequence[datetime], variants: Sequence[str]
) -> Iterator[Cumulated]:
    """The sums of all variants up to the end of each day."""
    nothing = dict.fromkeys(variants, Sums(0, 0, 0))
    by_day: list[list[Mapping[str, Any]]] = [[] for _ in ends]
    place = 0
    for row in rows:
        while instant(int(row["quarter"]) * _QUARTER) >= ends[place]:
            place += 1
        by_day[place].append(row)
    return (sums for sums in [*accumulate(by_day, _added, initial=nothing)][1:])


def _added(before: Cumulated, rows: Sequence[Mapping[str, Any]]) -> Cumulated:
    after = dict(before)
    for row in rows:
        held = after[row["variant"]]
        after[row["variant"]] = Sums(
            held.units + int(row["units"]),
            held.total + int(row["total"]),
            held.squares + int(row["squares"]),
        )
    return after


def _thinned(days: list[tuple[datetime, Cumulated]]) -> list[tuple[datetime, Cumulated]]:
    """Every so many days, the last among them, where there are more than can be seen."""
    every = -(-len(days) // MOST_POINTS)
    return days[::-1][::every][::-1]


def _points(
    days: Sequence[tuple[datetime, Cumulated]], draft: ExperimentDraft, kpi: KpiDocument
) -> Iterator[TimelinePoint]:
    reading, kind, scale = KpiReading.of(kpi), MEASURED[kpi.kind], scale_of(kpi)
    planned = draft.plan.units_planned or _units(days[-1][1])
    for at, sums in days:
        setting = Setting(
            draft=draft,
            family=FAMILIES[kpi.kind],
            direction=reading.direction,
            samples={key: kind.sample(each, scale) for key, each in sums.items()},
            planned_units=planned,
        )
        control = sums[draft.control.key].units
        for entry in running_comparisons(setting):
            yield TimelinePoint(
                at=at,
                variant=entry.variant,
                units=control + sums[entry.variant].units,
                difference=entry.difference,
                always_valid=entry.always_valid,
                gap=entry.gap,
            )


def _looks(days: Sequence[tuple[datetime, Cumulated]], draft: ExperimentDraft) -> Iterator[Look]:
    """The planned looks, at equal shares of the planned customers."""
    planned, looks = draft.plan.units_planned, draft.plan.looks
    if not planned or looks < 2:
        return
    for number in range(1, looks + 1):
        wanted = planned * number / looks
        at = next((end for end, sums in days if _units(sums) >= wanted), None)
        yield Look(number, number / looks, at)


def _units(sums: Cumulated) -> int:
    return sum(each.units for each in sums.values())
