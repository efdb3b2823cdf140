"""Table of figures that arrive added up: media cost, impressions, brand searches."""

from sqlalchemy import BigInteger, Column, Date, Index, String, Table, Text, text

from experiments.storage.tables.base import Position, UtcDateTime, metadata, project_column

# One figure of one series, on one local day. What a later delivery replaced stays, with when.
reported_values = Table(
    "reported_values",
    metadata,
    Column("id", Position, primary_key=True),
    project_column(),
    Column("series", String(64), nullable=False),
    Column("day", Date, nullable=False),
    # Empty where none was said: a unique index tells nulls apart.
    Column("channel", String(64), nullable=False),
    Column("dimension", String(128), nullable=False),
    Column("source", String(64), nullable=False),
    # Money in minor units of `currency`; without a currency, the number times 1,000,000.
    Column("value", BigInteger, nullable=False),
    Column("currency", String(3)),
    Column("reported_at", UtcDateTime, nullable=False),
    Column("reported_by", Text, nullable=False),
    # Null: it holds.
    Column("replaced_at", UtcDateTime),
    Index(
        "uq_reported_values_held",
        "project_id",
        "series",
        "day",
        "channel",
        "dimension",
        "source",
        unique=True,
        sqlite_where=text("replaced_at is null"),
        postgresql_where=text("replaced_at is null"),
    ),
)
