"""Recording a batch: all that can be done before its turn to write comes is done before."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from experiments.ledger.batch import (
    Batch,
    BatchResult,
    Resolve,
    append_batch,
    place_batch,
    record,
)
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.resolve import resolve
from experiments.ledger.shelf import KnownShelf
from experiments.ledger.writer import LedgerWriter
from experiments.storage.configuration import current_version
from experiments.storage.database import Database
from experiments.storage.projects import Project


class Recorder:
    """Takes in batches for one database.

    Attributes:
        writer: Commits them.
    """

    def __init__(self, database: Database, key: KeptKey | None = None) -> None:
        self.writer = LedgerWriter(database)
        self._shelf = KnownShelf(database)
        self._key = key

    def record(
        self,
        project: Project,
        batch: Batch,
        *,
        now: datetime,
        place: Resolve = resolve,
        also: Callable[[Connection], None] | None = None,
    ) -> BatchResult:
        """Place a batch, append it, and wait until it is committed.

        Args:
            project: Whose facts they are.
            batch: As read.
            now: When it arrived.
            place: Makes a row of a fact; a source that sends no times has one of its own.
            also: What is to be written in the same transaction; it may be done again.

        Raises:
            LedgerBusy: If too much waits to be written.
            DatabaseUnavailable: If the database went away; nothing is kept then.
            WrongIdentityKey: If the database was first used with another identity key.
        """
        keys, hasher = batch.experiments, self._hasher(project)
        version, known = self._shelf.of(project, keys) if keys else (None, {})
        placed = place_batch(batch, known, project, place, hasher)
        if not placed.rows and version is None and also is None:
            return BatchResult(rejected=list(placed.rejected))

        def write(db: Connection) -> BatchResult:
            if also is not None:
                also(db)
            if version is not None and current_version(db) != version:
                self._shelf.clear()
                return record(db, project, batch, now=now, place=place, hasher=hasher)
            return append_batch(db, project, placed, now=now, hasher=hasher)

        return self.writer.write(write, rows=len(placed.rows))

    def record_within(
        self, db: Connection, project: Project, batch: Batch, *, now: datetime
    ) -> BatchResult:
        """As :meth:`record`, as a part of the caller's transaction."""
        return record(db, project, batch, now=now, hasher=self._hasher(project))

    def _hasher(self, project: Project) -> AliasHasher | None:
        return None if self._key is None else self._key.hasher(project)
