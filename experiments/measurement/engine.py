"""The engine: DuckDB in memory, reading one project's segments and nothing else.

A connection may open no file outside the replica, load no extension and reach no network.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pyarrow as pa

from experiments.measurement.engine_databases import own_connection
from experiments.measurement.engine_settings import DEFAULT_SETTINGS, EngineSettings
from experiments.measurement.errors import (
    ReplicaUnreadable,
    ReplicaUnwritable,
    TooLargeToSum,
    TooMuchToMeasure,
)
from experiments.measurement.litter import SPILL
from experiments.measurement.manifest import PLURALS
from experiments.measurement.replica import ReplicaState
from experiments.measurement.segments import FILES, SCHEMAS

__all__ = ["DEFAULT_SETTINGS", "EngineSettings", "connected", "failures_named"]

# Facts with the numbers of their units in place of ids.
NUMBERED = {fact: f"numbered_{PLURALS[fact]}" for fact in ("exposure", "event")}
SQL_TYPES = {pa.int64(): "BIGINT", pa.string(): "VARCHAR", pa.bool_(): "BOOLEAN"}


@contextmanager
def connected(
    state: ReplicaState, project_id: int, settings: EngineSettings
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection on which one project's facts are tables, named as in ``PLURALS``.

    Raises:
        ReplicaUnreadable: If a file cannot be read.
        ReplicaUnwritable: If the folder takes no more.
    """
    _room_to_spill(state.folder)
    with (
        _damage_noted(state, project_id),
        own_connection(state.folder, settings) as connection,
    ):
        for fact in FILES:
            until = state.position if state.earlier else None
            _show(connection, fact, state.files(project_id, fact), until)
        yield connection


def _room_to_spill(folder: Path) -> None:
    """Have a folder for what does not fit into memory."""
    try:
        (folder / SPILL).mkdir(exist_ok=True)
    except OSError as error:
        raise ReplicaUnwritable(reason=error.strerror or str(error)) from error


@contextmanager
def _damage_noted(state: ReplicaState, project_id: int) -> Iterator[None]:
    """Have the next refresh read the files anew if the engine could not."""
    try:
        yield
    except ReplicaUnreadable:
        for fact in FILES:
            for path in state.files(project_id, fact):
                with suppress(FileNotFoundError):
                    os.utime(path)
        raise


def _show(
    connection: duckdb.DuckDBPyConnection, fact: str, files: list[Path], until: int | None
) -> None:
    """Give the files the names of tables, without rows after a position; empty ones if none."""
    name = PLURALS[fact]
    if files:
        # The engine looks at the first for the columns of all: the newest is mostly the smallest.
        listed = ", ".join(_literal(str(path)) for path in reversed(files))
        rows = f"FROM read_parquet([{listed}])"
        rows += "" if until is None else f" WHERE position <= {until}"
    else:
        columns = ", ".join(f'"{each.name}" {SQL_TYPES[each.type]}' for each in FILES[fact])
        connection.execute(f"CREATE TEMP TABLE no_{name} ({columns})")
        rows = f"FROM no_{name}"
    with failures_named():
        if FILES[fact] != SCHEMAS[fact]:
            known = ", ".join(name for name in FILES[fact].names if name != "unit_id")
            connection.execute(f"CREATE TEMP VIEW {NUMBERED[fact]} AS SELECT {known} {rows}")
        connection.execute(
            f"CREATE TEMP VIEW {name} AS SELECT {', '.join(SCHEMAS[fact].names)} {rows}"
        )


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


@contextmanager
def failures_named() -> Iterator[None]:
    """The engine's failures as refusals of ours."""
    try:
        yield
    except duckdb.OutOfRangeException as error:
        raise TooLargeToSum(field="kpi") from error
    except duckdb.OutOfMemoryException as error:
        raise TooMuchToMeasure from error
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise ReplicaUnreadable from error
