"""How events come in, carried on: what :mod:`experiments.measurement.arrivals` counts anew.

All of it adds up but for the usual delay, a quantile near the upper end. So events are counted
by type, and those with long delays by their delay too. As long as these reach down to the
quantile, it is found among them, exactly; else all is counted anew.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from experiments.measurement.arrivals import USUAL, arrivals_by_type
from experiments.measurement.session import Session
from experiments.measurement.stored.layers import read, text
from experiments.measurement.stored.partitions import run, write
from experiments.measurement.stored.shelf import File, Shelf

Arrived = dict[str, dict[str, Any]]
COUNTED = "stored_delays"
# Which delays are long, is told from the last events: those of this share.
_SAMPLE, _LONG = 200_000, 0.98
# Counting on is given up where so many, and this share of all, are long.
_MANY, _TOO_MANY = 20_000, 0.1
_LIVE = "import_id IS NULL"
_DELAY = "greatest(received_at - occurred_at, 0)"
_SUMS = (
    "any_value(least) AS least, sum(received)::BIGINT AS received, sum(live)::BIGINT AS live, "
    "max(last) AS last, max(imported) AS imported"
)


@dataclass(frozen=True)
class Counted:
    """What is told of events, and the file to count on from, if one was written."""

    arrived: Arrived
    file: File | None


def counted(session: Session, shelf: Shelf, held: File | None, since: int, number: int) -> Counted:
    """Count the events that arrived, by type.

    Args:
        session: On the facts.
        shelf: Where the files are.
        held: What was counted before; None: nothing was.
        since: Up to which position.
        number: Of the file to be written.

    Returns:
        As :func:`experiments.measurement.arrivals.arrivals_by_type` gives.
    """
    if session.uncertainty.withdrawn:
        return Counted(arrivals_by_type(session), None)
    _count(session, shelf, held, since)
    rows = _told(session)
    if any(row["too_few"] for row in rows):
        return Counted(arrivals_by_type(session), None)
    found = {row["type"]: _arrived(row) for row in rows}
    if sum(row["long"] for row in rows) > _MANY + _TOO_MANY * sum(row["live"] for row in rows):
        return Counted(found, None)
    name = f"delays-{number}.parquet"
    return Counted(found, write(session, shelf, f"FROM {COUNTED}", name, "delays", "snappy"))


def _count(session: Session, shelf: Shelf, held: File | None, since: int) -> None:
    """Keep the counts by type and ``delay``: null of imports, and of what is below ``least``."""
    before = f"SELECT * FROM {read(shelf, [held])} UNION ALL BY NAME" if held is not None else ""  # noqa: S608 - our own path, quoted
    new = f"SELECT *, {_least(session, shelf, held)} AS least FROM events"  # noqa: S608 - our own names
    if held is not None:
        new += f" WHERE position > {since}"
    run(
        session,
        f"CREATE OR REPLACE TEMP TABLE {COUNTED} AS SELECT type, delay, {_SUMS} FROM ("  # noqa: S608 - our own names
        f"{before} SELECT type, CASE WHEN {_LIVE} AND {_DELAY} >= least THEN {_DELAY} END delay, "
        f"any_value(least) AS least, count(*) AS received, count(*) FILTER ({_LIVE}) AS live, "
        f"max(received_at) FILTER ({_LIVE}) AS last, "
        f"max(occurred_at) FILTER (NOT {_LIVE}) AS imported FROM ({new}) GROUP BY type, delay"
        ") GROUP BY type, delay",
    )


def _least(session: Session, shelf: Shelf, held: File | None) -> str:
    """From which delay on an event's is long, by its type; all are of a type that is new."""
    if held is not None:
        known, other = f"SELECT type, any_value(least) FROM {read(shelf, [held])}", "0"  # noqa: S608 - our own path, quoted
    else:
        recent = f"{_LIVE} AND position > {session.state.position - _SAMPLE}"
        known = f"SELECT type, quantile_disc({_DELAY}, {_LONG}) FROM events WHERE {recent}"  # noqa: S608 - our own numbers
        other = "NULL"
    rows = run(session, f"{known} GROUP BY type")
    cases = (
        f"WHEN {text(type_)} THEN {'NULL' if least is None else least}" for type_, least in rows
    )
    return f"CASE type {' '.join(cases)} ELSE {other} END" if rows else other


def _told(session: Session) -> list[dict[str, Any]]:
    """By type: the sums, and between which delays the usual one lies."""
    at = f"({USUAL}::DOUBLE * (n - 1)::DOUBLE)"
    upto = (
        "SELECT *, sum(live) OVER (PARTITION BY type ORDER BY delay NULLS FIRST) AS upto, "  # noqa: S608 - our own names
        f"sum(live) OVER (PARTITION BY type) AS n FROM {COUNTED}"
    )
    columns = {
        "type": "type",
        "received": "sum(received)::BIGINT",
        "live": "sum(live)::BIGINT",
        "last": "max(last)",
        "imported": "max(imported)",
        "long": "count(delay)",
        "at": f"any_value({at})",
        "low": f"min(delay) FILTER (upto > floor({at}))",
        "high": f"min(delay) FILTER (upto > ceil({at}))",
        "too_few": f"bool_or(delay IS NULL AND n > 0 AND upto > floor({at}))",
    }
    rows = run(session, f"SELECT {', '.join(columns.values())} FROM ({upto}) GROUP BY type")  # noqa: S608 - our own names
    return [dict(zip(columns, row, strict=True)) for row in rows]


def _arrived(row: Mapping[str, Any]) -> dict[str, Any]:
    delay = None
    if row["live"]:
        # As the engine finds a quantile between two values.
        between = row["at"] - int(row["at"])
        delay = row["low"] * (1 - between) + row["high"] * between
    return {name: row[name] for name in ("type", "received", "last", "imported")} | {"delay": delay}
