"""Tables of KPIs and experiments."""

from sqlalchemy import (
    JSON,
    CheckConstraint,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
)

from experiments.storage.tables.base import UtcDateTime, metadata, project_column

kpis = Table(
    "kpis",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
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
    # Of an official document: who made it so, and when.
    Column("approved_at", UtcDateTime),
    Column("approved_by", Text),
    UniqueConstraint("kpi_id", "version"),
)

experiments = Table(
    "experiments",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
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

# Rules about sending, as a project has edited them; the last revision holds.
sending_rules = Table(
    "sending_rules",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("revision", Integer, nullable=False),
    # All rules; null: those that ship with the version that runs.
    Column("rules", JSON(none_as_null=True)),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("project_id", "revision"),
)

# What a message costs, by channel; every change is a revision.
message_costs = Table(
    "message_costs",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("revision", Integer, nullable=False),
    Column("costs", JSON, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    UniqueConstraint("project_id", "revision"),
)
