"""Where values stand in a sample: the likelihood that one of them is its quantile.

If a value is the quantile q of n units, the number of units below it is binomial. That
number's log-likelihood ratio, 2 n KL(share below, q), is the empirical likelihood ratio
of the value: Owen (1988), "Empirical likelihood ratio confidence intervals for a single
functional", Biometrika 75, 237-249. A value that units have is between two numbers,
those below it and those up to it, and takes the one nearer to n q; so ties are allowed.
"""

from dataclasses import dataclass
from fractions import Fraction
from itertools import chain

import numpy as np
import numpy.typing as npt
from scipy.special import xlogy

from stats.errors import NotEnoughData
from stats.samples import ValueCounts
from stats.score import Floats

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Ranks:
    """A sample's values in order, held against one quantile.

    Attributes:
        values: The different values, scaled, ascending.
        up_to: Units with at most each value.
        quantile: Which quantile, a fraction in (0, 1).
    """

    values: Integers
    up_to: Integers
    quantile: Fraction

    @classmethod
    def of(cls, sample: ValueCounts, quantile: Fraction) -> "Ranks":
        """Order a sample.

        Raises:
            NotEnoughData: If there are no units.
        """
        if not sample.counts:
            raise NotEnoughData("a quantile needs at least one unit")
        numbers = np.fromiter(chain.from_iterable(sample.counts), dtype=np.int64)
        values, units = numbers.reshape(-1, 2).T
        return cls(values, units.cumsum(), quantile)

    @property
    def units(self) -> int:
        """Units counted, each once."""
        return int(self.up_to[-1])

    def ranked(self, rank: int) -> int:
        """Give the value of a rank, 1 for the least."""
        return int(self.values[np.searchsorted(self.up_to, rank)])

    def observed(self) -> Fraction:
        """Give the sample's quantile, scaled.

        The middle of two values where any number between them would do: definition 2 of
        Hyndman and Fan (1996), The American Statistician 50, 361-365.
        """
        position = self.units * self.quantile
        if position.denominator == 1:
            return Fraction(self.ranked(int(position)) + self.ranked(int(position) + 1), 2)
        return Fraction(self.ranked(int(position) + 1))

    def likelihood_ratios(self, values: Integers) -> Floats:
        """Give the log-likelihood ratio of each value, 0 for those that fit best."""
        units_before = np.concatenate([[0], self.up_to])
        below = units_before[np.searchsorted(self.values, values, side="left")]
        up_to = units_before[np.searchsorted(self.values, values, side="right")]
        return self._of_numbers(np.clip(self._expected, below, up_to))

    def beyond(self) -> tuple[float, float]:
        """Give the log-likelihood ratios of a quantile below and above all values."""
        none, everyone = self._of_numbers(np.array([0.0, float(self.units)]))
        return float(none), float(everyone)

    @property
    def _expected(self) -> float:
        return float(self.units * self.quantile)

    def _of_numbers(self, numbers: Floats) -> Floats:
        expected, units = self._expected, self.units
        ratio = xlogy(numbers, numbers / expected)
        rest = xlogy(units - numbers, (units - numbers) / (units - expected))
        return np.asarray(np.maximum(2 * (ratio + rest), 0.0))
