"""Running an import: rows by the thousand, progress in the transaction of the rows.

A job that was interrupted goes on after the last committed rows. Should it begin again
from the start nothing would count twice, since the ids of rows do not change.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, update

from experiments.errors import Invalid
from experiments.ledger.append import append
from experiments.ledger.imports.chunk import Chunk, Placed, Tally, place, read_chunk, tally
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.errors import FileGone, TakenOver
from experiments.ledger.imports.jobs import MOST_REJECTS, OPEN_STATES, ImportJob, get_import
from experiments.ledger.imports.readers import reader_for
from experiments.ledger.imports.rows import CsvReader
from experiments.ledger.imports.source import SourceFile
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import Context
from experiments.storage.codec import to_document
from experiments.storage.configuration import current_version
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports

CHUNK_ROWS = 5000
_PROGRESS = (
    "state", "rows_read", "bytes_read", "accepted", "duplicates", "conflicts", "rejected",
    "rejects", "failure", "finished_at",
)  # fmt: skip
Clock = Callable[[], datetime]


def run_import(
    database: Database,
    project: Project,
    import_id: int,
    file: SourceFile,
    *,
    clock: Clock,
    keep_going: Callable[[], bool] = lambda: True,
) -> ImportJob:
    """Read a file into the ledger, or what is left of it.

    Args:
        database: Where the ledger is.
        project: Whose import it is.
        import_id: Of a job made by ``submit_import``.
        file: The job's file, looked through by ``inspect``.
        clock: Tells the time.
        keep_going: Asked before every chunk; once it says no the job is left as it is.

    Returns:
        The job: done, failed with its reason, or left for later.

    Raises:
        NotFound: If the project has no such import.
        TakenOver: If another process got on with it meanwhile.
        DatabaseUnavailable: If the database went away; the job can be run again.
    """
    with database.reading() as db:
        job = get_import(db, project, import_id)
    if job.state not in OPEN_STATES:
        return job
    try:
        for after in _chunks(database, project, job, file, clock):
            job = after
            if not keep_going():
                return job
    except Invalid as error:
        return fail(database, project, import_id, error, now=clock())
    done = replace(job, state="done", bytes_read=job.file_bytes, finished_at=clock())
    with database.transaction() as db:
        _advance(db, job, done)
    return done


def fail(
    database: Database, project: Project, import_id: int, error: Invalid, *, now: datetime
) -> ImportJob:
    """Close an import that cannot go on; what was read stays.

    Raises:
        NotFound: If the project has no such import.
        TakenOver: If it is closed already.
    """
    with database.transaction() as db:
        job = get_import(db, project, import_id)
        failed = replace(job, state="failed", failure=str(error), finished_at=now)
        _advance(db, job, failed)
    return failed


def _chunks(
    database: Database, project: Project, job: ImportJob, file: SourceFile, clock: Clock
) -> Iterator[ImportJob]:
    """Take chunk after chunk, giving the job as it stands after each."""
    if file.sha256 != job.file_sha256:
        raise FileGone(field="file")
    mapping = read_mapping(job.mapping)
    with file.open() as source:
        table = CsvReader(source.text, mapping.delimiter)
        read = reader_for(mapping, table.header, file.mark)
        rows = iter(table)
        for _ in islice(rows, job.rows_read):
            pass
        while (chunk := read_chunk(islice(rows, CHUNK_ROWS), read, job.rows_read + 1)).rows:
            job = _record(database, project, job, chunk, source.bytes_read, clock())
            yield job


def _record(
    database: Database,
    project: Project,
    job: ImportJob,
    chunk: Chunk,
    bytes_read: int,
    now: datetime,
) -> ImportJob:
    # What can be done before the database's one writer is waited for, is.
    with database.reading() as db:
        version = current_version(db)
        placed = _placed(db, project, chunk)
    with database.transaction() as db:
        if current_version(db) != version:
            placed = _placed(db, project, chunk)
        outcomes = append(db, project, placed.facts, received_at=now, import_id=job.id)
        after = _counted(job, chunk.rows, tally(placed, outcomes))
        after = replace(after, bytes_read=bytes_read)
        _advance(db, job, after)
    return after


def _placed(db: Connection, project: Project, chunk: Chunk) -> Placed:
    known = known_experiments(db, project, chunk.experiments)
    return place(chunk, Context(known, project.currency))


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
        changes["rejects"] = to_document(after.rejects)
    stands = (
        (imports.c.id == seen.id)
        & (imports.c.rows_read == seen.rows_read)
        & imports.c.state.in_(OPEN_STATES)
    )
    moved = db.execute(update(imports).where(stands).values(changes).returning(imports.c.id))
    if moved.first() is None:
        raise TakenOver(field="import")
