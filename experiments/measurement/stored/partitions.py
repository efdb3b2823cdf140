"""Partitions: the rows of the units of one day, each file written once and replaced as a whole.

The engine writes them itself. It would turn sums wider than 64 bits into floating point, so
every column is cast to the type that it is said to have.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import ibis
from ibis.expr.datatypes import DataType
from ibis.expr.types import Table

from experiments.measurement.engines.dialects import compiled
from experiments.measurement.session import Session
from experiments.measurement.stored.shelf import File, Shelf

FRESH = "stored_fresh"
ROWS = "stored_rows"
TOUCHED = "stored_touched"
# As a part keeps it.
EVENTS = "part_placed"
_TOUCHED = f"(unit IN (SELECT unit FROM {TOUCHED}))"  # noqa: S608 - our own name
_MARKED = "anchor, day, closes_at, CAST(marks AS BIGINT) AS marks"
_TYPES = {
    "int64": "BIGINT", "int32": "BIGINT", "int8": "BIGINT", "uint64": "UBIGINT",
    "string": "VARCHAR", "boolean": "BOOLEAN", "decimal(38, 0)": "DECIMAL(38, 0)",
}  # fmt: skip
_READ_AS = {
    "BIGINT": "int64", "UBIGINT": "uint64", "VARCHAR": "string", "BOOLEAN": "boolean",
    "DECIMAL(38,0)": "decimal(38, 0)",
}  # fmt: skip


def run(session: Session, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement that is no part of what the answer is said to rest on.

    Raises:
        ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
    """
    return session.engine.execute(statement)


def keep_table(session: Session, name: str, rows: Table) -> Table:
    """Keep rows under a name, with the types they are said to have."""
    columns = ", ".join(
        f'CAST("{name}" AS {sql_type(type_)}) AS "{name}"' for name, type_ in rows.schema().items()
    )
    made = f"SELECT {columns} FROM ({compiled(rows, session.engine.dialect)}) AS rows"  # noqa: S608 - our own names
    run(session, f"CREATE OR REPLACE TEMP TABLE {name} AS {made}")
    return ibis.table(rows.schema(), name=name)


def sql_type(type_: DataType) -> str:
    """How the engine writes a type."""
    return _TYPES[str(type_).removeprefix("!")]


def read_rows(session: Session, shelf: Shelf, files: Iterable[File]) -> Table:
    """The rows of some partitions, at least one."""
    run(session, f"CREATE OR REPLACE TEMP VIEW {ROWS} AS SELECT * FROM {_files(shelf, files)}")  # noqa: S608 - our own paths, quoted
    described = run(session, f"DESCRIBE {ROWS}")
    return ibis.table({name: _READ_AS[type_] for name, type_, *_ in described}, name=ROWS)


def closings_of(session: Session) -> dict[int, int]:
    """Of each day of the fresh rows, when the last window of its units closes."""
    found = run(session, f"SELECT day, max(closes_at) FROM {FRESH} GROUP BY day")  # noqa: S608 - our own name
    return dict(found)


def days_touched(session: Session, shelf: Shelf, files: Sequence[File]) -> set[int]:
    """The days of files in which units stand that were touched."""
    if not files:
        return set()
    found = run(session, f"SELECT DISTINCT day FROM {_files(shelf, files)} WHERE {_TOUCHED}")  # noqa: S608 - our own paths, quoted
    return {day for (day,) in found}


def write_day(
    session: Session, shelf: Shelf, day: int, number: int, before: File | None
) -> File | None:
    """Write the rows of a day: the fresh ones, and of the file before those not touched.

    Returns:
        None if there are none any more.
    """
    rows = f"SELECT * FROM {FRESH} WHERE day = {day}"  # noqa: S608 - our own name, a number
    if before is not None:
        rows += f" UNION ALL BY NAME SELECT * FROM {_files(shelf, [before])} WHERE NOT {_TOUCHED}"  # noqa: S608 - our own path, quoted
    return _written(session, shelf, rows, f"day-{day}-{number}.parquet", day)


def write_events(
    session: Session, shelf: Shelf, day: int, number: int, before: tuple[File, File | None] | None
) -> File | None:
    """Write the events of the units of a day: the fresh ones, and of before those not touched.

    Args:
        session: Where they are kept as ``EVENTS``.
        shelf: Where to.
        day: Which.
        number: Of the file.
        before: The files of the day's units and of their events.
    """
    rows = f"SELECT {_MARKED} FROM {EVENTS} WHERE day = {day}"  # noqa: S608 - our own name, a number
    if before is not None and before[1] is not None:
        units, events = (_files(shelf, [file]) for file in (before[0], before[1]))
        gone = f"SELECT anchor FROM {units} WHERE {_TOUCHED}"  # noqa: S608 - our own path, quoted
        rows += f" UNION ALL BY NAME SELECT * FROM {events} WHERE anchor NOT IN ({gone})"  # noqa: S608 - our own path, quoted
    return _written(session, shelf, rows, f"events-{day}-{number}.parquet", day)


def _written(session: Session, shelf: Shelf, rows: str, name: str, day: int) -> File | None:
    path = _quoted(shelf.folder / name)
    [(count,)] = run(session, f"COPY ({rows}) TO {path} (FORMAT parquet)")
    if not count:
        return None
    return shelf.added(name, day)


def _files(shelf: Shelf, files: Iterable[File]) -> str:
    listed = ", ".join(_quoted(shelf.folder / file.name) for file in files)
    return f"read_parquet([{listed}])"


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"
