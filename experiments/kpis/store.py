"""Creating and replacing KPI documents, with versions once they are used."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from experiments.errors import Conflict, Invalid, KeyTaken, NotFound, StaleRevision
from experiments.kpis.catalog import Kpi, documents, get_kpi, kpi_versions, list_kpis
from experiments.kpis.document import KpiDocument
from experiments.kpis.meaning import changed_meaning
from experiments.kpis.status import check_step, is_approval
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.storage import tables
from experiments.storage.codec import to_document
from experiments.storage.projects import Project
from experiments.storage.tables import kpis

__all__ = [
    "Kpi", "create_kpi", "get_kpi", "kpi_versions", "list_kpis", "replace_kpi", "set_status",
]  # fmt: skip

# Words that stand for something else in the addresses of KPIs.
RESERVED = ("tree", "catalogue")
UNDER_WAY = ("running", "paused")


class UnknownRelative(Invalid):
    """The parent or successor is not in the project."""

    template = "no KPI {key!r} in this project"


class CircularParent(Invalid):
    """A KPI would be its own ancestor."""

    template = "the KPI {key!r} would stand above itself in the KPI tree"


class MeaningInUse(Conflict):
    """A test that is under way would count something else than it started with."""

    template = (
        "the test {experiment!r} is under way and counts by this KPI: expected the {part} of "
        "version {version}; something else needs a KPI with a key of its own"
    )


def create_kpi(
    db: Connection, project: Project, document: KpiDocument, *, actor: Actor, now: datetime
) -> Kpi:
    """Create a KPI, version 1.

    Raises:
        KeyTaken: If the project has a KPI with the key.
        Invalid: If the key stands for something else in addresses.
        UnknownRelative: If its parent or successor is not there.
    """
    if document.key in RESERVED:
        raise Invalid(field="key", expected="another key: this one is an address", got=document.key)
    _check_relatives(db, project, document)
    values = {"project_id": project.id, "key": document.key, "revision": 1}
    new = insert(kpis).values(**values, created_at=now, updated_at=now).returning(kpis.c.id)
    try:
        with db.begin_nested():
            kpi_id = db.execute(new).scalar_one()
    except IntegrityError as error:
        raise KeyTaken(field="key", what="KPI", key=document.key) from error
    made = _approved(Kpi(document, 1, 1, created_at=now, updated_at=now), None, actor)
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
        IllegalStatus: If there is no way from its status to the new one.
        OfficialMeaning: If an official document would count something else unseen.
        MeaningInUse: If it would do so under a test that is under way.
    """
    kpi_id, revision = _locked(db, project, key)
    if expected_revision not in {None, revision}:
        raise StaleRevision(expected=expected_revision, revision=revision)
    if document.key != key:
        raise Invalid(field="key", expected=f"{key!r}, since keys stay", got=document.key)
    _check_relatives(db, project, document)
    before = get_kpi(db, project, key)
    check_step(before.document, document)
    _check_meaning(db, project, before, document)
    version = before.version + 1 if _is_in_use(db, project, before) else before.version
    after = _approved(Kpi(document, version, revision + 1, before.created_at, now), before, actor)
    _write_version(db, kpi_id, after, actor)
    change = {"revision": after.revision, "updated_at": now}
    db.execute(update(kpis).where(kpis.c.id == kpi_id).values(change))
    _audit(db, project, before, after, actor)
    return after


def set_status(
    db: Connection,
    project: Project,
    key: str,
    status: str,
    *,
    successor: str | None,
    expected_revision: int | None,
    actor: Actor,
    now: datetime,
) -> Kpi:
    """Take a KPI to another status; whoever makes it official has approved it.

    Raises:
        NotFound: If the project has no such KPI.
        StaleRevision: If the KPI is at another revision.
        Invalid: If there is no such status, or a successor that does not fit.
        IllegalStatus: If there is no way from its status to that one.
    """
    document = get_kpi(db, project, key).document
    return replace_kpi(
        db,
        project,
        key,
        replace(document, status=status, successor=successor),
        expected_revision=expected_revision,
        actor=actor,
        now=now,
    )


def _approved(kpi: Kpi, before: Kpi | None, actor: Actor) -> Kpi:
    """With who made it official, and when: now, or as before."""
    if is_approval(before.document if before else None, kpi.document):
        return replace(kpi, approved_at=kpi.updated_at, approved_by=actor.name)
    if before is not None and kpi.document.status == "official":
        return replace(kpi, approved_at=before.approved_at, approved_by=before.approved_by)
    return kpi


def _check_meaning(db: Connection, project: Project, before: Kpi, after: KpiDocument) -> None:
    """Refuse to count something else while a test is under way."""
    changed = changed_meaning(before.document, after)
    if not changed:
        return
    experiments = tables.experiments
    fixed = experiments.c.kpi_versions[after.key].as_integer()
    under_way = select(experiments.c.key, fixed.label("version")).where(
        experiments.c.project_id == project.id,
        experiments.c.state.in_(UNDER_WAY),
        fixed.is_not(None),
    )
    found = db.execute(under_way.order_by(experiments.c.id).limit(1)).first()
    if found is not None:
        raise MeaningInUse(
            field=changed[0], experiment=found.key, part=changed[0], version=found.version
        )


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
    values = {
        "kpi_id": kpi_id,
        "version": kpi.version,
        "document": to_document(kpi.document),
        "created_at": kpi.updated_at,
        "created_by": actor.name,
        "approved_at": kpi.approved_at,
        "approved_by": kpi.approved_by,
    }
    db.execute(insert(version).values(**values))


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
