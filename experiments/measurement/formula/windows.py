"""When events count: hours from the anchor, or local days after its day."""

from dataclasses import dataclass

import ibis
from ibis.expr.types import IntegerValue

from experiments.measurement.formula.days import DAY, Stretch

HOUR = 3_600_000_000


@dataclass(frozen=True)
class HoursWindow:
    """From the anchor on, the end not included."""

    hours: int

    def opens_at(self, anchor_at: IntegerValue) -> IntegerValue | None:
        """None: at the anchor itself."""

    def closes_at(self, anchor_at: IntegerValue) -> IntegerValue:
        """When it is over."""
        closes: IntegerValue = anchor_at + self.hours * HOUR
        return closes


@dataclass(frozen=True)
class LocalDaysWindow:
    """Local days after that of the anchor, both ends included; never before the anchor.

    Attributes:
        first, last: D+1 alone is 1 and 1.
        place: The zone, and the time in which anchors lie and windows close.
    """

    first: int
    last: int
    place: Stretch

    def opens_at(self, anchor_at: IntegerValue) -> IntegerValue | None:
        """When the first of the days begins; None: the anchor's own, so at the anchor."""
        if self.first == 0:
            return None
        return self._begins(anchor_at, self.first)

    def closes_at(self, anchor_at: IntegerValue) -> IntegerValue:
        """When the last of the days is over."""
        return self._begins(anchor_at, self.last + 1)

    def _begins(self, anchor_at: IntegerValue, days: int) -> IntegerValue:
        calendar = self.place.calendar
        day = calendar.day_of(anchor_at) + ibis.literal(days * DAY, "int64")
        return calendar.beginning_of(day)


Window = HoursWindow | LocalDaysWindow
