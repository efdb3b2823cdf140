"""The sample of a time to an event: of each time, who had it and who was lost from sight."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from stats.samples.integers import check_integers


class LifeTableRow(NamedTuple):
    """What happened at one time.

    Attributes:
        time: Whole hours or days since the anchor, 0 or more.
        events: Units that had the event at this time.
        censored: Units seen without the event until this time, and no longer.
    """

    time: int
    events: int
    censored: int


@dataclass(frozen=True)
class LifeTable:
    """Units of a variant by the time of their event or of their last sight.

    A unit censored at a time was still at risk at it: events come first.

    Attributes:
        rows: Times ascending, each with at least one unit.

    Raises:
        ValueError: If times are negative or out of order, or a row has no units.

    Examples:
        >>> table = LifeTable.of([(2, True), (5, False), (2, True)])
        >>> (table + LifeTable.of([(5, True)])).rows[1]
        LifeTableRow(time=5, events=1, censored=1)
        >>> table.units, table.events
        (3, 2)
    """

    rows: tuple[LifeTableRow, ...]

    def __post_init__(self) -> None:
        for time, events, censored in self.rows:
            check_integers(time, events, censored)
            if min(time, events, censored) < 0 or events + censored == 0:
                raise ValueError(
                    f"{events} events and {censored} censored at time {time}, "
                    "expected at least one unit and nothing negative"
                )
        for (time, _, _), (after, _, _) in pairwise(self.rows):
            if time >= after:
                raise ValueError(f"time {after} comes after {time}, expected ascending times")

    @classmethod
    def of(cls, observations: Iterable[tuple[int, bool]]) -> "LifeTable":
        """Count units, each as its time and whether the event happened at it."""
        events, censored = Counter[int](), Counter[int]()
        for time, happened in observations:
            (events if happened else censored)[time] += 1
        return cls._counted(events, censored)

    @classmethod
    def _counted(cls, events: Counter[int], censored: Counter[int]) -> "LifeTable":
        times = sorted(events.keys() | censored.keys())
        return cls(tuple(LifeTableRow(time, events[time], censored[time]) for time in times))

    def __add__(self, other: "LifeTable") -> "LifeTable":
        events, censored = Counter[int](), Counter[int]()
        for time, happened, lost in (*self.rows, *other.rows):
            events[time] += happened
            censored[time] += lost
        return self._counted(events, censored)

    @property
    def units(self) -> int:
        """Units counted, each once."""
        return sum(events + censored for _, events, censored in self.rows)

    @property
    def events(self) -> int:
        """Units that had the event."""
        return sum(events for _, events, _ in self.rows)
