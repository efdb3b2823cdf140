"""Periods as instants: from when to when events count, in the project's zone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from experiments.tracking.periods import day_after
from experiments.tracking.ready import beginning


@dataclass(frozen=True)
class Span:
    """One period in time.

    Attributes:
        since: When events begin to count: at the period's start, or so many rolling days
            before its end. Microseconds since 1970.
        starts, until: When the period itself begins, and when it is over.
    """

    since: int
    starts: int
    until: int


def spans_of(
    starts: Sequence[date], period: str, zone_name: str, rolling_days: int | None = None
) -> tuple[Span, ...]:
    """The periods that begin on these days.

    Examples:
        >>> [span] = spans_of([date(2025, 3, 9)], "day", "America/New_York")
        >>> (span.until - span.starts) // 3_600_000_000
        23
    """
    return tuple(
        _span(start, day_after(start, period), zone_name, rolling_days) for start in starts
    )


def _span(start: date, after: date, zone_name: str, rolling_days: int | None) -> Span:
    begins = start if rolling_days is None else after - timedelta(days=rolling_days)
    since, starts, until = (beginning(day, zone_name) for day in (begins, start, after))
    return Span(since, starts, until)
