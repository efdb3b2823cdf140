"""What is known of a KPI before a test: its value, and how much units differ.

One class for each kind of KPI; each turns an effect into the contrast that a size is computed for.
Ratios and scores are in `linearised`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import isfinite, sqrt
from types import MappingProxyType
from typing import Any, Protocol

from stats.planning.contrasts import Contrast
from stats.planning.linearised import RatioBaseline, ScoreBaseline
from stats.planning.means import MeanLift, MeanMargin
from stats.planning.rates import RateLift, RateMargin


class Baseline(Protocol):
    """The control's KPI as expected."""

    @property
    def value(self) -> float:
        """Its value, in the KPI's unit of measure; rates and scores are fractions."""

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """Least and greatest value that the KPI can have; None where there is none."""

    @property
    def unit_sd(self) -> float:
        """Standard deviation of one unit's value."""

    def lift(self, effect: float) -> Contrast:
        """Aim at showing an effect, treatment minus control."""

    def margin(self, margin: float) -> Contrast:
        """Aim at ruling out a difference, with the sign of harm, while there is none."""


@dataclass(frozen=True)
class RateBaseline:
    """A rate: opens, clicks or purchases per customer.

    Attributes:
        value: A fraction in (0, 1).

    Raises:
        ValueError: If it is not.
    """

    value: float

    def __post_init__(self) -> None:
        self.margin(0.5)

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """A rate is a fraction."""
        return 0.0, 1.0

    @property
    def unit_sd(self) -> float:
        """Of a unit that has the outcome or has not."""
        return sqrt(self.value * (1 - self.value))

    def lift(self, effect: float) -> RateLift:
        """Aim at showing an effect, treatment minus control."""
        return RateLift(self.value, effect)

    def margin(self, margin: float) -> RateMargin:
        """Aim at ruling out a difference, with the sign of harm, while there is none."""
        return RateMargin(self.value, margin)


@dataclass(frozen=True)
class MeanBaseline:
    """A mean per customer: revenue, orders, days.

    Attributes:
        value: In the KPI's unit of measure.
        unit_sd: Standard deviation of the values of single customers, zeros included.
        treatment_sd: The same of the treatment, if it is another.
        least: Least value that the mean can have; None if values may be negative (profit).

    Raises:
        ValueError: If a standard deviation is not positive or the value is below the least one.

    Examples:
        >>> MeanBaseline(2652.0, unit_sd=15_300.0).lift(392.0).distance
        392.0
    """

    value: float
    unit_sd: float
    treatment_sd: float | None = None
    least: float | None = 0.0

    def __post_init__(self) -> None:
        if not isfinite(self.value) or (self.least is not None and self.value < self.least):
            raise ValueError(f"the mean is {self.value}, expected a number not below {self.least}")
        self.lift(1.0)

    @property
    def limits(self) -> tuple[float | None, float | None]:
        """A mean knows no greatest value."""
        return self.least, None

    def lift(self, effect: float) -> MeanLift:
        """Aim at showing an effect, treatment minus control."""
        return MeanLift(self.unit_sd, effect, self.treatment_sd)

    def margin(self, margin: float) -> MeanMargin:
        """Aim at ruling out a difference, with the sign of harm, while there is none."""
        return MeanMargin(self.unit_sd, margin)


__all__ = [
    "KINDS",
    "Baseline",
    "MeanBaseline",
    "RateBaseline",
    "RatioBaseline",
    "ScoreBaseline",
]

KINDS: Mapping[str, Callable[..., Any]] = MappingProxyType(
    {"rate": RateBaseline, "mean": MeanBaseline, "ratio": RatioBaseline, "score": ScoreBaseline}
)
"""The kinds of KPI that can be planned for, by name."""
