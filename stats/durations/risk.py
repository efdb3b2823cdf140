"""Who is at risk when: a life table, read from its end."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stats.errors import NotEnoughData
from stats.samples import LifeTable

Integers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class RiskSets:
    """The times of a life table, those without an event too.

    Attributes:
        times: Ascending.
        events: Units that had the event at each time.
        at_risk: Units seen until each time or beyond it, without the event before it.
    """

    times: Integers
    events: Integers
    at_risk: Integers

    @classmethod
    def of(cls, table: LifeTable, name: str = "sample") -> "RiskSets":
        """Count the units at risk.

        Raises:
            NotEnoughData: If there are no units; ``name`` says whose.
        """
        if not table.rows:
            raise NotEnoughData(f"the {name} has no units")
        times, events, censored = np.array(table.rows, dtype=np.int64).T
        leaving = events + censored
        return cls(times, events, leaving[::-1].cumsum()[::-1])

    @property
    def last_time(self) -> int:
        """The last time at which a unit was seen."""
        return int(self.times[-1])

    @property
    def everyone_had_it(self) -> bool:
        """Whether the last units at risk all had the event."""
        return bool(self.events[-1] == self.at_risk[-1])

    def at_risk_at(self, time: int) -> int:
        """Count the units seen until a time or beyond it, without the event before it."""
        place = int(np.searchsorted(self.times, time))
        return int(self.at_risk[place]) if place < self.times.size else 0

    def with_events(self) -> "RiskSets":
        """Keep the times at which the event happened."""
        kept = self.events > 0
        return RiskSets(self.times[kept], self.events[kept], self.at_risk[kept])
