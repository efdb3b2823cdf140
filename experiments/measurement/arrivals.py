"""How events come in: how many, how late, and up to when they can be believed complete.

The *watermark* is that time. What is reported as it happens (that is, by no import) usually
arrives within a delay that 99 in 100 events of its type kept; so, when the last of them
arrived, what happened that delay earlier had arrived. An import is complete by itself, up to
its last event. The later of the two is the watermark, and never after the moment of the
report. A source that fell silent leaves it where it was.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import ibis
from ibis.expr.types import Table

from experiments.ledger.instants import microseconds
from experiments.measurement.anchors import instant
from experiments.measurement.identity import is_withdrawn
from experiments.measurement.session import Session

# Of the events that are reported as they happen.
USUAL = 0.99


@dataclass(frozen=True)
class Arrivals:
    """The events of one type in a project.

    Attributes:
        received: All of them, also those of withdrawn imports.
        delay: Within which 99 in 100 arrived that came with no import; None if none did.
        watermark: Up to then they can be believed complete; None without events.
    """

    received: int
    delay: timedelta | None
    watermark: datetime | None


def withdrawn_rows(session: Session) -> int:
    """Facts of the project, of whatever kind, that came with imports since withdrawn."""
    withdrawn = session.uncertainty.withdrawn
    if not withdrawn:
        return 0
    counts = []
    for fact in ("exposure", "event", "alias"):
        facts = session.arrived(fact)
        gone = facts.filter(is_withdrawn(facts, withdrawn))
        counts += session.rows(gone.aggregate(rows=gone.count()))
    return sum(count["rows"] for count in counts)


def arrivals(session: Session, event: str, as_of: datetime) -> Arrivals:
    """Look at everything of one type that ever arrived, whosever it is.

    Args:
        session: On the project's facts; asked once for all types.
        event: Their type.
        as_of: The moment that is looked at.

    Raises:
        ReplicaUnreadable: If a file cannot be read.
    """
    by_type = session.keep("arrivals", None, lambda: _by_type(session))
    found = session.rows(by_type.filter(by_type.type == event))
    return arrivals_of(found[0] if found else None, as_of)


def arrivals_by_type(session: Session) -> dict[str, dict[str, Any]]:
    """What :func:`arrivals_of` reads, of all types.

    Raises:
        ReplicaUnreadable: If a file cannot be read.
    """
    rows = session.rows(session.keep("arrivals", None, lambda: _by_type(session)))
    return {row["type"]: row for row in rows}


def _by_type(session: Session) -> Table:
    events = session.arrived("event")
    stands = ~is_withdrawn(events, session.uncertainty.withdrawn)
    live = events.import_id.isnull()
    delay = ibis.greatest(events.received_at - events.occurred_at, 0)
    return events.group_by("type").aggregate(
        received=events.count(),
        last=events.received_at.max(where=live),
        delay=delay.quantile(USUAL, where=live),
        imported=events.occurred_at.max(where=events.import_id.notnull() & stands),
    )


def arrivals_of(found: Mapping[str, Any] | None, as_of: datetime) -> Arrivals:
    """Read what was found of a type at one position, as of a moment."""
    if found is None:
        return Arrivals(0, None, None)
    delay = None if found["last"] is None else round(found["delay"])
    ends = [] if delay is None else [found["last"] - delay]
    ends += [] if found["imported"] is None else [found["imported"]]
    return Arrivals(
        received=found["received"],
        delay=None if delay is None else timedelta(microseconds=delay),
        watermark=instant(min(max(ends), microseconds(as_of))) if ends else None,
    )
