"""The sample of a rate of events: how many, in how much exposure."""

from dataclasses import dataclass
from fractions import Fraction

from stats.errors import NotEnoughData
from stats.samples.integers import check_integers


@dataclass(frozen=True)
class CountSample:
    """Events of a variant, and the exposure in which they happened.

    Attributes:
        events: How many happened; a unit may have several.
        exposure: What they are counted against, in whole parts: customer-days, messages,
            calls. Both variants of a comparison count it alike.

    Raises:
        ValueError: If a number is negative, or events happened in no exposure.

    Examples:
        >>> CountSample(events=30, exposure=12_000).rate
        0.0025
        >>> CountSample(30, 12_000) + CountSample(5, 3_000)
        CountSample(events=35, exposure=15000)
    """

    events: int
    exposure: int

    def __post_init__(self) -> None:
        check_integers(self.events, self.exposure)
        if self.events < 0 or self.exposure < 0:
            raise ValueError(
                f"{self.events} events in exposure {self.exposure}, expected none negative"
            )
        if self.events and not self.exposure:
            raise ValueError(f"{self.events} events in no exposure, expected none")

    def __add__(self, other: "CountSample") -> "CountSample":
        return CountSample(self.events + other.events, self.exposure + other.exposure)

    @property
    def rate(self) -> float:
        """Events for each part of the exposure.

        Raises:
            NotEnoughData: If there is no exposure.
        """
        return float(self.exact_rate)

    @property
    def exact_rate(self) -> Fraction:
        """The rate before rounding.

        Raises:
            NotEnoughData: If there is no exposure.
        """
        if self.exposure == 0:
            raise NotEnoughData("a rate of events needs an exposure above 0")
        return Fraction(self.events, self.exposure)
