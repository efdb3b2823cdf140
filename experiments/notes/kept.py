"""Notes as they are kept: read, listed and filtered."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, select

from experiments.errors import NotFound
from experiments.ledger.money import unscaled
from experiments.notes.note import Note
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, note_tags, notes

AT_ONCE = 500


@dataclass(frozen=True)
class StoredNote:
    """A note as it is kept; ``note.variant`` is the one that was reported."""

    id: int
    note: Note
    created_at: datetime
    created_by: str


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


def by_source_id(db: Connection, project: Project, given: Sequence[Note]) -> dict[str, Note]:
    """Those of the given notes that are kept already, by the id of their source."""
    ids = sorted({each.source_id for each in given if each.source_id is not None})
    found: dict[str, Note] = {}
    for first in range(0, len(ids), AT_ONCE):
        some = notes.c.source_id.in_(ids[first : first + AT_ONCE])
        rows = db.execute(_joined().where(notes.c.project_id == project.id, some)).all()
        tags = _tags(db, [row.id for row in rows])
        found |= {row.source_id: _stored(row, tags).note for row in rows}
    return found


def _joined() -> Any:
    return select(notes, experiments.c.key.label("experiment")).outerjoin(
        experiments, experiments.c.id == notes.c.experiment_id
    )


def _tags(db: Connection, ids: Sequence[int]) -> dict[int, tuple[str, ...]]:
    found: dict[int, list[str]] = defaultdict(list)
    for first in range(0, len(ids), AT_ONCE):
        some = note_tags.c.note_id.in_(ids[first : first + AT_ONCE])
        for row in db.execute(select(note_tags).where(some)):
            found[row.note_id].append(row.tag)
    return {note_id: tuple(sorted(tags)) for note_id, tags in found.items()}


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
