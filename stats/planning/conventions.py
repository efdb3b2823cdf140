"""Sample sizes as other calculators define them, to explain why their numbers differ.

For 10 % against 12 % with power 0.8 the pooled formula of this package says 3,840.8 per variant,
the arcsine one 3,834.6 and the control's variance alone 3,622.6. A t-test needs about one unit more
than the normal formula; that matters only for samples of a few dozen.
"""

from math import asin, sqrt

from scipy.optimize import brentq
from scipy.special import nctdtr, ndtr, ndtri, stdtrit


def arcsine_effect(control_rate: float, treatment_rate: float) -> float:
    """Give Cohen's h, the difference of two rates on the arcsine scale.

    Cohen (1988), "Statistical Power Analysis for the Behavioral Sciences", chapter 6.

    Examples:
        >>> round(arcsine_effect(0.10, 0.12), 4)
        0.064
    """
    return 2 * asin(sqrt(treatment_rate)) - 2 * asin(sqrt(control_rate))


def arcsine_units(effect: float, *, alpha: float = 0.05, power: float = 0.8) -> float:
    """Compute the units per variant for a difference on the arcsine scale, both tails counted.

    Examples:
        >>> round(arcsine_units(arcsine_effect(0.10, 0.12)), 1)
        3834.6
    """
    one_tail = 2 * ((_upper_z(alpha) + float(ndtri(power))) / effect) ** 2

    def lacking(units: float) -> float:
        return power - arcsine_power(effect, units, units, alpha=alpha)

    return float(brentq(lacking, one_tail / 2, 2 * one_tail))


def arcsine_power(
    effect: float, control_units: float, treatment_units: float, *, alpha: float = 0.05
) -> float:
    """Compute the two-sided power, both tails, for a difference on the arcsine scale.

    Examples:
        >>> round(arcsine_power(0.3, 80, 245), 4)
        0.6442
    """
    z = effect / sqrt(1 / control_units + 1 / treatment_units)
    return float(ndtr(z - _upper_z(alpha)) + ndtr(-z - _upper_z(alpha)))


def control_variance_units(
    control_rate: float, effect: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Compute the units per variant with the bar set at the control's rate, as Evan Miller does.

    Examples:
        >>> round(control_variance_units(0.20, 0.05))
        1030
    """
    treatment_rate = control_rate + effect
    control = control_rate * (1 - control_rate)
    separate = control + treatment_rate * (1 - treatment_rate)
    bar = _upper_z(alpha) * sqrt(2 * control) + float(ndtri(power)) * sqrt(separate)
    return (bar / effect) ** 2


def t_test_power(
    units: float, effect: float, standard_deviation: float, *, alpha: float = 0.05
) -> float:
    """Compute the power of a two-sided t-test with equal variances, opposite tail left out.

    By the non-central t distribution, as R's ``power.t.test``.

    Args:
        units: Per variant, above 1.
        effect: Difference of the means.
        standard_deviation: Of the values, in both variants.
        alpha: Two-sided.

    Returns:
        A fraction.

    Examples:
        >>> round(t_test_power(20, 1.0, 1.0), 4)
        0.869
    """
    freedom = 2 * (units - 1)
    bar = float(stdtrit(freedom, 1 - alpha / 2))
    shift = sqrt(units / 2) * abs(effect) / standard_deviation
    return 1 - float(nctdtr(freedom, shift, bar))


def t_test_units(
    effect: float, standard_deviation: float, *, alpha: float = 0.05, power: float = 0.8
) -> float:
    """Compute the units per variant of a two-sided t-test with equal variances.

    Examples:
        >>> round(t_test_units(1.0, 1.0, power=0.9), 2)
        22.02
    """
    normal = 2 * ((_upper_z(alpha) + float(ndtri(power))) * standard_deviation / effect) ** 2

    def lacking(units: float) -> float:
        return power - t_test_power(units, effect, standard_deviation, alpha=alpha)

    return float(brentq(lacking, max(1.01, normal / 2), 2 * normal + 10))


def _upper_z(alpha: float) -> float:
    return -float(ndtri(alpha / 2))
