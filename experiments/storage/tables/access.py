"""Tables of projects, people, keys, and the trail of what they changed."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from experiments.storage.tables.base import Position, UtcDateTime, metadata, project_column

projects = Table(
    "projects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("language", String(2), nullable=False),
    # Facts older than so many days are added up and dropped; null: nothing ever is.
    Column("retention_days", Integer),
    Column("created_at", UtcDateTime, nullable=False),
    CheckConstraint("language in ('ko', 'en')", name="language"),
)

users = Table(
    "users",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("email", String(320), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("password_hash", Text, nullable=False),
    Column("language", String(2)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("disabled_at", UtcDateTime),
)

memberships = Table(
    "memberships",
    metadata,
    Column("user_id", ForeignKey("users.id"), primary_key=True),
    Column("project_id", ForeignKey("projects.id"), primary_key=True),
    Column("role", String(16), nullable=False),
    CheckConstraint("role in ('admin', 'marketer', 'analyst', 'viewer')", name="role"),
)

# One row per sign-in of a browser; deleting it signs that browser out.
sign_ins = Table(
    "sign_ins",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", ForeignKey("users.id"), nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("kind", String(8), nullable=False),
    Column("name", Text, nullable=False),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("secret_hash", String(64)),
    Column("scopes", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),
    Column("revoked_at", UtcDateTime),
    CheckConstraint("kind in ('client', 'secret')", name="kind"),
    CheckConstraint("(kind = 'secret') = (secret_hash is not null)", name="secret_hashed"),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Position, primary_key=True),
    Column("project_id", ForeignKey("projects.id")),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", String(64), nullable=False),
    Column("object_type", String(32), nullable=False),
    Column("object_key", Text, nullable=False),
    Column("before", JSON(none_as_null=True)),
    Column("after", JSON(none_as_null=True)),
    Column("request_id", String(64)),
    Index("ix_audit_project_id_object", "project_id", "object_type", "object_key"),
)

# One row: a number that grows with every change that assignment must know of.
configuration = Table(
    "configuration",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("version", BigInteger, nullable=False),
    # Names this ledger: a replica of another, or of one restored, is noticed by it.
    Column("ledger_identity", String(36), nullable=False),
    # Tells the key that aliases are hashed with from another; null before the first start.
    Column("identity_fingerprint", String(32)),
    CheckConstraint("id = 1", name="single_row"),
)

# Answers to requests that name an Idempotency-Key: claimed in the transaction of the effect.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("id", Position, primary_key=True),
    project_column(),
    # A key or a person.
    Column("caller", String(400), nullable=False),
    Column("method", String(8), nullable=False),
    Column("path", Text, nullable=False),
    Column("key", String(255), nullable=False),
    # SHA-256 of what was asked.
    Column("request_hash", String(64), nullable=False),
    Column("status", Integer, nullable=False),
    Column("headers", JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "caller", "method", "path", "key"),
    Index("ix_idempotency_keys_created_at", "created_at"),
)
