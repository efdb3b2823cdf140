"""Sessions: expressions of Ibis, compiled and run on a connection of our own.

Why not Ibis's own connection: docs/decisions/0003. Every statement is kept, as provenance:
they name the tables ``exposures``, ``events``, ``aliases`` and ``withdrawals``, so they can
be run by hand over the same facts. Which engine runs them: ``experiments.measurement.engines``.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import duckdb
import ibis
import pyarrow as pa
from ibis.expr.types import Table

from experiments.measurement.engine import EngineSettings, connected
from experiments.measurement.engines.contract import Engine, Facts, TableFacts
from experiments.measurement.engines.dialects import compiled
from experiments.measurement.engines.duckdb import DuckDbEngine
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

IBIS_TYPES = {pa.int64(): "int64", pa.string(): "string", pa.bool_(): "boolean"}


@dataclass
class Session:
    """A connection that sees the facts of one project. For one thread at a time.

    Attributes:
        state: Which facts; of the replica, its files stay as long as the session does.
        project_id: Whose facts.
        engine: Runs the statements.
        uncertainty: Which of them have to be looked up.
        statements: What the answers since :meth:`begin` rest on, in order.
        preamble: What made the tables of facts, where that is told.
        types: Of columns of facts that are not those of the replica, as Ibis calls them.
    """

    state: Facts
    project_id: int
    engine: Engine
    uncertainty: Uncertainty = CERTAIN
    statements: list[str] = field(default_factory=list)
    preamble: tuple[str, ...] = ()
    types: Mapping[str, str] = field(default_factory=dict)
    _kept: dict[str, tuple[Hashable, Table, str]] = field(default_factory=dict)

    @property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """DuckDB's.

        Raises:
            TypeError: If the session is on another engine.
        """
        if not isinstance(self.engine, DuckDbEngine):
            message = f"a session on {self.engine.dialect} has no connection to DuckDB"
            raise TypeError(message)
        return self.engine.connection

    def begin(self) -> None:
        """Start another list of statements; tables that were kept remain."""
        self.statements = []

    @property
    def repeats(self) -> Mapping[tuple[str, str, str], int]:
        """Rows of the engine's tables that are left out since another has their id."""
        return self.state.repeats if isinstance(self.state, TableFacts) else {}

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
        columns |= {name: self.types[name] for name in columns if name in self.types}
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
        schema = expression.schema()
        statement = self.engine.keep(name, compiled(expression, self.engine.dialect), schema)
        self.statements.append(statement)
        table = ibis.table(schema, name=name)
        self._kept[name] = (key, table, statement)
        return table

    def rows(self, expression: Table) -> list[dict[str, Any]]:
        """The rows of an expression, by column name.

        Raises:
            ReplicaUnreadable, TooLargeToSum, TooMuchToMeasure: As the engine finds.
        """
        statement = compiled(expression, self.engine.dialect)
        self.statements.append(statement)
        found = self.engine.execute(statement)
        return [dict(zip(expression.columns, row, strict=True)) for row in found]

    @property
    def sql(self) -> str:
        """Everything that was run, as one script."""
        return ";\n\n".join((*self.preamble, *self.statements)) + ";\n"


@contextmanager
def open_session(
    state: ReplicaState, project_id: int, settings: EngineSettings | None = None
) -> Iterator[Session]:
    """Open a session on one project's facts at the replica's position.

    Several measurements in one session share the work of opening it, and of anchoring.

    Raises:
        ReplicaUnreadable: If a file cannot be read.
        ReplicaUnwritable: If the folder takes no more.
        EngineUnreachable, EngineRefused, Invalid: If the project's facts are on an engine of
            the user's own, and it is as
            :func:`experiments.measurement.engines.source.open_source` says.
    """
    if state.place is not None and state.place.has(project_id):
        from experiments.measurement.engines.source import open_source  # noqa: PLC0415 - it opens sessions itself

        with open_source(state.place, state, project_id) as session:
            yield session
        return
    with connected(state, project_id, settings or state.engine) as connection:
        yield session_over(Session(state, project_id, DuckDbEngine(connection)))


def session_over(session: Session) -> Session:
    """The session, knowing what of its facts has to be looked up."""
    session.uncertainty = _uncertainty(session)
    session.begin()
    return session


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
