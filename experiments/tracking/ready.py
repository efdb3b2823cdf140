"""Ready segments by their keys, and where local days begin."""

from datetime import date, datetime, time

from experiments.errors import Invalid
from experiments.ledger.instants import microseconds
from experiments.measurement.history import HistorySegment
from experiments.measurement.ready_segments import READY
from experiments.zones import zone


class UnknownSegment(Invalid):
    """A segment that no tracking knows."""

    template = "expected one of the segments {known}, got {got!r}"


def segment_of(key: str | None) -> HistorySegment | None:
    """The ready segment of that key; None: everybody.

    Raises:
        UnknownSegment: If there is none.
    """
    if key is None:
        return None
    if key not in READY:
        raise UnknownSegment(field="segment", known=", ".join(READY), got=key)
    return READY[key]


def beginning(day: date, zone_name: str) -> int:
    """The first instant of a local day, or of the next if the zone left it out.

    Examples:
        >>> beginning(date(1970, 1, 2), "UTC")
        86400000000
    """
    return microseconds(datetime.combine(day, time(), tzinfo=zone(zone_name)))
