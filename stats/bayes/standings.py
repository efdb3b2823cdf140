"""Several variants at once: the chance of each to be the best, and what choosing it loses.

To be the best of all and to beat the control are two questions with two answers, and with more
than two variants the first is the smaller. Both are given, each under its name.

A second lens on the data of a test: no verdict rests on it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from stats.bayes.beta import UNIFORM, Beta, beta_curves
from stats.bayes.contrasts import Line, chance_below
from stats.bayes.curves import Curves
from stats.bayes.normal import Normal, normal_curves
from stats.checks import Counted, check_confidence, check_units
from stats.differences import measured
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.lift import Estimate
from stats.samples import BinomialSample, MeanSample, RatioSample


@dataclass(frozen=True)
class Standing:
    """One variant of several, as the posterior has it.

    Attributes:
        value: Posterior mean of its rate or mean, with the credible interval.
        best: Probability that it is the best of all.
        beats_control: Probability that it is better than the control, whatever the others
            are; None for the control itself.
        expected_loss: What choosing it is expected to lose against the best other variant.
    """

    value: Estimate
    best: float
    beats_control: float | None
    expected_loss: float


def standings_of_rates(
    control: BinomialSample,
    treatments: Sequence[BinomialSample],
    *,
    prior: Beta = UNIFORM,
    direction: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> tuple[Standing, ...]:
    """Give the chance of each of several variants to be the best, and what choosing it loses.

    Args:
        control: Sample of the control variant.
        treatments: Samples of the treatments, at least one.
        prior: Of each rate.
        direction: Whether a higher rate is better.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The control's standing, then each treatment's in their order.

    Raises:
        NotEnoughData: If a variant has no units, or there is no treatment.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> treatments = [BinomialSample(1000, 60), BinomialSample(1000, 57)]
        >>> standings = standings_of_rates(BinomialSample(1000, 50), treatments)
        >>> [round(standing.best, 4) for standing in standings]
        [0.0878, 0.5615, 0.3507]
    """
    check_confidence(confidence)
    _check_variants(control, treatments)
    posteriors = [prior.updated(sample) for sample in (control, *treatments)]
    first, *others = wanted = [posterior.towards(direction) for posterior in posteriors]
    estimates = [Estimate(found.mean, found.interval(confidence)) for found in posteriors]
    beats = [chance_below(_EQUAL, other, first) for other in others]
    return _standings(estimates, beta_curves(wanted), beats)


def standings_of_means(
    control: MeanSample | RatioSample,
    treatments: Sequence[MeanSample | RatioSample],
    *,
    direction: Direction = Direction.INCREASE,
    confidence: float = 0.95,
) -> tuple[Standing, ...]:
    """Give the same of several means or ratios, normal around their samples' without a prior.

    Args:
        control: Sample of the control variant.
        treatments: Samples of the treatments, at least one.
        direction: Whether a higher mean is better.
        confidence: Of every interval, a fraction in (0, 1).

    Returns:
        The control's standing, then each treatment's in their order; losses in the value's
        unit of measure.

    Raises:
        NotEnoughData: If a variant has fewer than two units or no value in it varies, or
            there is no treatment.
        ValueError: If ``confidence`` is out of range.

    Examples:
        >>> low, high = MeanSample.of([9, 10, 11, 10]), MeanSample.of([10, 11, 12, 11])
        >>> [round(standing.best, 4) for standing in standings_of_means(low, [high, high])]
        [0.0094, 0.4953, 0.4953]
    """
    check_confidence(confidence)
    _check_variants(control, treatments)
    beliefs = [belief_in_mean(sample) for sample in (control, *treatments)]
    first, *others = wanted = [belief.towards(direction) for belief in beliefs]
    estimates = [Estimate(belief.mean, belief.interval(confidence)) for belief in beliefs]
    beats = [other.chance_above(first) for other in others]
    return _standings(estimates, normal_curves(wanted), beats)


def belief_in_mean(sample: MeanSample | RatioSample) -> Normal:
    """Give the distribution of a mean without a prior belief: normal around the sample's.

    Raises:
        NotEnoughData: If there are fewer than two units, or no value varies.
    """
    found = measured(sample)
    if found.variance == 0:
        raise NotEnoughData("every unit of a variant has one and the same value")
    return Normal(found.value, sqrt(found.variance))


_EQUAL = Line(0.0, 1.0)


def _check_variants(control: Counted, treatments: Sequence[Counted]) -> None:
    if not treatments:
        raise NotEnoughData("there are no treatments to compare with the control")
    for treatment in treatments:
        check_units(control, treatment)


def _standings(
    estimates: Sequence[Estimate], curves: Curves, beats: Sequence[float]
) -> tuple[Standing, ...]:
    rows = zip(estimates, curves.best(), [None, *beats], curves.losses(), strict=True)
    return tuple(Standing(*row) for row in rows)
