"""Intervals that stay valid at every planned look.

Jennison and Turnbull (1989), "Interim analyses: the repeated confidence interval approach", Journal
of the Royal Statistical Society B 51, 305-361: the estimate plus and minus the look's own bound
times its standard error. It holds whether or not the test stops at that look.
"""

from stats.lift import Interval
from stats.sequential.bounds import Look
from stats.sequential.estimates import NormalEstimate


def repeated_interval(estimate: NormalEstimate, look: Look) -> Interval:
    """Put the limits of a look around an estimate.

    Args:
        estimate: At that look, on the scale that was tested.
        look: With its bound.

    Returns:
        The interval; all the intervals of a test hold together with confidence 1 - alpha. It leaves
        out 0 exactly if `crosses` says so.

    Examples:
        >>> from stats.sequential.bounds import interim_looks
        >>> interval = repeated_interval(NormalEstimate(0.02, 0.005), interim_looks([0.5])[-1])
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (0.0052, 0.0348)
    """
    margin = look.critical_z * estimate.standard_error
    return Interval(estimate.value - margin, estimate.value + margin)


def crosses(estimate: NormalEstimate, look: Look) -> bool:
    """Say whether an estimate is beyond the bound of a look, either way.

    Examples:
        >>> from stats.sequential.bounds import interim_looks
        >>> crosses(NormalEstimate(0.02, 0.005), interim_looks([0.5])[-1])
        True
    """
    return abs(estimate.value) > look.critical_z * estimate.standard_error
