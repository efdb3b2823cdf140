"""Tables of what decides besides a test itself: layers, holdouts, segments, lists, testers."""

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from experiments.storage.tables.base import UtcDateTime, metadata, project_column

layers = Table(
    "layers",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
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
    project_column(),
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
    project_column(),
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
    project_column(),
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
