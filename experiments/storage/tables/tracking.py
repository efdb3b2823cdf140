"""Tables of what is noted about KPIs over time."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from experiments.storage.tables.base import UtcDateTime, metadata, project_column

# What happened on the days of a KPI's chart; without a KPI, of all of the project.
kpi_annotations = Table(
    "kpi_annotations",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("kpi_id", ForeignKey("kpis.id")),
    Column("kind", String(16), nullable=False),
    Column("starts_on", Date, nullable=False),
    # The last day; that of the start for a single day.
    Column("ends_on", Date, nullable=False),
    Column("text", Text, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    CheckConstraint("ends_on >= starts_on", name="order"),
    Index("ix_kpi_annotations_project_id_starts_on", "project_id", "starts_on"),
)
