"""Periods of the calendar: local days, weeks from Monday on, months, quarters."""

from collections.abc import Iterator
from datetime import date, timedelta

from experiments.errors import Invalid
from experiments.kpis.checks import check_choice
from experiments.kpis.document import PERIODS

MOST_PERIODS = 800
PERIODS_A_YEAR = {"day": 365, "week": 52, "month": 12, "quarter": 4}


class TooManyPeriods(Invalid):
    """More values were asked for than one answer holds."""

    template = "expected at most {most} periods, got {got}"


def first_day(on: date, period: str) -> date:
    """The first day of the period that a day lies in.

    Examples:
        >>> wednesday = date(2025, 3, 12)
        >>> [first_day(wednesday, period).isoformat() for period in PERIODS]
        ['2025-03-12', '2025-03-10', '2025-03-01', '2025-01-01']
    """
    check_choice(period, PERIODS, "period")
    match period:
        case "week":
            return on - timedelta(days=on.weekday())
        case "month":
            return on.replace(day=1)
        case "quarter":
            return date(on.year, on.month - (on.month - 1) % 3, 1)
        case _:
            return on


def day_after(starts_on: date, period: str) -> date:
    """The first day after the period that begins on a day.

    Examples:
        >>> day_after(date(2025, 10, 1), "quarter")
        datetime.date(2026, 1, 1)
    """
    reach = {"day": 1, "week": 7, "month": 31, "quarter": 93}[period]
    return first_day(starts_on + timedelta(days=reach), period)


def periods_between(since: date, until: date, period: str) -> tuple[date, ...]:
    """The first days of the periods from the one that holds a day to the one that holds another.

    Raises:
        Invalid: If the second day is before the first.
        TooManyPeriods: If there are more than ``MOST_PERIODS``.

    Examples:
        >>> weeks = periods_between(date(2025, 1, 30), date(2025, 2, 10), "week")
        >>> [each.isoformat() for each in weeks]
        ['2025-01-27', '2025-02-03', '2025-02-10']
    """
    if until < since:
        raise Invalid(field="to", expected=f"{since} or later", got=until.isoformat())
    about = (until - since).days * PERIODS_A_YEAR[period] // 365
    if about > MOST_PERIODS:
        raise TooManyPeriods(field="from", most=MOST_PERIODS, got=about)
    return tuple(_from(first_day(since, period), until, period))


def _from(start: date, until: date, period: str) -> Iterator[date]:
    while start <= until:
        yield start
        start = day_after(start, period)
