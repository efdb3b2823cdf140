"""Reading KPI documents: the latest, every version, and those that a started test has fixed."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, select

from experiments.errors import NotFound
from experiments.kpis.document import KpiDocument
from experiments.storage import tables
from experiments.storage.codec import from_document
from experiments.storage.projects import Project
from experiments.storage.tables import kpis


@dataclass(frozen=True)
class Kpi:
    """A KPI of a project, in one version.

    Attributes:
        document: What was agreed.
        version: Of the document; a new one comes about when a started test uses the last.
        revision: Grows with every change; the entity tag.
        created_at: When the KPI was created.
        updated_at: When it last changed.
        approved_at: Of an official document: when it became official.
        approved_by: Of an official document: who made it so.
    """

    document: KpiDocument
    version: int
    revision: int
    created_at: datetime
    updated_at: datetime
    approved_at: datetime | None = None
    approved_by: str | None = None


def get_kpi(db: Connection, project: Project, key: str) -> Kpi:
    """The KPI with that key, in its latest version.

    Raises:
        NotFound: If the project has none.
    """
    row = db.execute(_latest(project).where(kpis.c.key == key)).first()
    if row is None:
        raise NotFound(field="key", what="KPI", key=key)
    return _kpi(row)


def list_kpis(
    db: Connection, project: Project, after: str | None = None, limit: int = 100
) -> list[Kpi]:
    """At most ``limit`` KPIs in their latest versions, by key, those beyond ``after``."""
    by_key = in_byte_order(db, kpis.c.key)
    query = _latest(project).order_by(by_key).limit(limit)
    if after is not None:
        query = query.where(by_key > after)
    return [_kpi(row) for row in db.execute(query)]


def kpi_versions(db: Connection, project: Project, key: str) -> list[Kpi]:
    """Every version of a KPI, the first one first.

    Raises:
        NotFound: If the project has no such KPI.
    """
    query = _versions(project).where(kpis.c.key == key).order_by(tables.kpi_versions.c.version)
    found = [_kpi(row) for row in db.execute(query)]
    if not found:
        raise NotFound(field="key", what="KPI", key=key)
    return found


def documents(db: Connection, project: Project, keys: Collection[str]) -> dict[str, KpiDocument]:
    """The latest documents of those keys that the project has."""
    rows = db.execute(_latest(project).where(kpis.c.key.in_(keys)))
    return {row.key: _kpi(row).document for row in rows}


def every_document(db: Connection, project: Project) -> list[KpiDocument]:
    """The latest document of every KPI of the project."""
    return [_kpi(row).document for row in db.execute(_latest(project))]


def documents_at(
    db: Connection, project: Project, versions: Mapping[str, int]
) -> dict[str, KpiDocument]:
    """The documents of given versions, as a started test has fixed them."""
    rows = db.execute(_versions(project).where(kpis.c.key.in_(versions)))
    return {row.key: _kpi(row).document for row in rows if row.version == versions[row.key]}


def lock_versions(db: Connection, project: Project, keys: Collection[str]) -> dict[str, int]:
    """The latest versions of those keys; nobody replaces them until the transaction ends."""
    mine = and_(kpis.c.project_id == project.id, kpis.c.key.in_(keys))
    db.execute(select(kpis.c.id).where(mine).order_by(kpis.c.id).with_for_update(read=True))
    return {row.key: row.version for row in db.execute(_latest(project).where(mine))}


def in_byte_order(db: Connection, column: ColumnElement[str]) -> ColumnElement[str]:
    """The column compared byte by byte, so that both databases sort keys alike."""
    return column.collate("C" if db.dialect.name == "postgresql" else "BINARY")


def _versions(project: Project) -> Select[Any]:
    version = tables.kpi_versions
    return (
        select(
            kpis,
            version.c.version,
            version.c.document,
            version.c.approved_at,
            version.c.approved_by,
        )
        .join(version, version.c.kpi_id == kpis.c.id)
        .where(kpis.c.project_id == project.id)
    )


def _latest(project: Project) -> Select[Any]:
    version = tables.kpi_versions
    last = (
        select(version.c.kpi_id, func.max(version.c.version).label("version"))
        .group_by(version.c.kpi_id)
        .subquery("last")
    )
    same = and_(last.c.kpi_id == kpis.c.id, last.c.version == version.c.version)
    return _versions(project).join(last, same)


def _kpi(row: Row[Any]) -> Kpi:
    document = from_document(KpiDocument, row.document)
    return Kpi(
        document,
        version=row.version,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        approved_at=row.approved_at,
        approved_by=row.approved_by,
    )
