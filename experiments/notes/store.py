"""Where notes come and go: taken in, tagged, taken away."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from experiments.errors import Invalid
from experiments.ledger.append_postgresql import APPENDING
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.money import scaled
from experiments.notes.fit import Checks
from experiments.notes.kept import AT_ONCE, StoredNote, by_source_id, get_note
from experiments.notes.note import Note, ReadNotes, RejectedNote, check_tags
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.storage.projects import Project
from experiments.storage.tables import note_tags, notes, projects


@dataclass
class Added:
    """What became of every note of a batch.

    Attributes:
        ids: Of those accepted, in the order of the batch.
        conflicts: (place, source id) of those whose id belongs to another note.
    """

    ids: list[int] = field(default_factory=list)
    duplicates: int = 0
    conflicts: list[tuple[int, str]] = field(default_factory=list)
    rejected: list[RejectedNote] = field(default_factory=list)


def add_notes(db: Connection, read: ReadNotes, edit: Edit, hasher: AliasHasher) -> Added:
    """Take notes in, each once under its source id; of erased customers none."""
    done = Added(rejected=list(read.rejected))
    _announce(db)
    # One batch at a time: two with one source id would both be the first.
    mine = projects.c.id == edit.project.id
    db.execute(select(projects.c.id).where(mine).with_for_update())
    checks = Checks.of(db, edit.project, [note for _, note in read.notes], hasher)
    known = by_source_id(db, edit.project, [note for _, note in read.notes])
    for index, note in read.notes:
        try:
            experiment_id = checks.experiment_id(note)
        except Invalid as error:
            done.rejected.append(RejectedNote(index, note.source_id, error))
            continue
        before = known.get(note.source_id) if note.source_id is not None else None
        if before is not None:
            if before == note:
                done.duplicates += 1
            else:
                done.conflicts.append((index, note.source_id or ""))
            continue
        if note.source_id is not None:
            known[note.source_id] = note
        done.ids.append(_insert(db, note, experiment_id, edit))
    done.rejected.sort(key=lambda each: each.index)
    if done.ids:
        # Counts only: the words are the customer's, and the trail is kept for ever.
        _audit(db, "add", edit, edit.project.key, after={"notes": len(done.ids)})
    return done


def set_tags(db: Connection, note_id: int, tags: Sequence[str], edit: Edit) -> StoredNote:
    """Give a note these tags, and no others.

    Raises:
        NotFound: If the project has no such note.
        Invalid: If they are no tags.
    """
    wanted = check_tags(tags)
    before = get_note(db, edit.project, note_id)
    db.execute(delete(note_tags).where(note_tags.c.note_id == note_id))
    if wanted:
        db.execute(insert(note_tags), [{"note_id": note_id, "tag": tag} for tag in wanted])
    told = {"tags": list(before.note.tags)}
    _audit(db, "tag", edit, str(note_id), before=told, after={"tags": list(wanted)})
    return get_note(db, edit.project, note_id)


def remove_note(db: Connection, note_id: int, edit: Edit) -> None:
    """Take a note away.

    Raises:
        NotFound: If the project has no such note.
    """
    get_note(db, edit.project, note_id)
    _delete(db, [note_id])
    _audit(db, "remove", edit, str(note_id))


def forget_notes(db: Connection, project: Project, unit_id: str) -> int:
    """Delete every note of a customer, tags included.

    Returns:
        How many there were.
    """
    mine = (notes.c.project_id == project.id) & (notes.c.unit_id == unit_id)
    ids = list(db.execute(select(notes.c.id).where(mine)).scalars())
    _delete(db, ids)
    return len(ids)


def _announce(db: Connection) -> None:
    """Be among those whom an erasure waits for before it deletes."""
    if db.dialect.name == "postgresql":
        db.execute(select(func.pg_advisory_xact_lock_shared(APPENDING)))


def _insert(db: Connection, note: Note, experiment_id: int | None, edit: Edit) -> int:
    row = {
        "project_id": edit.project.id,
        "source_id": note.source_id,
        "kind": note.kind,
        "unit_id": note.unit_id,
        "experiment_id": experiment_id,
        "variant": note.variant,
        "kpi": note.kpi,
        "score": None if note.score is None else scaled(note.score, None, "score"),
        "text": note.text,
        "said_at": note.said_at,
        "created_at": edit.now,
        "created_by": edit.actor.name,
    }
    made: int = db.execute(insert(notes).values(row).returning(notes.c.id)).scalar_one()
    if note.tags:
        db.execute(insert(note_tags), [{"note_id": made, "tag": tag} for tag in note.tags])
    return made


def _delete(db: Connection, ids: Sequence[int]) -> None:
    for first in range(0, len(ids), AT_ONCE):
        some = ids[first : first + AT_ONCE]
        db.execute(delete(note_tags).where(note_tags.c.note_id.in_(some)))
        db.execute(delete(notes).where(notes.c.id.in_(some)))


def _audit(db: Connection, action: str, edit: Edit, key: str, **told: Any) -> None:
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action=f"note.{action}",
        object_type="note",
        object_key=key,
        now=edit.now,
        **told,
    )
