"""Comparing two means: revenue per recipient, orders per customer, ARPU.

Welch (1947), "The generalization of Student's problem when several different population
variances are involved", Biometrika 34, 28-35. The lift has Fieller's interval with the
same quantile of t; at a ratio of 1 its condition is that of the t-test, so the p-value
and both intervals give one verdict.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from scipy.special import stdtr, stdtrit

from stats.checks import check_confidence, check_units
from stats.errors import NotEnoughData
from stats.fieller import Measured, fieller_interval
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.samples import MeanSample


@dataclass(frozen=True)
class Welch:
    """A difference of means, ready to be tested.

    Attributes:
        difference: Treatment minus control, in the value's unit of measure.
        error: Standard error of the difference, above 0.
        degrees: Welch and Satterthwaite's degrees of freedom.
    """

    difference: float
    error: float
    degrees: float

    @property
    def statistic(self) -> float:
        """Student's t."""
        return self.difference / self.error

    @property
    def p_value(self) -> float:
        """Two-sided, of equal means."""
        return min(1.0, 2 * float(stdtr(self.degrees, -abs(self.statistic))))

    def critical(self, confidence: float) -> float:
        """Give the quantile that a two-sided interval needs."""
        return -float(stdtrit(self.degrees, (1 - confidence) / 2))

    def interval(self, confidence: float) -> Interval:
        """Give the interval of the difference."""
        half = self.critical(confidence) * self.error
        return Interval(self.difference - half, self.difference + half)


def compare_means(control: MeanSample, treatment: MeanSample, *, confidence: float = 0.95) -> Lift:
    """Compare the treatment's mean with the control's.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant, of the same scale.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift; means and the absolute lift in the value's unit of measure.

    Raises:
        NotEnoughData: If a variant has fewer than two units, or no value varies.
        ValueError: If the scales differ, or ``confidence`` is out of range.

    Examples:
        >>> control, treatment = MeanSample.of([0, 0, 30, 10]), MeanSample.of([0, 40, 20, 60])
        >>> lift = compare_means(control, treatment)
        >>> lift.absolute.value, lift.relative.value, round(lift.p_value, 4)
        (20.0, 2.0, 0.2364)
    """
    check_confidence(confidence)
    welch = welch_test(control, treatment)
    significant = welch.p_value < 1 - confidence
    absolute = settle(welch.interval(confidence), significant=significant)
    return Lift(
        control=estimate_mean(control, confidence=confidence),
        treatment=estimate_mean(treatment, confidence=confidence),
        absolute=Estimate(welch.difference, absolute),
        relative=_relative_lift(control, treatment, welch, confidence),
        p_value=welch.p_value,
        statistic=welch.statistic,
        confidence=confidence,
        method="welch",
    )


METHODS: dict[str, Callable[..., Lift]] = {"welch": compare_means}


def welch_test(control: MeanSample, treatment: MeanSample) -> Welch:
    """Standardise the difference of two means by their own variances.

    Raises:
        NotEnoughData: If a variant has fewer than two units, or no value varies.
        ValueError: If the scales differ.
    """
    if control.scale != treatment.scale:
        raise ValueError(f"scales are {control.scale} and {treatment.scale}, expected one scale")
    check_units(control, treatment)
    c, t = _squared_error(control), _squared_error(treatment)
    if c + t == 0:
        raise NotEnoughData("every unit of a variant has one and the same value")
    # Shares of the sum, so that no square over- or underflows.
    share = c / (c + t)
    degrees = 1 / (share**2 / (control.units - 1) + (1 - share) ** 2 / (treatment.units - 1))
    difference = float(treatment.exact_mean - control.exact_mean)
    return Welch(difference, math.sqrt(c + t), degrees)


def estimate_mean(sample: MeanSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's mean, with Student's interval.

    Raises:
        NotEnoughData: If the sample has fewer than two units.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> interval = estimate_mean(MeanSample.of([1, 2, 3, 4, 5])).interval
        >>> round(interval.lower, 4), round(interval.upper, 4)
        (1.0368, 4.9632)
    """
    check_confidence(confidence)
    error = math.sqrt(_squared_error(sample))
    half = -float(stdtrit(sample.units - 1, (1 - confidence) / 2)) * error
    return Estimate(sample.mean, Interval(sample.mean - half, sample.mean + half))


def _squared_error(sample: MeanSample) -> float:
    return float(sample.exact_variance / sample.units)


def _relative_lift(
    control: MeanSample, treatment: MeanSample, welch: Welch, confidence: float
) -> RelativeLift:
    if control.total <= 0:
        return RelativeLift(None, None, gap="the control's mean is not above 0")
    value = float(treatment.exact_mean / control.exact_mean - 1)
    interval = fieller_interval(
        Measured(control.mean, _squared_error(control)),
        Measured(treatment.mean, _squared_error(treatment)),
        welch.critical(confidence),
    )
    if interval is None:
        return RelativeLift(value, None, gap="the control's mean cannot be told from 0")
    significant = welch.p_value < 1 - confidence
    return RelativeLift(value, settle(interval, significant=significant), gap=None)
