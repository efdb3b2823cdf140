"""Customers who were erased, in what a running import keeps of the rows that it did not take.

An erasure blots out what is there; but not in the file that a running import has locked, and
not in its memory, from which it writes to the database. And of a row that cannot be read nobody
knows whose it is. So whoever runs an import looks as well: at each chunk's rejects, at those in
memory once there are new tombstones, and at the file in the end.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from sqlalchemy import Connection

from experiments.ledger.append_postgresql import announce
from experiments.ledger.erased_names import Names
from experiments.ledger.erased_rejects import blotted, forget_in_file
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.imports.aliases import AliasMapping
from experiments.ledger.imports.jobs import ImportJob
from experiments.ledger.imports.mapping import ColumnMapping
from experiments.ledger.imports.reject import Reject
from experiments.ledger.imports.rejected import RejectedRows, writing
from experiments.ledger.imports.source_items import SourceMapping
from experiments.ledger.tombstones import how_many
from experiments.storage.database import Database
from experiments.storage.projects import Project


@dataclass
class Lookout:
    """Of one who runs an import.

    Attributes:
        project: Whose import it is.
        names: Finds customers in texts; None: nobody can be told by a hash.
        path: Of the file of rejects; None: there is none.
    """

    project: Project
    names: Names | None
    path: Path | None = None
    # Tombstones that all rejects of the file were held against, and those in memory.
    _file_at: int | None = None
    _memory_at: int = 0
    # Those that a chunk's rejects were held against before it is written.
    _ahead_at: int = 0
    _ahead: dict[int, Reject] = field(default_factory=dict)

    @classmethod
    def of(
        cls, project: Project, hasher: AliasHasher | None, mapping: ColumnMapping, path: Path | None
    ) -> "Lookout":
        """For an import by ``mapping``."""
        return cls(project, Names(hasher, _kinds(mapping)) if hasher else None, path)

    @contextmanager
    def writing(self, database: Database, counted: int) -> Iterator[RejectedRows | None]:
        """Open the file as ``rejected.writing`` does, and look through it once it is unlocked.

        Raises:
            TakenOver: If another process has it open so.
        """
        if self.path is None:
            yield None
            return
        is_held = False
        try:
            with writing(self.path, counted) as kept:
                is_held = True
                # What is there already may have been written by one who was killed.
                self._file_at = 0 if kept.kept else None
                yield kept
        finally:
            if is_held:
                self._leave(database, self.path)

    def look_ahead(self, db: Connection, rejects: list[Reject]) -> list[Reject]:
        """A chunk's rejects, blotted out while others may still write."""
        self._ahead_at = 0 if self.names is None else how_many(db, self.project)
        if self.names is not None and self._ahead_at:
            rejects = self._blotted(db, self.names, rejects)
        # By identity; they are held here, so that no other comes to have it.
        self._ahead = {id(each): each for each in rejects}
        return rejects

    def look(
        self, db: Connection, job: ImportJob, rejects: list[Reject]
    ) -> tuple[ImportJob, list[Reject]]:
        """The job and a chunk's rejects, blotted out where they name somebody.

        Args:
            db: In the transaction of the chunk.
            job: As it stands before the chunk.
            rejects: Of the chunk.
        """
        if self.names is None:
            return job, rejects
        if db.dialect.name == "postgresql":
            # An erasure whose tombstones are not seen here waits for this transaction.
            announce(db)
        count = how_many(db, self.project)
        if self._file_at is None:
            self._file_at = count
        if count != self._memory_at:
            job = replace(job, rejects=tuple(self._blotted(db, self.names, job.rejects)))
            self._memory_at = count
        if not count:
            return job, rejects
        if count != self._ahead_at:
            self._ahead = {}
        fresh = [each for each in rejects if id(each) not in self._ahead]
        known = [each for each in rejects if id(each) in self._ahead]
        found = [*known, *self._blotted(db, self.names, fresh)]
        return job, sorted(found, key=lambda each: each.line)

    def _leave(self, database: Database, path: Path) -> None:
        """Look through the file if somebody was erased meanwhile.

        Whoever is erased once it is unlocked is found in it by the erasure.
        """
        names = self.names
        if names is None:
            return
        with database.reading() as db:
            if how_many(db, self.project) != (self._file_at or 0):
                forget_in_file(path, lambda some: names.among(db, self.project, some))

    def _blotted(self, db: Connection, names: Names, rejects: Iterable[Reject]) -> list[Reject]:
        told = [(each, each.document()) for each in rejects]
        found = names.among(db, self.project, [document for _, document in told])
        return [
            Reject(**blotted(document)) if is_named else each
            for (each, document), is_named in zip(told, found, strict=True)
        ]


def _kinds(mapping: ColumnMapping) -> frozenset[str]:
    """The kinds of aliases that a file is said to hold."""
    match mapping:
        case AliasMapping():
            kind = mapping.kind
        case SourceMapping():
            kind = mapping.settings.alias[0] if mapping.settings.alias else None
        case _:
            kind = mapping.alias
    return frozenset({kind} if kind else ())
