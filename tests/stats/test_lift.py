"""Answers hold no NaN and no infinity, and say why something is missing."""

import math

import pytest

from stats.lift import Estimate, Interval, Lift, RelativeLift, settle

HERE = Estimate(0.2, Interval(0.1, 0.3))


def lift(p_value: float = 0.02, confidence: float = 0.95, statistic: float = 2.3) -> Lift:
    relative = RelativeLift(0.2, Interval(0.1, 0.3), gap=None)
    return Lift(HERE, HERE, HERE, relative, p_value, statistic, confidence, "score")


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_no_value_is_nan_or_infinite(value: float) -> None:
    with pytest.raises(ValueError, match="expected a finite number"):
        Interval(value, None)
    with pytest.raises(ValueError, match="expected a finite number"):
        Estimate(value, Interval(0, 1))
    with pytest.raises(ValueError, match="expected a finite number"):
        RelativeLift(value, None, gap="no interval")
    with pytest.raises(ValueError, match="expected a finite number"):
        lift(statistic=value)


def test_an_interval_has_its_sides_in_order() -> None:
    with pytest.raises(ValueError, match="above upper"):
        Interval(0.2, 0.1)


def test_an_interval_may_be_one_point_and_holds_its_own_sides() -> None:
    assert Interval(0.2, 0.2).contains(0.2)
    assert Interval(-0.1, 0.2).contains(-0.1)
    assert Interval(-0.1, 0.2).contains(0.2)


def test_a_side_that_is_none_has_no_limit() -> None:
    assert Interval(None, 0.1).contains(-1e300)
    assert not Interval(None, 0.1).contains(0.2)
    assert Interval(None, None).contains(0)


@pytest.mark.parametrize(
    ("value", "interval", "gap"),
    [
        (None, None, None),
        (0.1, None, None),
        (None, Interval(0.1, 0.2), None),
        (0.1, Interval(0.1, None), None),
        (0.1, Interval(0.1, 0.2), "though nothing is missing"),
    ],
)
def test_what_is_missing_of_a_relative_lift_is_explained(
    value: float | None, interval: Interval | None, gap: str | None
) -> None:
    with pytest.raises(ValueError, match="gap is"):
        RelativeLift(value, interval, gap)


@pytest.mark.parametrize("p_value", [-0.1, 1.1, math.nan])
def test_a_p_value_is_a_fraction(p_value: float) -> None:
    with pytest.raises(ValueError, match="p-value"):
        lift(p_value=p_value)


@pytest.mark.parametrize("p_value", [0.0, 1.0])
def test_a_p_value_may_be_none_at_all_or_certain(p_value: float) -> None:
    assert lift(p_value=p_value).p_value == p_value


def test_the_confidence_of_a_lift_is_a_fraction() -> None:
    with pytest.raises(ValueError, match="confidence is 95"):
        lift(confidence=95)


def test_a_p_value_at_the_threshold_shows_nothing() -> None:
    assert not lift(p_value=0.5, confidence=0.5).significant


def test_significance_follows_the_confidence() -> None:
    assert lift(p_value=0.02, confidence=0.95).significant
    assert not lift(p_value=0.02, confidence=0.99).significant


@pytest.mark.parametrize(
    ("interval", "significant", "settled"),
    [
        (Interval(0.1, 0.2), True, Interval(0.1, 0.2)),
        (Interval(-0.1, 0.2), False, Interval(-0.1, 0.2)),
        (Interval(-0.2, 1e-18), True, Interval(-0.2, -5e-324)),
        (Interval(-0.2, -1e-18), False, Interval(-0.2, 0.0)),
        (Interval(-1e-18, None), True, Interval(5e-324, None)),
    ],
)
def test_a_side_within_rounding_of_zero_follows_the_verdict(
    interval: Interval, significant: bool, settled: Interval
) -> None:
    assert settle(interval, significant=significant) == settled
