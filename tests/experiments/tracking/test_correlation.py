"""Correlation over time is not fooled by trends; across tests it says when there are too few."""

from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest

from experiments.errors import Invalid
from experiments.tracking.correlation import correlate
from experiments.tracking.correlations import LiftsOfTest
from experiments.tracking.foretold import foretold

START = date(2025, 1, 1)
Points = list[tuple[date, Decimal]]


def points(values: object, every: int = 1) -> Points:
    return [
        (START + timedelta(days=every * place), Decimal(str(round(float(value), 6))))
        for place, value in enumerate(np.asarray(values))
    ]


def test_a_common_trend_is_no_relation() -> None:
    rng, days = np.random.default_rng(7), np.arange(200)
    first, second = (days * 3 + rng.normal(0, 20, 200) for _ in range(2))
    assert np.corrcoef(first, second)[0, 1] > 0.98
    found = correlate(points(first), points(second), "day", 7)
    assert found.strongest is None
    assert (len(found.lags), found.gap) == (15, None)


def test_what_follows_three_days_later_is_found_there() -> None:
    rng = np.random.default_rng(11)
    first = rng.normal(100, 10, 240)
    second = 50 + np.arange(240) + rng.normal(0, 4, 240)
    second[3:] += first[:-3]
    found = correlate(points(first), points(second), "day", 7)
    assert found.strongest is not None
    assert found.strongest.lag == 3
    lower, upper = found.strongest.interval or (0, 0)
    assert 0.5 < lower < (found.strongest.correlation or 0) < upper <= 1


def test_walks_that_wander_alone_seldom_look_related() -> None:
    """Two random walks: about one pair in twenty may look related, of raw ones most do."""
    rng, fooled = np.random.default_rng(3), 0
    for _ in range(30):
        first, second = (np.cumsum(rng.normal(0, 1, 120)) for _ in range(2))
        fooled += correlate(points(first), points(second), "day", 3).strongest is not None
    assert fooled <= 5


def test_too_few_days_are_a_stated_gap() -> None:
    some = points(range(20))
    found = correlate(some, some, "day", 3)
    assert (found.lags, found.gap) == ((), "too_few_periods")
    assert correlate([], [], "week", 3).gap == "too_few_periods"
    flat = points([1] * 60)
    assert correlate(flat, flat, "day", 3).gap == "no_variation"
    with pytest.raises(Invalid):
        correlate(some, some, "day", 61)


def test_days_without_a_value_stay_gaps() -> None:
    rng = np.random.default_rng(5)
    first = points(rng.normal(10, 1, 120))
    without = [each for place, each in enumerate(first) if place % 30]
    found = correlate(first, without, "day", 0)
    assert 100 < found.pairs < 115
    assert found.strongest is not None
    assert (found.strongest.correlation or 0) > 0.99


def ended(slope: float, count: int, noise: float = 0.001) -> list[LiftsOfTest]:
    rng = np.random.default_rng(count)
    leading = rng.normal(0, 0.02, count)
    lagging = slope * leading + rng.normal(0, noise, count)
    return [
        LiftsOfTest(f"t{place}", "b", float(one), 0.002, float(two), noise)
        for place, (one, two) in enumerate(zip(leading, lagging, strict=True))
    ]


def test_a_leading_kpi_that_foretells_is_seen_across_tests() -> None:
    found = foretold(ended(0.5, 20))
    assert found.interval is not None
    assert found.interval[0] < 0.5 < found.interval[1]
    assert (found.p_value or 1) < 0.001
    assert found.same_direction >= 18
    assert 0.9 < (found.reliability or 0) < 1
    assert found.gap is None


def test_few_tests_are_a_stated_gap() -> None:
    found = foretold(ended(0.5, 4))
    assert (found.slope, found.gap, len(found.tests)) == (None, "too_few_tests", 4)
    same = [LiftsOfTest(f"t{place}", "b", 0.1, 0.01, 0.1, 0.01) for place in range(6)]
    assert foretold(same).gap == "no_variation"
