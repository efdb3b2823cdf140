"""Samples: the sums that a comparison needs of each variant. They add up.

A sample of one day, segment or channel plus that of another is the sample of both, so
reports are made of stored samples and never of raw rows. Sums are exact integers: money
comes in minor units, other values scaled (`MeanSample.scale`), and nothing is rounded
before the last division.

Phases with different allocations must not be added: see post-stratification.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from operator import add
from typing import TypeVar

from stats.errors import NotEnoughData

# Sums of 64-bit values and of their squares stay far below; above, floats would overflow.
_MOST_BITS = 256


@dataclass(frozen=True)
class BinomialSample:
    """Units of a variant, and how many of them had the outcome.

    Attributes:
        units: Units counted, each once.
        successes: Units with the outcome (opened, bought, unsubscribed).

    Raises:
        ValueError: If a count is negative, or more units succeeded than there are.

    Examples:
        >>> BinomialSample(units=80, successes=48).rate
        0.6
        >>> BinomialSample(80, 48) + BinomialSample(20, 2)
        BinomialSample(units=100, successes=50)
    """

    units: int
    successes: int

    def __post_init__(self) -> None:
        _check_integers(self.units, self.successes)
        if not 0 <= self.successes <= self.units:
            raise ValueError(f"{self.successes} successes of {self.units} units, expected 0 to all")

    def __add__(self, other: "BinomialSample") -> "BinomialSample":
        return BinomialSample(self.units + other.units, self.successes + other.successes)

    @property
    def failures(self) -> int:
        """Units without the outcome."""
        return self.units - self.successes

    @property
    def rate(self) -> float:
        """Share of the units with the outcome, a fraction.

        Raises:
            NotEnoughData: If there are no units.
        """
        return float(self.exact_rate)

    @property
    def exact_rate(self) -> Fraction:
        """The rate before rounding.

        Raises:
            NotEnoughData: If there are no units.
        """
        if self.units == 0:
            raise NotEnoughData("a rate needs at least one unit")
        return Fraction(self.successes, self.units)


@dataclass(frozen=True)
class MeanSample:
    """Units of a variant with the sum of their values and of the squares of these.

    A value is an integer divided by ``scale``: 12,000 won is 12000 at scale 1, a score
    of 4.25 is 4250000 at scale 1000000. Every unit counts, those with value 0 too.

    Attributes:
        units: Units counted, each once.
        total: Sum of the scaled values.
        squares: Sum of the squared scaled values.
        scale: What a scaled value is divided by, 1 or more.

    Raises:
        ValueError: If no values could have these sums.

    Examples:
        >>> sample = MeanSample.of([0, 12000, 0, 30000])
        >>> sample
        MeanSample(units=4, total=42000, squares=1044000000, scale=1)
        >>> sample.mean, sample.variance
        (10500.0, 201000000.0)
    """

    units: int
    total: int
    squares: int
    scale: int = 1

    def __post_init__(self) -> None:
        _check_integers(self.units, self.total, self.squares, self.scale)
        if self.units < 0 or self.squares < 0 or self.scale < 1:
            raise ValueError(
                f"units {self.units}, squares {self.squares}, scale {self.scale}: "
                "expected none negative and a scale of 1 or more"
            )
        if self.units * self.squares < self.total**2 or (self.units == 0 and self.squares):
            raise ValueError(
                f"no {self.units} values sum to {self.total} with squares {self.squares}"
            )
        if self.squares < abs(self.total) or (self.squares - self.total) % 2:
            raise ValueError(
                f"no integers sum to {self.total} with squares {self.squares}: "
                "the square of an integer is as large as it, and as odd"
            )

    @classmethod
    def of(cls, values: Iterable[int], scale: int = 1) -> "MeanSample":
        """Sum up scaled integer values, one for each unit."""
        kept = tuple(values)
        return cls(len(kept), sum(kept), sum(value * value for value in kept), scale)

    def __add__(self, other: "MeanSample") -> "MeanSample":
        if self.scale != other.scale:
            raise ValueError(f"scales are {self.scale} and {other.scale}, expected one scale")
        return MeanSample(
            self.units + other.units,
            self.total + other.total,
            self.squares + other.squares,
            self.scale,
        )

    @property
    def mean(self) -> float:
        """Mean value per unit, in the value's own unit of measure.

        Raises:
            NotEnoughData: If there are no units.
        """
        return float(self.exact_mean)

    @property
    def exact_mean(self) -> Fraction:
        """The mean before rounding.

        Raises:
            NotEnoughData: If there are no units.
        """
        if self.units == 0:
            raise NotEnoughData("a mean needs at least one unit")
        return Fraction(self.total, self.units * self.scale)

    @property
    def variance(self) -> float:
        """Sample variance of the values, with divisor units - 1.

        Raises:
            NotEnoughData: If there are fewer than two units.
        """
        return float(self.exact_variance)

    @property
    def exact_variance(self) -> Fraction:
        """The sample variance before rounding.

        Raises:
            NotEnoughData: If there are fewer than two units.
        """
        if self.units < 2:
            raise NotEnoughData("a variance needs at least two units")
        spread = self.units * self.squares - self.total**2
        return Fraction(spread, self.units * (self.units - 1) * self.scale**2)


Sample = TypeVar("Sample", BinomialSample, MeanSample)


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


def _check_integers(*values: int) -> None:
    for value in values:
        if type(value) is not int:
            raise ValueError(f"a sum is {value!r}, expected an int")
        if value.bit_length() > _MOST_BITS:
            raise ValueError(f"a sum has {value.bit_length()} bits, expected {_MOST_BITS} at most")
