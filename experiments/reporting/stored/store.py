"""Keeping reports: written once, read as the very bytes, never changed."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, func, insert, select

from experiments.errors import NotFound
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.registry.catalog import get_experiment
from experiments.reporting.basis import Basis
from experiments.reporting.stored.content import canonical, digest_of
from experiments.reporting.stored.making import Made
from experiments.reporting.wording import say
from experiments.storage.codec import from_document, to_document
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


def keep(
    db: Connection,
    project: Project,
    made: Made,
    *,
    occasion: str,
    actor: Actor,
    now: datetime,
) -> StoredReport:
    """Keep a report.

    Raises:
        NotFound: If the project no longer has the test.
    """
    report, content = made.report, canonical(made.report)
    facts, public_id = report.provenance, secrets.token_hex(8)
    row = {
        "project_id": project.id,
        "experiment_id": get_experiment(db, project, report.experiment).id,
        "public_id": public_id,
        "occasion": occasion,
        "as_of": report.as_of,
        "ledger_identity": facts.ledger_identity,
        "ledger_position": facts.ledger_position,
        "position_digest": made.position_digest,
        "dropped": made.dropped,
        "experiment_revision": facts.experiment_revision,
        "kpi_versions": facts.kpi_versions,
        "code_version": facts.code_version,
        "basis": to_document(made.basis),
        "summary": {
            "state": report.verdict.state.value,
            "variant": report.verdict.variant,
            "headline": {language: say(report, language).headline for language in ("ko", "en")},
        },
        "content": content,
        "digest": digest_of(content),
        "created_at": now,
        "created_by": actor.name,
    }
    db.execute(insert(reports).values(row))
    noted = {"experiment": report.experiment, "digest": row["digest"], "occasion": occasion}
    audit.record(
        db, actor=actor, project=project, action="keep", object_type="report",
        object_key=public_id, after=noted, now=now,
    )  # fmt: skip
    return stored_report(db, project, public_id)


def stored_report(db: Connection, project: Project, public_id: str) -> StoredReport:
    """A kept report.

    Raises:
        NotFound: If the project has none of that id.
    """
    return _stored(_one(db, public_id, _mine(project)))


def content_of(db: Connection, project: Project, public_id: str) -> tuple[StoredReport, bytes]:
    """A kept report and the very bytes that were kept.

    Raises:
        NotFound: If the project has none of that id.
    """
    row = _one(db, public_id, _mine(project).add_columns(reports.c.content))
    return _stored(row), bytes(row.content)


def basis_kept(db: Connection, project: Project, public_id: str) -> Basis:
    """What a kept report rests on besides facts.

    Raises:
        NotFound: If the project has none of that id.
    """
    row = _one(db, public_id, _mine(project).add_columns(reports.c.basis))
    return from_document(Basis, row.basis)


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
    query = _mine(project).where(experiments.c.key == key)
    if before is not None:
        query = query.where(reports.c.id < before)
    found = db.execute(query.order_by(reports.c.id.desc()).limit(limit))
    return [_stored(row) for row in found]


def last_stored(db: Connection, project: Project, key: str) -> StoredReport | None:
    """The kept report of a test that looks from the latest moment."""
    query = _mine(project).where(experiments.c.key == key)
    row = db.execute(query.order_by(reports.c.as_of.desc(), reports.c.id.desc()).limit(1)).first()
    return None if row is None else _stored(row)


def kept_since(db: Connection, project: Project, key: str, occasion: str, revision: int) -> bool:
    """Whether a report of a test was kept on that occasion, at that revision or a later one."""
    mine = (reports.c.project_id == project.id) & (experiments.c.key == key)
    that = (reports.c.occasion == occasion) & (reports.c.experiment_revision >= revision)
    joined = reports.join(experiments, reports.c.experiment_id == experiments.c.id)
    counted = select(func.count()).select_from(joined).where(mine, that)
    return bool(db.execute(counted).scalar_one())


def _mine(project: Project) -> Select[Any]:
    joined = reports.join(experiments, reports.c.experiment_id == experiments.c.id)
    shown = select(*_SHOWN, experiments.c.key.label("experiment")).select_from(joined)
    return shown.where(reports.c.project_id == project.id)


def _one(db: Connection, public_id: str, query: Select[Any]) -> Any:
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
