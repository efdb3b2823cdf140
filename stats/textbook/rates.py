"""Textbook methods for rates."""

import math
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv, ndtr

from stats.checks import check_confidence, check_units
from stats.errors import NotEnoughData
from stats.lift import Interval
from stats.proportions import compare_by_score, wilson_limits
from stats.samples import BinomialSample
from stats.score import Difference, Tables, pooled_statistic
from stats.textbook.normal import around, quantile


class Significance(NamedTuple):
    """A statistic and the p-value that belongs to it."""

    statistic: float
    p_value: float


def newcombe_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give the difference's hybrid score interval.

    Newcombe (1998), "Interval estimation for the difference between independent
    proportions", Statistics in Medicine 17, 873-890, method 10.

    Examples:
        >>> interval = newcombe_interval(BinomialSample(80, 48), BinomialSample(70, 56))
        >>> round(interval.lower, 7), round(interval.upper, 7)
        (0.0524315, 0.3338727)
    """
    c_low, c_high = wilson_limits(control, confidence)
    t_low, t_high = wilson_limits(treatment, confidence)
    c, t = control.rate, treatment.rate
    return Interval(
        t - c - math.hypot(t - t_low, c_high - c), t - c + math.hypot(t_high - t, c - c_low)
    )


def mee_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give the difference's score interval without the factor N / (N - 1).

    Mee (1984), Biometrics 40, 1175-1176; Farrington and Manning (1990).
    """
    without_factor = _confidence_without_factor(control, treatment, confidence)
    return compare_by_score(control, treatment, without_factor).absolute.interval


def wald_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give the difference's interval from unpooled variances; (0, 0) at 0 of n in both."""
    return around(_difference(control, treatment), _wald_half(control, treatment, confidence))


def wald_corrected_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give Wald's interval with the continuity correction of R's `prop.test`."""
    correction = (1 / control.units + 1 / treatment.units) / 2
    half = _wald_half(control, treatment, confidence) + correction
    return around(_difference(control, treatment), half)


def agresti_caffo_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give Wald's interval after one success and one failure more in each variant.

    Agresti and Caffo (2000), The American Statistician 54, 280-288. Can exceed 1.
    """
    more = BinomialSample(2, 1)
    return wald_interval(control + more, treatment + more, confidence)


def koopman_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give the ratio's score interval without the factor N / (N - 1).

    Koopman (1984), "Confidence intervals for the ratio of two binomial proportions",
    Biometrics 40, 513-517.

    Raises:
        NotEnoughData: If every unit has the same outcome.

    Examples:
        >>> interval = koopman_interval(BinomialSample(80, 16), BinomialSample(40, 36))
        >>> round(interval.lower, 2), round(interval.upper, 2)
        (2.94, 7.15)
    """
    without_factor = _confidence_without_factor(control, treatment, confidence)
    lift = compare_by_score(control, treatment, without_factor).relative
    if lift.interval is None or lift.interval.lower is None:
        raise NotEnoughData("every unit has the same outcome")
    upper = lift.interval.upper
    return Interval(lift.interval.lower + 1, None if upper is None else upper + 1)


def katz_interval(
    control: BinomialSample, treatment: BinomialSample, confidence: float = 0.95
) -> Interval:
    """Give the ratio's interval by a normal approximation of its logarithm.

    Katz, Baptista, Azen and Pike (1978), Biometrics 34, 469-474, method C.

    Raises:
        NotEnoughData: If a variant has no successes: the logarithm does not exist.
    """
    if not (control.successes and treatment.successes):
        raise NotEnoughData("a variant has no successes")
    error = math.sqrt(
        1 / treatment.successes - 1 / treatment.units + 1 / control.successes - 1 / control.units
    )
    ratio = float(treatment.exact_rate / control.exact_rate)
    spread = math.exp(quantile(confidence) * error)
    return Interval(ratio / spread, ratio * spread)


def clopper_pearson_interval(sample: BinomialSample, confidence: float = 0.95) -> Interval:
    """Give one rate's exact interval, by the beta distribution.

    Clopper and Pearson (1934), Biometrika 26, 404-413.

    Examples:
        >>> interval = clopper_pearson_interval(BinomialSample(263, 81))
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (0.2527, 0.3676)
    """
    check_confidence(confidence)
    x, n, tail = sample.successes, sample.units, (1 - confidence) / 2
    return Interval(
        float(betaincinv(x, n - x + 1, tail)) if x else 0.0,
        1 - float(betaincinv(n - x, x + 1, tail)) if x < n else 1.0,
    )


def pooled_z_test(control: BinomialSample, treatment: BinomialSample) -> Significance:
    """Test equal rates with the pooled variance; p is 1 if all units are alike.

    Examples:
        >>> z, p_value = pooled_z_test(BinomialSample(80, 48), BinomialSample(70, 56))
        >>> round(z, 6), round(p_value, 9)
        (2.650172, 0.008045081)
    """
    z = pooled_statistic(control, treatment) * _factor(control, treatment)
    return Significance(z, float(2 * ndtr(-abs(z))))


def farrington_manning_test(
    control: BinomialSample, treatment: BinomialSample, margin: float
) -> Significance:
    """Test that the treatment's rate exceeds the control's by more than ``margin``.

    Farrington and Manning (1990), Statistics in Medicine 9, 1447-1454; one-sided.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant.
        margin: Difference of the rates under the null hypothesis, with its sign.

    Examples:
        >>> control, treatment = BinomialSample(1000, 100), BinomialSample(1000, 95)
        >>> round(farrington_manning_test(control, treatment, -0.03).p_value, 4)
        0.0306
    """
    check_units(control, treatment)
    null = Difference(np.asarray(float(margin)))
    z = float(null.statistic(Tables.of(control, treatment))) * _factor(control, treatment)
    return Significance(z, float(ndtr(-z)))


def fisher_p_value(control: BinomialSample, treatment: BinomialSample) -> float:
    """Give Fisher's exact two-sided p-value, conditional on all successes."""
    from scipy.stats import fisher_exact  # noqa: PLC0415 - takes seconds to import

    return float(fisher_exact(_table(control, treatment)).pvalue)


def boschloo_p_value(control: BinomialSample, treatment: BinomialSample) -> float:
    """Give Boschloo's exact two-sided p-value; takes minutes above 1,000 units."""
    from scipy.stats import boschloo_exact  # noqa: PLC0415 - takes seconds to import

    return float(boschloo_exact(_table(control, treatment)).pvalue)


def _difference(control: BinomialSample, treatment: BinomialSample) -> float:
    return float(treatment.exact_rate - control.exact_rate)


def _wald_half(control: BinomialSample, treatment: BinomialSample, confidence: float) -> float:
    variance = sum(
        sample.rate * (1 - sample.rate) / sample.units for sample in (control, treatment)
    )
    return quantile(confidence) * math.sqrt(variance)


def _factor(control: BinomialSample, treatment: BinomialSample) -> float:
    units = control.units + treatment.units
    return math.sqrt(units / (units - 1))


def _confidence_without_factor(
    control: BinomialSample, treatment: BinomialSample, confidence: float
) -> float:
    """Give the confidence at which the factor N / (N - 1) cancels."""
    critical = quantile(confidence) / _factor(control, treatment)
    return float(1 - 2 * ndtr(-critical))


def _table(control: BinomialSample, treatment: BinomialSample) -> npt.NDArray[np.int64]:
    """Put the variants in columns, the outcomes in rows."""
    return np.array([[arm.successes, arm.failures] for arm in (treatment, control)]).T
