"""Figures that arrive added up, such as media cost: one for each day, channel and source.

A later delivery of the same place replaces the figure; the former one stays in the table
with the moment at which it ceased to hold.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from experiments.errors import Invalid
from experiments.kpis.checks import check_text
from experiments.ledger.batch import MOST_ITEMS, BatchTooLong
from experiments.ledger.fields import Missing, UnknownField, brief, check_event_type
from experiments.ledger.money import check_amount, scaled
from experiments.names import check_key

LONGEST_DIMENSION = 128
FIELDS = ("series", "day", "channel", "dimension", "source", "value", "currency")
NEEDED = ("series", "day", "source", "value")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


class Place(NamedTuple):
    """Where a figure stands; there is one at most."""

    series: str
    day: date
    channel: str
    dimension: str
    source: str


@dataclass(frozen=True)
class ReportedValue:
    """A figure, as reported.

    Attributes:
        series: Its name, as formulas have it in ``event``.
        day: The local day that it is of; of a week or a month, its first.
        source: Whoever reports it, such as ``google-ads``: figures of several are added.
        value: From 0 on, in units of the currency, or without one any number.
        currency: ISO 4217.
        channel: A key; None: not by channel.
        dimension: Any further text, such as a campaign; None: not by anything.
    """

    series: str
    day: date
    source: str
    value: Decimal | int
    currency: str | None = None
    channel: str | None = None
    dimension: str | None = None

    def __post_init__(self) -> None:
        check_event_type(self.series, "series")
        check_key(self.source, "source")
        if self.channel is not None:
            check_key(self.channel, "channel")
        check_text(self.dimension, "dimension", shortest=1, longest=LONGEST_DIMENSION)
        check_amount(self.value, self.currency, "value")
        if self.value < 0:
            raise Invalid(field="value", expected="a number from 0 on", got=brief(self.value))
        self.scaled()

    def scaled(self) -> int:
        """The value as it is kept: minor units of the currency, or millionths."""
        return scaled(self.value, self.currency)

    @property
    def place(self) -> Place:
        """Where it stands."""
        return Place(self.series, self.day, self.channel or "", self.dimension or "", self.source)


@dataclass(frozen=True)
class Rejected:
    """A figure that was not kept: its place in the delivery, from 0, and why."""

    index: int
    error: Invalid


class PlaceTwice(Invalid):
    """Two figures for one place in one delivery."""

    template = (
        "the same series, day, channel, dimension and source stand at place {first} "
        "with another value"
    )


@dataclass
class Read:
    """A delivery as read: good figures with their places in it, and the rest."""

    values: list[tuple[int, ReportedValue]] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)


def read_delivery(items: Sequence[object]) -> Read:
    """Read items, each for itself.

    Raises:
        BatchTooLong: If there are more than ``MOST_ITEMS``.
    """
    if len(items) > MOST_ITEMS:
        raise BatchTooLong(got=len(items), most=MOST_ITEMS)
    read, seen = Read(), dict[Place, tuple[int, ReportedValue]]()
    for index, item in enumerate(items):
        try:
            value = read_reported(item)
            first, other = seen.setdefault(value.place, (index, value))
            if (other.scaled(), other.currency) != (value.scaled(), value.currency):
                raise PlaceTwice(field="value", first=first)
        except Invalid as error:
            read.rejected.append(Rejected(index, error))
        else:
            read.values.append((index, value))
    return read


def read_reported(item: object) -> ReportedValue:
    """A figure out of its JSON object.

    Raises:
        Invalid: Naming the field.

    Examples:
        >>> found = read_reported(
        ...     {"series": "reach", "day": "2025-03-10", "source": "meta", "value": 120}
        ... )
        >>> found.place.day.isoformat(), found.scaled()
        ('2025-03-10', 120000000)
    """
    if not isinstance(item, Mapping):
        raise Invalid(expected="a JSON object", got=brief(item))
    for name in item:
        if name not in FIELDS:
            raise UnknownField(field=str(name)[:60], known=", ".join(FIELDS))
    for name in NEEDED:
        if item.get(name) is None:
            raise Missing(field=name)
    given: dict[str, Any] = {name: _text(item, name) for name in FIELDS if name != "value"}
    return ReportedValue(**given | {"day": read_day(given["day"]), "value": item["value"]})


def read_day(text: str, field: str = "day") -> date:
    """A day as ISO 8601 writes it.

    Raises:
        Invalid: Naming ``field``.
    """
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Invalid(field=field, expected="a day such as 2025-03-10", got=brief(text))


def check_has_come(day: date, now: datetime, zone: Any) -> None:
    """Refuse a figure of a day that is still to come where the project is.

    Raises:
        Invalid: Naming ``day``.
    """
    today = now.astimezone(zone).date()
    if day > today:
        expected = f"a day that has come, at most {today.isoformat()}"
        raise Invalid(field="day", expected=expected, got=day.isoformat())


def _text(item: Mapping[str, Any], name: str) -> str | None:
    value = item.get(name)
    if value is not None and not isinstance(value, str):
        raise Invalid(field=name, expected="a string", got=brief(value))
    return value
