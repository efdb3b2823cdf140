"""Keys of programs: secret ones with scopes, and client keys that may be public."""

import hashlib
import secrets
import string
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from hmac import compare_digest

from sqlalchemy import Connection, insert, select, update

from experiments.access.roles import SCOPES
from experiments.errors import Invalid, NotFound
from experiments.operations import audit
from experiments.operations.audit import Actor
from experiments.storage import configuration
from experiments.storage.projects import Project
from experiments.storage.tables import api_keys

SECRET_PREFIX = "tls"  # noqa: S105 - a prefix, no secret
CLIENT_PREFIX = "tlc"
_ALPHABET = string.ascii_lowercase + string.digits


@dataclass(frozen=True)
class StoredKey:
    """A key as stored: of a secret one, only the hash.

    Attributes:
        public_id: The part that may be shown; of a client key, the whole of it.
        kind: ``secret`` or ``client``.
        scopes: What a secret key may do.
    """

    public_id: str
    project_id: int
    kind: str
    name: str
    secret_hash: str | None
    scopes: frozenset[str]
    expires_at: datetime | None
    revoked_at: datetime | None

    def holds(self, now: datetime) -> bool:
        """Whether the key is neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


@dataclass(frozen=True)
class PresentedKey:
    """A secret key as a caller shows it."""

    public_id: str
    secret: str

    @classmethod
    def parse(cls, text: str) -> "PresentedKey | None":
        """Read ``tls_<id>_<secret>``; None if it is nothing of the kind.

        Examples:
            >>> PresentedKey.parse("tls_ab12cd34_s-_3").secret
            's-_3'
        """
        prefix, _, rest = text.partition("_")
        public_id, _, secret = rest.partition("_")
        return cls(public_id, secret) if prefix == SECRET_PREFIX and public_id and secret else None

    def opens(self, stored: StoredKey) -> bool:
        """Whether this is the secret of ``stored``, compared in constant time."""
        mine = hashlib.sha256(self.secret.encode()).hexdigest()
        return stored.secret_hash is not None and compare_digest(mine, stored.secret_hash)


def create_secret_key(
    db: Connection,
    project: Project,
    *,
    name: str,
    scopes: Collection[str],
    actor: Actor,
    now: datetime,
    expires_at: datetime | None = None,
) -> str:
    """Create a secret key.

    Returns:
        The whole key, this once: it cannot be read again.

    Raises:
        Invalid: If a scope is unknown, or none is given.
    """
    if not scopes or set(scopes) - set(SCOPES):
        raise Invalid(field="scopes", expected="some of " + ", ".join(SCOPES), got=sorted(scopes))
    public_id = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    secret = secrets.token_urlsafe(32)
    db.execute(
        insert(api_keys).values(
            project_id=project.id,
            kind="secret",
            name=name,
            public_id=public_id,
            secret_hash=hashlib.sha256(secret.encode()).hexdigest(),
            scopes=sorted(scopes),
            created_at=now,
            expires_at=expires_at,
        )
    )
    _noted(db, project, "create", public_id, {"name": name, "scopes": sorted(scopes)}, actor, now)
    return f"{SECRET_PREFIX}_{public_id}_{secret}"


def create_client_key(
    db: Connection, project: Project, *, name: str, actor: Actor, now: datetime
) -> str:
    """Create a key that may stand in an app's code: it reads payloads and nothing else."""
    public_id = f"{CLIENT_PREFIX}_" + "".join(secrets.choice(_ALPHABET) for _ in range(20))
    db.execute(
        insert(api_keys).values(
            project_id=project.id, kind="client", name=name, public_id=public_id, scopes=[],
            created_at=now,
        )
    )  # fmt: skip
    _noted(db, project, "create", public_id, {"name": name}, actor, now)
    return public_id


def revoke_key(
    db: Connection, project: Project, public_id: str, *, actor: Actor, now: datetime
) -> None:
    """Make a key worthless from now on; revoking twice changes nothing.

    Raises:
        NotFound: If the project has no such key.
    """
    mine = (api_keys.c.project_id == project.id) & (api_keys.c.public_id == public_id)
    if db.execute(select(api_keys.c.id).where(mine)).first() is None:
        raise NotFound(what="key", key=public_id)
    db.execute(update(api_keys).where(mine, api_keys.c.revoked_at.is_(None)).values(revoked_at=now))
    _noted(db, project, "revoke", public_id, None, actor, now)


def list_keys(db: Connection, project: Project | None = None) -> list[StoredKey]:
    """The keys of a project, or of all, oldest first."""
    statement = select(api_keys).order_by(api_keys.c.id)
    if project is not None:
        statement = statement.where(api_keys.c.project_id == project.id)
    return [
        StoredKey(
            row.public_id,
            row.project_id,
            row.kind,
            row.name,
            row.secret_hash,
            frozenset(row.scopes),
            row.expires_at,
            row.revoked_at,
        )
        for row in db.execute(statement)
    ]


def _noted(
    db: Connection,
    project: Project,
    action: str,
    public_id: str,
    after: object,
    actor: Actor,
    now: datetime,
) -> None:
    audit.record(
        db, actor=actor, project=project, action=action, object_type="key",
        object_key=public_id, after=after, now=now,
    )  # fmt: skip
    configuration.bump(db)
