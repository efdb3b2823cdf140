"""Sessions: expressions of Ibis, compiled and run on a connection of our own.

Why not Ibis's own connection: docs/decisions/0003. Every statement is kept, as provenance:
they name the tables ``exposures`` and ``events``, so they can be run by hand over the same
facts.
"""

from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from experiments.measurement.engine import (
    DEFAULT_SETTINGS,
    EngineSettings,
    connected,
    failures_named,
)
from experiments.measurement.replica import ReplicaState
from experiments.measurement.segments import EVENTS, EXPOSURES

DIALECT = "duckdb"
IBIS_TYPES = {pa.int64(): "int64", pa.string(): "string", pa.bool_(): "boolean"}


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
        with failures_named():
            return self.connection.execute(statement).fetchall()


@contextmanager
def open_session(
    state: ReplicaState, project_id: int, settings: EngineSettings = DEFAULT_SETTINGS
) -> Iterator[Session]:
    """Open a session on one project's facts at the replica's position.

    Several measurements in one session share the work of opening it, and of anchoring.

    Raises:
        ReplicaUnreadable: If a file cannot be read.
        ReplicaUnwritable: If the folder takes no more.
    """
    with connected(state, project_id, settings) as connection:
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


def _compiled(expression: Table) -> str:
    return _sql_of(expression.op())


# Many statements are the same for every KPI and every report; compiling takes milliseconds.
@lru_cache(maxsize=256)
def _sql_of(operation: Any) -> str:
    return str(ibis.to_sql(operation.to_expr(), dialect=DIALECT))


def _table(name: str, schema: pa.Schema) -> Table:
    return ibis.table({field.name: IBIS_TYPES[field.type] for field in schema}, name=name)
