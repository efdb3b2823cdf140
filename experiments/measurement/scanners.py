"""Clicks that came faster than a person can: the rule of ``ledger.machine``, in the engine.

So many different links of one message, clicked by one customer within so many seconds, were
followed by a program. That is seen only once all clicks are there, so it is asked for every
report anew, whatever order they came in. Clicks without ``message`` and ``url`` among their
properties tell nothing of it.
"""

from dataclasses import dataclass
from datetime import datetime

from ibis.expr.types import Table

from experiments.ledger.instants import microseconds
from experiments.ledger.machine import RULES
from experiments.measurement.identity import certain
from experiments.measurement.properties import text_at

SCANNED = "click"
_MICROSECONDS = 1_000_000


@dataclass(frozen=True)
class Pace:
    """Of clicks that no person makes.

    Attributes:
        links: Different links of one message ...
        seconds: ... clicked within this time.
    """

    links: int = RULES.links
    seconds: int = RULES.seconds


USUAL_PACE = Pace()


def by_scanners(events: Table, pace: Pace, as_of: datetime) -> Table:
    """The clicks that a scanner made, with those already flagged.

    Args:
        events: The project's.
        pace: No person's.
        as_of: What happened later is not seen.

    Returns:
        Rows of ``position`` and ``machine`` (whether it was flagged on arrival).
    """
    clicks = certain(events)
    clicks = clicks.filter(clicks.type == SCANNED, clicks.occurred_at <= microseconds(as_of))
    clicks = clicks.select(
        "position", "unit_id", "occurred_at", "machine",
        message=text_at(clicks.properties, "message"),
        url=text_at(clicks.properties, "url"),
    )  # fmt: skip
    clicks = clicks.filter(clicks.message.notnull(), clicks.url.notnull())
    together = ["unit_id", "message"]
    many = clicks.group_by(together).aggregate(links=clicks.count())
    many = many.filter(many.links >= pace.links)
    near = clicks.semi_join(many, together)
    ends = _ends(near, pace)
    inside = near.semi_join(
        ends,
        [
            near.unit_id == ends.unit,
            near.message == ends.about,
            near.occurred_at <= ends.at,
            near.occurred_at >= ends.at - pace.seconds * _MICROSECONDS,
        ],
    )
    return inside.select("position", "machine")


def _ends(near: Table, pace: Pace) -> Table:
    """When a customer had followed so many links: rows of ``unit``, ``about`` and ``at``."""
    before = near.select(unit="unit_id", about="message", at="occurred_at", link="url")
    # No engine but DuckDB counts distinct values over a window: hence a join.
    pairs = near.select("unit_id", "message", "occurred_at").distinct()
    pairs = pairs.inner_join(
        before,
        [
            pairs.unit_id == before.unit,
            pairs.message == before.about,
            before.at <= pairs.occurred_at,
            before.at >= pairs.occurred_at - pace.seconds * _MICROSECONDS,
        ],
    )
    moments = pairs.group_by(unit=pairs.unit_id, about=pairs.message, at=pairs.occurred_at)
    counted = moments.aggregate(links=pairs.link.nunique())
    return counted.filter(counted.links >= pace.links).drop("links")


def marked(events: Table, scanned: Table) -> Table:
    """The events, those of scanners flagged as made by a program."""
    return events.mutate(machine=events.machine | events.position.isin(scanned.position))
