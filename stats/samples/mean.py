"""The sample of a mean: units, the sum of their values and of the squares of these."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from stats.errors import NotEnoughData
from stats.samples.integers import check_integers


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
        check_integers(self.units, self.total, self.squares, self.scale)
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

    @classmethod
    def from_moments(
        cls, units: int, mean: Fraction, variance: Fraction, *, scale: int = 10**9
    ) -> "MeanSample":
        """Rebuild the sums from published moments, to the nearest that integers can have.

        Args:
            units: Units counted.
            mean: Of their values; a `Fraction` of a float or a decimal is that number exactly.
            variance: Sample variance, with divisor units - 1; 0 for one unit.
            scale: Parts of 1 to which the mean is kept.

        Raises:
            ValueError: If the variance is negative, or one unit has any.

        Examples:
            >>> sample = MeanSample.from_moments(4, Fraction(10500), Fraction(201_000_000))
            >>> sample.mean, sample.variance
            (10500.0, 201000000.0)
        """
        if variance < 0 or (units < 2 and variance):
            raise ValueError(f"a variance of {float(variance)} for {units} units is impossible")
        middle = round(mean * scale)
        spread = math.ceil((units - 1) * variance * scale**2) if units > 1 else 0
        total = units * middle
        squares = units * middle**2 + spread
        # The square of an integer is as odd as it, and so are their sums.
        return cls(units, total, squares + (squares - total) % 2, scale)

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
