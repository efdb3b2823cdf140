"""Reading the ledger in the order of acceptance, and only what nothing can come before.

SQLite has one writer, so rows become visible in the order of their positions. On
PostgreSQL a lower position may be committed later; its writers hold a shared advisory
lock until they have committed, and a moment with that lock to ourselves shows the end.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Integer, Select, Text, cast, func, select, text
from sqlalchemy.exc import OperationalError

from experiments.ledger.append_postgresql import APPENDING
from experiments.measurement.errors import LedgerBusy
from experiments.measurement.manifest import Manifest
from experiments.measurement.segments import READ
from experiments.storage.configuration import ledger_identity
from experiments.storage.database import Database
from experiments.storage.tables import ledger

LOCK_TIMEOUT_MS = 2000
CHUNK_ROWS = 20_000
# So few rows are gone before Python's search for garbage starts; many would start it again
# and again, and it reads all that the process holds.
_ROWS_AT_ONCE = 200
_LOCK_NOT_AVAILABLE = "55P03"


@dataclass(frozen=True)
class Head:
    """Where the ledger ends.

    Attributes:
        ledger_identity: Its name.
        position: Of its last row; 0 if it is empty. No row at or below will ever be added.
        digest: Of its last row.
        digest_before: Of the row that was the last one before, if it is there.
    """

    ledger_identity: str
    position: int
    digest: str | None
    digest_before: str | None

    def continues(self, known: Manifest) -> bool:
        """Whether this is the ledger that was copied, with nothing of it taken back."""
        return (
            self.ledger_identity == known.ledger_identity
            and self.position >= known.position
            and self.digest_before == known.last_digest
        )


def read_head(database: Database, known_position: int) -> Head:
    """The end of the ledger now.

    Raises:
        LedgerBusy: If a long write on PostgreSQL hides it.
        DatabaseUnavailable: If the database does not answer.
    """
    if database.dialect == "sqlite":
        with database.reading() as db:
            return _head(db, known_position)
    with database.transaction() as db:
        _wait_for_writers(db)
        return _head(db, known_position)


def _wait_for_writers(db: Connection) -> None:
    db.execute(text(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}"))
    try:
        db.execute(select(func.pg_advisory_xact_lock(APPENDING)))
    except OperationalError as error:
        if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
            raise LedgerBusy from error
        raise


def _head(db: Connection, known_position: int) -> Head:
    position = db.execute(select(func.coalesce(func.max(ledger.c.position), 0))).scalar_one()
    return Head(ledger_identity(db), position, _digest(db, position), _digest(db, known_position))


def _digest(db: Connection, position: int) -> str | None:
    found = db.execute(select(ledger.c.digest).where(ledger.c.position == position)).scalar()
    return None if found is None else bytes(found).hex()


def read_rows(database: Database, after: int, until: int) -> Iterator[list[list[Any]]]:
    """The rows after one position up to another, in chunks: the columns of ``READ``.

    Each chunk is a read of its own, so that no transaction stays open for long.
    """
    columns: list[ColumnElement[Any]] = [_READ_AS.get(name, ledger.c[name]) for name in READ.names]
    place = READ.names.index("position")
    ordered = select(*columns).order_by(ledger.c.position).limit(CHUNK_ROWS)
    while after < until:
        with database.reading() as db:
            chunk = _plain_columns(
                db, ordered.where(ledger.c.position > after, ledger.c.position <= until)
            )
        if not chunk[place]:
            return
        yield chunk
        after = chunk[place][-1]


def _plain_columns(db: Connection, query: Select[Any]) -> list[list[Any]]:
    """From the driver's own tuples: named rows, which nobody needs here, take a third more."""
    result = db.execute(query)
    cursor = result.cursor
    assert cursor is not None  # noqa: S101 - narrows a type: a select has one
    columns: list[list[Any]] = [[] for _ in READ.names]
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        for column, values in zip(columns, zip(*rows, strict=True), strict=True):
            column.extend(values)
    result.close()
    return columns


# JSON as the text it is stored as, and booleans as the number they are on SQLite.
_READ_AS: dict[str, ColumnElement[Any]] = {
    "properties": cast(ledger.c.properties, Text).label("properties"),
    "machine": cast(ledger.c.machine, Integer).label("machine"),
}
