"""Samples that know what they are compared by: up to which time, at which quantile."""

from dataclasses import dataclass, replace

from stats.samples import LifeTable, ValueCounts


@dataclass(frozen=True)
class TimedSample:
    """Times to an event, and up to when they are compared.

    Attributes:
        table: In steps of an hour or a day.
        horizon: In the same; the mean time is that up to here.
        per_day: Steps of a day, 24 or 1.
        watched_alike: Whether everybody is watched up to the horizon once the window has
            closed; otherwise the horizon is where the last was seen.
    """

    table: LifeTable
    horizon: int
    per_day: int = 1
    watched_alike: bool = True

    def __add__(self, other: "TimedSample") -> "TimedSample":
        return replace(self, table=self.table + other.table)

    @property
    def units(self) -> int:
        """Units counted, each once."""
        return self.table.units

    @property
    def last_time(self) -> int:
        """When the last of them was seen; 0 without units."""
        return self.table.rows[-1].time if self.table.rows else 0


@dataclass(frozen=True)
class QuantileSample:
    """Values, and which quantile of them is compared.

    Attributes:
        quantile: A fraction.
    """

    values: ValueCounts
    quantile: float

    def __add__(self, other: "QuantileSample") -> "QuantileSample":
        return replace(self, values=self.values + other.values)

    @property
    def units(self) -> int:
        """Units counted, each once."""
        return self.values.units
