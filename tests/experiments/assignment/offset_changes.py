"""Every change of a zone's offset, found by looking at clocks and not by asking for changes."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from experiments.zones import zone, zone_names

FIRST, END = datetime(2024, 1, 1, tzinfo=UTC), datetime(2036, 1, 1, tzinfo=UTC)
# No zone changes twice within so few days: a slow test looks every day.
STEP = timedelta(days=8)


@dataclass(frozen=True)
class OffsetChange:
    """The first second with the new offset."""

    at: datetime
    before: timedelta
    after: timedelta

    @property
    def walls(self) -> tuple[datetime, datetime]:
        """What clocks show at that instant by the earlier and by the later of both offsets."""
        naive = self.at.replace(tzinfo=None)
        low, high = sorted((self.before, self.after))
        return naive + low, naive + high


def offset(at: datetime, where: ZoneInfo) -> timedelta:
    found = at.astimezone(where).utcoffset()
    assert found is not None
    return found


def changes(where: ZoneInfo, step: timedelta = STEP) -> Iterator[OffsetChange]:
    """The changes of a zone from FIRST until END."""
    at = FIRST - timedelta(seconds=1)
    known = offset(at, where)
    while at < END - timedelta(seconds=1):
        later = min(at + step, END - timedelta(seconds=1))
        found = offset(later, where)
        if found != known:
            yield OffsetChange(_first_second(at, later, known, where), known, found)
            known = found
        at = later


def _first_second(below: datetime, above: datetime, known: timedelta, where: ZoneInfo) -> datetime:
    while above - below > timedelta(seconds=1):
        middle = below + timedelta(seconds=int((above - below).total_seconds()) // 2)
        if offset(middle, where) == known:
            below = middle
        else:
            above = middle
    return above


def all_changes(step: timedelta = STEP) -> dict[str, list[OffsetChange]]:
    """By zone, those zones left out that keep their offset."""
    found = {name: list(changes(zone(name), step)) for name in sorted(zone_names())}
    return {name: each for name, each in found.items() if each}
