"""The sample of a ratio of two sums: clicks per send, revenue per order."""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction

from stats.errors import NotEnoughData
from stats.samples.binomial import BinomialSample
from stats.samples.gram import is_gram
from stats.samples.integers import check_integers
from stats.samples.mean import MeanSample


@dataclass(frozen=True)
class RatioSample:
    """Units of a variant with the sums of a numerator y, a denominator x, and their products.

    A unit that clicked 2 of 5 mails has y = 2 and x = 5. The ratio is that of the sums,
    and its error comes from how units differ, never from single events. Values are
    integers divided by their scale, as in `MeanSample`.

    Attributes:
        units: Units counted, each once, those with a denominator of 0 too.
        sum_y: Sum of the scaled numerators.
        sum_x: Sum of the scaled denominators, of which none is negative.
        sum_yy: Sum of the squared numerators.
        sum_xx: Sum of the squared denominators.
        sum_xy: Sum of the products.
        scale_y: What a numerator is divided by, 1 or more.
        scale_x: What a denominator is divided by, 1 or more.

    Raises:
        ValueError: If no units could have these sums.

    Examples:
        >>> sample = RatioSample.of([(1, 4), (0, 3), (2, 5)])
        >>> sample.sum_xy, sample.ratio, round(sample.variance, 6)
        (14, 0.25, 0.035156)
    """

    units: int
    sum_y: int
    sum_x: int
    sum_yy: int
    sum_xx: int
    sum_xy: int
    scale_y: int = 1
    scale_x: int = 1

    def __post_init__(self) -> None:
        check_integers(self.units, self.sum_y, self.sum_x, self.sum_yy, self.sum_xx, self.sum_xy)
        check_integers(self.scale_y, self.scale_x)
        if self.scale_y < 1 or self.scale_x < 1 or self.sum_x < 0:
            raise ValueError(
                f"scales {self.scale_y} and {self.scale_x}, denominators {self.sum_x}: "
                "expected scales of 1 or more and no negative denominator"
            )
        squares_fit = self.sum_yy >= abs(self.sum_y) and self.sum_xx >= self.sum_x
        nobody = self.units == 0 and (self.sum_yy or self.sum_xx)
        if nobody or not squares_fit or not is_gram(self.gram):
            raise ValueError(f"no {self.units} pairs of integers have the sums {self}")

    @classmethod
    def of(
        cls, pairs: Iterable[tuple[int, int]], scale_y: int = 1, scale_x: int = 1
    ) -> "RatioSample":
        """Sum up scaled (numerator, denominator), one pair for each unit.

        Raises:
            ValueError: If a denominator is negative.
        """
        kept = tuple(pairs)
        if any(x < 0 for _, x in kept):
            raise ValueError("a unit's denominator is negative, expected 0 or more")
        return cls(
            len(kept),
            sum(y for y, _ in kept),
            sum(x for _, x in kept),
            sum(y * y for y, _ in kept),
            sum(x * x for _, x in kept),
            sum(x * y for y, x in kept),
            scale_y,
            scale_x,
        )

    @classmethod
    def from_moments(
        cls,
        units: int,
        *,
        numerator: tuple[Fraction, Fraction],
        denominator: tuple[Fraction, Fraction],
        covariance: Fraction,
        scale: int = 10**9,
    ) -> "RatioSample":
        """Rebuild the sums from published moments, to the nearest that integers can have.

        Args:
            units: Units counted.
            numerator: Mean and sample variance, with divisor units - 1.
            denominator: The same.
            covariance: Sample covariance of the two.
            scale: Parts of 1 to which both means are kept.

        Raises:
            ValueError: If no pairs could have these moments.

        Examples:
            >>> sample = RatioSample.from_moments(
            ...     3, numerator=(Fraction(1), Fraction(1)), denominator=(Fraction(4), Fraction(1)),
            ...     covariance=Fraction(1))
            >>> sample.ratio, round(sample.variance, 6)
            (0.25, 0.035156)
        """
        degrees, square = units - 1, scale**2
        (mean_y, variance_y), (mean_x, variance_x) = numerator, denominator
        if units < 2 and (variance_y or variance_x or covariance):
            raise ValueError(f"a variance or covariance of {units} units is impossible")
        y, x = round(mean_y * scale), round(mean_x * scale)
        return cls(
            units,
            units * y,
            units * x,
            # Rounded so that no correlation grows.
            units * y * y + math.ceil(degrees * variance_y * square),
            units * x * x + math.ceil(degrees * variance_x * square),
            units * x * y + math.trunc(degrees * covariance * square),
            scale,
            scale,
        )

    @classmethod
    def per_unit(cls, sample: "BinomialSample | MeanSample") -> "RatioSample":
        """Read a rate or a mean as the ratio that it is: every denominator is 1.

        Examples:
            >>> RatioSample.per_unit(BinomialSample(80, 48)).ratio
            0.6
        """
        units = sample.units
        if isinstance(sample, BinomialSample):
            x = sample.successes
            return cls(units, x, units, x, units, x)
        return cls(units, sample.total, units, sample.squares, units, sample.total, sample.scale)

    def __add__(self, other: "RatioSample") -> "RatioSample":
        if (self.scale_y, self.scale_x) != (other.scale_y, other.scale_x):
            raise ValueError(
                f"scales are {(self.scale_y, self.scale_x)} and {(other.scale_y, other.scale_x)}, "
                "expected the same"
            )
        return RatioSample(
            self.units + other.units,
            self.sum_y + other.sum_y,
            self.sum_x + other.sum_x,
            self.sum_yy + other.sum_yy,
            self.sum_xx + other.sum_xx,
            self.sum_xy + other.sum_xy,
            self.scale_y,
            self.scale_x,
        )

    @property
    def gram(self) -> tuple[tuple[int, ...], ...]:
        """Sums of the products of 1, y and x with each other: shape (3, 3)."""
        return (
            (self.units, self.sum_y, self.sum_x),
            (self.sum_y, self.sum_yy, self.sum_xy),
            (self.sum_x, self.sum_xy, self.sum_xx),
        )

    @property
    def ratio(self) -> float:
        """Sum of the numerators over that of the denominators.

        Raises:
            NotEnoughData: If the denominators sum to 0.
        """
        return float(self.exact_ratio)

    @property
    def exact_ratio(self) -> Fraction:
        """The ratio before rounding.

        Raises:
            NotEnoughData: If the denominators sum to 0.
        """
        if self.sum_x == 0:
            raise NotEnoughData("a ratio needs a denominator above 0")
        return Fraction(self.sum_y * self.scale_x, self.sum_x * self.scale_y)

    @property
    def variance(self) -> float:
        """Sample variance of the linearised values, with divisor units - 1."""
        return float(self.exact_variance)

    @property
    def exact_variance(self) -> Fraction:
        """The variance of (y - r x) / mean(x) before rounding.

        Over the number of units it is the squared error of the ratio r: Cochran (1977),
        "Sampling Techniques", section 2.11. With denominators of 1 it is that of a mean.

        Raises:
            NotEnoughData: If there are fewer than two units, or no denominators.
        """
        y, x = self.sum_y, self.sum_x
        if x == 0:
            raise NotEnoughData("a ratio needs a denominator above 0")
        if self.units < 2:
            raise NotEnoughData("a variance needs at least two units")
        # The residuals y - (sum_y / sum_x) x sum to 0; their squares, times sum_x^2:
        squares = x * x * self.sum_yy - 2 * x * y * self.sum_xy + y * y * self.sum_xx
        scales = Fraction(self.scale_x, self.scale_y)
        return Fraction(squares * self.units**2, x**4 * (self.units - 1)) * scales**2
