"""Whether a period of reported figures is whole: who was due to report, and did.

A lane is a channel of a source. How often it reports is the shortest time between two of its
days: one for daily figures, seven for weekly ones.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

# A lane that said nothing for so many days, or twice its own step, is taken to have ended.
SILENT_DAYS = 7


@dataclass(frozen=True)
class Lane:
    """The days of one lane, in order, and the days from one to the next."""

    days: tuple[date, ...]
    step: int

    def complete(self, start: date, end: date) -> bool:
        """Whether nothing of it is missing from ``start`` up to ``end`` (not included)."""
        if self.days[0] >= end or self._ended(start):
            return True
        first = max(0, bisect_left(self.days, start) - 1)
        near = self.days[first : bisect_left(self.days, end) + 1]
        if not self._without_gaps(near):
            return False
        return self._ended(end) or near[-1] + timedelta(days=self._longest) >= end

    def _without_gaps(self, days: tuple[date, ...]) -> bool:
        return all((later - earlier).days <= self._longest for earlier, later in pairwise(days))

    @property
    def _longest(self) -> int:
        """Months are of 28 to 31 days."""
        return self.step + 3 if self.step >= 28 else self.step

    def _ended(self, on: date) -> bool:
        silent = max(SILENT_DAYS, 2 * self.step)
        return (on - self.days[-1]).days > silent


@dataclass(frozen=True)
class Lanes:
    """All lanes of a series."""

    lanes: tuple[Lane, ...]

    @classmethod
    def of(cls, reported: Iterable[tuple[str, str, date]]) -> "Lanes":
        """The lanes of rows of channel, source and day.

        Examples:
            >>> monday = date(2025, 3, 10)
            >>> week = [monday + timedelta(days=each) for each in range(7)]
            >>> daily = Lanes.of(("web", "ads", day) for day in week)
            >>> daily.complete(monday, monday + timedelta(days=7))
            True
            >>> Lanes.of(("web", "ads", day) for day in week if day.day != 12).complete(
            ...     monday, monday + timedelta(days=7)
            ... )
            False
        """
        days: dict[tuple[str, str], set[date]] = defaultdict(set)
        for channel, source, day in reported:
            days[channel, source].add(day)
        return cls(tuple(_lane(sorted(each)) for each in days.values()))

    def complete(self, start: date, end: date) -> bool:
        """Whether nothing of any lane is missing from ``start`` up to ``end`` (not included)."""
        return all(each.complete(start, end) for each in self.lanes)


def _lane(days: list[date]) -> Lane:
    steps = [(later - earlier).days for earlier, later in pairwise(days)]
    return Lane(tuple(days), min(steps, default=1))
