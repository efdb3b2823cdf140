"""What a KPI's values over time must be, customer by customer in plain Python."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from experiments.kpis.document import KpiDocument
from experiments.kpis.terms import Events
from experiments.measurement.measure import MeasureRequest
from experiments.tracking.series import SeriesRequest
from stats.samples import (
    BinomialSample,
    LifeTable,
    MeanSample,
    RatioSample,
    ScoreSample,
    ValueCounts,
)
from tests.experiments.measurement.ledger import Row
from tests.experiments.measurement.oracle_formula import Customer, _Reading, us

HOUR = 3_600_000_000


def expected_values(rows: list[Row], asked: SeriesRequest) -> list[tuple[int, Any]]:
    """Customers and value of every period."""
    return [_of_period(rows, asked, start) for start in asked.starts]


def after(start: date, period: str) -> date:
    if period == "day":
        return start + timedelta(days=1)
    if period == "week":
        return start + timedelta(days=7)
    return (start.replace(day=28) + timedelta(days=4)).replace(day=1)


def _of_period(rows: list[Row], asked: SeriesRequest, start: date) -> tuple[int, Any]:
    reading = _Period(rows, asked, start)
    for row in reading._facts():
        reading._place(row)
    kept = [each for each in reading.customers.values() if each.standing == "analysed"]
    sample = reading._sample(kept, capped=True)
    return sample.units, _value(sample, asked.document, reading.hours)


class _Period(_Reading):
    """A plain reading of one period: its own customers, each with its anchor."""

    def __init__(self, rows: list[Row], asked: SeriesRequest, start: date) -> None:
        self.asked, self.base_ids = asked, dict[str, str]()
        tracking = asked.document.tracking
        assert tracking is not None
        self.tracking = tracking
        self.first, self.end = start, after(start, asked.period)
        zone = asked.zone
        request = MeasureRequest(
            1, 1, "sent", ("x",), asked.as_of, "external", asked.document,
            asked.document.formula.longest_hours, zone=zone, costs=asked.costs,
        )  # fmt: skip
        super().__init__(rows, request)

    @property
    def hours(self) -> int:
        if self.tracking.by == "cohort":
            return self.request.window_hours
        since, until = self._span()
        return (until - since) // HOUR

    def _span(self) -> tuple[int, int]:
        rolling = self.tracking.rolling_days
        first = self.first if rolling is None else self.end - timedelta(days=rolling)
        return self._starts(first), self._starts(self.end)

    def _starts(self, day: date) -> int:
        return us(datetime.combine(day, time(), self.zone).astimezone(UTC))

    def _anchored(self) -> dict[str, Customer]:
        if self.tracking.by == "cohort":
            return self._cohort()
        since, until = self._span()
        if self.tracking.base is None:
            facts = [*self.exposures, *self.events]
            units = {row["unit_id"] for row in facts if row["occurred_at"] < until}
            units = {
                u
                for u in units
                if any(
                    r["unit_id"] == u
                    and r["occurred_at"] <= self.as_of
                    and r["occurred_at"] < until
                    for r in facts
                )
            }
        else:
            units = {row["unit_id"] for row in self._base(since, until)}
        return {unit: self._who(unit, since, since, until) for unit in sorted(units)}

    def _base(self, since: int, until: int) -> list[Row]:
        base = self.tracking.base
        assert base is not None
        found = [
            row for row in self._facts_of(base.event)
            if since <= row["occurred_at"] < until and row["occurred_at"] <= self.as_of
            and self._is(row, base) and not self._by_machine(row, base)
        ]  # fmt: skip
        return sorted(found, key=lambda row: (row["occurred_at"], row["source_id"]))

    def _cohort(self) -> dict[str, Customer]:
        found: dict[str, Customer] = {}
        for row in self._base(self._starts(self.first), self._starts(self.end)):
            if row["unit_id"] in found:
                continue
            at = row["occurred_at"]
            days = self.formula.days
            opens, closes = at, at + self.request.window_hours * HOUR
            if days is not None:
                opens = max(at, self._midnight(at, days.first))
                closes = self._midnight(at, days.last + 1)
            self.base_ids[row["unit_id"]] = row["source_id"]
            found[row["unit_id"]] = self._who(row["unit_id"], at, opens, closes)
        return found

    def _who(self, unit: str, at: int, opens: int, closes: int) -> Customer:
        fits = all(self._fulfils(unit, at, each) for each in self.formula.requires)
        waits = self.tracking.by == "cohort" and closes > self.as_of
        return Customer(
            "x",
            at,
            opens,
            closes,
            "not_required" if not fits else "immature" if waits else "analysed",
        )

    def _event_tests(self, row: Row, wanted: Events) -> list[tuple[str, bool]]:
        tests = [
            each
            for each in super()._event_tests(row, wanted)
            if each[0] not in {"other_experiment", "not_credited"}
        ]
        starts = self.formula.since or (self.formula if self.formula.then else None)
        is_base = self.base_ids.get(row["unit_id"]) == row["source_id"]
        return [*tests, ("not_credited", is_base and wanted is not starts)]

    def _unit_tests(self, row: Row, customer: Customer) -> list[tuple[str, bool]]:
        return [*super()._unit_tests(row, customer), ("immature", customer.standing == "immature")]


def _value(sample: Any, document: KpiDocument, hours: int) -> Any:
    assert document.tracking is not None
    match sample:
        case BinomialSample():
            return _over(sample.successes, sample.units)
        case MeanSample():
            total = Fraction(sample.total, sample.scale)
            return total if document.tracking.aggregate == "total" else _over(total, sample.units)
        case RatioSample():
            up, down = (
                Fraction(sample.sum_y, sample.scale_y),
                Fraction(sample.sum_x, sample.scale_x),
            )
            return None if down < 0 else _over(up, down)
        case ScoreSample():
            return _over(100 * (sample.promoters - sample.detractors), sample.units)
        case ValueCounts():
            return _quantile(sample, document)
        case LifeTable():
            return _mean_time(sample, document, hours)


def _over(up: Any, down: Any) -> Fraction | None:
    return Fraction(up) / Fraction(down) if down else None


def _quantile(sample: ValueCounts, document: KpiDocument) -> Fraction | None:
    values = sorted(v for value, n in sample.counts for v in [Fraction(value, sample.scale)] * n)
    if not values:
        return None
    place = len(values) * Fraction(Decimal(str(document.formula.quantile)))
    if place.denominator == 1:
        return (values[int(place) - 1] + values[int(place)]) / 2
    return values[int(place)]


def _mean_time(sample: LifeTable, document: KpiDocument, hours: int) -> Fraction | None:
    """The area under the curve of Kaplan and Meier up to the horizon, in days."""
    days, step = document.formula.days, 1 if document.formula.step == "hour" else 24
    horizon = max(1, (hours if days is None else 24 * days.last) // step)
    if not sample.rows:
        return None
    horizon = (
        min(horizon, sample.rows[-1].time)
        if any(row.censored and row.time < horizon for row in sample.rows)
        else horizon
    )
    if horizon < 1:
        return None
    left, still, area, at = sample.units, Fraction(1), Fraction(0), 0
    for moment, events, censored in sample.rows:
        if moment >= horizon:
            break
        area += still * (moment - at)
        still *= Fraction(left - events, left)
        left, at = left - events - censored, moment
    return (area + still * (horizon - at)) * step / 24


def reasons_add_up(found: Any) -> bool:
    return bool(found.received == found.used + sum(Counter(found.excluded).values()))
