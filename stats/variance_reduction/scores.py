"""Outcomes of a variant, linearised, beside covariates: the moments that slopes are made of."""

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from stats.samples import CovariateSample

Vector = tuple[Fraction, ...]
Matrix = tuple[Vector, ...]


@dataclass(frozen=True)
class Scores:
    """Moments of the units' scores u and covariates z, before any rounding.

    The score of a unit is r + (y - r d) / mean(d), with the variant's own ratio r: the
    outcome itself where every denominator is 1. The covariates are the value before the
    start and the indicator that it is missing.

    Attributes:
        units: Units counted.
        value: Mean score: the variant's rate, mean or ratio.
        squares: Sum of squared deviations of the scores.
        means: Means of the covariates, shape (k,).
        cross: Sums of products of deviations of score and covariates, shape (k,).
        gram: Sums of products of the covariates' deviations, shape (k, k).
    """

    units: int
    value: Fraction
    squares: Fraction
    means: Vector
    cross: Vector
    gram: Matrix

    @classmethod
    def of(cls, sample: CovariateSample) -> "Scores":
        """Linearise a sample; its denominators must not sum to 0.

        Examples:
            >>> scores = Scores.of(CovariateSample.of([(10, 8), (0, 0), (30, None), (12, 14)]))
            >>> scores.value, scores.squares, scores.cross
            (Fraction(13, 1), Fraction(468, 1), (Fraction(-38, 1), Fraction(17, 1)))
        """
        units, ratio, covariate = sample.units, sample.ratio, sample.covariate
        slope = Fraction(ratio.sum_y, ratio.sum_x)
        score = Fraction(units * ratio.scale_x, ratio.sum_x * ratio.scale_y)
        one = Fraction(1, covariate.scale)
        x, m = covariate.total, sample.missing
        by_value = sample.sum_xy - slope * sample.covariate_by_denominator
        by_missing = sample.missing_y - slope * sample.missing_by_denominator
        both = -Fraction(x * m, units) * one
        return cls(
            units,
            ratio.exact_ratio,
            ratio.exact_variance * (units - 1),
            (Fraction(x, units) * one, Fraction(m, units)),
            (by_value * score * one, by_missing * score),
            (
                ((covariate.squares - Fraction(x * x, units)) * one**2, both),
                (both, m - Fraction(m * m, units)),
            ),
        )

    def __add__(self, other: "Scores") -> "Scores":
        """Pool two variants: moments around the common means."""
        units = self.units + other.units
        apart = Fraction(self.units * other.units, units)
        gap = other.value - self.value
        gaps = [two - one for one, two in zip(self.means, other.means, strict=True)]
        mine, theirs = Fraction(self.units, units), Fraction(other.units, units)
        return Scores(
            units,
            mine * self.value + theirs * other.value,
            self.squares + other.squares + apart * gap**2,
            tuple(mine * a + theirs * b for a, b in zip(self.means, other.means, strict=True)),
            tuple(
                a + b + apart * gap * z
                for a, b, z in zip(self.cross, other.cross, gaps, strict=True)
            ),
            tuple(
                tuple(a + b + apart * y * z for a, b, z in zip(one, two, gaps, strict=True))
                for one, two, y in zip(self.gram, other.gram, gaps, strict=True)
            ),
        )

    def keep(self, kept: Sequence[int]) -> "Scores":
        """Leave out the covariates whose positions are not in ``kept``."""
        return Scores(
            self.units,
            self.value,
            self.squares,
            tuple(self.means[k] for k in kept),
            tuple(self.cross[k] for k in kept),
            tuple(tuple(self.gram[k][j] for j in kept) for k in kept),
        )

    @property
    def informative(self) -> tuple[int, ...]:
        """Positions of the covariates that vary, none a multiple of the other."""
        varying = tuple(k for k in range(len(self.gram)) if self.gram[k][k] > 0)
        both = len(varying) == 2 and self.slopes is not None
        return varying if both else varying[:1]

    @property
    def slopes(self) -> Vector | None:
        """Least squares of score on covariates; None if the covariates do not settle them."""
        return solve(self.gram, self.cross)

    def explained(self, slopes: Vector) -> Fraction:
        """Sum of squares that these least-squares slopes explain."""
        return dot(slopes, self.cross)

    def squares_after(self, slopes: Vector) -> Fraction:
        """Sum of squared deviations of u - slopes . z, for any slopes."""
        return self.squares - 2 * dot(slopes, self.cross) + quadratic(self.gram, slopes)


def solve(gram: Matrix, cross: Vector) -> Vector | None:
    """Solve one or two symmetric equations; None if they are singular.

    Examples:
        >>> solve(((Fraction(2), Fraction(1)), (Fraction(1), Fraction(1))), (Fraction(3),) * 2)
        (Fraction(0, 1), Fraction(3, 1))
    """
    if len(cross) == 1:
        return (cross[0] / gram[0][0],) if gram[0][0] else None
    (a, b), (_, d) = gram
    determinant = a * d - b * b
    if determinant == 0:
        return None
    one, two = cross
    return ((d * one - b * two) / determinant, (a * two - b * one) / determinant)


def dot(one: Vector, two: Vector) -> Fraction:
    """Sum of the products."""
    return sum((a * b for a, b in zip(one, two, strict=True)), Fraction(0))


def quadratic(gram: Matrix, vector: Vector) -> Fraction:
    """The quadratic form of a symmetric matrix."""
    return dot(vector, tuple(dot(row, vector) for row in gram))
