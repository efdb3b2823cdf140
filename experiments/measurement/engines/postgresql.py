"""PostgreSQL, asked directly: for the ledger itself, or for tables of the user's own.

Everything happens in one transaction, so that all statements see the same rows, and it is
rolled back. Each query runs in a part of it that is read-only: PostgreSQL lets it fill the
temporary tables that we made before, and nothing else.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import psycopg
from ibis.expr.datatypes import DataType
from ibis.expr.schema import Schema
from psycopg import errors
from psycopg.conninfo import conninfo_to_dict

from experiments.measurement.engines.contract import Rows
from experiments.measurement.engines.errors import EngineRefused, EngineUnreachable
from experiments.measurement.errors import TooLargeToSum, TooMuchToMeasure

NAME = "PostgreSQL"
CONNECT_TIMEOUT_SECONDS = 5
# Sums of more digits are refused, as DuckDB does: one KPI is measured alike everywhere.
_TOO_LARGE = 10**38
_SETTINGS = (
    "SET TIME ZONE 'UTC'",
    # Compiling wide conditions takes longer than they take on tables of some million rows.
    "SET jit = off",
    "SET lock_timeout = '10s'",
)
# Spelled as DuckDB spells what it finds in JSON (experiments.measurement.engines.functions).
FUNCTIONS = r"""
CREATE FUNCTION pg_temp.truelift_text_at(document text, member text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  found json := document::json -> member;
  raw text := found #>> '{}';
BEGIN
  IF raw ~ '^-?[0-9.]+[0eE]' AND json_typeof(found) = 'number' THEN
    IF raw ~ '^-?[0-9]+[.][0-9]+$' THEN
      RETURN regexp_replace(raw, '([.][0-9]+?)0+$', '\1');
    ELSIF raw ~ '[eE][+-]?[0-9]{1,2}$' AND abs(raw::numeric) >= 1e-6
      AND abs(raw::numeric) < 1e21 THEN
      RETURN trim_scale(raw::numeric)::text
        || CASE WHEN scale(trim_scale(raw::numeric)) = 0 THEN '.0' ELSE '' END;
    END IF;
  END IF;
  RETURN raw;
END $$;

CREATE FUNCTION pg_temp.truelift_number_in(document text, digits int, decimals int)
RETURNS numeric LANGUAGE plpgsql IMMUTABLE STRICT AS $$
DECLARE
  rounded numeric;
BEGIN
  IF length(document) <= 400
    AND document ~ '^-?[0-9]+([.][0-9]+)?([eE][+-]?0*[0-9]{1,3})?$' THEN
    rounded := round(document::numeric, decimals);
    IF abs(rounded) < power(10::numeric, digits - decimals) THEN
      RETURN rounded;
    END IF;
  END IF;
  RETURN NULL;
END $$
""".strip()


@dataclass
class PostgresEngine:
    """A transaction of a server, with the functions that it lacks."""

    connection: psycopg.Connection[tuple[Any, ...]]
    address: str
    dialect: str = "postgres"
    _kept: set[str] = field(default_factory=set)

    def execute(self, statement: str) -> Rows:
        """The rows of a statement that changes nothing."""
        with failures_named(self.address), self.connection.transaction():
            self._run("SET TRANSACTION READ ONLY")
            found = self._run(statement).fetchall()
        return [tuple(_plain(value) for value in row) for row in found]

    def keep(self, name: str, select: str, schema: Schema) -> str:
        """Compute a table once, in place of one of that name."""
        columns = ",\n  ".join(f"{quoted(key)} {_type(kind)}" for key, kind in schema.items())
        made = f"CREATE TEMPORARY TABLE {quoted(name)} (\n  {columns}\n)"
        filled = f"INSERT INTO pg_temp.{quoted(name)}\n{select}"
        with failures_named(self.address):
            if name in self._kept:
                self._run(f"DROP TABLE pg_temp.{quoted(name)}")
            self._run(made)
            self._kept.add(name)
            with self.connection.transaction():
                self._run("SET TRANSACTION READ ONLY")
                self._run(filled)
            self._run(f"ANALYZE pg_temp.{quoted(name)}")
        return f"{made};\n\n{filled}"

    def define(self, statement: str) -> str:
        """Make a temporary view, for the statements that follow to name."""
        with failures_named(self.address):
            self._run(statement)
        return statement

    def columns(self, select: str) -> dict[str, str]:
        """The columns of a query, with what the server calls their types; it is not run."""
        with failures_named(self.address), self.connection.transaction():
            self._run("SET TRANSACTION READ ONLY")
            cursor = self._run(f"SELECT * FROM ({select}) AS found LIMIT 0")  # noqa: S608 - of ours
        return {each.name: each.type_display for each in cursor.description or ()}

    def _run(self, statement: str) -> psycopg.Cursor[tuple[Any, ...]]:
        # No parameters: psycopg takes a per cent sign as it is.
        return self.connection.execute(statement.encode(), prepare=False)


@contextmanager
def connected(address: str) -> Iterator[PostgresEngine]:
    """A transaction that is rolled back at the end.

    Args:
        address: As libpq takes it, ``postgresql://user:password@host/name``.

    Raises:
        EngineUnreachable: If no server answers there, or it does not let us in.
    """
    place = place_of(address)
    try:
        connection = psycopg.connect(
            address, autocommit=True, connect_timeout=CONNECT_TIMEOUT_SECONDS
        )
    except psycopg.Error as error:
        raise EngineUnreachable(engine=NAME, address=place, cause=_told(error)) from error
    with connection:
        engine = PostgresEngine(connection, place)
        for setting in _SETTINGS:
            engine.define(setting)
        engine.define("BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            engine.define(FUNCTIONS)
            yield engine
        finally:
            if not connection.closed:
                connection.rollback()


def place_of(address: str) -> str:
    """Where a server is, without user and password.

    Examples:
        >>> place_of("postgresql://me:secret@db.example.com:5433/shop")
        'db.example.com:5433/shop'
    """
    try:
        parts = conninfo_to_dict(address)
    except psycopg.ProgrammingError:
        return NAME
    host, port = parts.get("host") or parts.get("hostaddr") or "localhost", parts.get("port")
    return f"{host}{f':{port}' if port else ''}/{parts.get('dbname') or ''}"


def quoted(name: str) -> str:
    """A name, as it is."""
    return '"' + name.replace('"', '""') + '"'


@contextmanager
def failures_named(address: str) -> Iterator[None]:
    """The server's failures as refusals of ours."""
    try:
        yield
    except errors.NumericValueOutOfRange as error:
        raise TooLargeToSum(field="kpi") from error
    except (errors.InsufficientResources, errors.QueryCanceled) as error:
        raise TooMuchToMeasure from error
    except psycopg.OperationalError as error:
        raise EngineUnreachable(engine=NAME, address=address, cause=_told(error)) from error
    except psycopg.Error as error:
        raise EngineRefused(engine=NAME, cause=_told(error)) from error


def _told(error: psycopg.Error) -> str:
    return error.diag.message_primary or str(error).strip().partition("\n")[0]


def _plain(value: Any) -> Any:
    """A whole number as Python's; one of more than 38 digits is refused."""
    if isinstance(value, Decimal) and value == value.to_integral_value():
        value = int(value)
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        raise TooLargeToSum(field="kpi")
    return value


def _type(kind: DataType) -> str:
    """A column's type; texts are ordered by their code points, as everywhere else."""
    if kind.is_decimal():
        return f"numeric({kind.precision or 38}, {kind.scale or 0})"
    if kind.is_boolean():
        return "boolean"
    if kind.is_integer():
        return "bigint"
    if kind.is_floating():
        return "double precision"
    return 'text COLLATE "C"'
