"""What people may do to an import: pause it, let it go on, withdraw it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from experiments.errors import Invalid
from experiments.ledger.append import Outcome, append
from experiments.ledger.append_postgresql import APPENDING
from experiments.ledger.fields import Missing
from experiments.ledger.imports.errors import NotInState
from experiments.ledger.imports.jobs import OPEN_STATES, ImportJob, get_import
from experiments.ledger.instants import microseconds
from experiments.ledger.resolve import Resolved, digest_of
from experiments.operations import audit
from experiments.storage.projects import Project
from experiments.storage.tables import imports, ledger, repeats, shadows

LONGEST_REASON = 500


@dataclass(frozen=True)
class Asked:
    """Who asks for a move, and when.

    Attributes:
        project: Whose import it is.
        actor: Who asks.
        now: Aware.
    """

    project: Project
    actor: audit.Actor
    now: datetime


def pause(db: Connection, asked: Asked, import_id: int) -> ImportJob:
    """Stop reading after the rows at hand, until it is resumed.

    Raises:
        NotFound: If the project has no such import.
        NotInState: Unless it waits or runs.
    """
    return _moved(db, asked, import_id, OPEN_STATES, "paused", "pause")


def resume(db: Connection, asked: Asked, import_id: int) -> ImportJob:
    """Go on reading after the last rows that were taken.

    Raises:
        NotFound: If the project has no such import.
        NotInState: Unless it is paused.
    """
    return _moved(db, asked, import_id, ("paused",), "waiting", "resume")


def withdraw(db: Connection, asked: Asked, import_id: int, reason: str) -> ImportJob:
    """Take an import back: from here on reports are as if it had never been.

    The ledger keeps its rows, and a row that says that they do not count; ``undo`` does the rest.

    Raises:
        NotFound: If the project has no such import.
        NotInState: If it is withdrawn already.
        Invalid: Without a reason.
    """
    because = check_reason(reason)
    # Whoever is appending has committed, and the next one waits: no fact is between two states.
    lock_ledger(db)
    states = (*OPEN_STATES, "paused", "done", "failed")
    changes = {
        "withdrawn_at": asked.now, "withdrawn_by": asked.actor.name, "withdrawn_rows": 0,
        "withdrawn_because": because,
    }  # fmt: skip
    job = _moved(db, asked, import_id, states, "withdrawing", "withdraw", changes)
    fact = _withdrawal(job.id, asked.now)
    outcomes = append(db, asked.project, [fact], received_at=asked.now, import_id=job.id)
    assert outcomes == [Outcome.ACCEPTED], "no source has ids such as this one"  # noqa: S101 - see check_source_id
    _uncount_repeats(db, asked.project, job.id)
    db.execute(delete(shadows).where(shadows.c.import_id == job.id))
    return job


def check_reason(reason: str) -> str:
    """Give a reason back if it is one.

    Raises:
        Invalid: If nothing is said, or too much.
    """
    said = reason.replace("\0", "").strip()
    if not said:
        raise Missing(field="reason")
    if len(said) > LONGEST_REASON:
        raise Invalid(
            field="reason", expected=f"at most {LONGEST_REASON} characters", got=len(said)
        )
    return said


def lock_ledger(db: Connection) -> None:
    """Keep everybody else from appending until the end of the transaction."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock(APPENDING)))


def newest_position(db: Connection) -> int:
    """Of the ledger's last row; 0 if there is none."""
    newest = select(func.coalesce(func.max(ledger.c.position), 0))
    return int(db.execute(newest).scalar_one())


def _moved(
    db: Connection,
    asked: Asked,
    import_id: int,
    states: tuple[str, ...],
    state: str,
    done: str,
    changes: dict[str, object] | None = None,
) -> ImportJob:
    before = get_import(db, asked.project, import_id)
    stands = (imports.c.id == before.id) & imports.c.state.in_(states)
    moved = update(imports).where(stands).values(state=state, **(changes or {}))
    row: RowMapping | None = db.execute(moved.returning(imports)).mappings().first()
    job = get_import(db, asked.project, import_id)
    if row is None:
        raise NotInState(state=job.state)
    audit.record(
        db, actor=asked.actor, project=asked.project, action=f"import.{done}",
        object_type="import", object_key=str(job.id), before={"state": before.state},
        after={"state": job.state} | _told(changes), now=asked.now,
    )  # fmt: skip
    return job


def _told(changes: dict[str, object] | None) -> dict[str, object]:
    return {"reason": changes["withdrawn_because"]} if changes else {}


def _withdrawal(import_id: int, now: datetime) -> Resolved:
    source_id = f"withdrawal:{import_id}"
    values = dict.fromkeys(Resolved._fields) | {
        "source_id": source_id, "digest": digest_of(("withdrawal", source_id)),
        "fact": "withdrawal", "type": "import", "occurred_at": microseconds(now),
        "machine": False,
    }  # fmt: skip
    return Resolved(**values)  # type: ignore[arg-type] # a row by its columns


def _uncount_repeats(db: Connection, project: Project, import_id: int) -> None:
    """Take back what was counted for rows of the import that repeated others."""
    kinds = (repeats.c.fact, repeats.c.type, repeats.c.outcome)
    counted = (
        select(*kinds, func.sum(repeats.c.count).label("times"))
        .where(repeats.c.project_id == project.id, repeats.c.import_id == import_id)
        .group_by(*kinds)
    )
    rows = [
        {
            "project_id": project.id, "fact": row.fact, "type": row.type, "outcome": row.outcome,
            "visible_from": newest_position(db), "count": -int(row.times), "import_id": import_id,
        }
        for row in db.execute(counted)
        if row.times
    ]  # fmt: skip
    if rows:
        db.execute(insert(repeats), rows)
