"""Tables of what happened: imports, exposures, events and aliases, and where they come in."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
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
    text,
)

from experiments.storage.tables.base import Position, UtcDateTime, metadata, project_column

imports = Table(
    "imports",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
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
    Column("withdrawn_at", UtcDateTime),
    Column("withdrawn_by", Text),
    Column("withdrawn_because", Text),
    # Rows of the ledger whose ids are free again, so far.
    Column("withdrawn_rows", BigInteger),
    CheckConstraint(
        "state in ('waiting', 'running', 'paused', 'done', 'failed', 'withdrawing', 'withdrawn')",
        name="state",
    ),
)

# Append only. One row per accepted exposure, event or alias, in the order of acceptance; the
# withdrawal of an import is a row too, so that a position says whether it counts.
ledger = Table(
    "ledger",
    metadata,
    Column("position", Position, primary_key=True),
    # Neither this nor the import is a foreign key: each would be looked up for every row, which
    # takes as long as the rest of a row of a file. Who appends has read both, in the transaction
    # or before, and neither is ever deleted.
    Column("project_id", Integer, nullable=False),
    # The source's own id of the fact: accepted once per project.
    Column("source_id", String(256), nullable=False),
    # SHA-256 of the fact as read, to tell a repetition from another fact with its id.
    Column("digest", LargeBinary(32), nullable=False),
    Column("fact", String(16), nullable=False),
    # Null where the source knows the customer by an alias only; who that is, a report finds out.
    Column("unit_id", String(1024)),
    # `kind:keyed hash`, or `unit:` and an id that was merged into `unit_id`.
    Column("alias", String(1040)),
    # Exposures: assigned, planned_send, sent, trigger or viewed. Events: open, purchase, ...
    # Aliases: their kind.
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
    # Of an exposure, what the message cost.
    Column("value", BigInteger),
    Column("currency", String(3)),
    Column("machine", Boolean, nullable=False),
    Column("properties", JSON(none_as_null=True)),
    Column("import_id", Integer),
    UniqueConstraint("project_id", "source_id"),
    CheckConstraint("fact in ('exposure', 'event', 'alias', 'withdrawal')", name="fact"),
    CheckConstraint(
        "fact <> 'exposure' or (experiment_id is not null and variant is not null)",
        name="exposure_complete",
    ),
    CheckConstraint(
        "case fact when 'withdrawal' then unit_id is null and alias is null"
        " when 'alias' then unit_id is not null and alias is not null"
        " else (unit_id is null) <> (alias is null) end",
        name="customer",
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
    # Few: aliases, and what was reported under one.
    Index(
        "ix_ledger_alias",
        "project_id",
        "alias",
        sqlite_where=text("alias is not null"),
        postgresql_where=text("alias is not null"),
    ),
    Index(
        "ix_ledger_alias_unit",
        "project_id",
        "unit_id",
        sqlite_where=text("fact = 'alias'"),
        postgresql_where=text("fact = 'alias'"),
    ),
    # No other index by customer or import: erasing and withdrawing are rare, and may read it all.
    # A position is never given out twice, not even after rows were erased.
    sqlite_autoincrement=True,
)

# Facts that were sent again, or are of erased customers: not rows of the ledger, but counted.
repeats = Table(
    "repeats",
    metadata,
    Column("id", Position, primary_key=True),
    project_column(),
    Column("fact", String(16), nullable=False),
    Column("type", String(64), nullable=False),
    Column("outcome", String(16), nullable=False),
    # The ledger position from which on a report counts them.
    Column("visible_from", BigInteger, nullable=False),
    # Less than nothing where an import was withdrawn that they repeated.
    Column("count", BigInteger, nullable=False),
    Column("import_id", ForeignKey("imports.id")),
    Index("ix_repeats_project_id_visible_from", "project_id", "visible_from"),
    CheckConstraint("outcome in ('duplicate', 'conflict', 'erased')", name="outcome"),
)

# Facts that repeat, or contradict, one that came with an import, and came from elsewhere: should
# the import be withdrawn, they are what was said.
shadows = Table(
    "shadows",
    metadata,
    Column("id", Position, primary_key=True),
    project_column(),
    Column("source_id", String(256), nullable=False),
    # Of the import whose fact stands.
    Column("standing_import_id", ForeignKey("imports.id"), nullable=False),
    # Of the import that this one came with, if it came with one.
    Column("import_id", ForeignKey("imports.id")),
    Column("received_at", BigInteger, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("unit_id", String(1024)),
    Column("alias", String(1040)),
    # The columns of the ledger's row, by name.
    Column("fact_row", JSON, nullable=False),
    Index("ix_shadows_standing", "standing_import_id", "source_id"),
    CheckConstraint("outcome in ('duplicate', 'conflict')", name="outcome"),
)

# Customers who were erased, by a keyed hash of their id: nothing of them is taken in again.
erasures = Table(
    "erasures",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("tombstone", String(64), nullable=False),
    # Ledger rows that went, of all facts.
    Column("rows", BigInteger, nullable=False),
    # Facts of theirs that arrived later and were left out.
    Column("refused", BigInteger, nullable=False, default=0),
    Column("erased_at", UtcDateTime, nullable=False),
    Column("erased_by", Text, nullable=False),
    UniqueConstraint("project_id", "tombstone"),
)

# What was beyond the retention horizon, added up before it went.
retained_totals = Table(
    "retained_totals",
    metadata,
    Column("id", Position, primary_key=True),
    project_column(),
    # Days since 1970 in the project's zone.
    Column("day", Integer, nullable=False),
    Column("fact", String(16), nullable=False),
    Column("type", String(64), nullable=False),
    Column("channel", String(32)),
    Column("currency", String(3)),
    Column("machine", Boolean, nullable=False),
    Column("count", BigInteger, nullable=False),
    # Sum of the values, as text: it may pass 64 bits.
    Column("total", String(40), nullable=False),
    Index("ix_retained_totals_day", "project_id", "day"),
)

# Addresses that other people's webhooks post to, each with a token of its own.
inbound_webhooks = Table(
    "inbound_webhooks",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
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
