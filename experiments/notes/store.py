"""Where notes are kept: taken in, listed, tagged, taken away."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, delete, func, insert, select

from experiments.errors import Invalid, NotFound
from experiments.ledger.append_postgresql import APPENDING
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.money import scaled, unscaled
from experiments.notes.fit import Checks
from experiments.notes.note import Note, ReadNotes, RejectedNote, check_tags
from experiments.operations import audit
from experiments.registry.keyed import Edit
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, note_tags, notes, projects

_AT_ONCE = 500


@dataclass(frozen=True)
class StoredNote:
    """A note as it is kept; ``note.variant`` is the one that was reported."""

    id: int
    note: Note
    created_at: datetime
    created_by: str


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


@dataclass(frozen=True)
class WantedNotes:
    """Which notes; None: all of them."""

    experiment: str | None = None
    variant: str | None = None
    kpi: str | None = None
    unit_id: str | None = None
    kind: str | None = None
    tag: str | None = None

    def conditions(self, project: Project) -> Iterator[ColumnElement[bool]]:
        """The same as conditions on rows joined with experiments."""
        yield notes.c.project_id == project.id
        if self.experiment is not None:
            yield experiments.c.key == self.experiment
        for name in ("variant", "kpi", "unit_id", "kind"):
            if (value := getattr(self, name)) is not None:
                yield notes.c[name] == value
        if self.tag is not None:
            tagged = select(note_tags.c.note_id).where(note_tags.c.tag == self.tag)
            yield notes.c.id.in_(tagged)


def add_notes(db: Connection, read: ReadNotes, edit: Edit, hasher: AliasHasher) -> Added:
    """Take notes in, each once under its source id; of erased customers none."""
    done = Added(rejected=list(read.rejected))
    _announce(db)
    # One batch at a time: two with one source id would both be the first.
    mine = projects.c.id == edit.project.id
    db.execute(select(projects.c.id).where(mine).with_for_update())
    checks = Checks.of(db, edit.project, [note for _, note in read.notes], hasher)
    known = _by_source_id(db, edit.project, [note for _, note in read.notes])
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


def list_notes(
    db: Connection, project: Project, wanted: WantedNotes, before: int | None, limit: int
) -> list[StoredNote]:
    """At most ``limit`` notes, those kept last first, from before a number on."""
    query = _joined().where(*wanted.conditions(project))
    if before is not None:
        query = query.where(notes.c.id < before)
    rows = db.execute(query.order_by(notes.c.id.desc()).limit(limit)).all()
    tags = _tags(db, [row.id for row in rows])
    return [_stored(row, tags) for row in rows]


def notes_for_test(
    db: Connection, project: Project, experiment_id: int, limit: int
) -> list[StoredNote]:
    """At most ``limit`` notes of a test, and of customers in whichever test, the newest first."""
    of_test = notes.c.experiment_id == experiment_id
    of_customers = notes.c.experiment_id.is_(None) & notes.c.unit_id.is_not(None)
    query = _joined().where(notes.c.project_id == project.id, of_test | of_customers)
    rows = db.execute(query.order_by(notes.c.said_at.desc(), notes.c.id.desc()).limit(limit)).all()
    tags = _tags(db, [row.id for row in rows])
    return [_stored(row, tags) for row in rows]


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


def get_note(db: Connection, project: Project, note_id: int) -> StoredNote:
    """The note of that number.

    Raises:
        NotFound: If the project has none.
    """
    mine = (notes.c.project_id == project.id) & (notes.c.id == note_id)
    row = db.execute(_joined().where(mine)).first()
    if row is None:
        raise NotFound(field="id", what="note", key=str(note_id))
    return _stored(row, _tags(db, [note_id]))


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


def _joined() -> Any:
    return select(notes, experiments.c.key.label("experiment")).outerjoin(
        experiments, experiments.c.id == notes.c.experiment_id
    )


def _by_source_id(db: Connection, project: Project, given: Sequence[Note]) -> dict[str, Note]:
    ids = sorted({each.source_id for each in given if each.source_id is not None})
    found: dict[str, Note] = {}
    for first in range(0, len(ids), _AT_ONCE):
        some = notes.c.source_id.in_(ids[first : first + _AT_ONCE])
        rows = db.execute(_joined().where(notes.c.project_id == project.id, some)).all()
        tags = _tags(db, [row.id for row in rows])
        found |= {row.source_id: _stored(row, tags).note for row in rows}
    return found


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


def _tags(db: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for first in range(0, len(ids), _AT_ONCE):
        some = note_tags.c.note_id.in_(ids[first : first + _AT_ONCE])
        for row in db.execute(select(note_tags).where(some)):
            found[row.note_id].append(row.tag)
    return {note_id: tuple(sorted(tags)) for note_id, tags in found.items()}


def _delete(db: Connection, ids: Sequence[int]) -> None:
    for first in range(0, len(ids), _AT_ONCE):
        some = ids[first : first + _AT_ONCE]
        db.execute(delete(note_tags).where(note_tags.c.note_id.in_(some)))
        db.execute(delete(notes).where(notes.c.id.in_(some)))


def _stored(row: Row[Any], tags: Mapping[int, tuple[str, ...]]) -> StoredNote:
    score: Decimal | None = None if row.score is None else unscaled(row.score, None)
    note = Note(
        text=row.text,
        said_at=row.said_at,
        kind=row.kind,
        unit_id=row.unit_id,
        experiment=row.experiment,
        variant=row.variant,
        kpi=row.kpi,
        score=score,
        source_id=row.source_id,
        tags=tags.get(row.id, ()),
    )
    return StoredNote(row.id, note, row.created_at, row.created_by)


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
