"""The interval of a ratio of two estimates.

Fieller (1954), "Some problems in interval estimation", Journal of the Royal Statistical
Society B 16, 175-185: the ratios r at which (t - r c)^2 <= q^2 (v_t + r^2 v_c - 2 r v_tc).
"""

import math
from dataclasses import dataclass

from stats.lift import Interval


@dataclass(frozen=True)
class Measured:
    """An estimate with the square of its standard error."""

    value: float
    variance: float


def fieller_interval(
    control: Measured, treatment: Measured, critical: float, covariance: float = 0.0
) -> Interval | None:
    """Give the lift's interval: treatment over control, minus 1.

    Args:
        control: The denominator.
        treatment: The numerator.
        critical: Quantile of the reference distribution, above 0.
        covariance: Of the two estimates; 0 for independent samples.

    Returns:
        The interval, or None where the ratios allowed are not one: the control cannot
        be told from 0 at this ``critical``.

    Examples:
        >>> interval = fieller_interval(Measured(10.0, 1.0), Measured(12.0, 1.0), 1.96)
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (-0.0679, 0.5638)
    """
    c, t, square = control.value, treatment.value, critical**2
    # a r^2 - 2 b r + k <= 0
    a = c**2 - square * control.variance
    if a <= 0:
        return None
    b = c * t - square * covariance
    k = t**2 - square * treatment.variance
    middle, half = b / a, math.sqrt(max(b**2 - a * k, 0.0)) / a
    return Interval(middle - half - 1, middle + half - 1)
