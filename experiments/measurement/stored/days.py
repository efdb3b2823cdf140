"""The local days on which a test met its customers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property

from experiments.ledger.instants import microseconds
from experiments.measurement.formula.days import Calendar, Stretch
from experiments.measurement.request import MeasureRequest

# Tells when a test met its first customer, microseconds, 0 if it met none; if asked with
# ``before``, of those that it met before that moment.
MetSince = Callable[..., int]


@dataclass(frozen=True)
class Days:
    """The days on which customers of a request were met, found if asked for."""

    request: MeasureRequest
    met_since: MetSince

    @cached_property
    def calendar(self) -> Calendar:
        """Of the request's zone, from the first customer or earlier to the request's moment.

        Where no clock was changed this year or the last, it does not matter who was the first.
        """
        zone, as_of = self.request.zone, self.request.as_of.astimezone(UTC)
        lately = microseconds(datetime(as_of.year - 1, 1, 1, tzinfo=UTC))
        until = microseconds(as_of)
        steady = Stretch(zone, lately, until).calendar
        if len(steady.offsets) == 1 and not self.met_since(before=lately):
            return steady
        return Stretch(zone, min(self.met_since(), until), until).calendar
