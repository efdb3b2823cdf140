"""Estimates of an effect with their standard errors, for what takes any estimate.

Sequential bounds, confidence sequences and tests of interaction ask for a normal estimate and
nothing else. Here it is made of two samples of any kind, or read off a comparison that some other
method made (adjusted by a covariate, winsorised, of quantiles).
"""

from math import log1p, sqrt
from typing import Protocol, TypeVar

from scipy.special import ndtri

from stats.errors import NotEnoughData
from stats.fieller import Measured
from stats.lift import Interval, Lift
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.sequential.estimates import NormalEstimate


class MeanLike(Protocol):
    """A sample that is that of a mean: a score's answers count as 1, 0 and -1."""

    def as_mean(self) -> MeanSample:
        """Give its sums as those of a mean."""


Sample = TypeVar("Sample", BinomialSample, MeanSample, RatioSample, MeanLike)


def difference(control: Sample, treatment: Sample) -> NormalEstimate:
    """Estimate treatment minus control, each variant with its own variance.

    Args:
        control: Sample of the control: of a rate, a mean, a ratio or a score.
        treatment: Sample of the treatment, of the same kind.

    Returns:
        The difference in the KPI's unit of measure.

    Raises:
        NotEnoughData: If a variant has too few units, or nothing varies.

    Examples:
        >>> estimate = difference(BinomialSample(200, 20), BinomialSample(200, 30))
        >>> round(estimate.value, 4), round(estimate.standard_error, 4)
        (0.05, 0.033)
    """
    c, t = measured(control), measured(treatment)
    return NormalEstimate(t.value - c.value, sqrt(c.variance + t.variance))


def log_ratio(control: Sample, treatment: Sample) -> NormalEstimate:
    """Estimate the logarithm of treatment over control, by the delta method.

    Raises:
        NotEnoughData: If a variant's value is not above 0 or has too few units, or nothing varies.

    Examples:
        >>> estimate = log_ratio(BinomialSample(200, 20), BinomialSample(200, 30))
        >>> round(estimate.value, 4), round(estimate.standard_error, 4)
        (0.4055, 0.2708)
    """
    c, t = measured(control), measured(treatment)
    if not (c.value > 0 and t.value > 0):
        raise NotEnoughData("a relative difference needs both values above 0")
    error = sqrt(c.variance / c.value**2 + t.variance / t.value**2)
    return NormalEstimate(log1p((t.value - c.value) / c.value), error)


def measured(sample: BinomialSample | MeanSample | RatioSample | MeanLike) -> Measured:
    """Give a sample's rate, mean, ratio or score with its squared error.

    Raises:
        NotEnoughData: If there are too few units.

    Examples:
        >>> measured(MeanSample.of([1, 2, 3]))
        Measured(value=2.0, variance=0.3333333333333333)
    """
    if isinstance(sample, BinomialSample):
        rate = sample.exact_rate
        return Measured(float(rate), float(rate * (1 - rate) / sample.units))
    if isinstance(sample, RatioSample):
        return Measured(sample.ratio, float(sample.exact_variance / sample.units))
    mean = sample if isinstance(sample, MeanSample) else sample.as_mean()
    return Measured(mean.mean, float(mean.exact_variance / mean.units))


def difference_of(lift: Lift) -> NormalEstimate:
    """Read the difference and its standard error off a comparison, whatever made it.

    The error is half the interval's width over the normal quantile of its confidence: a little too
    large where the interval was made with Student's t.

    Raises:
        NotEnoughData: If a side has no limit, or the interval no width.
    """
    lower, upper = _sides(lift.absolute.interval)
    return NormalEstimate(lift.absolute.value, _error(upper - lower, lift.confidence))


def log_ratio_of(lift: Lift) -> NormalEstimate:
    """Read the logarithm of the ratio and its standard error off a comparison's relative lift.

    Raises:
        NotEnoughData: If the relative lift or a side of it is missing, or reaches down to -1.
    """
    relative = lift.relative
    if relative.value is None or relative.interval is None:
        raise NotEnoughData(relative.gap or "there is no relative lift")
    lower, upper = _sides(relative.interval)
    if min(lower, relative.value) <= -1:
        raise NotEnoughData("a relative difference needs both values above 0")
    return NormalEstimate(
        log1p(relative.value), _error(log1p(upper) - log1p(lower), lift.confidence)
    )


def _sides(interval: Interval) -> tuple[float, float]:
    if interval.lower is None or interval.upper is None:
        raise NotEnoughData("a side of the interval has no limit")
    return interval.lower, interval.upper


def _error(width: float, confidence: float) -> float:
    return width / 2 / float(ndtri((1 + confidence) / 2))
