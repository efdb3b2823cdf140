"""Tables on the engine, and files that it writes of them.

The engine would turn sums wider than 64 bits into floating point, so every column is cast to
the type that it is said to have.
"""

from collections.abc import Iterable
from typing import Any

from ibis.expr.datatypes import DataType
from ibis.expr.types import Table

from experiments.measurement.engines.dialects import compiled
from experiments.measurement.session import Session
from experiments.measurement.stored.layers import current, quoted
from experiments.measurement.stored.shelf import File, Shelf

# Facts came in the order of time, more or less: few groups have the rows of a day. Of columns
# with more values than that a dictionary is not worth its making; the second version writes
# their differences, in half the room.
_OPTIONS = (
    "FORMAT parquet, PARQUET_VERSION V2, ROW_GROUP_SIZE 61440, DICTIONARY_SIZE_LIMIT 1000, "
    "COMPRESSION"
)
_TYPES = {
    "int64": "BIGINT", "int32": "BIGINT", "int8": "BIGINT", "uint64": "UBIGINT",
    "string": "VARCHAR", "boolean": "BOOLEAN", "decimal(38, 0)": "DECIMAL(38, 0)",
}  # fmt: skip


def run(session: Session, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement that is no part of what the answer is said to rest on.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    return session.engine.execute(statement)


def keep_table(session: Session, name: str, rows: Table) -> None:
    """Keep rows under a name, with the types they are said to have."""
    run(session, f"CREATE OR REPLACE TEMP TABLE {name} AS {typed(session, rows)}")


def typed(session: Session, rows: Table) -> str:
    """A query for rows, with the types they are said to have."""
    columns = ", ".join(
        f'CAST("{name}" AS {sql_type(type_)}) AS "{name}"' for name, type_ in rows.schema().items()
    )
    return f"SELECT {columns} FROM ({compiled(rows, session.engine.dialect)}) AS rows"  # noqa: S608 - our own names


def wide(rows: Table) -> tuple[str, ...]:
    """The columns of numbers of any length."""
    return tuple(name for name, type_ in rows.schema().items() if type_.is_decimal())


def sql_type(type_: DataType) -> str:
    """How the engine writes a type."""
    return _TYPES[str(type_).removeprefix("!")]


def read_rows(shelf: Shelf, files: Iterable[File]) -> str:
    """A query for the rows of units as they stand in files."""
    return f"SELECT * EXCLUDE (layer) FROM ({current(shelf, files)})"  # noqa: S608 - a query of ours


def write(
    session: Session, shelf: Shelf, rows: str, name: str, layer: str, compression: str
) -> File:
    """Write the rows of a query to a file of a layer."""
    path = quoted(shelf.folder / name)
    [(count,)] = run(session, f"COPY ({rows}) TO {path} ({_OPTIONS} {compression})")
    return shelf.added(name, layer, count)
