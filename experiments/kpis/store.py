"""Creating and replacing KPI documents, with versions once they are used."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from experiments.errors import Invalid, KeyTaken, NotFound, StaleRevision
from experiments.kpis.catalog import Kpi, documents, get_kpi, kpi_versions, list_kpis
from experiments.kpis.document import KpiDocument
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.storage import tables
from experiments.storage.codec import to_document
from experiments.storage.projects import Project
from experiments.storage.tables import kpis

__all__ = ["Kpi", "create_kpi", "get_kpi", "kpi_versions", "list_kpis", "replace_kpi"]


class UnknownRelative(Invalid):
    """The parent or successor is not in the project."""

    template = "no KPI {key!r} in this project"


class CircularParent(Invalid):
    """A KPI would be its own ancestor."""

    template = "the KPI {key!r} would stand above itself in the KPI tree"


def create_kpi(
    db: Connection, project: Project, document: KpiDocument, *, actor: Actor, now: datetime
) -> Kpi:
    """Create a KPI, version 1.

    Raises:
        KeyTaken: If the project has a KPI with the key.
        UnknownRelative: If its parent or successor is not there.
    """
    _check_relatives(db, project, document)
    values = {"project_id": project.id, "key": document.key, "revision": 1}
    new = insert(kpis).values(**values, created_at=now, updated_at=now).returning(kpis.c.id)
    try:
        with db.begin_nested():
            kpi_id = db.execute(new).scalar_one()
    except IntegrityError as error:
        raise KeyTaken(field="key", what="KPI", key=document.key) from error
    made = Kpi(document, version=1, revision=1, created_at=now, updated_at=now)
    _write_version(db, kpi_id, made, actor)
    _audit(db, project, None, made, actor)
    return made


def replace_kpi(
    db: Connection,
    project: Project,
    key: str,
    document: KpiDocument,
    *,
    expected_revision: int | None,
    actor: Actor,
    now: datetime,
) -> Kpi:
    """Replace a KPI's document: in place, or as a new version where a started test uses it.

    ``expected_revision`` is the one that the caller has seen; None does not compare.

    Raises:
        NotFound: If the project has no such KPI.
        StaleRevision: If the KPI is at another revision.
        Invalid: If the document has another key, or stands wrongly in the tree.
    """
    kpi_id, revision = _locked(db, project, key)
    if expected_revision not in {None, revision}:
        raise StaleRevision(expected=expected_revision, revision=revision)
    if document.key != key:
        raise Invalid(field="key", expected=f"{key!r}, since keys stay", got=document.key)
    _check_relatives(db, project, document)
    before = get_kpi(db, project, key)
    version = before.version + 1 if _is_in_use(db, project, before) else before.version
    after = Kpi(document, version, revision + 1, before.created_at, now)
    _write_version(db, kpi_id, after, actor)
    change = {"revision": after.revision, "updated_at": now}
    db.execute(update(kpis).where(kpis.c.id == kpi_id).values(change))
    _audit(db, project, before, after, actor)
    return after


def _locked(db: Connection, project: Project, key: str) -> tuple[int, int]:
    """The KPI's number and revision; nobody else changes it until the transaction ends."""
    query = select(kpis.c.id, kpis.c.revision).where(
        kpis.c.project_id == project.id, kpis.c.key == key
    )
    row = db.execute(query.with_for_update()).first()
    if row is None:
        raise NotFound(field="key", what="KPI", key=key)
    return row.id, row.revision


def _is_in_use(db: Connection, project: Project, kpi: Kpi) -> bool:
    """Whether a test that has started counts by this version."""
    experiments = tables.experiments
    fixed = experiments.c.kpi_versions[kpi.document.key].as_integer()
    used = select(experiments.c.id).where(
        experiments.c.project_id == project.id, fixed == kpi.version
    )
    return db.execute(used.limit(1)).first() is not None


def _check_relatives(db: Connection, project: Project, document: KpiDocument) -> None:
    """Refuse relatives that are not there, and a parent that descends from this KPI."""
    for field in ("parent", "successor"):
        key = getattr(document, field)
        if key is not None and not documents(db, project, [key]):
            raise UnknownRelative(field=field, key=key)
    above, seen = document.parent, set[str]()
    while above is not None and above not in seen:
        if above == document.key:
            raise CircularParent(field="parent", key=document.key)
        seen.add(above)
        above = documents(db, project, [above])[above].parent


def _write_version(db: Connection, kpi_id: int, kpi: Kpi, actor: Actor) -> None:
    """Write the version as it is now, over an earlier writing of the same number."""
    version = tables.kpi_versions
    db.execute(delete(version).where(version.c.kpi_id == kpi_id, version.c.version == kpi.version))
    values = {"kpi_id": kpi_id, "version": kpi.version, "document": to_document(kpi.document)}
    db.execute(insert(version).values(**values, created_at=kpi.updated_at, created_by=actor.name))


def _audit(db: Connection, project: Project, before: Kpi | None, after: Kpi, actor: Actor) -> None:
    audit.record(
        db,
        actor=actor,
        project=project,
        action="kpi.replace" if before else "kpi.create",
        object_type="kpi",
        object_key=after.document.key,
        before=_audited(before),
        after=_audited(after),
        now=after.updated_at,
    )


def _audited(kpi: Kpi | None) -> dict[str, Any] | None:
    if kpi is None:
        return None
    return {"version": kpi.version, "document": to_document(kpi.document)}
