"""Comparing two ratios of sums: clicks per send, revenue per order over several orders.

A unit is what was randomised, a customer; its clicks and sends come in one pair. The
ratio is linearised at the unit: its error is that of the mean of (y - r x) / mean(x),
with divisor units - 1 (Cochran 1977, "Sampling Techniques", section 2.11; for experiments
Deng, Knoblich and Lu 2018, "Applying the delta method in metric analytics", KDD 2018,
233-242). Single sends or clicks are never counted as if they were independent. The test
is Welch's with these variances, and the lift has Fieller's interval with the same quantile
of t, which in samples of a few hundred units is the normal one.
"""

import math
from collections.abc import Callable

from scipy.special import stdtrit

from stats.checks import check_confidence, check_units
from stats.effects import Effect, Part, studentised
from stats.errors import NotEnoughData
from stats.fieller import Measured
from stats.lift import Estimate, Interval, Lift
from stats.means import Welch
from stats.samples import RatioSample


def compare_ratios(
    control: RatioSample, treatment: RatioSample, *, confidence: float = 0.95
) -> Lift:
    """Compare the treatment's ratio with the control's.

    Args:
        control: Sample of the control variant.
        treatment: Sample of the treatment variant, of the same scales.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift; ratios and the absolute lift in units of y per unit of x.

    Raises:
        NotEnoughData: If a variant has fewer than two units or a denominator sum of 0, or
            no unit's pair differs from its variant's ratio.
        ValueError: If the scales differ, or ``confidence`` is out of range.

    Examples:
        >>> control = RatioSample.of([(1, 4), (0, 3), (2, 5), (0, 2), (3, 6), (1, 4)])
        >>> treatment = RatioSample.of([(2, 4), (1, 4), (2, 5), (1, 2), (4, 7), (1, 4)])
        >>> lift = compare_ratios(control, treatment)
        >>> round(lift.absolute.value, 4), round(lift.relative.value, 4), round(lift.p_value, 4)
        (0.1314, 0.4505, 0.2227)
    """
    check_confidence(confidence)
    test = linearised_test(control, treatment)
    measured = Measured(control.ratio, _squared_error(control))
    effect = Effect(test, measured, covariance=-measured.variance, noun="ratio")
    return effect.lift(
        estimate_ratio(control, confidence=confidence),
        estimate_ratio(treatment, confidence=confidence),
        confidence,
        "linearised",
    )


METHODS: dict[str, Callable[..., Lift]] = {"linearised": compare_ratios}


def linearised_test(control: RatioSample, treatment: RatioSample) -> Welch:
    """Standardise the difference of two ratios by their linearised variances.

    Raises:
        NotEnoughData: If a variant has fewer than two units or a denominator sum of 0, or
            no unit's pair differs from its variant's ratio.
        ValueError: If the scales differ.
    """
    scales = [(sample.scale_y, sample.scale_x) for sample in (control, treatment)]
    if scales[0] != scales[1]:
        raise ValueError(f"scales are {scales[0]} and {scales[1]}, expected the same")
    check_units(control, treatment)
    for name, sample in (("control", control), ("treatment", treatment)):
        if sample.sum_x == 0:
            raise NotEnoughData(f"the denominators of the {name} sum to 0")
    parts = [Part(_squared_error(sample), sample.units - 1) for sample in (control, treatment)]
    return studentised(float(treatment.exact_ratio - control.exact_ratio), parts)


def estimate_ratio(sample: RatioSample, *, confidence: float = 0.95) -> Estimate:
    """Estimate one variant's ratio, with Student's interval of its linearised values.

    Raises:
        NotEnoughData: If the sample has fewer than two units or a denominator sum of 0.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> estimate = estimate_ratio(RatioSample.of([(1, 4), (0, 3), (2, 5), (0, 2)]))
        >>> round(estimate.value, 4), round(estimate.interval.upper, 4)
        (0.2143, 0.5336)
    """
    check_confidence(confidence)
    error = math.sqrt(_squared_error(sample))
    half = -float(stdtrit(sample.units - 1, (1 - confidence) / 2)) * error
    return Estimate(sample.ratio, Interval(sample.ratio - half, sample.ratio + half))


def _squared_error(sample: RatioSample) -> float:
    return float(sample.exact_variance / sample.units)
