"""Forecasts on made-up pasts whose truth is known."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from experiments.tracking.calendar import holidays_of
from experiments.tracking.fitted import forecast
from experiments.tracking.forecast import FEWEST, Forecast, History

START = date(2025, 1, 1)
DAYS = 273
OFF = holidays_of("Asia/Seoul", START, START + timedelta(days=400), "en")


def truth(day: date) -> float:
    """Grows, with weekends above and holidays below."""
    grown = 1000 * 1.0008 ** (day - START).days
    return grown * (1.3 if day.weekday() >= 5 else 1.0) * (0.7 if day in OFF else 1.0)


def past(seed: int, days: int = DAYS, noise: float = 0.05) -> History:
    rng = np.random.default_rng(seed)
    known = [START + timedelta(days=n) for n in range(days)]
    values = [(day, Decimal(round(truth(day) * np.exp(rng.normal(0, noise))))) for day in known]
    return History("day", tuple(values), dict.fromkeys(OFF, 1), {})


@pytest.fixture(scope="module")
def ahead() -> Forecast:
    """From 1 October over 추석, which the past has none of."""
    return forecast(past(4), date(2025, 11, 29))


def test_it_knows_weekdays_holidays_and_the_trend(ahead: Forecast) -> None:
    assert ahead.method == ("trend", "weekday", "holidays", "log")
    by_day = {each.starts_on: each for each in ahead.points}
    chuseok, saturday = by_day[date(2025, 10, 6)], by_day[date(2025, 10, 18)]
    assert float(chuseok.value) == pytest.approx(truth(date(2025, 10, 6)), rel=0.06)
    assert float(saturday.value) == pytest.approx(truth(date(2025, 10, 18)), rel=0.06)


def test_what_comes_lies_in_its_range_as_often_as_it_should(ahead: Forecast) -> None:
    inside = [
        float(each.lower) <= truth(each.starts_on) <= float(each.upper) for each in ahead.points
    ]
    assert all(inside)
    assert ahead.back_test is not None
    assert ahead.back_test.coverage >= Decimal("0.9")
    assert ahead.back_test.error < ahead.back_test.naive_error
    assert ahead.back_test.relative_error is not None
    assert ahead.back_test.relative_error < Decimal("0.06")


def test_the_same_past_gives_the_same_answer(ahead: Forecast) -> None:
    assert forecast(past(4), date(2025, 11, 29)) == ahead


def test_an_outage_teaches_nothing(ahead: Forecast) -> None:
    history = past(4)
    day, _ = history.values[200]
    broken = (*history.values[:200], (day, Decimal(1)), *history.values[201:])
    noted = replace(history, values=broken, outages=frozenset({day}))
    found = forecast(noted, date(2025, 11, 29))
    assert "outages_left_out" in found.method
    assert float(found.points[-1].value) == pytest.approx(float(ahead.points[-1].value), rel=0.01)


def test_days_add_up_to_months() -> None:
    found = forecast(past(4), date(2025, 11, 30), "month")
    months = {each.starts_on: each for each in found.summed}
    assert list(months) == [date(2025, 10, 1), date(2025, 11, 1)]
    october = sum(truth(date(2025, 10, 1) + timedelta(days=n)) for n in range(31))
    point = months[date(2025, 10, 1)]
    assert float(point.lower) < october < float(point.upper)
    assert float(point.upper) - float(point.lower) < 0.2 * october
    assert found.sum_at(date(2025, 10, 17)) == point


def test_what_is_known_of_a_month_is_counted_already() -> None:
    found = forecast(past(4, DAYS - 10), date(2025, 9, 30), "month")
    [september] = found.summed
    wide = float(september.upper) - float(september.lower)
    assert wide < 0.1 * float(september.value)


def test_shares_stay_shares() -> None:
    rng = np.random.default_rng(2)
    days = [START + timedelta(days=n) for n in range(90)]
    values = tuple((day, Decimal(f"{0.97 + rng.uniform(-0.02, 0.02):.4f}")) for day in days)
    found = forecast(History("day", values, {}, {}, share=True), days[-1] + timedelta(days=30))
    assert "logit" in found.method
    assert all(0 < each.lower < each.upper < 1 for each in found.points)


@pytest.mark.parametrize(
    ("history", "until", "gap"),
    [
        (past(1, FEWEST["day"] - 1), date(2025, 4, 1), "too_little_history"),
        (past(1, 60), date(2025, 12, 1), "too_far"),
        (past(1, 60), date(2025, 2, 1), "nothing_to_come"),
        (replace(past(1, 60), values=tuple((d, Decimal(3)) for d, _ in past(1, 60).values)),
         date(2025, 3, 20), "does_not_vary"),
        (History("week", (), {}, {}), date(2025, 3, 20), "too_little_history"),
    ],
)  # fmt: skip
def test_without_a_past_there_is_a_stated_gap(history: History, until: date, gap: str) -> None:
    found = forecast(history, until)
    assert (found.gap, found.points, found.back_test) == (gap, (), None)
    assert found.needed == (FEWEST[history.period] if gap == "too_little_history" else None)


@pytest.mark.slow
def test_ranges_hold_what_came_over_many_pasts() -> None:
    rng, inside = np.random.default_rng(9), []
    for seed in range(12):
        found = forecast(past(seed, noise=0.08), date(2025, 10, 30))
        came = [truth(each.starts_on) * np.exp(rng.normal(0, 0.08)) for each in found.points]
        inside += [
            float(each.lower) <= value <= float(each.upper)
            for each, value in zip(found.points, came, strict=True)
        ]
    assert 0.92 <= float(np.mean(inside)) <= 0.995
