"""Running an import: rows by the thousand, progress in the transaction of the rows.

A job that was interrupted goes on after the last committed rows. Should it begin again
from the start nothing would count twice, since the ids of rows do not change.
"""

from collections.abc import Callable, Generator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from sqlalchemy import Connection, update

from experiments.errors import Invalid
from experiments.ledger.append import append
from experiments.ledger.collecting import collecting_rarely
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.imports.ahead import ahead
from experiments.ledger.imports.chunk import Chunk, Placed, Tally, place, read_chunk, tally
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.erased import Lookout
from experiments.ledger.imports.errors import FileGone, TakenOver
from experiments.ledger.imports.jobs import MOST_REJECTS, OPEN_STATES, ImportJob, get_import
from experiments.ledger.imports.mapping import ColumnMapping
from experiments.ledger.imports.readers import RowReader, reader_for
from experiments.ledger.imports.rejected import RejectedRows
from experiments.ledger.imports.source import SourceFile
from experiments.ledger.imports.tables import Table, open_table
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import Context
from experiments.storage.configuration import current_version
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports

# More where writing keeps nobody else from it.
CHUNK_ROWS = {"sqlite": 5_000, "postgresql": 10_000}
_PROGRESS = (
    "state", "rows_read", "bytes_read", "accepted", "duplicates", "conflicts", "rejected",
    "rejects", "failure", "finished_at",
)  # fmt: skip
Clock = Callable[[], datetime]


@dataclass(frozen=True)
class Target:
    """Where an import goes.

    Attributes:
        database: Where the ledger is.
        project: Whose import it is.
        clock: Tells the time.
        identity: Hashes aliases; None where none are taken.
    """

    database: Database
    project: Project
    clock: Clock
    identity: KeptKey | None = None

    def context(self, db: Connection, chunk: Chunk) -> Context:
        """What the facts of a chunk are placed by."""
        known = known_experiments(db, self.project, chunk.experiments)
        return Context(known, self.project.currency, self.hasher)

    @property
    def hasher(self) -> AliasHasher | None:
        """Of the project's aliases."""
        return None if self.identity is None else self.identity.hasher(self.project)


def run_import(
    target: Target,
    import_id: int,
    file: SourceFile,
    *,
    rejects: Path | None = None,
    keep_going: Callable[[], bool] = lambda: True,
) -> ImportJob:
    """Read a file into the ledger, or what is left of it.

    Args:
        target: Where it goes.
        import_id: Of a job made by ``submit_import``.
        file: The job's file, looked through by ``inspect``.
        rejects: Where all rows that are not taken are written; None: nowhere.
        keep_going: Asked before every chunk; once it says no the job is left as it is.

    Returns:
        The job: done, failed with its reason, or left for later, as by a pause meanwhile.

    Raises:
        NotFound: If the project has no such import.
        TakenOver: If another process is getting on with it.
        DatabaseUnavailable: If the database went away; the job can be run again.
    """
    job = _seen(target, import_id)
    if job.state not in OPEN_STATES:
        return job
    try:
        with collecting_rarely(), closing(_chunks(target, job, file, rejects)) as chunks:
            for after in chunks:
                job = after
                if not keep_going():
                    return job
        return _finished(target, job)
    except Invalid as error:
        return fail(target, import_id, error)
    except TakenOver:
        found = _seen(target, import_id)
        if found.state in {*OPEN_STATES, "done", "failed"}:
            raise
        return found


def fail(target: Target, import_id: int, error: Invalid) -> ImportJob:
    """Close an import that cannot go on; what was read stays.

    Raises:
        NotFound: If the project has no such import.
        TakenOver: If it is closed already.
    """
    with target.database.transaction() as db:
        job = get_import(db, target.project, import_id)
        failed = replace(job, state="failed", failure=str(error), finished_at=target.clock())
        _advance(db, job, failed)
    return failed


def _seen(target: Target, import_id: int) -> ImportJob:
    with target.database.reading() as db:
        return get_import(db, target.project, import_id)


