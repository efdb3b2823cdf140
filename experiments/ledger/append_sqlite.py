"""The bulk path into SQLite: one prepared statement, run for every row."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection

from experiments.ledger.resolve import Resolved

_COLUMNS = ("project_id", "received_at", "import_id", *Resolved._fields)
# Only a known id is passed over; a row that breaks a check of the table must still raise.
_INSERT = (
    f"INSERT INTO ledger ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))}) "  # noqa: S608 - our own names
    "ON CONFLICT (project_id, source_id) DO NOTHING"
)
_NEWEST = "SELECT coalesce(max(position), 0) FROM ledger"
_KNOWN = (
    "SELECT source_id, digest FROM ledger WHERE project_id = ? AND position <= ? "
    "AND source_id IN (SELECT value FROM json_each(?))"
)


def insert(
    db: Connection,
    project_id: int,
    rows: Sequence[Resolved],
    received_at: int,
    import_id: int | None,
) -> dict[str, bytes]:
    """Insert rows whose source ids differ; those already known are left as they are.

    Returns:
        Digest by source id of those that were known before.
    """
    newest = db.exec_driver_sql(_NEWEST).scalar_one()
    if not rows:
        return {}
    common = (project_id, received_at, import_id)
    result = db.exec_driver_sql(_INSERT, [common + row for row in rows])
    if result.rowcount == len(rows):
        return {}
    ids = json.dumps([row.source_id for row in rows])
    known = db.exec_driver_sql(_KNOWN, (project_id, newest, ids))
    return {source_id: bytes(digest) for source_id, digest in known}
