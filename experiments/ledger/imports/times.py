"""Times in the cells of a file: with their offset, or local ones in a zone that is stated."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from experiments.errors import Invalid
from experiments.ledger.fields import check_one_of
from experiments.ledger.instants import check_instant, read_instant
from experiments.zones import zone

DATE_ORDERS = ("ymd", "mdy", "dmy")
_LONGEST = 60
_WITH_OFFSET = re.compile(r"(Z|[+-]\d\d:?\d\d)$", re.ASCII)
_YEAR_FIRST = r"(?P<year>\d{4}) ?[-./년] ?(?P<month>\d{1,2}) ?[-./월] ?(?P<day>\d{1,2})[.일]?"
_YEAR_LAST = r"(?P<one>\d{1,2})[-./](?P<two>\d{1,2})[-./](?P<last>\d{4})"
_CLOCK = (
    r"(?:(?P<half>오전|오후|AM|PM) ?)?(?P<hour>\d{1,2})[:시] ?(?P<minute>\d{1,2})분?"
    r"(?:[: ]?(?P<second>\d{1,2})초?(?:\.(?P<fraction>\d{1,9}))?)? ?(?P<later>AM|PM)?"
)
_LOCAL = re.compile(rf"(?:{_YEAR_FIRST}|{_YEAR_LAST})[T ] ?{_CLOCK}", re.ASCII | re.IGNORECASE)
_AFTERNOON = {"오후", "pm"}


class NoZone(Invalid):
    """A time without offset, in a file whose zone nobody stated."""

    template = "{got!r} has no offset; state the zone of the file's times"


class NoSuchTime(Invalid):
    """A local time that the clocks of its zone never showed."""

    template = "{got!r} never was in {zone}: clocks were put forward"


@dataclass(frozen=True)
class Times:
    """How the times of a file are read.

    Attributes:
        zone: IANA name of the zone of times without offset; None if they are refused.
        order: Of the parts of a date that does not begin with its year.
    """

    zone: str | None = None
    order: str = "ymd"

    def __post_init__(self) -> None:
        if self.zone is not None:
            zone(self.zone, "zone")
        check_one_of(self.order, DATE_ORDERS, "date_order")

    def read(self, cell: str, field: str) -> datetime:
        """The instant in a cell; of a local time that came twice, the first.

        Raises:
            Invalid: Naming ``field``, also if the clocks never showed that time.

        Examples:
            >>> Times("Asia/Seoul").read("2025. 3. 10. 오후 1:05", "time").isoformat()
            '2025-03-10T04:05:00+00:00'
        """
        text = cell.strip()
        if _WITH_OFFSET.search(text):
            return read_instant(text, field)
        if self.zone is None:
            if _local(text, "dmy") is None and _local(text, "mdy") is None:
                return read_instant(text, field)
            raise NoZone(field=field, got=text[:_LONGEST])
        local = _local(text, self.order)
        if local is None:
            raise Invalid(field=field, expected=self._expected, got=text[:_LONGEST])
        found = _instant(local, self.zone)
        if found is None:
            raise NoSuchTime(field=field, got=text[:_LONGEST], zone=self.zone)
        return check_instant(found, field)

    @property
    def _expected(self) -> str:
        example = {"ymd": "2025-03-10", "mdy": "03/10/2025", "dmy": "10/03/2025"}[self.order]
        return f"a date and a time of day such as {example} 10:00"


# A campaign is sent in few seconds: files repeat their times.
@lru_cache(maxsize=65_536)
def _local(text: str, order: str) -> datetime | None:
    if len(text) > _LONGEST:
        return None
    found = _LOCAL.fullmatch(" ".join(text.split()))
    if found is None:
        return None
    date = _date(found, order)
    part = found.group
    hour = _hour(int(part("hour")), (part("half") or part("later") or "").lower())
    fraction = int((part("fraction") or "").ljust(6, "0")[:6])
    if date is None or hour is None:
        return None
    try:
        return datetime(*date, hour, int(part("minute")), int(part("second") or 0), fraction)  # noqa: DTZ001 - local until its zone is known
    except ValueError:
        return None


def _date(found: re.Match[str], order: str) -> tuple[int, int, int] | None:
    part = found.group
    if part("year"):
        return int(part("year")), int(part("month")), int(part("day"))
    if order == "ymd":
        return None
    one, two = int(part("one")), int(part("two"))
    month, day = (one, two) if order == "mdy" else (two, one)
    return int(part("last")), month, day


def _hour(hour: int, half: str) -> int | None:
    if not half:
        return hour
    if not 1 <= hour <= 12:
        return None
    return hour % 12 + (12 if half in _AFTERNOON else 0)


@lru_cache(maxsize=65_536)
def _instant(local: datetime, name: str) -> datetime | None:
    there = zone(name)
    try:
        found = local.replace(tzinfo=there).astimezone(UTC)
        shown = found.astimezone(there).replace(tzinfo=None)
    except OverflowError:
        return None
    return found if abs(shown - local) < timedelta(microseconds=1) else None
