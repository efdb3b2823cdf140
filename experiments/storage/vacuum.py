"""Deleted rows leave their bytes in the file of a database; this takes them away."""

from contextlib import closing

from experiments.storage.database import Database
from experiments.storage.outage import outages_named


def vacuum(database: Database) -> bool:
    """Write a SQLite database anew without what was deleted; others wait meanwhile.

    A PostgreSQL server does so by itself, after its own rules.

    Returns:
        Whether nothing of it is left; if not, because somebody was reading, try again.

    Raises:
        DatabaseUnavailable: If the disk is full, or somebody writes for too long.
    """
    if database.dialect != "sqlite":
        return True
    with outages_named(), closing(database.engine.raw_connection()) as connection:
        cursor = connection.cursor()
        cursor.execute("VACUUM")
        # What was before stands in the write-ahead log too, until that is emptied.
        busy, _, _ = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not busy
