"""Intervals and p-values that stay valid at every planned look.

Jennison and Turnbull (1989), "Interim analyses: the repeated confidence interval approach", Journal
of the Royal Statistical Society B 51, 305-361: the estimate plus and minus the look's own bound
times its standard error. It holds whether or not the test stops at that look.
"""

from collections.abc import Callable
from math import exp, log

from scipy.optimize import brentq

from stats.lift import Interval
from stats.sequential.bounds import Look
from stats.sequential.estimates import NormalEstimate

_LEAST_ALPHA, _MOST_ALPHA = 1e-14, 0.99


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


def repeated_p_value(estimate: NormalEstimate, look_at: Callable[[float], Look]) -> float:
    """Find the least alpha at whose bound the effect is shown at this look.

    The p-value that belongs to `repeated_interval`: Jennison and Turnbull (2000), "Group Sequential
    Methods", section 9.5. It is below the plan's alpha exactly if `crosses` says so, and the least
    of all looks so far is valid as well.

    Args:
        estimate: At that look, on the scale that was tested.
        look_at: Gives this look as a plan with another alpha would have had it.

    Returns:
        A fraction, not below 1e-14; 1 where even an alpha of 0.99 would show nothing.

    Examples:
        >>> from stats.sequential.bounds import final_looks
        >>> def second(alpha):
        ...     return final_looks([0.5, 1.1], alpha=alpha)[-1]
        >>> round(repeated_p_value(NormalEstimate(0.02, 0.008), second), 4)
        0.0125
    """
    size = abs(estimate.z)

    def lacking(log_alpha: float) -> float:
        return look_at(exp(log_alpha)).critical_z - size

    least, most = log(_LEAST_ALPHA), log(_MOST_ALPHA)
    if lacking(most) >= 0:
        return 1.0
    if lacking(least) <= 0:
        return _LEAST_ALPHA
    return float(exp(brentq(lacking, least, most, xtol=1e-12)))
