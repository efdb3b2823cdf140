"""The bulk path into PostgreSQL: COPY to a temporary table, then one insert from it.

Many rows at once, as of a file, are most often all new. They are copied straight into the
ledger, which is twice as fast; if one of them is known, none is kept and they go the other way.
"""

from collections.abc import Iterable, Sequence
from typing import Any, cast

import psycopg
from sqlalchemy import Connection

from experiments.ledger.resolve import Resolved
from experiments.ledger.standing import Standing
from experiments.storage.database import DatabaseUnavailable

# Held, shared, by everyone who appends. Who takes it alone for a moment knows that every
# position up to the highest is committed.
APPENDING = 7337

_COLUMNS = ", ".join(Resolved._fields)
_STAGE = (
    "CREATE TEMPORARY TABLE IF NOT EXISTS ledger_stage ON COMMIT DELETE ROWS AS "  # noqa: S608 - our own names
    f"SELECT 0 AS place, {_COLUMNS} FROM ledger WITH NO DATA"
)
_COPY = f"COPY ledger_stage (place, {_COLUMNS}) FROM STDIN"
_STRAIGHT = f"COPY ledger (project_id, received_at, import_id, {_COLUMNS}) FROM STDIN"
# So many rows are worth the two questions more that trying costs.
_MANY = 1000
_INSERT = (
    f"INSERT INTO ledger (project_id, received_at, import_id, {_COLUMNS}) "  # noqa: S608 - our own names
    f"SELECT %s, %s, %s, {_COLUMNS} FROM ledger_stage ORDER BY place "
    "ON CONFLICT (project_id, source_id) DO NOTHING RETURNING source_id"
)
# Not a join with the stage: of a temporary table the planner knows nothing, and would read
# the whole ledger for one repeated event.
_KNOWN = (
    "SELECT source_id, digest, import_id FROM ledger WHERE project_id = %s AND source_id = ANY(%s)"
)


def announce(db: Connection) -> None:
    """Hold ``APPENDING`` from here on: first of all, before what keeps facts out is looked up.

    An erasure waits for it once its tombstones are there. Whoever looked them up before may not
    come to write after the wait.
    """
    db.exec_driver_sql("SELECT pg_advisory_xact_lock_shared(%s)", (APPENDING,))


def insert(
    db: Connection,
    project_id: int,
    rows: Sequence[Resolved],
    received_at: int,
    import_id: int | None,
) -> dict[str, Standing]:
    """Insert rows whose source ids differ; those already known are left as they are.

    Whoever calls it has announced it.

    Returns:
        Those that were known before, by source id.

    Raises:
        DatabaseUnavailable: If the server went away.
    """
    if not rows:
        return {}
    common = (project_id, received_at, import_id)
    if len(rows) >= _MANY and _are_new(db, rows, common):
        return {}
    db.exec_driver_sql(_STAGE)
    # A transaction may append more than once.
    db.exec_driver_sql("DELETE FROM ledger_stage")
    _copy(db, _COPY, ((place, *row) for place, row in enumerate(rows)))
    inserted = db.exec_driver_sql(_INSERT, common)
    accepted = set(inserted.scalars())
    others = [row.source_id for row in rows if row.source_id not in accepted]
    if not others:
        return {}
    found = db.exec_driver_sql(_KNOWN, (project_id, others)).all()
    known = {row.source_id: Standing(row.digest, row.import_id) for row in found}
    # What stood there has gone meanwhile, as by an erasure: the id is free.
    freed = [row for row in rows if row.source_id not in accepted | known.keys()]
    return known | insert(db, project_id, freed, received_at, import_id)


def _are_new(db: Connection, rows: Sequence[Resolved], common: tuple[int | None, ...]) -> bool:
    """Append rows if none of their ids is known; else none is appended."""
    try:
        with db.begin_nested():
            _copy(db, _STRAIGHT, (common + row for row in rows))
    except psycopg.errors.UniqueViolation:
        return False
    return True


def _copy(db: Connection, statement: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Copy rows; SQLAlchemy has no COPY, so its error has to be named here."""
    connection: psycopg.Connection[Any] = cast("Any", db.connection.driver_connection)
    try:
        with connection.cursor() as cursor, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
    except psycopg.OperationalError as error:
        raise DatabaseUnavailable from error
