"""Tables of reports that are kept."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
)

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

# Reports as they were made, to be read and made again; they name no customer.
reports = Table(
    "reports",
    metadata,
    Column("id", Integer, primary_key=True),
    project_column(),
    Column("experiment_id", ForeignKey("experiments.id"), nullable=False),
    Column("public_id", String(32), nullable=False, unique=True),
    # Why it was kept: asked, command, stopped or decided.
    Column("occasion", String(16), nullable=False),
    Column("as_of", UtcDateTime, nullable=False),
    # The ledger that it was made from: its name, its end, and the digest of the row there.
    Column("ledger_identity", String(36), nullable=False),
    Column("ledger_position", BigInteger, nullable=False),
    Column("position_digest", String(64)),
    # Facts that the project had dropped as too old.
    Column("dropped", BigInteger, nullable=False),
    Column("experiment_revision", Integer, nullable=False),
    Column("kpi_versions", JSON, nullable=False),
    Column("code_version", String(64), nullable=False),
    # experiments.reporting.basis.Basis as a document: what it was made on besides facts.
    Column("basis", JSON, nullable=False),
    # State, variant and headline of the verdict, for lists; lifts, for what to expect of others.
    Column("summary", JSON, nullable=False),
    # The canonical JSON text and its SHA-256.
    Column("content", LargeBinary, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("created_by", Text, nullable=False),
    Index("ix_reports_experiment_id", "experiment_id"),
)
