from math import sqrt

import numpy as np
import pytest

from stats.planning import MeanLift, RateLift, RateMargin, ratio_standard_deviation


def test_equal_arms_pool_to_the_middle_rate() -> None:
    spread = RateLift(0.1, 0.02).spread(ratio=1.0)
    assert spread.refuted == pytest.approx(sqrt(2 * 0.11 * 0.89))
    assert spread.planned == pytest.approx(sqrt(0.1 * 0.9 + 0.12 * 0.88))


def test_counting_failures_for_successes_changes_nothing() -> None:
    for ratio in (0.25, 1.0, 3.0):
        there, back = RateLift(0.1, 0.02).spread(ratio), RateLift(0.9, -0.02).spread(ratio)
        assert there.refuted == pytest.approx(back.refuted)
        assert there.planned == pytest.approx(back.planned)


def test_a_treatment_may_vary_more_than_the_control() -> None:
    lift = MeanLift(3.0, 1.0, treatment_standard_deviation=4.0)
    assert lift.spread(ratio=1.0).planned == pytest.approx(5.0)
    assert lift.spread(ratio=4.0).planned == pytest.approx(sqrt(13.0))


def test_the_rates_on_the_margin_keep_the_margin_and_the_total() -> None:
    """With equal arms and no effect the fit to a small margin is nearly symmetric."""
    spread = RateMargin(0.5, 0.02).spread(ratio=1.0)
    assert spread.refuted == pytest.approx(sqrt(2 * 0.49 * 0.51), rel=1e-4)


def test_a_linearised_ratio_has_the_spread_of_simulated_ones() -> None:
    rng = np.random.default_rng(5)
    opens = rng.poisson(2.0, (4000, 500)) + 1
    clicks = rng.binomial(opens, 0.12)
    ratios = clicks.sum(axis=1) / opens.sum(axis=1)
    deviation = ratio_standard_deviation(
        0.12,
        3.0,
        numerator_variance=float(clicks.var()),
        denominator_variance=float(opens.var()),
        covariance=float(np.mean(clicks * opens) - clicks.mean() * opens.mean()),
    )
    assert ratios.std() * sqrt(500) == pytest.approx(deviation, rel=0.04)


@pytest.mark.parametrize(
    ("rate", "effect"),
    [(0.0, 0.1), (1.0, -0.1), (0.5, 0.6), (0.5, -0.6), (0.5, 0.0), (float("nan"), 0.1)],
)
def test_impossible_rates_are_refused(rate: float, effect: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        RateLift(rate, effect)


@pytest.mark.parametrize(
    ("deviation", "effect", "other"),
    [(0.0, 1.0, None), (-1.0, 1.0, None), (1.0, 0.0, None), (1.0, 1.0, 0.0), (1.0, np.inf, None)],
)
def test_impossible_means_are_refused(deviation: float, effect: float, other: float | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        MeanLift(deviation, effect, other)


@pytest.mark.parametrize(
    ("rate", "margin", "effect"),
    [
        (0.0, 0.01, 0.0),
        (0.1, 0.0, 0.0),
        (0.1, 1.0, 0.0),
        (0.1, 0.01, 0.01),
        (0.1, 0.01, 0.02),
        (0.1, 0.01, -0.005),
        (0.1, -0.01, 0.005),
        (0.1, 0.95, 0.92),
    ],
)
def test_impossible_margins_are_refused(rate: float, margin: float, effect: float) -> None:
    with pytest.raises(ValueError, match="expected"):
        RateMargin(rate, margin, effect)


def test_impossible_moments_of_a_ratio_are_refused() -> None:
    with pytest.raises(ValueError, match="linearised variance"):
        ratio_standard_deviation(
            0.1, 0.0, numerator_variance=1.0, denominator_variance=1.0, covariance=0.0
        )
    with pytest.raises(ValueError, match="linearised variance"):
        ratio_standard_deviation(
            1.0, 1.0, numerator_variance=1.0, denominator_variance=1.0, covariance=1.0
        )
