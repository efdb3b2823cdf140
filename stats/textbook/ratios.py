"""Textbook methods for ratios of sums."""

import math

from stats.errors import NotEnoughData
from stats.lift import Estimate, Interval
from stats.ratios import linearised_test
from stats.samples import RatioSample
from stats.textbook.normal import quantile


def ratio_log_lift(
    control: RatioSample, treatment: RatioSample, confidence: float = 0.95
) -> Estimate:
    """Give the lift of two ratios, its interval by a normal approximation of the logarithm.

    Deng, Knoblich and Lu (2018), KDD 2018, 233-242, carried to the logarithm of the ratio
    of ratios. It excludes no lift at other times than the test of the difference.

    Raises:
        NotEnoughData: If a ratio is not above 0: its logarithm does not exist; or as
            `compare_ratios`.

    Examples:
        >>> control = RatioSample.of([(1, 4), (0, 3), (2, 5), (0, 2)])
        >>> treatment = RatioSample.of([(2, 4), (1, 4), (2, 5), (1, 2)])
        >>> lift = ratio_log_lift(control, treatment)
        >>> round(lift.value, 4), round(lift.interval.lower, 4), round(lift.interval.upper, 4)
        (0.8667, -0.2853, 3.8755)
    """
    z = quantile(confidence)
    linearised_test(control, treatment)
    if min(control.sum_y, treatment.sum_y) <= 0:
        raise NotEnoughData("a ratio is not above 0")
    ratio = float(treatment.exact_ratio / control.exact_ratio)
    error = math.sqrt(
        sum(s.exact_variance / s.units / s.exact_ratio**2 for s in (control, treatment))
    )
    spread = math.exp(z * error)
    return Estimate(ratio - 1, Interval(ratio / spread - 1, ratio * spread - 1))
