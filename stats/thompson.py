"""Shares of the next batch by the chance of each variant to be the best.

Thompson (1933), "On the likelihood that one unknown probability exceeds another in view of the
evidence of two samples", Biometrika 25, 285-294. The chances are integrals, not draws, so a plan
can be repeated to the last digit. Every variant keeps a least share: without it the losers
starve, and what was collected can no longer be analysed (`stats.propensity`).

Shares are whole numbers of the 10,000 buckets that allocate units, so they are exact decimals
and sum to 1.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from stats.bayes.beta import UNIFORM, beta_curves
from stats.bayes.normal import normal_curves
from stats.bayes.standings import belief_in_mean
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample, RatioSample

BUCKETS = 10_000
DEFAULT_FLOOR = Decimal("0.1")


@dataclass(frozen=True)
class BatchPlan:
    """How the next batch is allocated, and why: kept with what the batch collects.

    Attributes:
        number: Of the batch, from 1.
        propensities: Share of each variant, exact decimals that sum to 1.
        best: Probability of each variant to be the best, given the batches before.
        floor: Least share of a variant.
        units: Units of each variant that the probabilities rest on.
    """

    number: int
    propensities: Mapping[str, Decimal]
    best: Mapping[str, float]
    floor: Decimal
    units: Mapping[str, int]


def plan_batch(
    number: int,
    collected: Mapping[str, BinomialSample | MeanSample | RatioSample],
    *,
    floor: Decimal = DEFAULT_FLOOR,
    direction: Direction = Direction.INCREASE,
) -> BatchPlan:
    """Allocate the next batch by Thompson's rule.

    Args:
        number: Of the batch, from 1.
        collected: Sample of each variant from all batches before; empty ones at first.
        floor: Least share of each variant, a fraction.
        direction: Whether more is better.

    Returns:
        The plan. Before the first unit the shares are equal.

    Raises:
        NotEnoughData: If there are fewer than two variants; if, once a mean has units in one
            variant, another has fewer than two or no value in it varies.
        ValueError: If the number is below 1, or the floor is negative or more than the
            variants can have.

    Examples:
        >>> collected = {"A": BinomialSample(1000, 50), "B": BinomialSample(1000, 60)}
        >>> plan_batch(2, collected).propensities
        {'A': Decimal('0.1644'), 'B': Decimal('0.8356')}
    """
    if number < 1:
        raise ValueError(f"the batch has number {number}, expected 1 or more")
    best = probabilities_of_best(collected, direction)
    return BatchPlan(
        number=number,
        propensities=thompson_weights(best, floor=floor),
        best=best,
        floor=floor,
        units={name: sample.units for name, sample in collected.items()},
    )


def probabilities_of_best(
    collected: Mapping[str, BinomialSample | MeanSample | RatioSample],
    direction: Direction = Direction.INCREASE,
) -> dict[str, float]:
    """Give each variant's probability to be the best, equal ones before the first unit.

    Rates start from every value being equally likely, means from no belief at all.

    Raises:
        NotEnoughData: As `plan_batch` does.
    """
    if len(collected) < 2:
        raise NotEnoughData(f"{len(collected)} variants, at least two are needed to share a batch")
    samples = tuple(collected.values())
    if not any(sample.units for sample in samples):
        return dict.fromkeys(collected, 1 / len(collected))
    rates = [sample for sample in samples if isinstance(sample, BinomialSample)]
    means = [sample for sample in samples if not isinstance(sample, BinomialSample)]
    if rates and means:
        raise ValueError("some variants have rates and some have means, expected one kind")
    if rates:
        curves = beta_curves([UNIFORM.updated(sample).towards(direction) for sample in rates])
    else:
        curves = normal_curves([belief_in_mean(sample).towards(direction) for sample in means])
    return dict(zip(collected, curves.best(), strict=True))


def thompson_weights(
    best: Mapping[str, float], *, floor: Decimal = DEFAULT_FLOOR
) -> dict[str, Decimal]:
    """Turn chances to be the best into shares, none below the floor.

    Chances below the floor are raised to it; the others give way in proportion. Shares are
    rounded to whole buckets by the largest remainder, the first variant first where equal.

    Args:
        best: Probability of each variant to be the best; they sum to 1.
        floor: Least share of each variant, a fraction.

    Returns:
        Exact decimals that sum to 1.

    Raises:
        ValueError: If the probabilities are none or do not sum to 1, or the floor is negative
            or more than the variants can have.

    Examples:
        >>> thompson_weights({"A": 0.005, "B": 0.595, "C": 0.4})
        {'A': Decimal('0.1000'), 'B': Decimal('0.5382'), 'C': Decimal('0.3618')}
    """
    least = ceil(floor * BUCKETS)
    _check(best, floor, least)
    exact = {name: Fraction(chance) for name, chance in best.items()}
    raised: set[str] = set()
    while low := _below(exact, raised, least):
        raised |= low
    counts = _whole(_shares(exact, raised, least))
    return {name: Decimal(counts[name]).scaleb(-4) for name in best}


def _check(best: Mapping[str, float], floor: Decimal, least: int) -> None:
    if not best or min(best.values()) < 0 or not abs(sum(best.values()) - 1) < 1e-6:
        raise ValueError(f"the probabilities are {dict(best)}, expected fractions that sum to 1")
    if not (floor >= 0 and least * len(best) <= BUCKETS):
        raise ValueError(
            f"the floor is {floor} for {len(best)} variants, expected 0 to {1 / len(best):.4f}"
        )


def _below(exact: Mapping[str, Fraction], raised: set[str], least: int) -> set[str]:
    """Find the variants whose share would be below the floor."""
    shares = _shares(exact, raised, least)
    return {name for name, share in shares.items() if name not in raised and share < least}


def _shares(exact: Mapping[str, Fraction], raised: set[str], least: int) -> dict[str, Fraction]:
    """Give each variant its buckets: the floor if raised, else its part of what is left."""
    left = BUCKETS - least * len(raised)
    whole = sum((chance for name, chance in exact.items() if name not in raised), Fraction())
    return {
        name: Fraction(least) if name in raised else chance * left / whole
        for name, chance in exact.items()
    }


def _whole(shares: Mapping[str, Fraction]) -> dict[str, int]:
    """Round buckets to whole ones that sum to all of them, by the largest remainder."""
    counts = {name: int(share) for name, share in shares.items()}
    missing = BUCKETS - sum(counts.values())
    by_remainder = sorted(shares, key=lambda name: counts[name] - shares[name])
    for name in by_remainder[:missing]:
        counts[name] += 1
    return counts


METHODS: dict[str, Callable[..., BatchPlan]] = {"thompson": plan_batch}
