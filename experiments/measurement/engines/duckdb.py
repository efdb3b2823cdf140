"""DuckDB in memory over the replica: the engine that a report has by default."""

from dataclasses import dataclass

import duckdb
from ibis.expr.schema import Schema

from experiments.measurement.engine import failures_named
from experiments.measurement.engines.contract import Rows


@dataclass(frozen=True)
class DuckDbEngine:
    """A connection as :func:`experiments.measurement.engine.connected` opens it."""

    connection: duckdb.DuckDBPyConnection
    dialect: str = "duckdb"

    def execute(self, statement: str) -> Rows:
        """The rows of a statement."""
        with failures_named():
            return self.connection.execute(statement).fetchall()

    def keep(self, name: str, select: str, schema: Schema) -> str:  # noqa: ARG002 - of the select
        """Compute a table once, in place of one of that name."""
        statement = f'CREATE OR REPLACE TEMP TABLE "{name}" AS\n{select}'
        self.execute(statement)
        return statement
