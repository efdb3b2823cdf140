"""The normal interval that most textbook methods share."""

from scipy.special import ndtri

from stats.checks import check_confidence
from stats.lift import Interval


def quantile(confidence: float) -> float:
    """Give the normal quantile that a two-sided interval needs."""
    check_confidence(confidence)
    return float(ndtri((1 + confidence) / 2))


def around(value: float, half: float) -> Interval:
    """Give the interval with ``value`` in its middle."""
    return Interval(value - half, value + half)
