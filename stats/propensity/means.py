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
from math import fsum, sqrt

from stats.checks import check_confidence
from stats.effects import Effect, Part, studentised
from stats.fieller import Measured
from stats.lift import Lift
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
    effect = _effect(kept)
    return effect.lift(
        effect.estimate(effect.control, confidence),
        effect.estimate(effect.treatment, confidence),
        confidence,
        "inverse_propensity_means",
    )


def _effect(kept: Sequence[Stratum[MeanSample]]) -> Effect:
    """Weigh the differences and choose their variance."""
    whole = sum(stratum.weight for stratum in kept)
    shares = [stratum.weight / whole for stratum in kept]
    gaps = [float(s.treatment.exact_mean - s.control.exact_mean) for s in kept]
    own = [_own(share, s) for share, s in zip(shares, kept, strict=True)]
    test = studentised(_dot(shares, gaps), [part for pair in own for part in pair])
    variances = [(c.variance, t.variance) for c, t in own]
    pooled = [_pooled(share, s) for share, s in zip(shares, kept, strict=True)]
    c, t = max(_summed(variances), _summed(pooled), key=sum)
    control = Measured(_dot(shares, [s.control.mean for s in kept]), c)
    return Effect(Welch(test.difference, sqrt(c + t), test.degrees), control, covariance=-c)


def _own(share: float, stratum: Stratum[MeanSample]) -> tuple[Part, Part]:
    """Give both variances of a weighted batch, each from the variant's own values."""
    c, t = stratum.control, stratum.treatment
    return (
        Part(share**2 * float(c.exact_variance / c.units), c.units - 1),
        Part(share**2 * float(t.exact_variance / t.units), t.units - 1),
    )


def _pooled(share: float, stratum: Stratum[MeanSample]) -> tuple[float, float]:
    """Give both variances of a weighted batch as if the variants' values spread alike."""
    c, t = stratum.control, stratum.treatment
    squares = c.exact_variance * (c.units - 1) + t.exact_variance * (t.units - 1)
    variance = squares / (c.units + t.units - 2)
    return share**2 * float(variance / c.units), share**2 * float(variance / t.units)


def _summed(variances: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return fsum(c for c, _ in variances), fsum(t for _, t in variances)


def _dot(shares: Sequence[float], values: Sequence[float]) -> float:
    return fsum(share * value for share, value in zip(shares, values, strict=True))
