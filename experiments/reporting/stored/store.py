"""Keeping reports: written once, never changed; read in :mod:`kept`."""

import secrets
from datetime import datetime

from sqlalchemy import Connection, insert

from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.registry.catalog import get_experiment
from experiments.reporting.basis import Basis
from experiments.reporting.prior import lifts_of
from experiments.reporting.stored.content import canonical, digest_of
from experiments.reporting.stored.kept import StoredReport, mine, one_kept, stored_report
from experiments.reporting.stored.making import Made
from experiments.reporting.wording import say
from experiments.storage.codec import from_document, to_document
from experiments.storage.projects import Project
from experiments.storage.tables import reports


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
            "lifts": to_document(lifts_of(report)),
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


def basis_kept(db: Connection, project: Project, public_id: str) -> Basis:
    """What a kept report rests on besides facts.

    Raises:
        NotFound: If the project has none of that id.
    """
    row = one_kept(db, public_id, mine(project).add_columns(reports.c.basis))
    return from_document(Basis, row.basis)
