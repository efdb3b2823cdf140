"""The primary KPI day by day, and when the planned looks came.

A customer counts from the day on which its window closed, with everything that is known of
it today; so the last day is the report itself.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from ibis.expr.types import Table

from experiments.measurement.anchors import ANALYSED, instant
from experiments.measurement.formula.plan import Plan
from experiments.measurement.kinds import MEASURED, KpiSample, Moment
from experiments.measurement.placed import place_used, unit_values
from experiments.measurement.request import MeasureRequest
from experiments.measurement.session import Session
from experiments.registry.experiment import ExperimentDraft
from experiments.reporting.comparisons import running_comparisons
from experiments.reporting.families import family_of
from experiments.reporting.looks import Due, judged_looks
from experiments.reporting.report import Look, Timeline, TimelinePoint
from experiments.reporting.setting import Setting

MOST_POINTS = 60
NOT_BY_DAY = (
    "what the KPI says of each day cannot be added up, so there is no difference by day and no "
    "planned look"
)
# Days of every time zone begin on a quarter of an hour.
_QUARTER = 900_000_000
Sums = Mapping[str, int]


@dataclass(frozen=True)
class Day:
    """What was known at the end of a day.

    Attributes:
        at: The end of the day, or the moment of the report.
        sums: Exact, of everybody counted until then, by variant.
    """

    at: datetime
    sums: Mapping[str, Sums]

    @property
    def units(self) -> int:
        """Customers counted until then."""
        return sum(self.units_of(variant) for variant in self.sums)

    def units_of(self, variant: str) -> int:
        """Of one variant."""
        return self.sums[variant]["units"]


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
        With a gap for kinds of KPI that do not add up by day; None before anybody is counted where
        no looks are planned.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    kpi = request.kpi
    if MEASURED[kpi.kind].per:
        return Timeline(kpi.key, (), (), gap=NOT_BY_DAY)
    session.begin()
    unit = unit_values(place_used(session, request), request, request.plan)
    rows = session.rows(_by_quarter(unit, request.plan))
    if not rows:
        planned = looks_at((), draft, request)
        return Timeline(kpi.key, (), planned) if planned else None
    days = list(_days(rows, request, zone))
    return Timeline(
        kpi=kpi.key,
        points=tuple(_points(_thinned(days), draft, request)),
        looks=looks_at(days, draft, request),
    )


def _by_quarter(unit: Table, plan: Plan) -> Table:
    """Units and exact sums by variant and the quarter of an hour in which windows closed."""
    counted = unit.filter(unit.standing == ANALYSED)
    counted = counted.mutate(quarter=counted.closes_at // _QUARTER)
    return (
        counted.group_by("quarter", "variant")
        .aggregate(units=counted.count(), **MEASURED[plan.kpi.kind].sums(counted, plan))
        .order_by("quarter", "variant")
    )


def _days(rows: Sequence[Mapping[str, Any]], request: MeasureRequest, zone: str) -> Iterator[Day]:
    """Every day from the first window that closed to the last, each with all before it."""
    first, last = (instant(int(rows[place]["quarter"]) * _QUARTER) for place in (0, -1))
    nothing = dict.fromkeys(rows[0].keys() - {"quarter", "variant"}, 0)
    sums: dict[str, Sums] = dict.fromkeys(request.variants, nothing)
    place = 0
    for end in _ends_of_days(first, last, zone):
        while place < len(rows) and instant(int(rows[place]["quarter"]) * _QUARTER) < end:
            row, held = rows[place], sums[rows[place]["variant"]]
            sums[row["variant"]] = {name: held[name] + int(row[name]) for name in held}
            place += 1
        yield Day(min(end, request.as_of), dict(sums))


def _ends_of_days(first: datetime, last: datetime, zone: str) -> Iterator[datetime]:
    """Midnights from the one after ``first`` to the one after ``last``."""
    place = ZoneInfo(zone)
    on, until = first.astimezone(place).date(), last.astimezone(place).date()
    while on <= until:
        on += timedelta(days=1)
        yield datetime.combine(on, time(), place).astimezone(first.tzinfo)


def _thinned(days: list[Day]) -> list[Day]:
    """Every so many days, the last among them, where there are more than can be seen."""
    every = -(-len(days) // MOST_POINTS)
    return days[::-1][::every][::-1]


def _points(
    days: Sequence[Day], draft: ExperimentDraft, request: MeasureRequest
) -> Iterator[TimelinePoint]:
    planned = draft.plan.units_planned or days[-1].units
    for day in days:
        control = day.units_of(draft.control.key)
        for entry in running_comparisons(_setting(day, draft, request, planned)):
            yield TimelinePoint(
                at=day.at,
                variant=entry.variant,
                units=control + day.units_of(entry.variant),
                difference=entry.difference,
                always_valid=entry.always_valid,
                gap=entry.gap,
            )


def _setting(day: Day, draft: ExperimentDraft, request: MeasureRequest, planned: int) -> Setting:
    return Setting(
        draft=draft,
        family=family_of(request.kpi.kind),
        direction=request.kpi.direction,
        samples=_samples(day, request),
        planned_units=planned,
        kind=request.kpi.kind,
    )


def _samples(day: Day, request: MeasureRequest) -> dict[str, Any]:
    kind = MEASURED[request.kpi.kind]
    moment = Moment(request.as_of, request.window_hours)
    made: dict[str, KpiSample] = {
        variant: kind.sample([sums], request.plan, moment) for variant, sums in day.sums.items()
    }
    return made


def looks_at(
    days: Sequence[Day], draft: ExperimentDraft, request: MeasureRequest
) -> tuple[Look, ...]:
    """The planned looks, at equal shares of the planned customers."""
    planned, looks = draft.plan.units_planned, draft.plan.looks
    if not planned or looks < 2:
        return ()
    due: dict[datetime, Due] = {}
    for number in range(1, looks + 1):
        day = next((day for day in days if day.units >= planned * number / looks), None)
        if day is not None and not any(each.seen >= 1 for each in due.values()):
            # Of several that fell due on one day, the last is the one that was taken.
            setting = _setting(day, draft, request, planned)
            due[day.at] = Due(number, day.at, day.units / planned, setting)
    return judged_looks(tuple(due.values()), looks)
