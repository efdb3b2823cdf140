"""The engine: DuckDB in memory, reading one project's segments and nothing else.

Expressions are built and compiled by Ibis and run on a connection of our own (see
docs/decisions/0003). The connection may open no file outside the replica, load no
extension and reach no network. Every statement is kept, as provenance: they name the
tables ``exposures`` and ``events``, so they can be run by hand over the same facts.
"""

import tempfile
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from experiments.measurement.errors import ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure
from experiments.measurement.litter import SPILL
from experiments.measurement.replica import ReplicaState
from experiments.measurement.segments import EVENTS, EXPOSURES, SCHEMAS

DIALECT = "duckdb"


@dataclass(frozen=True)
class EngineSettings:
    """What a measurement may use of the machine.

    Attributes:
        memory_limit: As DuckDB writes it; past it, work goes through the disk.
        threads: Of one measurement.
    """

    memory_limit: str = "1GB"
    threads: int = 2


DEFAULT_SETTINGS = EngineSettings()


@dataclass
class Session:
    """A connection that sees the facts of one project. For one thread at a time.

    Attributes:
        state: Of the replica; its files stay as long as the session does.
        project_id: Whose facts.
        statements: What the answers since :meth:`begin` rest on, in order.
    """

    state: ReplicaState
    project_id: int
    connection: duckdb.DuckDBPyConnection
    statements: list[str] = field(default_factory=list)
    _kept: dict[str, tuple[Hashable, Table, str]] = field(default_factory=dict)

    def begin(self) -> None:
        """Start another list of statements; tables that were kept remain."""
        self.statements = []

    @property
    def exposures(self) -> Table:
        """The project's exposures."""
        return _table("exposures", EXPOSURES)

    @property
    def events(self) -> Table:
        """The project's events."""
        return _table("events", EVENTS)

    def keep(self, name: str, key: Hashable, build: Callable[[], Table]) -> Table:
        """Compute a table once, for the statements that follow to refer to.

        Args:
            name: Of the table; what it held under another key is gone.
            key: Under the same key it is not computed again.
            build: Makes the expression.

        Raises:
            ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
        """
        known, table, statement = self._kept.get(name, (None, None, ""))
        if table is not None and known == key:
            self.statements.append(statement)
            return table
        expression = build()
        statement = f'CREATE OR REPLACE TEMP TABLE "{name}" AS\n{_compiled(expression)}'
        self._run(statement)
        table = ibis.table(expression.schema(), name=name)
        self._kept[name] = (key, table, statement)
        return table

    def rows(self, expression: Table) -> list[dict[str, Any]]:
        """The rows of an expression, by column name.

        Raises:
            ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
        """
        found = self._run(_compiled(expression))
        return [dict(zip(expression.columns, row, strict=True)) for row in found]

    @property
    def sql(self) -> str:
        """Everything that was run, as one script."""
        return ";\n\n".join(self.statements) + ";\n"

    def _run(self, statement: str) -> list[tuple[Any, ...]]:
        self.statements.append(statement)
        with _failures_named():
            return self.connection.execute(statement).fetchall()


@contextmanager
def open_session(
    state: ReplicaState, project_id: int, settings: EngineSettings = DEFAULT_SETTINGS
) -> Iterator[Session]:
    """Open a session on one project's facts at the replica's position.

    Several measurements in one session share the work of opening it, and of anchoring.

    Raises:
        ReplicaUnreadable: If a file cannot be read.
    """
    spill = state.folder / SPILL
    spill.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory(dir=spill) as own,
        duckdb.connect(":memory:", config=_configuration(settings, own)) as connection,
    ):
        connection.execute("SET allowed_directories = [$folder]", {"folder": str(state.folder)})
        connection.execute("SET enable_external_access = false")
        connection.execute("SET lock_configuration = true")
        for fact, schema in SCHEMAS.items():
            _show(connection, f"{fact}s", schema, state.files(project_id, fact))
        yield Session(state, project_id, connection)


@contextmanager
def session_on(source: ReplicaState | Session, project_id: int) -> Iterator[Session]:
    """The session given, with its statements begun anew, or one opened for the while.

    Raises:
        ValueError: If the session is on another project.
        ReplicaUnreadable: If a file cannot be read.
    """
    if isinstance(source, Session):
        if source.project_id != project_id:
            message = f"the session is on project {source.project_id}, not on {project_id}"
            raise ValueError(message)
        source.begin()
        yield source
    else:
        with open_session(source, project_id) as session:
            yield session


def _configuration(settings: EngineSettings, spill: str) -> dict[str, Any]:
    return {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": spill,
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }


def _show(
    connection: duckdb.DuckDBPyConnection, name: str, schema: pa.Schema, files: list[Path]
) -> None:
    """Give the files the name of a table; without files, an empty table."""
    if not files:
        columns = ", ".join(f'"{field.name}" {_TYPES[field.type][1]}' for field in schema)
        connection.execute(f"CREATE TABLE {name} ({columns})")
        return
    listed = ", ".join(_literal(str(path)) for path in files)
    with _failures_named():
        connection.execute(f"CREATE VIEW {name} AS SELECT * FROM read_parquet([{listed}])")  # noqa: S608 - our own paths, quoted


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _compiled(expression: Table) -> str:
    return str(ibis.to_sql(expression, dialect=DIALECT))


@contextmanager
def _failures_named() -> Iterator[None]:
    try:
        yield
    except duckdb.OutOfRangeException as error:
        raise TooLargeToSum(field="kpi") from error
    except duckdb.OutOfMemoryException as error:
        raise TooMuchToMeasure from error
    except (duckdb.IOException, duckdb.InvalidInputException) as error:
        raise ReplicaUnreadable from error


def _table(name: str, schema: pa.Schema) -> Table:
    return ibis.table({field.name: _TYPES[field.type][0] for field in schema}, name=name)


# As Ibis and as DuckDB call them.
_TYPES = {
    pa.int64(): ("int64", "BIGINT"),
    pa.string(): ("string", "VARCHAR"),
    pa.bool_(): ("boolean", "BOOLEAN"),
}
