"""Textbook methods answer or refuse; their values are proved by the oracles."""

import pytest

from stats import textbook
from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample

B = BinomialSample


def test_a_ratio_without_successes_has_no_logarithm() -> None:
    with pytest.raises(NotEnoughData, match="no successes"):
        textbook.katz_interval(B(100, 0), B(100, 5))


def test_a_ratio_of_nothing_to_nothing_has_no_score_interval() -> None:
    with pytest.raises(NotEnoughData, match="the same outcome"):
        textbook.koopman_interval(B(100, 0), B(100, 0))


def test_a_control_without_successes_sets_no_upper_limit() -> None:
    assert textbook.koopman_interval(B(100, 0), B(100, 5)).upper is None


@pytest.mark.parametrize(("successes", "lower", "upper"), [(0, 0, 0.3085), (10, 0.6915, 1)])
def test_clopper_and_pearson_at_the_ends(successes: int, lower: float, upper: float) -> None:
    interval = textbook.clopper_pearson_interval(B(10, successes))
    assert (interval.lower, interval.upper) == pytest.approx((lower, upper), abs=1e-4)


def test_the_delta_method_needs_a_control_above_or_below_zero() -> None:
    with pytest.raises(NotEnoughData, match="mean is 0"):
        textbook.relative_delta(MeanSample.of([-1, 1, 0]), MeanSample.of([1, 2, 3]))


def test_every_method_has_a_name() -> None:
    assert len(textbook.METHODS) == 17
