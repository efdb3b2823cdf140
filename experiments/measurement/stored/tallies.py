"""Events of one type as they came in, counted, and the longest of their delays: they add up.

A quantile near the upper end is one of the longest delays, and of new events only those matter
that are as long. So the usual delay stays exact while the short ones are no more than counted.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import ceil

from experiments.measurement.arrivals import USUAL

# So many of the longest are kept, by share and at the least: more than a quantile needs, so
# that it can still be told after days on which hardly any was long.
_KEPT, _LEAST = 0.0125, 1_000


@dataclass(frozen=True)
class Longest:
    """The longest of some delays, in microseconds; none of them all is below 0.

    Attributes:
        floor: All that are longer are here.
        at_floor: So many are the floor itself; there may be more.
        above: Those that are longer, in order.
    """

    floor: int
    at_floor: int
    above: list[int]

    def __add__(self, other: "Longest") -> "Longest":
        """With others above the same floor."""
        above = sorted([*self.above, *other.above])
        return Longest(self.floor, self.at_floor + other.at_floor, above)

    def ranked(self, rank: int, count: int) -> int | None:
        """The delay at a place, from 0, of so many in order; None if that is not told."""
        place = rank - (count - len(self.above))
        if place >= 0:
            return self.above[place]
        return self.floor if self.floor == 0 or -place <= self.at_floor else None

    def top(self, count: int) -> "Longest":
        """Of so many, as many as are worth keeping."""
        kept = max(_LEAST, ceil(_KEPT * count))
        if len(self.above) <= kept:
            return self
        floor = self.above[-kept]
        first = bisect_right(self.above, floor)
        return Longest(floor, first - bisect_left(self.above, floor), self.above[first:])


@dataclass(frozen=True)
class Usual:
    """Within which delay 99 in 100 arrived: one between two.

    Attributes:
        low, high: Those that came next, microseconds.
        share: How far on the way from the low one to the high one it lies.
    """

    low: int
    high: int
    share: float


@dataclass(frozen=True)
class Tally:
    """The events of one type in a project.

    Attributes:
        imported: How many came with imports.
        imported_at: When the last of these that still stand happened, microseconds.
        live: How many came with none.
        last: When the last of these arrived, microseconds.
        longest: Of their delays; None if nothing is known of them.
    """

    imported: int = 0
    imported_at: int | None = None
    live: int = 0
    last: int | None = None
    longest: Longest | None = None

    def __add__(self, other: "Tally") -> "Tally":
        """With others of the type."""
        longest = self.longest if self.live else other.longest
        if self.live and other.live and longest is not None:
            longest = None if other.longest is None else longest + other.longest
        return Tally(
            self.imported + other.imported,
            _latest(self.imported_at, other.imported_at),
            self.live + other.live,
            _latest(self.last, other.last),
            longest,
        )

    @property
    def usual(self) -> Usual | None:
        """Between which delays the usual one is; None if that is not told."""
        if self.longest is None:
            return None
        at = USUAL * (self.live - 1)
        low, high = (self.longest.ranked(rank, self.live) for rank in (int(at), ceil(at)))
        return None if low is None or high is None else Usual(low, high, at - int(at))

    @property
    def is_whole(self) -> bool:
        """Whether the usual delay is told, or there is none."""
        return not self.live or self.usual is not None

    @property
    def worth_keeping(self) -> "Tally":
        """The same without delays that are not among the longest any more."""
        longest = self.longest
        return self if longest is None else replace(self, longest=longest.top(self.live))


def added(one: Mapping[str, Tally], other: Mapping[str, Tally]) -> dict[str, Tally]:
    """By type, the ones and the others."""
    nothing = Tally()
    return {each: one.get(each, nothing) + other.get(each, nothing) for each in {**one, **other}}


def _latest(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return max(one, other)
