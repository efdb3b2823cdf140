"""Undoing a withdrawn import, some thousand rows at a time.

Its rows stay in the ledger and do not count. Their source ids are renamed, so that the same
facts can come again; and what came from elsewhere under one of those ids meanwhile, and was
counted as a repetition or a contradiction, is appended as if it had come first. Both happen
in one transaction for the same ids, so that whoever is stopped here goes on where it was.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from experiments.ledger.append import Outcome, append
from experiments.ledger.fields import LONGEST_SOURCE_ID
from experiments.ledger.imports.errors import TakenOver
from experiments.ledger.imports.jobs import ImportJob, get_import
from experiments.ledger.imports.moves import lock_ledger, newest_position
from experiments.ledger.imports.run import Target
from experiments.ledger.repeats import count_repeats
from experiments.ledger.resolve import Resolved
from experiments.ledger.retained import add_up
from experiments.ledger.shadows import fact_of
from experiments.operations import audit
from experiments.storage.projects import Project
from experiments.storage.tables import imports, ledger, repeats, shadows

CHUNK_ROWS = 2000
RENAMED = "withdrawn:"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def undo_import(
    target: Target, import_id: int, *, keep_going: Callable[[], bool] = lambda: True
) -> ImportJob:
    """Undo an import that is being withdrawn, or what is left of it.

    Args:
        target: Whose ledger it is.
        import_id: Of the import.
        keep_going: Asked before every chunk; once it says no the rest is left for later.

    Returns:
        The job: withdrawn, or left for later.

    Raises:
        NotFound: If the project has no such import.
        DatabaseUnavailable: If the database went away; it can be gone on with.
    """
    after = 0
    with target.database.reading() as db:
        job = get_import(db, target.project, import_id)
    while job.state == "withdrawing":
        with target.database.reading() as db:
            positions = _next_positions(db, target.project, import_id, after)
        if not positions:
            return _finished(target, job)
        if not keep_going():
            return job
        after = positions[-1]
        with target.database.transaction() as db:
            job = _undone(db, target, job, positions[0], after)
    return job


def renamed(import_id: int, source_id: str) -> str:
    """The id of a withdrawn fact, so that its own is free again.

    Examples:
        >>> renamed(7, "e-1"), len(renamed(7, "e" * 256))
        ('withdrawn:7:e-1', 76)
    """
    prefix = f"{RENAMED}{import_id}:"
    whole = prefix + source_id
    if len(whole) <= LONGEST_SOURCE_ID:
        return whole
    return prefix + sha256(source_id.encode()).hexdigest()


def _is_standing(project: Project, import_id: int) -> ColumnElement[bool]:
    """Rows of the import whose ids are still their own."""
    prefix = f"{RENAMED}{import_id}:"
    return (
        (ledger.c.project_id == project.id)
        & (ledger.c.import_id == import_id)
        & (ledger.c.fact != "withdrawal")
        & (func.substr(ledger.c.source_id, 1, len(prefix)) != prefix)
    )


def _next_positions(db: Connection, project: Project, import_id: int, after: int) -> Sequence[int]:
    query = select(ledger.c.position).where(
        _is_standing(project, import_id), ledger.c.position > after
    )
    return db.execute(query.order_by(ledger.c.position).limit(CHUNK_ROWS)).scalars().all()


def _undone(db: Connection, target: Target, job: ImportJob, first: int, last: int) -> ImportJob:
    project = target.project
    lock_ledger(db)
    query = select(ledger.c.position, ledger.c.source_id).where(
        _is_standing(project, job.id), ledger.c.position.between(first, last)
    )
    rows = db.execute(query).all()
    if rows:
        rename = update(ledger).where(ledger.c.position == bindparam("at"))
        db.execute(
            rename.values(source_id=bindparam("new_id")),
            [{"at": row.position, "new_id": renamed(job.id, row.source_id)} for row in rows],
        )
        for ids in _parts([row.source_id for row in rows]):
            _let_stand(db, target, job.id, shadows.c.source_id.in_(ids))
    return _counted(db, project, job, len(rows))


def _parts(ids: Sequence[str], size: int = 500) -> Iterator[Sequence[str]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def _counted(db: Connection, project: Project, job: ImportJob, rows: int) -> ImportJob:
    stands = (imports.c.id == job.id) & (imports.c.state == "withdrawing")
    count = update(imports).where(stands).values(withdrawn_rows=imports.c.withdrawn_rows + rows)
    if db.execute(count.returning(imports.c.id)).first() is None:
        raise TakenOver(field="import")
    return get_import(db, project, job.id)


def _let_stand(db: Connection, target: Target, import_id: int, which: ColumnElement[bool]) -> None:
    """Append shadows of the import as if they had come first, in their order."""
    mine = (shadows.c.standing_import_id == import_id) & which
    found = db.execute(select(shadows).where(mine).order_by(shadows.c.id)).all()
    if not found:
        return
    db.execute(delete(shadows).where(mine))
    too_old: list[tuple[Resolved, int | None]] = []
    # Together where they came together: their order within an id is what counts.
    for (received_at, of_import), rows in groupby(found, _came_with):
        facts = [fact_of(row.fact_row) for row in rows]
        outcomes = append(
            db,
            target.project,
            facts,
            received_at=_EPOCH + timedelta(microseconds=received_at),
            import_id=of_import,
            hasher=target.hasher,
        )
        told = zip(facts, outcomes, strict=True)
        too_old += [(fact, of_import) for fact, what in told if what is Outcome.TOO_OLD]
    _add_up(db, target.project, too_old)
    _uncount(db, target.project, found)


def _add_up(
    db: Connection, project: Project, too_old: Sequence[tuple[Resolved, int | None]]
) -> None:
    """What has become too old to stand meanwhile would be in the totals, each id once."""
    firsts: dict[str, Resolved] = {}
    for fact, of_import in too_old:
        first = firsts.setdefault(fact.source_id, fact)
        if fact is not first:
            found = Outcome.DUPLICATE if fact.digest == first.digest else Outcome.CONFLICT
            again = [(fact, found.value)]
            count_repeats(db, project, again, grew=True, import_id=of_import)
    if firsts:
        add_up(db, project, firsts.values())


def _came_with(row: Row[Any]) -> tuple[int, int | None]:
    return row.received_at, row.import_id


def _uncount(db: Connection, project: Project, found: Sequence[Row[Any]]) -> None:
    """Take back that they were counted as repetitions or contradictions."""
    counts = Counter(
        (row.fact_row["fact"], row.fact_row["type"], row.outcome, row.import_id) for row in found
    )
    newest = newest_position(db)
    rows = [
        {
            "project_id": project.id, "fact": fact, "type": kind, "outcome": outcome,
            "visible_from": newest, "count": -count, "import_id": of_import,
        }
        for (fact, kind, outcome, of_import), count in counts.items()
    ]  # fmt: skip
    db.execute(insert(repeats), rows)


def _finished(target: Target, job: ImportJob) -> ImportJob:
    with target.database.transaction() as db:
        lock_ledger(db)
        # Of rows that are not there any more, such as those of a customer who was erased.
        _let_stand(db, target, job.id, shadows.c.id > 0)
        stands = (imports.c.id == job.id) & (imports.c.state == "withdrawing")
        moved = db.execute(
            update(imports).where(stands).values(state="withdrawn").returning(imports.c.id)
        )
        after = get_import(db, target.project, job.id)
        if moved.first() is not None:
            audit.record(
                db, actor=audit.SYSTEM, project=target.project, action="import.withdrawn",
                object_type="import", object_key=str(job.id),
                after={"rows": after.withdrawn_rows}, now=target.clock(),
            )  # fmt: skip
    return after
