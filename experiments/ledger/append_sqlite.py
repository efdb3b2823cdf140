"""The bulk path into SQLite: many rows in one statement.

While a statement runs, other threads of Python do too; with a statement a row, each would
have to win the interpreter back.
"""

import json
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from sqlalchemy import Connection

from experiments.ledger.resolve import Resolved
from experiments.ledger.standing import Standing

# A power of two; the rest of a batch goes in by halves of it, so that few statements are
# prepared, and those once per connection.
_MOST_ROWS = 128
_COMMON = ("project_id", "received_at", "import_id")
_COLUMNS = ", ".join((*_COMMON, *Resolved._fields))
_NEWEST = "SELECT coalesce(max(position), 0) FROM ledger"
_KNOWN = (
    "SELECT source_id, digest, import_id FROM ledger WHERE project_id = ? AND position <= ? "
    "AND source_id IN (SELECT value FROM json_each(?))"
)


def insert(
    db: Connection,
    project_id: int,
    rows: Sequence[Resolved],
    received_at: int,
    import_id: int | None,
) -> dict[str, Standing]:
    """Insert rows whose source ids differ; those already known are left as they are.

    Returns:
        Those that were known before, by source id.
    """
    if not rows:
        return {}
    newest = db.exec_driver_sql(_NEWEST).scalar_one()
    common = (project_id, received_at, import_id)
    inserted = sum(
        db.exec_driver_sql(
            _statement(len(some)), common + tuple(chain.from_iterable(some))
        ).rowcount
        for some in _parts(rows)
    )
    if inserted == len(rows):
        return {}
    ids = json.dumps([row.source_id for row in rows])
    known = db.exec_driver_sql(_KNOWN, (project_id, newest, ids))
    return {source_id: Standing(bytes(digest), of) for source_id, digest, of in known}


def _parts(rows: Sequence[Resolved]) -> Iterator[Sequence[Resolved]]:
    start, size = 0, _MOST_ROWS
    while start < len(rows):
        while size > len(rows) - start:
            size //= 2
        yield rows[start : start + size]
        start += size


@cache
def _statement(rows: int) -> str:
    """Insert so many rows; the first three parameters are common to all of them."""
    row = f"(?1, ?2, ?3{', ?' * len(Resolved._fields)})"
    # Only a known id is passed over; a row that breaks a check of the table must still raise.
    return (
        f"INSERT INTO ledger ({_COLUMNS}) VALUES {', '.join([row] * rows)} "  # noqa: S608 - our own names
        "ON CONFLICT (project_id, source_id) DO NOTHING"
    )
