"""Two means from a run in batches whose shares followed the results.

As for rates (`stats.propensity.rates`) the batches' differences are added with weights h_k known
before the batch's outcomes, and each variant's mean has the variance

    V = sum_k h_k^2 s_k^2 / n_k / (sum_k h_k)^2.

Where a variant has a tenth of a batch and one buyer in twenty, its own s_k^2 is of few values and
small just when its mean is: intervals cover 0.89 instead of 0.95. The pooled s_k^2 of both
variants of the batch is as good as a score test's, but too small where the variant with the fewer
units spreads more. Both are computed and the pair with the larger sum is used; simulated
coverage is then 0.945 to 0.975. The degrees of freedom are Satterthwaite's (1946, "An approximate
distribution of estimates of variance components", Biometrics Bulletin 2, 110-114) over all terms
of the first. The lift has Fieller's interval with the same quantile. One batch in halves gives
Welch's test.
"""

from collections.abc import Sequence
from math import sqrt

from stats.checks import check_confidence
from stats.errors import NotEnoughData
from stats.fieller import Measured, fieller_interval
from stats.lift import Estimate, Interval, Lift, RelativeLift, settle
from stats.means import Welch
from stats.propensity.batches import Batch, Stratum, strata
from stats.samples import MeanSample


def compare_means_by_batch(
    batches: Sequence[Batch[MeanSample]],
    control: str,
    treatment: str,
    *,
    confidence: float = 0.95,
) -> Lift:
    """Compare the treatment's mean with the control's within batches.

    Args:
        batches: Each with its propensities, in any order; all values of one scale.
        control: Name of the control variant.
        treatment: Name of the treatment variant.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The lift. Both means are averages over the same batches with the same weights.

    Raises:
        NotEnoughData: If no batch has two units in both variants, or no value varies.
        ValueError: If a name is unknown, scales differ, or ``confidence`` is out of range.

    Examples:
        >>> from decimal import Decimal
        >>> even = {"A": Decimal("0.5"), "B": Decimal("0.5")}
        >>> first = {"A": MeanSample.of([0, 0, 30, 10]), "B": MeanSample.of([0, 40, 20, 60])}
        >>> lift = compare_means_by_batch([Batch(even, first)], "A", "B")
        >>> lift.absolute.value, round(lift.p_value, 4)
        (20.0, 0.2364)
    """
    check_confidence(confidence)
    kept = strata(batches, control, treatment, fewest=2)
    scales = {sample.scale for stratum in kept for sample in (stratum.control, stratum.treatment)}
    if len(scales) > 1:
        raise ValueError(f"scales are {sorted(scales)}, expected one scale")
    c, t, welch = _compared(kept)
    significant = welch.p_value < 1 - confidence
    absolute = settle(welch.interval(confidence), significant=significant)
    return Lift(
        control=_estimate(c, welch.critical(confidence)),
        treatment=_estimate(t, welch.critical(confidence)),
        absolute=Estimate(welch.difference, absolute),
        relative=_relative(c, t, welch, confidence),
        p_value=welch.p_value,
        statistic=welch.statistic,
        confidence=confidence,
        method="inverse_propensity_means",
    )


def _compared(kept: Sequence[Stratum[MeanSample]]) -> tuple[Measured, Measured, Welch]:
    """Weigh the means, choose their variances, and make the test of them."""
    whole = sum(stratum.weight for stratum in kept)
    shares = [stratum.weight / whole for stratum in kept]
    own = [(_own(s.control), _own(s.treatment)) for s in kept]
    pooled = [_pooled(s) for s in kept]
    c, t = max(_summed(shares, own), _summed(shares, pooled), key=sum)
    if c + t == 0:
        raise NotEnoughData("every unit of a variant has one and the same value in each batch")
    excess = [float(s.treatment.exact_mean - s.control.exact_mean) for s in kept]
    difference = sum(share * value for share, value in zip(shares, excess, strict=True))
    return (
        Measured(sum(w * s.control.mean for w, s in zip(shares, kept, strict=True)), c),
        Measured(sum(w * s.treatment.mean for w, s in zip(shares, kept, strict=True)), t),
        Welch(difference, sqrt(c + t), _degrees(shares, own, kept)),
    )


def _own(sample: MeanSample) -> float:
    return float(sample.exact_variance / sample.units)


def _pooled(stratum: Stratum[MeanSample]) -> tuple[float, float]:
    c, t = stratum.control, stratum.treatment
    squares = c.exact_variance * (c.units - 1) + t.exact_variance * (t.units - 1)
    variance = squares / (c.units + t.units - 2)
    return float(variance / c.units), float(variance / t.units)


def _summed(
    shares: Sequence[float], variances: Sequence[tuple[float, float]]
) -> tuple[float, float]:
    c, t = zip(*variances, strict=True)
    return (
        sum(share**2 * variance for share, variance in zip(shares, c, strict=True)),
        sum(share**2 * variance for share, variance in zip(shares, t, strict=True)),
    )


def _degrees(
    shares: Sequence[float],
    variances: Sequence[tuple[float, float]],
    kept: Sequence[Stratum[MeanSample]],
) -> float:
    """Satterthwaite's: in shares of the sum, so that no square over- or underflows."""
    terms = [
        (share**2 * variance, sample.units - 1)
        for share, pair, s in zip(shares, variances, kept, strict=True)
        for variance, sample in zip(pair, (s.control, s.treatment), strict=True)
    ]
    whole = sum(term for term, _ in terms)
    return 1 / sum((term / whole) ** 2 / degrees for term, degrees in terms)


def _estimate(measured: Measured, critical: float) -> Estimate:
    half = critical * sqrt(measured.variance)
    return Estimate(measured.value, Interval(measured.value - half, measured.value + half))


def _relative(
    control: Measured, treatment: Measured, welch: Welch, confidence: float
) -> RelativeLift:
    if control.value <= 0:
        return RelativeLift(None, None, gap="the control's mean is not above 0")
    value = treatment.value / control.value - 1
    interval = fieller_interval(control, treatment, welch.critical(confidence))
    if interval is None:
        return RelativeLift(value, None, gap="the control's mean cannot be told from 0")
    significant = welch.p_value < 1 - confidence
    return RelativeLift(value, settle(interval, significant=significant), gap=None)
