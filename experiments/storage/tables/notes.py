"""Tables of notes: why beside how much."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from experiments.storage.tables.base import Position, UtcDateTime, metadata, project_column

# A survey answer, a comment, a note: of a customer, of a test or its variant, of a KPI.
notes = Table(
    "notes",
    metadata,
    Column("id", Position, primary_key=True),
    project_column(),
    # The source's own id; a note counts once under it.
    Column("source_id", String(256)),
    Column("kind", String(16), nullable=False),
    Column("unit_id", String(1024)),
    Column("experiment_id", ForeignKey("experiments.id")),
    Column("variant", String(64)),
    # Key of the KPI that it explains.
    Column("kpi", String(64)),
    # The number of an answer, times 1,000,000.
    Column("score", BigInteger),
    Column("text", Text, nullable=False),
    Column("said_at", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("project_id", "source_id"),
    Index("ix_notes_experiment_id", "experiment_id"),
    Index("ix_notes_unit_id", "project_id", "unit_id"),
    CheckConstraint("kind in ('survey', 'comment', 'note')", name="kind"),
)

note_tags = Table(
    "note_tags",
    metadata,
    Column("note_id", ForeignKey("notes.id"), primary_key=True),
    Column("tag", String(64), primary_key=True),
)
