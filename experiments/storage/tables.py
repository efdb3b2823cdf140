"""Every table of the registry and the ledger.

Registry times are aware UTC datetimes; ledger times are whole microseconds since 1970,
so that both databases and the columnar replica hold the same integers.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    text,
)

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column declared INTEGER.
Position = BigInteger().with_variant(Integer(), "sqlite")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime; SQLite, which has no zones, keeps it naive in UTC."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse naive times, store UTC."""
        if value is None:
            return None
        if value.tzinfo is None:
            message = "a naive datetime cannot be stored"
            raise ValueError(message)
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy's signature
    ) -> datetime | None:
        """Give back aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def _project() -> Column[int]:
    return Column("project_id", ForeignKey("projects.id"), nullable=False)


projects = Table(
    "projects",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("key", String(64), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", String(64), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("language", String(2), nullable=False),
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
    _project(),
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
    CheckConstraint("id = 1", name="single_row"),
)

kpis = Table(
    "kpis",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("key", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "key"),
)

kpi_versions = Table(
    "kpi_versions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("kpi_id", ForeignKey("kpis.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("document", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("kpi_id", "version"),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("key", String(64), nullable=False),
    Column("state", String(16), nullable=False),
    Column("revision", Integer, nullable=False),
    # The draft as registered: experiments.registry.experiment.ExperimentDraft.
    Column("draft", JSON, nullable=False),
    # {kpi key: version} fixed at the start; null before.
    Column("kpi_versions", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("started_at", UtcDateTime),
    Column("stopped_at", UtcDateTime),
    Column("decision", JSON(none_as_null=True)),
    # When a stopped test gave the slots of its layer back; an archived one has none.
    Column("slots_released_at", UtcDateTime),
    UniqueConstraint("project_id", "key"),
    CheckConstraint(
        "state in ('draft', 'scheduled', 'running', 'paused', 'stopped', 'decided', 'archived')",
        name="state",
    ),
)

phases = Table(
    "phases",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("experiment_id", ForeignKey("experiments.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("seed", Text, nullable=False),
    # [[variant key, first bucket, end bucket (not included)], ...] of 10,000 buckets.
    Column("ranges", JSON, nullable=False),
    # {variant key: share} and the share of units that takes part, as they were asked for.
    Column("weights", JSON(none_as_null=True)),
    Column("coverage", String(40)),
    # The audience and its saved segments as one rule, as they stood at the start.
    Column("condition", JSON(none_as_null=True)),
    # Row ids of the holdouts that the test keeps to.
    Column("holdouts", JSON(none_as_null=True)),
    Column("started_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("experiment_id", "number"),
)

layers = Table(
    "layers",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("key", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("seed", Text, nullable=False),
    # What its slots are drawn by: the same attribute as all of its tests.
    Column("hash_attribute", String(64), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "key"),
)

holdouts = Table(
    "holdouts",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("key", String(64), nullable=False),
    Column("name", Text, nullable=False),
    # Held out, of 10,000.
    Column("buckets", Integer, nullable=False),
    Column("seed", Text, nullable=False),
    # Of one layer; null: of every test of the project.
    Column("layer_id", ForeignKey("layers.id")),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    UniqueConstraint("project_id", "key"),
    CheckConstraint("buckets between 1 and 5000", name="buckets"),
)

saved_segments = Table(
    "saved_segments",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("key", String(64), nullable=False),
    Column("name", Text, nullable=False),
    Column("condition", JSON, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "key"),
)

# Lists of units: those that people keep, and those that are computed for one experiment.
unit_lists = Table(
    "unit_lists",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("key", String(128), nullable=False),
    Column("name", Text, nullable=False),
    Column("kind", String(16), nullable=False),
    # Computed lists only: whose they are, and when they were last worked out.
    Column("experiment_id", ForeignKey("experiments.id")),
    Column("computed_at", UtcDateTime),
    Column("members", BigInteger, nullable=False),
    # All members' digests, combined by exclusive or: what a copy in memory is held against.
    Column("checksum", LargeBinary(16), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "key"),
    CheckConstraint("kind in ('suppression', 'consent', 'test', 'capped', 'cooling')", name="kind"),
    CheckConstraint(
        "(experiment_id is not null) = (kind in ('capped', 'cooling'))", name="computed"
    ),
)

# The members of a list whose digest begins with the byte `first`: their digests, 16 bytes
# each, ascending. 256 rows at most are read and compared faster than a million.
unit_list_parts = Table(
    "unit_list_parts",
    metadata,
    Column("list_id", ForeignKey("unit_lists.id"), primary_key=True),
    Column("first", Integer, primary_key=True, autoincrement=False),
    # Of the list, when this part last changed.
    Column("revision", Integer, nullable=False),
    Column("digests", LargeBinary, nullable=False),
)

# Rules about sending, as a project has edited them; the last revision holds.
sending_rules = Table(
    "sending_rules",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("revision", Integer, nullable=False),
    # All rules; null: those that ship with the version that runs.
    Column("rules", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("project_id", "revision"),
)

# Variants given by hand, for testers.
overrides = Table(
    "overrides",
    metadata,
    Column("experiment_id", ForeignKey("experiments.id"), primary_key=True),
    Column("unit_id", String(1024), primary_key=True),
    Column("variant", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
)

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("name", Text, nullable=False),
    Column("file_sha256", String(64), nullable=False),
    Column("file_bytes", BigInteger, nullable=False),
    Column("mapping", JSON, nullable=False),
    Column("state", String(16), nullable=False),
    Column("rows_read", BigInteger, nullable=False, default=0),
    Column("bytes_read", BigInteger, nullable=False, default=0),
    Column("accepted", BigInteger, nullable=False, default=0),
    Column("duplicates", BigInteger, nullable=False, default=0),
    Column("conflicts", BigInteger, nullable=False, default=0),
    Column("rejected", BigInteger, nullable=False, default=0),
    # The first rejects, [{line, field, code, message}]; all of them are counted.
    Column("rejects", JSON, nullable=False),
    Column("failure", Text),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("finished_at", UtcDateTime),
    CheckConstraint("state in ('waiting', 'running', 'done', 'failed')", name="state"),
)

# Append only. One row per accepted exposure or event, in the order of acceptance.
ledger = Table(
    "ledger",
    metadata,
    Column("position", Position, primary_key=True),
    _project(),
    # The source's own id of the fact: accepted once per project.
    Column("source_id", String(256), nullable=False),
    # SHA-256 of the fact as read, to tell a repetition from another fact with its id.
    Column("digest", LargeBinary(32), nullable=False),
    Column("fact", String(8), nullable=False),
    Column("unit_id", String(1024), nullable=False),
    # Exposures: assigned, planned_send, sent, trigger or viewed. Events: open, purchase, ...
    Column("type", String(64), nullable=False),
    Column("occurred_at", BigInteger, nullable=False),
    Column("received_at", BigInteger, nullable=False),
    Column("channel", String(32)),
    # Exposures only; an event may name the experiment it came from, and need not.
    Column("experiment_id", ForeignKey("experiments.id")),
    Column("variant", String(64)),
    # What Truelift's own allocation gives this unit; null where allocation is external.
    Column("expected_variant", String(64)),
    Column("suppressed_reason", String(32)),
    # Money in minor units of `currency`; without a currency, the number times 1,000,000.
    Column("value", BigInteger),
    Column("currency", String(3)),
    Column("machine", Boolean, nullable=False),
    Column("properties", JSON(none_as_null=True)),
    Column("import_id", ForeignKey("imports.id")),
    UniqueConstraint("project_id", "source_id"),
    CheckConstraint("fact in ('exposure', 'event')", name="fact"),
    CheckConstraint(
        "fact = 'event' or (experiment_id is not null and variant is not null)",
        name="exposure_complete",
    ),
    # Exposures only, which are few beside the events: by test and customer, and by time.
    Index(
        "ix_ledger_exposed_units",
        "experiment_id",
        "unit_id",
        sqlite_where=text("fact = 'exposure'"),
        postgresql_where=text("fact = 'exposure'"),
    ),
    Index(
        "ix_ledger_exposed_at",
        "project_id",
        "occurred_at",
        sqlite_where=text("fact = 'exposure'"),
        postgresql_where=text("fact = 'exposure'"),
    ),
    # A position is never given out twice, not even after rows were erased.
    sqlite_autoincrement=True,
)

# Addresses that other people's webhooks post to, each with a token of its own.
inbound_webhooks = Table(
    "inbound_webhooks",
    metadata,
    Column("id", Integer, primary_key=True),
    _project(),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("source", String(32), nullable=False),
    Column("name", Text, nullable=False),
    Column("token_hash", String(64), nullable=False, unique=True),
    # As given: paths, names, tags, and what the sender's signature is checked with.
    Column("settings", JSON, nullable=False),
    # What the sender asks a person to confirm, such as a subscription.
    Column("pending", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
)

# Facts that were sent again: not rows of the ledger, but counted.
repeats = Table(
    "repeats",
    metadata,
    Column("id", Position, primary_key=True),
    _project(),
    Column("fact", String(8), nullable=False),
    Column("type", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    # The ledger position from which on a report counts them.
    Column("visible_from", BigInteger, nullable=False),
    Column("count", BigInteger, nullable=False),
    Index("ix_repeats_project_id_visible_from", "project_id", "visible_from"),
    CheckConstraint("outcome in ('duplicate', 'conflict')", name="outcome"),
)
