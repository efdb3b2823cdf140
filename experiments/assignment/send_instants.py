"""From a customer's local time to the one instant at which the message goes out.

Where clocks go forward, a local time between the old and the new reading never comes: the
message goes out at the first instant after the gap. Where they go back, a local time comes
twice: it goes out at the first of the two. So every local date has exactly one instant of a
time of day (docs/decisions/0011).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo

from experiments.registry.send_times import WEEKDAYS, SendTime
from experiments.zones import zone

_DAY = timedelta(days=1)
_SECOND = timedelta(seconds=1)
# The next date of a weekday is at most 7 days off; a date may be missing (Samoa, 2011).
_DAYS_TRIED = 16


def send_instant(local: datetime, where: tzinfo) -> datetime:
    """The instant at which a clock on the wall shows ``local``.

    Args:
        local: Date and time without a zone.
        where: The zone of the wall.

    Returns:
        An aware UTC datetime: the first, if there are two; the end of the gap, if there is none.

    Examples:
        >>> str(send_instant(datetime(2025, 3, 10, 10), zone("Asia/Seoul")))
        '2025-03-10 01:00:00+00:00'
        >>> str(send_instant(datetime(2025, 3, 9, 2, 30), zone("America/New_York")))
        '2025-03-09 07:00:00+00:00'
        >>> str(send_instant(datetime(2025, 11, 2, 1, 30), zone("America/New_York")))
        '2025-11-02 05:30:00+00:00'
    """
    first = local.replace(tzinfo=where, fold=0).astimezone(UTC)
    if _on_the_wall(first, where) == local:
        return first
    # By the offset of before the gap it comes too late, by that of after it too early.
    early = local.replace(tzinfo=where, fold=1).astimezone(UTC)
    seconds = int((first - early).total_seconds())
    below, above = 0, seconds
    while above - below > 1:
        middle = (below + above) // 2
        if _on_the_wall(early + middle * _SECOND, where) < local:
            below = middle
        else:
            above = middle
    return early + above * _SECOND


def _on_the_wall(at: datetime, where: tzinfo) -> datetime:
    return at.astimezone(where).replace(tzinfo=None, fold=0)


def instant_on(when: SendTime, day: date, where: tzinfo) -> datetime:
    """The instant of a send time counted from a local date: its own date goes before.

    Args:
        when: The send time.
        day: Where it names neither a weekday nor a date, the date itself; where it names a
            weekday, the first date of that weekday from here on.
        where: The customer's zone.

    Examples:
        >>> seoul = zone("Asia/Seoul")
        >>> str(instant_on(SendTime("18:00", weekday="friday"), date(2025, 3, 10), seoul))
        '2025-03-14 09:00:00+00:00'
    """
    if when.on is not None:
        day = when.on
    elif when.weekday is not None:
        day += (WEEKDAYS.index(when.weekday) - day.weekday()) % 7 * _DAY
    return send_instant(_at(day, when), where)


def next_instant(when: SendTime, now: datetime, where: tzinfo) -> datetime:
    """The first instant of a send time after ``now``; that of its own date, if it names one.

    A local date that the zone leaves out as a whole has no send.

    Examples:
        >>> now = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
        >>> str(next_instant(SendTime("10:00"), now, zone("Asia/Seoul")))
        '2025-03-11 01:00:00+00:00'
    """
    if when.on is not None:
        return instant_on(when, when.on, where)
    # A day earlier: where a gap lies across midnight, yesterday's send is still to come.
    day = now.astimezone(where).date() - _DAY
    for _ in range(_DAYS_TRIED):
        if when.weekday in {None, WEEKDAYS[day.weekday()]} and _exists(day, where):
            at = send_instant(_at(day, when), where)
            if at > now:
                return at
        day += _DAY
    message = f"no {when} within {_DAYS_TRIED} days"
    raise AssertionError(message)


def _at(day: date, when: SendTime) -> datetime:
    return datetime(day.year, day.month, day.day) + timedelta(minutes=when.minute)  # noqa: DTZ001 - a wall clock


def _exists(day: date, where: tzinfo) -> bool:
    midnight = datetime(day.year, day.month, day.day)  # noqa: DTZ001 - local, without a zone by intent
    return _on_the_wall(send_instant(midnight, where), where).date() == day


@dataclass(frozen=True)
class SendPlan:
    """When a test's variants are sent.

    Attributes:
        times: By variant key; a variant without one is not in it.
        zone: Of customers whose own is not known: the project's.
        attribute: Which attribute names a customer's zone; None where nobody's is known.
    """

    times: Mapping[str, SendTime]
    zone: str
    attribute: str | None = None

    def zone_of(self, attributes: Mapping[str, object] | None, path: str = "attributes.") -> str:
        """The name of a customer's zone; the project's where the customer's is not given.

        Raises:
            UnknownZone: Naming the attribute after ``path``, if one is given and the zone data
                do not have it: nothing is guessed.

        Examples:
            >>> plan = SendPlan({}, "Asia/Seoul", "tz")
            >>> plan.zone_of({"tz": "Europe/Paris"}), plan.zone_of({"tz": ""})
            ('Europe/Paris', 'Asia/Seoul')
        """
        given = (attributes or {}).get(self.attribute) if self.attribute else None
        if given is None or given == "":
            return self.zone
        return zone(given, f"{path}{self.attribute}").key

    @property
    def dated(self) -> bool:
        """Whether each send time has a date of its own, so that no other moment counts."""
        return all(when.on is not None for when in self.times.values())

    def send_at(self, variant: str | None, where: str, since: datetime | date) -> datetime | None:
        """When a customer of that variant and zone gets the message; None where nothing says.

        Args:
            variant: Key of the variant, if there is one.
            where: Name of the customer's zone.
            since: The next time after this instant; or the local date that counts.
        """
        when = self.times.get(variant) if variant is not None else None
        if when is None:
            return None
        if isinstance(since, datetime):
            return next_instant(when, since, zone(where))
        return instant_on(when, since, zone(where))


def told(at: datetime | None) -> str | None:
    """An instant as lists and answers carry it.

    Examples:
        >>> told(datetime(2025, 3, 10, 1, 0, tzinfo=UTC))
        '2025-03-10T01:00:00Z'
    """
    return None if at is None else at.strftime("%Y-%m-%dT%H:%M:%SZ")
