from math import sqrt

import numpy as np
import pytest

from stats.planning import MeanLift, ratio_standard_deviation


def test_a_treatment_may_vary_more_than_the_control() -> None:
    lift = MeanLift(3.0, 1.0, treatment_standard_deviation=4.0)
    assert lift.spread(ratio=1.0).planned == pytest.approx(5.0)
    assert lift.spread(ratio=4.0).planned == pytest.approx(sqrt(13.0))


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
    ("deviation", "effect", "other"),
    [(0.0, 1.0, None), (-1.0, 1.0, None), (1.0, 0.0, None), (1.0, 1.0, 0.0), (1.0, np.inf, None)],
)
def test_impossible_means_are_refused(deviation: float, effect: float, other: float | None) -> None:
    with pytest.raises(ValueError, match="expected"):
        MeanLift(deviation, effect, other)


def test_impossible_moments_of_a_ratio_are_refused() -> None:
    with pytest.raises(ValueError, match="linearised variance"):
        ratio_standard_deviation(
            0.1, 0.0, numerator_variance=1.0, denominator_variance=1.0, covariance=0.0
        )
    with pytest.raises(ValueError, match="linearised variance"):
        ratio_standard_deviation(
            1.0, 1.0, numerator_variance=1.0, denominator_variance=1.0, covariance=1.0
        )
