"""Always-valid intervals and p-values: they hold at every moment, planned or not.

Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), "Time-uniform central limit theory and
asymptotic confidence sequences", arXiv 2103.06476: the normal-mixture sequence and its one-sided
form. In place of a fixed quantile stands a bound that depends on x = rho^2 t, where t is what has
been seen and rho the tuning. The two-sided form is the mixture test of Johari, Koomen, Pekelis and
Walsh (2022), "Always valid inference", Operations Research 70, 1806-1821, with tau^2 = rho^2 times
the variance.

The bound is lowest, in standard errors, when x takes the best value: so that is where the planned
end is put. Far from it little is lost: at a tenth of the plan the bound is 3.82, at the end 3.04.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import accumulate
from math import exp, expm1, log, log1p, sqrt

from scipy.special import lambertw

from stats.checks import check_alpha, check_confidence
from stats.lift import Interval, settle
from stats.sequential.estimates import NormalEstimate
from stats.sequential.progress import Clock, Information, Progress

__all__ = [
    "AlwaysValid",
    "Clock",
    "Information",
    "Progress",
    "always_valid",
    "always_valid_lower",
    "best_x",
    "critical_z",
    "critical_z_one_sided",
    "first_iterate_x",
    "p_value",
    "p_value_one_sided",
    "running_p_values",
]


@dataclass(frozen=True)
class AlwaysValid:
    """What can be said at any moment.

    Attributes:
        interval: Of the effect; a one-sided one has one limit.
        p_value: Of no effect at this moment; `running_p_values` may keep the least so far.
        critical_z: Half-width of the interval in standard errors.
    """

    interval: Interval
    p_value: float
    critical_z: float


def always_valid(
    estimate: NormalEstimate, progress: Clock, *, confidence: float = 0.95
) -> AlwaysValid:
    """Give the interval and p-value that hold however often one looks.

    Args:
        estimate: Of the effect so far.
        progress: Of the comparison, against its plan.
        confidence: That the intervals of all moments hold together, a fraction in (0, 1).

    Returns:
        Two limits; 0 lies outside them exactly if the p-value is below 1 - confidence.

    Raises:
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> answer = always_valid(NormalEstimate(0.02, 0.005), Progress(5000, 5000, 20_000, 600))
        >>> round(answer.interval.lower, 4), round(answer.interval.upper, 4)
        (0.0046, 0.0354)
        >>> round(answer.p_value, 4)
        0.0036
    """
    check_confidence(confidence)
    alpha = 1 - confidence
    x = best_x(alpha) * progress.fraction
    z, p = critical_z(x, alpha), p_value(estimate.z, x)
    margin = z * estimate.standard_error
    interval = Interval(estimate.value - margin, estimate.value + margin)
    return AlwaysValid(settle(interval, significant=p < alpha), p, z)


def always_valid_lower(
    estimate: NormalEstimate, progress: Clock, *, confidence: float = 0.95
) -> AlwaysValid:
    """Give the least effect that agrees with the data, however often one looks.

    Made for harm: a guardrail's increase is shown once this limit is above 0. For the greatest
    effect, hand in the estimate with its sign turned.

    Args:
        estimate: Of the effect so far.
        progress: Of the comparison, against its plan.
        confidence: One-sided, a fraction in (0.5, 1).

    Returns:
        A lower limit; it is above 0 exactly if the p-value is below 1 - confidence.

    Raises:
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> answer = always_valid_lower(NormalEstimate(0.02, 0.005), Progress(5000, 5000, 20_000))
        >>> round(answer.interval.lower, 4), answer.interval.upper
        (0.0058, None)
    """
    if not 0.5 < confidence < 1:
        raise ValueError(f"confidence is {confidence}, expected a fraction in (0.5, 1)")
    alpha = 1 - confidence
    x = best_x(2 * alpha) * progress.fraction
    z, p = critical_z_one_sided(x, alpha), p_value_one_sided(estimate.z, x)
    interval = Interval(estimate.value - z * estimate.standard_error, None)
    return AlwaysValid(settle(interval, significant=p < alpha), p, z)


def running_p_values(p_values: Iterable[float]) -> tuple[float, ...]:
    """Keep the least p-value so far, which is as valid as each of them.

    Examples:
        >>> running_p_values([0.4, 0.03, 0.2])
        (0.4, 0.03, 0.03)
    """
    return tuple(accumulate(p_values, min))


def best_x(alpha: float) -> float:
    """Find the x at which the two-sided bound is lowest.

    The root of x - log(1 + x) = -2 log(alpha), where the bound's derivative is 0. By Lambert's
    function it is -W_{-1}(-alpha^2 / e) - 1 (the choice of rho in Waudby-Smith et al. 2021).

    Args:
        alpha: Two-sided; for a one-sided bound, twice its error.

    Raises:
        ValueError: If ``alpha`` is out of range.

    Examples:
        >>> round(best_x(0.05), 6)
        8.211968
    """
    check_alpha(alpha)
    return -float(lambertw(-(alpha**2) * exp(-1), k=-1).real) - 1


def first_iterate_x(alpha: float) -> float:
    """Approximate `best_x` by one step of its fixed point, as GrowthBook tunes its sequences.

    Examples:
        >>> round(first_iterate_x(0.05), 6)
        7.936155
    """
    check_alpha(alpha)
    return -2 * log(alpha) + log1p(-2 * log(alpha))


def critical_z(x: float, alpha: float) -> float:
    """Give the two-sided bound in standard errors at x = rho^2 t.

    Examples:
        >>> round(critical_z(best_x(0.05), 0.05), 4)
        3.0351
    """
    return sqrt((1 + x) / x * (log1p(x) - 2 * log(alpha)))


def critical_z_one_sided(x: float, alpha: float) -> float:
    """Give the one-sided bound in standard errors at x = rho^2 t.

    Examples:
        >>> round(critical_z_one_sided(best_x(0.1), 0.05), 4)
        2.7785
    """
    return sqrt(2 * (1 + x) / x * log1p(sqrt(1 + x) / (2 * alpha)))


def p_value(z: float, x: float) -> float:
    """Give the two-sided p-value: the least alpha whose bound the size of z is above.

    One over the normal mixture likelihood ratio of Johari et al. (2022), with x = tau^2 over the
    variance of the estimate; at most 1.

    Examples:
        >>> round(p_value(3.0, 9.0), 6)
        0.055094
    """
    return min(1.0, sqrt(1 + x) * exp(-(z**2) * x / (2 * (1 + x))))


def p_value_one_sided(z: float, x: float) -> float:
    """Give the one-sided p-value: the least alpha whose bound z is above.

    Examples:
        >>> round(p_value_one_sided(2.7785, best_x(0.1)), 4)
        0.05
    """
    if z <= 0:
        return 1.0
    exponent = z**2 * x / (2 * (1 + x))
    if exponent == 0:
        return 1.0
    return min(1.0, sqrt(1 + x) / 2 * exp(-exponent) / -expm1(-exponent))
