"""Sessions: expressions of Ibis, compiled and run on a connection of our own.

Why not Ibis's own connection: docs/decisions/0003. Every statement is kept, as provenance:
they name the tables ``exposures``, ``events``, ``aliases`` and ``withdrawals``, so they can
be run by hand over the same facts.
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
from experiments.measurement.identity import (
    CERTAIN,
    MERGE,
    Uncertainty,
    standing,
    units_merged,
    units_named,
    whose,
)
from experiments.measurement.manifest import PLURALS
from experiments.measurement.replica import ReplicaState
from experiments.measurement.segments import SCHEMAS

DIALECT = "duckdb"
IBIS_TYPES = {pa.int64(): "int64", pa.string(): "string", pa.bool_(): "boolean"}


@dataclass
class Session:
    """A connection that sees the facts of one project. For one thread at a time.

    Attributes:
        state: Of the replica; its files stay as long as the session does.
        project_id: Whose facts.
        uncertainty: Which of them have to be looked up.
        statements: What the answers since :meth:`begin` rest on, in order.
    """

    state: ReplicaState
    project_id: int
    connection: duckdb.DuckDBPyConnection
    uncertainty: Uncertainty = CERTAIN
    statements: list[str] = field(default_factory=list)
    _kept: dict[str, tuple[Hashable, Table, str]] = field(default_factory=dict)

    def begin(self) -> None:
        """Start another list of statements; tables that were kept remain."""
        self.statements = []

    @property
    def exposures(self) -> Table:
        """The project's exposures, each with the unit that it is of."""
        return self._whose("exposure")

    @property
    def events(self) -> Table:
        """The project's events, each with the unit that it is of.

        Where that has to be looked up, these and the exposures also have the columns of
        :func:`experiments.measurement.identity.whose`.
        """
        return self._whose("event")

    def arrived(self, fact: str) -> Table:
        """The project's facts of one kind as they arrived, whosever they are."""
        schema = SCHEMAS[fact]
        columns = {field.name: IBIS_TYPES[field.type] for field in schema}
        return ibis.table(columns, name=PLURALS[fact])

    def _whose(self, fact: str) -> Table:
        facts, unsure = self.arrived(fact), self.uncertainty
        if not unsure.touches(fact):
            return facts
        aliases = standing(self.arrived("alias"), unsure.withdrawn)
        names = merges = None
        if fact in unsure.aliased:
            names = self.keep("names", unsure, lambda: units_named(aliases))
        if unsure.merged:
            merges = self.keep("merges", unsure, lambda: units_merged(aliases))
        return whose(facts, names, merges, unsure.withdrawn)

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
            if statement not in self.statements:
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
        session = Session(state, project_id, connection)
        session.uncertainty = _uncertainty(session)
        session.begin()
        yield session


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


def _uncertainty(session: Session) -> Uncertainty:
    """What has to be looked up; without aliases and withdrawals, no query is run for it."""
    state, project_id = session.state, session.project_id
    merged, withdrawn = False, ()
    if state.rows(project_id, "withdrawal"):
        imports = session.arrived("withdrawal").select("import_id").distinct()
        withdrawn = tuple(sorted(row["import_id"] for row in session.rows(imports)))
    if state.rows(project_id, "alias"):
        aliases = session.arrived("alias")
        merges = aliases.filter(aliases.type == MERGE).limit(1)
        merged = bool(session.rows(merges.select("position")))
    aliased = (fact for fact in ("exposure", "event") if _any_aliased(session, fact))
    return Uncertainty(frozenset(aliased), merged, withdrawn)


def _any_aliased(session: Session, fact: str) -> bool:
    state, project_id = session.state, session.project_id
    if not state.aliased(project_id, fact) or not state.earlier:
        return bool(state.aliased(project_id, fact))
    # The files are counted as a whole, and some of their rows came later.
    facts = session.arrived(fact)
    by_alias = facts.filter(facts["alias"].notnull()).limit(1)
    return bool(session.rows(by_alias.select("position")))