def _finished(target: Target, job: ImportJob) -> ImportJob:
    done = replace(job, state="done", bytes_read=job.file_bytes, finished_at=target.clock())
    with target.database.transaction() as db:
        _advance(db, job, done)
    return done


def _chunks(
    target: Target, job: ImportJob, file: SourceFile, rejects: Path | None
) -> Generator[ImportJob]:
    """Take chunk after chunk, giving the job as it stands after each."""
    if file.sha256 != job.file_sha256:
        raise FileGone(field="file")
    mapping = read_mapping(job.mapping)
    with ExitStack() as stack:
        lookout = Lookout.of(target.project, target.hasher, mapping, rejects)
        kept = stack.enter_context(lookout.writing(target.database, job.refused))
        table = stack.enter_context(open_table(file, mapping, job.rows_read))
        currency = target.project.currency
        read = reader_for(mapping, table.header, file.mark, job.created_at, currency)
        work = _Work(target, mapping, kept, lookout)
        size = CHUNK_ROWS[target.database.dialect]
        chunks = _read(table, read, job.rows_read + 1, size)
        if target.database.dialect == "postgresql":
            # On SQLite both would want the interpreter, and be no faster.
            chunks = ahead(chunks)
        stack.enter_context(closing(chunks))
        for chunk, bytes_read in chunks:
            job = _record(work, job, chunk, bytes_read)
            yield job


def _read(table: Table, read: RowReader, first: int, size: int) -> Generator[tuple[Chunk, int]]:
    """Chunk after chunk, each with how far into the file it goes."""
    while (chunk := read_chunk(islice(table.rows, size), read, first)).rows:
        yield chunk, table.bytes_read()
        first += chunk.rows


@dataclass(frozen=True)
class _Work:
    target: Target
    mapping: ColumnMapping
    kept: RejectedRows | None
    lookout: Lookout

    def placed(self, db: Connection, chunk: Chunk) -> Placed:
        return place(chunk, self.target.context(db, chunk), is_tagged=self.mapping.is_tagged)


def _record(work: _Work, job: ImportJob, chunk: Chunk, bytes_read: int) -> ImportJob:
    target = work.target
    # What can be done before the database's one writer is waited for, is.
    with target.database.reading() as db:
        version = current_version(db)
        placed = work.placed(db, chunk)
        placed.rejects[:] = work.lookout.look_ahead(db, placed.rejects)
    with target.database.transaction() as db:
        if current_version(db) != version:
            placed = work.placed(db, chunk)
        outcomes = append(
            db,
            target.project,
            placed.facts,
            received_at=target.clock(),
            import_id=job.id,
            hasher=target.hasher,
        )
        counted = tally(placed, outcomes)
        blotted, counted.rejects = work.lookout.look(db, job, counted.rejects)
        after = replace(_counted(blotted, chunk.rows, counted), bytes_read=bytes_read)
        _advance(db, job, after)
        if work.kept is not None:
            work.kept.add(counted.rejects)
    return after


def _counted(job: ImportJob, rows: int, more: Tally) -> ImportJob:
    kept = job.rejects + tuple(more.rejects[: MOST_REJECTS - len(job.rejects)])
    return replace(
        job,
        state="running",
        rows_read=job.rows_read + rows,
        accepted=job.accepted + more.accepted,
        duplicates=job.duplicates + more.duplicates,
        conflicts=job.conflicts + more.conflicts,
        rejected=job.rejected + more.rejected,
        rejects=kept,
    )


def _advance(db: Connection, seen: ImportJob, after: ImportJob) -> None:
    """Write what has changed, if the job still stands where it was seen.

    Raises:
        TakenOver: If it does not.
    """
    changes = {
        name: getattr(after, name)
        for name in _PROGRESS
        if getattr(after, name) != getattr(seen, name)
    }
    if "rejects" in changes:
        changes["rejects"] = [each.document(with_row=False) for each in after.rejects]
    stands = (
        (imports.c.id == seen.id)
        & (imports.c.rows_read == seen.rows_read)
        & imports.c.state.in_(OPEN_STATES)
    )
    moved = db.execute(update(imports).where(stands).values(changes).returning(imports.c.id))
    if moved.first() is None:
        raise TakenOver(field="import")
