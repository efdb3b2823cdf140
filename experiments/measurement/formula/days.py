"""Local calendar days as expressions: to which day an instant belongs, and when a day begins.

The engine is asked for no time zones: the offsets of one zone, out of the pinned data, are
steps over time, and so are the beginnings of its days. Only the steps of the time that is
looked at are named: a zone has hundreds. Instants are microseconds since 1970; a day is named
by the microseconds from 1970 to its midnight, on a clock that never changed.
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


@dataclass(frozen=True)
class Stretch:
    """A time in a zone.

    Attributes:
        zone: IANA name.
        since, until: Instants; what lies outside is read as if nothing had changed there.
    """

    zone: str
    since: int
    until: int

    @property
    def calendar(self) -> Calendar:
        """The days of the stretch, and of a day more on either side.

        Raises:
            UnknownZone: If there is no such zone.
        """
        first, last = self.since // DAY - 1, self.until // DAY + 2
        return calendar_of(self.zone, max(0, first), max(1, last))


@lru_cache(maxsize=64)
def calendar_of(name: str, first: int, last: int) -> Calendar:
    """The days of a zone, from one day after 1970 to another, both counted in UTC.

    Examples:
        >>> calendar_of("Asia/Seoul", 20_000, 21_000).offsets
        ((1728000000000000, 32400000000),)
        >>> len(calendar_of("America/New_York", 20_000, 20_365).offsets)
        3

    Raises:
        UnknownZone: If there is no such zone.
    """
    offsets = tuple(_offsets(name, first, last))
    near = sorted(
        {
            (at + offset) // DAY * DAY + days * DAY
            for at, offset in offsets
            for days in range(-_AROUND, _AROUND + 1)
        }
    )
    delays = [(day, _first_instant(day, offsets) - day) for day in near]
    return Calendar(offsets, tuple(next(same) for _, same in groupby(delays, lambda step: step[1])))


def _offsets(name: str, first: int, last: int) -> Iterator[tuple[int, int]]:
    place, beginning = zone(name), datetime(1970, 1, 1, tzinfo=UTC)

    def offset(second: int) -> int:
        found = (beginning + timedelta(seconds=second)).astimezone(place).utcoffset()
        assert found is not None  # noqa: S101 - narrows a type: the zone is known
        return found // _SECOND

    known = [(day * 86_400, offset(day * 86_400)) for day in range(first, last + 1)]
    yield known[0][0] * 1_000_000, known[0][1] * 1_000_000
    for (low, before), (above, after) in pairwise(known):
        if before == after:
            continue
        below, high = low, above
        while high - below > 1:
            middle = (below + high) // 2
            below, high = (middle, high) if offset(middle) == before else (below, middle)
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
