"""When a variant is sent: a time of day that is local to each customer."""

import re
from dataclasses import dataclass
from datetime import date

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice, check_text

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_ATTRIBUTE = 64
EARLIEST_YEAR, LATEST_YEAR = 2000, 2100
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True)
class SendTime:
    """A local time of day, on any day, on one day of the week, or on one date.

    Attributes:
        local_time: Hour and minute, ``00:00`` to ``23:59``.
        weekday: One of ``WEEKDAYS``; None for any.
        on: The local date, for a test that is sent once; None for any.
    """

    local_time: str
    weekday: str | None = None
    on: date | None = None

    def __post_init__(self) -> None:
        check_clock(self.local_time, "local_time")
        check_choice(self.weekday, WEEKDAYS, "weekday")
        if self.on is None:
            return
        if self.weekday is not None:
            raise Invalid(field="on", expected="a weekday or a date, not both", got=str(self.on))
        check_date(self.on, "on")

    @property
    def minute(self) -> int:
        """Minutes since the day's 00:00.

        Examples:
            >>> SendTime("10:30").minute
            630
        """
        return minute_of(self.local_time)

    @property
    def day_of_week(self) -> str | None:
        """The weekday that it falls on; None where it falls on any.

        Examples:
            >>> SendTime("10:00", on=date(2025, 3, 10)).day_of_week
            'monday'
        """
        return self.weekday if self.on is None else WEEKDAYS[self.on.weekday()]

    def __str__(self) -> str:
        """In words for a sentence.

        Examples:
            >>> str(SendTime("10:00", weekday="friday"))
            'friday 10:00'
        """
        day = self.weekday or (self.on and self.on.isoformat())
        return f"{day} {self.local_time}" if day else self.local_time


def check_clock(text: str, field: str) -> None:
    """Refuse what is no hour and minute of a day.

    Raises:
        Invalid: Naming ``field``.

    Examples:
        >>> check_clock("08:00", "from")
    """
    if not _CLOCK.fullmatch(text):
        raise Invalid(field=field, expected="a time of day, 00:00 to 23:59", got=text[:60])


def check_zone_attribute(name: str | None) -> None:
    """Refuse a name that no attribute of customers can have; None passes.

    Raises:
        Invalid: Naming ``time_zone_attribute``.

    Examples:
        >>> check_zone_attribute("tz")
    """
    field = "time_zone_attribute"
    check_text(name, field, shortest=1, longest=LONGEST_ATTRIBUTE)
    if name is not None and (name != name.strip() or name == "id"):
        expected = "the name of an attribute, without a space at either end"
        raise Invalid(field=field, expected=expected, got=name)


def check_date(day: date, field: str) -> None:
    """Refuse a date that nobody means.

    Raises:
        Invalid: Naming ``field``.
    """
    if not EARLIEST_YEAR <= day.year <= LATEST_YEAR:
        bounds = f"a date from {EARLIEST_YEAR} to {LATEST_YEAR}"
        raise Invalid(field=field, expected=bounds, got=day.isoformat())


def read_date(text: str | None, field: str) -> date | None:
    """The date that is written there; None stays None.

    Raises:
        Invalid: Naming ``field``.

    Examples:
        >>> read_date("2025-03-14", "send_on")
        datetime.date(2025, 3, 14)
    """
    if text is None:
        return None
    expected = "a date, such as 2025-03-14"
    if not _DATE.fullmatch(text):
        raise Invalid(field=field, expected=expected, got=text[:60])
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field=field, expected=expected, got=text) from error
    check_date(day, field)
    return day


def minute_of(clock: str) -> int:
    """Minutes since the day's 00:00.

    Examples:
        >>> minute_of("20:50")
        1250
    """
    hour, minute = clock.split(":")
    return 60 * int(hour) + int(minute)
