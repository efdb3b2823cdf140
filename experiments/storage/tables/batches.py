"""Table of the batches of tests whose shares follow the results."""

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    ForeignKey,
    Integer,
    String,
    Table,
    UniqueConstraint,
)

from experiments.storage.tables.base import UtcDateTime, metadata

# A batch is a phase of the allocation; here stands why its shares are what they are. The first
# batch goes by the registered weights and has no row.
batches = Table(
    "batches",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("experiment_id", ForeignKey("experiments.id"), nullable=False),
    # Of the phase that it is.
    Column("number", Integer, nullable=False),
    Column("method", String(16), nullable=False),
    Column("floor", String(40), nullable=False),
    # {variant key: share}, exact: buckets held over buckets covered. Sums to 1.
    Column("propensities", JSON, nullable=False),
    # {variant key: chance to be the best}; null where the shares stayed.
    Column("best", JSON(none_as_null=True)),
    # {variant key: customers that the chances rest on}; windows that had closed.
    Column("units", JSON, nullable=False),
    # Why the shares stayed as they were; null where they followed the results.
    Column("stayed", String(32)),
    # What the chances were read from: facts up to this moment and this place in the ledger.
    Column("as_of", UtcDateTime, nullable=False),
    Column("ledger_position", BigInteger, nullable=False),
    UniqueConstraint("experiment_id", "number"),
)
