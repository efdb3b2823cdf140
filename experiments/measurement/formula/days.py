"""Local calendar days as expressions: to which day an instant belongs, and when a day begins.

The engine is asked for no time zones: the offsets of one zone, out of the pinned data, are
steps over time, and so are the beginnings of its days. Instants are microseconds since 1970;
a day is named by the microseconds from 1970 to its midnight, on a clock that never changed.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import groupby, pairwise

import ibis
from ibis.expr.types import IntegerValue

from experiments.zones import zone

DAY = 24 * 3_600_000_000
_SECOND = timedelta(seconds=1)
_AROUND = 2

Steps = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Calendar:
    """One zone's days.

    Attributes:
        offsets: (instant, offset of local time from then on), the first for all before.
        delays: (day, how long after midnight UTC of that name it begins), likewise.
    """

    offsets: Steps
    delays: Steps

    def day_of(self, at: IntegerValue) -> IntegerValue:
        """The local day of an instant."""
        local: IntegerValue = at + _step(at, self.offsets)
        return local - local % DAY

    def beginning_of(self, day: IntegerValue) -> IntegerValue:
        """The first instant of a local day, or of the next if the zone left it out."""
        return day + _step(day, self.delays)


@lru_cache(maxsize=64)
def calendar_of(name: str, until_year: int) -> Calendar:
    """The days of a zone from 1970 up to a year.

    Examples:
        >>> calendar_of("Asia/Seoul", 1980).offsets
        ((0, 32400000000),)
        >>> len(calendar_of("America/New_York", 1972).offsets)
        5

    Raises:
        UnknownZone: If there is no such zone.
    """
    offsets = tuple(_offsets(name, until_year))
    near = sorted(
        {
            (at + offset) // DAY * DAY + days * DAY
            for at, offset in offsets
            for days in range(-_AROUND, _AROUND + 1)
        }
    )
    delays = [(day, _first_instant(day, offsets) - day) for day in near]
    return Calendar(offsets, tuple(next(same) for _, same in groupby(delays, lambda step: step[1])))


def _offsets(name: str, until_year: int) -> Iterator[tuple[int, int]]:
    place, first = zone(name), datetime(1970, 1, 1, tzinfo=UTC)

    def offset(second: int) -> int:
        found = (first + timedelta(seconds=second)).astimezone(place).utcoffset()
        assert found is not None  # noqa: S101 - narrows a type: the zone is known
        return found // _SECOND

    days = range(0, (datetime(until_year, 1, 1, tzinfo=UTC) - first) // _SECOND, 86_400)
    known = [(day, offset(day)) for day in days]
    yield 0, known[0][1] * 1_000_000
    for (last, before), (next_, after) in pairwise(known):
        if before == after:
            continue
        low, high = last, next_
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if offset(middle) == before else (low, middle)
        yield high * 1_000_000, after * 1_000_000


def _first_instant(day: int, offsets: Sequence[tuple[int, int]]) -> int:
    """The first instant whose local day is this one or later."""
    starts = [-(2**62), *(at for at, _ in offsets[1:])]
    ends = [*starts[1:], 2**62]
    for start, end, (_, offset) in zip(starts, ends, offsets, strict=True):
        begins = max(start, day - offset)
        if begins < end:
            return begins
    raise AssertionError(day)


def _step(at: IntegerValue, steps: Steps) -> IntegerValue:
    (_, first), *later = steps
    if not later:
        return ibis.literal(first, "int64")
    found: IntegerValue = ibis.cases(
        *((at >= since, ibis.literal(value, "int64")) for since, value in reversed(later)),
        else_=ibis.literal(first, "int64"),
    )
    return found
