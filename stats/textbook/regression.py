"""Textbook regressions of an outcome on the variant and one covariate, and Wald's strata.

Their errors assume one residual variance for both variants, which an effect on some
customers breaks; `stats.variance_reduction` says what is used instead.
"""

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import NamedTuple

from stats.errors import NotEnoughData
from stats.samples import BinomialSample, CovariateSample
from stats.variance_reduction.scores import Scores


class Coefficient(NamedTuple):
    """The difference between variants, treatment minus control, and its standard error."""

    difference: float
    error: float


def ancova(control: CovariateSample, treatment: CovariateSample) -> Coefficient:
    """Give the variant's coefficient beside one slope, by ordinary least squares.

    Fisher (1932), "Statistical Methods for Research Workers", 4th edition.
    A missing covariate counts as 0.

    Raises:
        NotEnoughData: If there are fewer than four units, or the covariate is constant
            within the variants.

    Examples:
        >>> control = CovariateSample.of([(10, 8), (0, 1), (30, 25), (12, 14)])
        >>> treatment = CovariateSample.of([(16, 8), (9, 2), (31, 24), (24, 16)])
        >>> found = ancova(control, treatment)
        >>> round(found.difference, 4), round(found.error, 4)
        (6.4462, 1.5568)
    """
    c, t = _of_value(control), _of_value(treatment)
    degrees, spread = c.units + t.units - 3, c.gram[0][0] + t.gram[0][0]
    if degrees < 1 or spread == 0:
        raise NotEnoughData("the units do not settle a slope")
    slope = (c.cross[0] + t.cross[0]) / spread
    gap = t.means[0] - c.means[0]
    residual = (c.squares_after((slope,)) + t.squares_after((slope,))) / degrees
    leverage = Fraction(1, c.units) + Fraction(1, t.units) + gap**2 / spread
    return Coefficient(float(t.value - c.value - slope * gap), math.sqrt(residual * leverage))


def ancova_interacted(control: CovariateSample, treatment: CovariateSample) -> Coefficient:
    """Give the variant's coefficient beside a slope for each, at the common covariate mean.

    Lin (2013), Annals of Applied Statistics 7, 295-318, with the error of ordinary
    least squares. A missing covariate counts as 0.

    Raises:
        NotEnoughData: If there are fewer than five units, or the covariate is constant
            within a variant.
    """
    c, t = _of_value(control), _of_value(treatment)
    one, other = c.slopes, t.slopes
    degrees = c.units + t.units - 4
    if degrees < 1 or one is None or other is None:
        raise NotEnoughData("a variant's units do not settle a slope of their own")
    common = (c + t).means[0]
    fits = ((c, one), (t, other))
    c_value, t_value = (s.value + b[0] * (common - s.means[0]) for s, b in fits)
    residual = sum((s.squares_after(b) for s, b in fits), Fraction(0)) / degrees
    leverage = sum(
        Fraction(1, s.units) + (common - s.means[0]) ** 2 / s.gram[0][0] for s, _ in fits
    )
    return Coefficient(float(t_value - c_value), math.sqrt(residual * leverage))


def post_stratified_wald(strata: Sequence[tuple[BinomialSample, BinomialSample]]) -> Coefficient:
    """Give the difference of rates over strata of (control, treatment), p (1 - p) / n each.

    Miratrix, Sekhon and Yu (2013), Journal of the Royal Statistical Society B 75, 369-396.
    The variances have the divisor n, not the n - 1 of `stats.variance_reduction`.

    Raises:
        NotEnoughData: If a variant has no units in a stratum, or there are no strata.

    Examples:
        >>> first = BinomialSample(200, 20), BinomialSample(200, 30)
        >>> second = BinomialSample(200, 50), BinomialSample(200, 65)
        >>> found = post_stratified_wald([first, second])
        >>> round(found.difference, 4), round(found.error, 6)
        (0.0625, 0.027937)
    """
    if not strata:
        raise NotEnoughData("there are no strata")
    units = sum(c.units + t.units for c, t in strata)
    shares = [Fraction(c.units + t.units, units) for c, t in strata]
    weighted = list(zip(shares, strata, strict=True))
    difference = sum((w * (t.exact_rate - c.exact_rate) for w, (c, t) in weighted), Fraction(0))
    variance = sum(
        w**2 * arm.exact_rate * (1 - arm.exact_rate) / arm.units
        for w, arms in weighted
        for arm in arms
    )
    return Coefficient(float(difference), math.sqrt(variance))


def _of_value(sample: CovariateSample) -> Scores:
    return Scores.of(sample).keep((0,))
