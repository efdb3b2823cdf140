"""Addresses for webhooks: one for each tool of a project, with a token that can be revoked."""

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from experiments.errors import Invalid, NotFound
from experiments.ledger.fields import Missing, brief
from experiments.ledger.inbound.schemes import read_signature, shown
from experiments.ledger.inbound.signing import Signature
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.settings import SourceSettings, read_settings
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.storage import configuration
from experiments.storage.projects import Project, get_project
from experiments.storage.tables import inbound_webhooks, projects

_ALPHABET = "abcdefghijklmnopqrstuvwxyz0123456789"


@dataclass(frozen=True)
class Webhook:
    """An address as stored: of its token, only the hash.

    Attributes:
        public_id: By which it is shown and revoked.
        settings: As they were given, secrets included.
        pending: What a sender asks to have confirmed by a person, if anything.
    """

    id: int
    public_id: str
    project_id: int
    source: str
    name: str
    settings: Mapping[str, Any]
    pending: Mapping[str, Any] | None
    created_at: datetime
    revoked_at: datetime | None

    @property
    def shown_settings(self) -> dict[str, Any]:
        """The settings without secrets."""
        return shown(self.settings)


@dataclass(frozen=True)
class Reading:
    """How deliveries to an address are read and checked."""

    settings: SourceSettings
    signature: Signature | None


def read_document(source: str, document: Mapping[str, Any]) -> Reading:
    """Read the settings of an address.

    Raises:
        Invalid: Naming the field, if something is missing or not as it should be.
    """
    if source not in SOURCES:
        raise Invalid(field="source", expected="one of " + ", ".join(SOURCES), got=brief(source))
    rest = {name: value for name, value in document.items() if name != "signature"}
    settings = read_settings(rest)
    if source == "mapped" and not settings.mapping:
        raise Missing(field="mapping")
    return Reading(settings, read_signature(source, document.get("signature")))


def create(
    db: Connection,
    project: Project,
    *,
    source: str,
    name: str,
    settings: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> tuple[Webhook, str]:
    """Create an address.

    Returns:
        It, and its token, this once: that cannot be read again.

    Raises:
        Invalid: Naming the field, if its settings do not fit.
    """
    read_document(source, settings)
    token = secrets.token_urlsafe(32)
    public_id = "in_" + "".join(secrets.choice(_ALPHABET) for _ in range(10))
    db.execute(
        insert(inbound_webhooks).values(
            project_id=project.id, public_id=public_id, source=source, name=name,
            token_hash=_hash(token), settings=dict(settings), created_at=now,
        )
    )  # fmt: skip
    after = {"source": source, "name": name, "settings": shown(settings)}
    _noted(db, project, "create", public_id, None, after, actor, now)
    return one(db, project, public_id), token


def change(
    db: Connection,
    project: Project,
    public_id: str,
    settings: Mapping[str, Any],
    *,
    actor: Actor,
    now: datetime,
) -> Webhook:
    """Replace the settings of an address, such as the key that its sender signs with.

    Raises:
        NotFound: If the project has no such address.
        Invalid: Naming the field, if they do not fit.
    """
    before = one(db, project, public_id)
    read_document(before.source, settings)
    db.execute(
        update(inbound_webhooks)
        .where(inbound_webhooks.c.id == before.id)
        .values(settings=dict(settings))
    )
    _noted(
        db, project, "change", public_id, {"settings": before.shown_settings},
        {"settings": shown(settings)}, actor, now,
    )  # fmt: skip
    return one(db, project, public_id)


def revoke(
    db: Connection, project: Project, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Close an address at once; doing it twice changes nothing.

    Raises:
        NotFound: If the project has no such address.
    """
    found = one(db, project, public_id)
    mine = (inbound_webhooks.c.id == found.id) & inbound_webhooks.c.revoked_at.is_(None)
    db.execute(update(inbound_webhooks).where(mine).values(revoked_at=now))
    _noted(db, project, "revoke", public_id, None, None, actor, now)


def one(db: Connection, project: Project, public_id: str) -> Webhook:
    """An address of the project.

    Raises:
        NotFound: If it has no such.
    """
    mine = (inbound_webhooks.c.project_id == project.id) & (
        inbound_webhooks.c.public_id == public_id
    )
    row = db.execute(select(inbound_webhooks).where(mine)).first()
    if row is None:
        raise NotFound(what="webhook", key=public_id)
    return _webhook(row)


def listed(db: Connection, project: Project) -> list[Webhook]:
    """The addresses of the project, the oldest first."""
    mine = select(inbound_webhooks).where(inbound_webhooks.c.project_id == project.id)
    return [_webhook(row) for row in db.execute(mine.order_by(inbound_webhooks.c.id))]


def opened_by(db: Connection, source: str, token: str) -> tuple[Webhook, Project]:
    """The address that a token opens, and whose it is.

    Raises:
        NotFound: If there is none, it is another source's, or it was revoked: all alike.
    """
    row = db.execute(
        select(inbound_webhooks).where(
            inbound_webhooks.c.token_hash == _hash(token),
            inbound_webhooks.c.source == source,
            inbound_webhooks.c.revoked_at.is_(None),
        )
    ).first()
    if row is None:
        raise NoSuchAddress
    key = db.execute(select(projects.c.key).where(projects.c.id == row.project_id)).scalar_one()
    return _webhook(row), get_project(db, key)


def note_pending(db: Connection, webhook: Webhook, pending: Mapping[str, Any] | None) -> None:
    """Keep what a person has to confirm; nothing is fetched."""
    mine = inbound_webhooks.c.id == webhook.id
    db.execute(update(inbound_webhooks).where(mine).values(pending=pending and dict(pending)))


class NoSuchAddress(NotFound):
    """No webhook may post there."""

    template = "there is no such address, or it was revoked"


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def _webhook(row: Row[Any]) -> Webhook:
    return Webhook(
        row.id, row.public_id, row.project_id, row.source, row.name, row.settings, row.pending,
        row.created_at, row.revoked_at,
    )  # fmt: skip


def _noted(
    db: Connection,
    project: Project,
    action: str,
    public_id: str,
    before: object,
    after: object,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        db, actor=actor, project=project, action=action, object_type="webhook",
        object_key=public_id, before=before, after=after, now=now,
    )  # fmt: skip
    configuration.bump(db)
