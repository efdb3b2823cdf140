"""The sample of a rate: units, and those with the outcome."""

from dataclasses import dataclass
from fractions import Fraction

from stats.errors import NotEnoughData
from stats.samples.integers import check_integers


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
        check_integers(self.units, self.successes)
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
