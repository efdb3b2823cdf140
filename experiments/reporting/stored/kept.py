"""Kept reports as they are read: the very bytes, and what is said of each in a list.

Light to import: a page reads what was kept before anything can be measured.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, select

from experiments.errors import NotFound
from experiments.registry.catalog import get_experiment
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, reports

_SHOWN = [
    reports.c[name]
    for name in (
        "id", "public_id", "occasion", "as_of", "ledger_identity", "ledger_position",
        "position_digest", "dropped", "experiment_revision", "kpi_versions", "code_version",
        "summary", "digest", "created_at", "created_by",
    )
]  # fmt: skip


@dataclass(frozen=True)
class StoredReport:
    """A report that is kept, without its content.

    Attributes:
        number: Grows from one to the next.
        public_id: What it is named by.
        experiment: Key of the test.
        occasion: Why it was kept: asked, command, stopped or decided.
        position_digest: Of the ledger's row at the position.
        dropped: Facts that the project had dropped by then.
        state, variant: Of the verdict.
        headline: Of the verdict, by language.
        digest: SHA-256 of the content.
    """

    number: int
    public_id: str
    experiment: str
    occasion: str
    as_of: datetime
    ledger_identity: str
    ledger_position: int
    position_digest: str | None
    dropped: int
    experiment_revision: int
    kpi_versions: dict[str, int]
    code_version: str
    state: str
    variant: str | None
    headline: dict[str, str]
    digest: str
    created_at: datetime
    created_by: str


def stored_report(db: Connection, project: Project, public_id: str) -> StoredReport:
    """A kept report.

    Raises:
        NotFound: If the project has none of that id.
    """
    return _stored(one_kept(db, public_id, mine(project)))


def content_of(db: Connection, project: Project, public_id: str) -> tuple[StoredReport, bytes]:
    """A kept report and the very bytes that were kept.

    Raises:
        NotFound: If the project has none of that id.
    """
    row = one_kept(db, public_id, mine(project).add_columns(reports.c.content))
    return _stored(row), bytes(row.content)


def list_stored(
    db: Connection, project: Project, key: str, *, before: int | None = None, limit: int = 100
) -> list[StoredReport]:
    """The kept reports of a test, the newest first.

    Args:
        db: For reading.
        project: Whose.
        key: Of the test.
        before: Number of the last one seen.
        limit: At most so many.

    Raises:
        NotFound: If the project has no such test.
    """
    get_experiment(db, project, key)
    query = mine(project).where(experiments.c.key == key)
    if before is not None:
        query = query.where(reports.c.id < before)
    found = db.execute(query.order_by(reports.c.id.desc()).limit(limit))
    return [_stored(row) for row in found]


def last_stored(db: Connection, project: Project, key: str) -> StoredReport | None:
    """The kept report of a test that looks from the latest moment."""
    query = mine(project).where(experiments.c.key == key)
    row = db.execute(query.order_by(reports.c.as_of.desc(), reports.c.id.desc()).limit(1)).first()
    return None if row is None else _stored(row)


def kept_since(db: Connection, project: Project, key: str, occasion: str, revision: int) -> bool:
    """Whether a report of a test was kept on that occasion, at that revision or a later one."""
    mine = (reports.c.project_id == project.id) & (experiments.c.key == key)
    that = (reports.c.occasion == occasion) & (reports.c.experiment_revision >= revision)
    joined = reports.join(experiments, reports.c.experiment_id == experiments.c.id)
    counted = select(func.count()).select_from(joined).where(mine, that)
    return bool(db.execute(counted).scalar_one())


def mine(project: Project) -> Select[Any]:
    """The kept reports of a project, without their contents."""
    joined = reports.join(experiments, reports.c.experiment_id == experiments.c.id)
    shown = select(*_SHOWN, experiments.c.key.label("experiment")).select_from(joined)
    return shown.where(reports.c.project_id == project.id)


def one_kept(db: Connection, public_id: str, query: Select[Any]) -> Any:
    """The row of ``query`` that has the id.

    Raises:
        NotFound: If there is none.
    """
    row = db.execute(query.where(reports.c.public_id == public_id)).first()
    if row is None:
        raise NotFound(what="report", key=public_id)
    return row


def _stored(row: Any) -> StoredReport:
    return StoredReport(
        number=row.id,
        public_id=row.public_id,
        experiment=row.experiment,
        occasion=row.occasion,
        as_of=row.as_of,
        ledger_identity=row.ledger_identity,
        ledger_position=row.ledger_position,
        position_digest=row.position_digest,
        dropped=row.dropped,
        experiment_revision=row.experiment_revision,
        kpi_versions=row.kpi_versions,
        code_version=row.code_version,
        state=row.summary["state"],
        variant=row.summary["variant"],
        headline=row.summary["headline"],
        digest=row.digest,
        created_at=row.created_at,
        created_by=row.created_by,
    )
