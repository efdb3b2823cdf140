"""Samples: the sums that a comparison needs of each variant. They add up.

A sample of one day, segment or channel plus that of another is the sample of both, so
reports are made of stored samples and never of raw rows. Sums are exact integers: money
comes in minor units, other values scaled (`MeanSample.scale`), and nothing is rounded
before the last division.

Phases with different allocations must not be added: see post-stratification.
"""

from collections.abc import Iterable
from functools import reduce
from operator import add
from typing import Protocol, Self, TypeVar

from stats.errors import NotEnoughData
from stats.samples.binomial import BinomialSample
from stats.samples.count import CountSample
from stats.samples.covariate import CovariateSample, Outcome
from stats.samples.life_table import LifeTable, LifeTableRow
from stats.samples.mean import MeanSample
from stats.samples.ratio import RatioSample
from stats.samples.score import ScoreSample
from stats.samples.value_counts import ValueCounts

__all__ = [
    "BinomialSample",
    "CountSample",
    "CovariateSample",
    "LifeTable",
    "LifeTableRow",
    "MeanSample",
    "Outcome",
    "RatioSample",
    "ScoreSample",
    "ValueCounts",
    "pool",
]


class Additive(Protocol):
    """A sample that adds up with another of its kind."""

    def __add__(self, other: Self, /) -> Self: ...


Sample = TypeVar("Sample", bound=Additive)


def pool(samples: Iterable[Sample]) -> Sample:
    """Add up the samples of days, segments or channels of one variant.

    Raises:
        NotEnoughData: If there are no samples.
        ValueError: If values have different scales.

    Examples:
        >>> pool([BinomialSample(10, 1), BinomialSample(20, 2), BinomialSample(30, 3)])
        BinomialSample(units=60, successes=6)
    """
    kept = list(samples)
    if not kept:
        raise NotEnoughData("there are no samples to add")
    return reduce(add, kept)
