"""How far a running comparison has come, against its plan."""

from dataclasses import dataclass
from math import isfinite
from typing import Protocol

from stats.errors import NotEnoughData

MIN_UNITS = 100
MIN_CONVERSIONS = 10
"""Below these the normal approximation that all this rests on is not trusted."""


@dataclass(frozen=True)
class Progress:
    """How much a running comparison has seen.

    Attributes:
        control_units: Units of the control whose window has closed.
        treatment_units: The same of the treatment.
        planned_units: Of both together, at the planned end.
        conversions: Units of both with the outcome; None if the KPI is not a rate.

    Raises:
        ValueError: If the planned units are not a positive number.
        NotEnoughData: If a variant has fewer than 100 units, or both together fewer than 10
            conversions.
    """

    control_units: int
    treatment_units: int
    planned_units: float
    conversions: int | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.planned_units) and self.planned_units > 0):
            raise ValueError(f"the planned units are {self.planned_units}, expected above 0")
        fewest = min(self.control_units, self.treatment_units)
        if fewest < MIN_UNITS:
            raise NotEnoughData(f"a variant has {fewest} units, expected at least {MIN_UNITS}")
        if self.conversions is not None and self.conversions < MIN_CONVERSIONS:
            raise NotEnoughData(
                f"there are {self.conversions} conversions, expected at least {MIN_CONVERSIONS}"
            )

    @property
    def fraction(self) -> float:
        """Share of the planned units seen; above 1 if the test ran over."""
        return (self.control_units + self.treatment_units) / self.planned_units


@dataclass(frozen=True)
class Information:
    """The same for an estimate whose information does not grow like its units.

    So it is where the split changes on the way, or units come back with more (several sends).

    Attributes:
        seen: One over the squared standard error so far (`NormalEstimate.information`).
        planned: The same at the planned end.

    Raises:
        ValueError: If a number is not positive.

    Examples:
        >>> Information(seen=10_000.0, planned=40_000.0).fraction
        0.25
    """

    seen: float
    planned: float

    def __post_init__(self) -> None:
        for amount in (self.seen, self.planned):
            if not (isfinite(amount) and amount > 0):
                raise ValueError(f"an information is {amount}, expected above 0")

    @property
    def fraction(self) -> float:
        """Share of the planned information seen; above 1 if the test ran over."""
        return self.seen / self.planned


class Clock(Protocol):
    """What times a confidence sequence: `Progress` in units, or `Information`."""

    @property
    def fraction(self) -> float:
        """Share of the plan that has been seen."""
