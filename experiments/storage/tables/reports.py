"""Tables of reports that are kept."""

from sqlalchemy import JSON, Column, ForeignKey, Index, Integer, String, Table, Text

from experiments.storage.tables.base import UtcDateTime, metadata, project_column

# Links to a report as it stood, for people without an account; of the token only its hash.
report_shares = Table(
    "report_shares",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("experiment_id", ForeignKey("experiments.id"), nullable=False),
    Column("public_id", String(32), nullable=False, unique=True),
    Column("token_hash", String(64), nullable=False, unique=True),
    # What was taken out of the report before it was kept.
    Column("redact", JSON, nullable=False),
    # experiments.reporting.report.Report as a document.
    Column("report", JSON, nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
    Column("revoked_at", UtcDateTime),
    Index("ix_report_shares_experiment_id", "experiment_id"),
)
