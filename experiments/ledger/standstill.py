"""Waiting until all who are appending have committed.

Whoever begins to append later sees what was committed before the wait.
"""

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from experiments.errors import Unavailable
from experiments.ledger.append_postgresql import APPENDING
from experiments.storage.database import Database

_LOCK_NOT_AVAILABLE = "55P03"


class WritersBusy(Unavailable):
    """A long write is under way, and may hide facts."""

    template = "a long import is being written; this can be done after it"


def wait_for_writers(database: Database) -> None:
    """Wait; on SQLite there is nobody to wait for, since it has one writer.

    Raises:
        WritersBusy: If a long write does not end.
        DatabaseUnavailable: If the database went away.
    """
    if database.dialect == "sqlite":
        return
    with database.transaction() as db:
        try:
            db.execute(select(func.pg_advisory_xact_lock(APPENDING)))
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) == _LOCK_NOT_AVAILABLE:
                raise WritersBusy from error
            raise
