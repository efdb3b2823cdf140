"""Things of a project that have a key and a revision: layers, holdouts, segments, lists."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    Table,
    delete,
    insert,
    select,
    update,
)
from sqlalchemy.exc import IntegrityError

from experiments.errors import Conflict, KeyTaken, NotFound, StaleRevision
from experiments.kpis.catalog import in_byte_order
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.storage import configuration
from experiments.storage.codec import to_document
from experiments.storage.projects import Project
from experiments.storage.tables import experiments


class InUse(Conflict):
    """An experiment that is not archived names it."""

    template = "the {what} {key!r} is used by the test {experiment!r}"


class Revised(Protocol):
    """Anything with a key and a revision."""

    @property
    def id(self) -> int:
        """Row id."""

    @property
    def key(self) -> str:
        """Name in its project."""

    @property
    def revision(self) -> int:
        """Grows with every change."""


T = TypeVar("T", bound=Revised)


@dataclass(frozen=True)
class Kind(Generic[T]):
    """A kind of thing.

    Attributes:
        what: Its name, as refusals and the audit trail say it.
        table: Where it is kept, with ``project_id``, ``key``, ``revision`` and two times.
        read: A row as a value.
        only: Which rows of the table are of the kind; None: all.
    """

    what: str
    table: Table
    read: Callable[[Row[Any]], T]
    only: ColumnElement[bool] | None = None

    @property
    def object_type(self) -> str:
        """Its name in the audit trail."""
        return self.what.replace(" ", "_")

    def of(self, project: Project) -> Select[Any]:
        """Those of a project."""
        mine = select(self.table).where(self.table.c.project_id == project.id)
        return mine if self.only is None else mine.where(self.only)


@dataclass(frozen=True)
class Edit:
    """Who changes something, when, in which project; and what they had seen of it."""

    project: Project
    actor: Actor
    now: datetime
    expected_revision: int | None = None


def create(db: Connection, kind: Kind[T], values: Mapping[str, Any], edit: Edit) -> T:
    """Write a new thing; ``values`` hold its key.

    Raises:
        KeyTaken: If the project has one with the key.
    """
    row = {
        **values,
        "project_id": edit.project.id,
        "revision": 1,
        "created_at": edit.now,
        "updated_at": edit.now,
    }
    try:
        with db.begin_nested():
            db.execute(insert(kind.table).values(row))
    except IntegrityError as error:
        raise KeyTaken(field="key", what=kind.what, key=values["key"]) from error
    made = get(db, kind, edit.project, values["key"])
    record(db, kind, "create", None, made, edit)
    return made


def get(db: Connection, kind: Kind[T], project: Project, key: str) -> T:
    """The thing with that key.

    Raises:
        NotFound: If the project has none.
    """
    return _one(db, kind, project, key, lock=False)


def lock(db: Connection, kind: Kind[T], key: str, edit: Edit) -> T:
    """The thing with that key, seen by the caller; nobody else changes it meanwhile.

    Raises:
        NotFound: If the project has none.
        StaleRevision: If it is at another revision than the one seen.
    """
    found = _one(db, kind, edit.project, key, lock=True)
    if edit.expected_revision not in {None, found.revision}:
        raise StaleRevision(expected=edit.expected_revision, revision=found.revision)
    return found


def page(
    db: Connection, kind: Kind[T], project: Project, after: str | None = None, limit: int = 100
) -> list[T]:
    """At most ``limit`` things, by key, those beyond ``after``."""
    by_key = in_byte_order(db, kind.table.c.key)
    query = kind.of(project)
    if after is not None:
        query = query.where(by_key > after)
    return [kind.read(row) for row in db.execute(query.order_by(by_key).limit(limit))]


def change(
    db: Connection, kind: Kind[T], before: T, values: Mapping[str, Any], action: str, edit: Edit
) -> T:
    """Write a change of a thing that was locked."""
    row = {**values, "revision": before.revision + 1, "updated_at": edit.now}
    db.execute(update(kind.table).where(kind.table.c.id == before.id).values(row))
    after = get(db, kind, edit.project, before.key)
    record(db, kind, action, before, after, edit)
    return after


def remove(db: Connection, kind: Kind[T], before: T, edit: Edit) -> None:
    """Take away a thing that was locked."""
    db.execute(delete(kind.table).where(kind.table.c.id == before.id))
    record(db, kind, "delete", before, None, edit)


def check_unused(db: Connection, kind: Kind[T], thing: T, project: Project, *parts: str) -> None:
    """Refuse if an experiment that is not archived names the key in a part of its audience.

    Raises:
        InUse: Naming the experiment.
    """
    live = (experiments.c.project_id == project.id) & (experiments.c.state != "archived")
    for row in db.execute(select(experiments.c.key, experiments.c.draft).where(live)):
        audience = row.draft.get("audience") or {}
        if any(thing.key in audience.get(part, ()) for part in parts):
            raise InUse(what=kind.what, key=thing.key, experiment=row.key)


def record(
    db: Connection, kind: Kind[T], action: str, before: T | None, after: T | None, edit: Edit
) -> None:
    """Write the audit row of a change, and say that the configuration is another now."""
    thing = after or before
    assert thing is not None  # noqa: S101 - narrows a type: a change has one side at least
    audit.record(
        db,
        actor=edit.actor,
        project=edit.project,
        action=f"{kind.object_type}.{action}",
        object_type=kind.object_type,
        object_key=thing.key,
        before=None if before is None else to_document(before),
        after=None if after is None else to_document(after),
        now=edit.now,
    )
    configuration.bump(db)


def _one(db: Connection, kind: Kind[T], project: Project, key: str, *, lock: bool) -> T:
    query = kind.of(project).where(kind.table.c.key == key)
    row = db.execute(query.with_for_update() if lock else query).first()
    if row is None:
        raise NotFound(field="key", what=kind.what, key=key)
    return kind.read(row)
