"""Links to a report as it stood: for people without an account, for a while, revocable."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Select, insert, select, update

from experiments.errors import Invalid, NotFound
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.reporting.redaction import redacted
from experiments.reporting.report import Report
from experiments.storage.codec import from_document, to_document
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, report_shares

USUAL_LIFE = timedelta(days=30)
LONGEST_LIFE = timedelta(days=366)
_SHOWN = [
    report_shares.c[name]
    for name in (
        "public_id", "redact", "as_of", "created_at", "created_by", "expires_at", "revoked_at",
    )
]  # fmt: skip


@dataclass(frozen=True)
class Share:
    """A link, without its token.

    Attributes:
        public_id: What it is named by; opens nothing.
        redact: What was taken out of the report.
        as_of: The moment of the report.
    """

    public_id: str
    redact: tuple[str, ...]
    as_of: datetime
    created_at: datetime
    created_by: str
    expires_at: datetime
    revoked_at: datetime | None

    def state(self, now: datetime) -> str:
        """Whether it is ``open``, ``expired`` or ``revoked``."""
        if self.revoked_at is not None:
            return "revoked"
        return "open" if now < self.expires_at else "expired"


def check_expiry(expires_at: datetime | None, now: datetime) -> datetime:
    """The end of a new link.

    Raises:
        Invalid: If it is past, or too far away.
    """
    end = expires_at or now + USUAL_LIFE
    if not now < end <= now + LONGEST_LIFE:
        wanted = f"a moment within {LONGEST_LIFE.days} days"
        raise Invalid(field="expires_at", expected=wanted, got=end.isoformat())
    return end


def create_share(
    db: Connection,
    project: Project,
    report: Report,
    *,
    redact: frozenset[str],
    expires_at: datetime | None,
    actor: Actor,
    now: datetime,
) -> tuple[Share, str]:
    """Keep the report without what is to be hidden, and make a link to it.

    Returns:
        The link and its token, this once: only its hash is kept.

    Raises:
        Invalid: If the end is past, or too far away.
        NotFound: If the project has no test of the report's.
    """
    end = check_expiry(expires_at, now)
    token, public_id = secrets.token_urlsafe(32), secrets.token_hex(6)
    kept = tuple(sorted(redact))
    db.execute(
        insert(report_shares).values(
            project_id=project.id,
            experiment_id=_experiment_id(db, project, report.experiment),
            public_id=public_id,
            token_hash=hash_of(token),
            redact=list(kept),
            report=to_document(redacted(report, redact)),
            as_of=report.as_of,
            created_at=now,
            created_by=actor.name,
            expires_at=end,
        )
    )
    noted = {"experiment": report.experiment, "redact": list(kept), "expires_at": end.isoformat()}
    audit.record(
        db, actor=actor, project=project, action="create", object_type="share",
        object_key=public_id, after=noted, now=now,
    )  # fmt: skip
    return Share(public_id, kept, report.as_of, now, actor.name, end, None), token


def list_shares(db: Connection, project: Project, key: str) -> list[Share]:
    """The links of a test, the newest first.

    Raises:
        NotFound: If the project has no such test.
    """
    _experiment_id(db, project, key)
    found = db.execute(_of(project, key).order_by(report_shares.c.id.desc()))
    return [_share(row) for row in found]


def revoke_share(
    db: Connection, project: Project, key: str, public_id: str, *, actor: Actor, now: datetime
) -> Share:
    """End a link at once; ending it twice changes nothing.

    Raises:
        NotFound: If the test has no such link.
    """
    mine = report_shares.c.public_id == public_id
    row = db.execute(_of(project, key).where(mine)).first()
    if row is None:
        raise NotFound(what="link", key=public_id)
    if row.revoked_at is None:
        db.execute(update(report_shares).where(mine).values(revoked_at=now))
        audit.record(
            db, actor=actor, project=project, action="revoke", object_type="share",
            object_key=public_id, now=now,
        )  # fmt: skip
        row = db.execute(_of(project, key).where(mine)).one()
    return _share(row)


def opened_by(db: Connection, token: str) -> tuple[Share, Report] | None:
    """The link that the token opens, and its report; None if there is none of that token."""
    wanted = select(*_SHOWN, report_shares.c.report)
    row = db.execute(wanted.where(report_shares.c.token_hash == hash_of(token))).first()
    return None if row is None else (_share(row), from_document(Report, row.report))


def hash_of(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _of(project: Project, key: str) -> Select[Any]:
    joined = report_shares.join(experiments, report_shares.c.experiment_id == experiments.c.id)
    mine = (report_shares.c.project_id == project.id) & (experiments.c.key == key)
    return select(*_SHOWN).select_from(joined).where(mine)


def _experiment_id(db: Connection, project: Project, key: str) -> int:
    mine = (experiments.c.project_id == project.id) & (experiments.c.key == key)
    found = db.execute(select(experiments.c.id).where(mine)).scalar()
    if found is None:
        raise NotFound(what="experiment", key=key)
    return int(found)


def _share(row: Any) -> Share:
    redact: Sequence[str] = row.redact
    return Share(
        row.public_id,
        tuple(redact),
        row.as_of,
        row.created_at,
        row.created_by,
        row.expires_at,
        row.revoked_at,
    )
