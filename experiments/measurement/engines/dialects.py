"""Each engine's SQL: the compiler of Ibis, and counterparts of the functions that it lacks."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import ibis.expr.datatypes as dt
import sqlglot.expressions as sge
from ibis.backends.sql.compilers import (
    BigQueryCompiler,
    ClickHouseCompiler,
    DatabricksCompiler,
    DuckDBCompiler,
    PostgresCompiler,
    PySparkCompiler,
    SnowflakeCompiler,
    TrinoCompiler,
)
from ibis.backends.sql.compilers.base import NULL, SQLGlotCompiler
from ibis.expr.types import Table
from sqlglot.transforms import eliminate_semi_and_anti_joins

from experiments.measurement.engines import functions

# A JSON number; `{end}` is the end of a text, which engines write in two ways.
NUMBER = r"^-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?{end}"

Counterpart = Callable[..., str]


class _Postgres(PostgresCompiler):  # type: ignore[misc]  # of Ibis, which has no types
    """Rows have no greatest one before PostgreSQL 18: a text takes their place."""

    __slots__ = ()

    def to_sqlglot(self, expr: Any, **other: Any) -> Any:
        """The query; of several semi-joins in one, sqlglot would turn only the first around."""
        tree = super().to_sqlglot(expr, **other)
        for select in list(tree.find_all(sge.Select)):
            while any(join.kind in {"SEMI", "ANTI"} for join in select.args.get("joins") or ()):
                eliminate_semi_and_anti_joins(select)
        return tree

    def visit_StructColumn(self, op: Any, *, names: Any, values: Any) -> Any:  # noqa: ARG002, N802 - of Ibis
        """An instant and an id, as a text in the same order; instants are above -2**62."""
        at, source_id = values
        shifted = self.cast(at, op.values[0].dtype) + sge.convert(2**62)
        text = sge.cast(sge.paren(shifted), "text")
        return sge.DPipe(this=self.f.anon.lpad(text, 20, "0"), expression=source_id, safe=False)

    def visit_Cast(self, op: Any, *, arg: Any, to: Any) -> Any:  # noqa: N802 - of Ibis
        """A cast; a boolean becomes an integer of 32 bits first, since no other is allowed."""
        if op.arg.dtype.is_boolean() and to.is_numeric():
            return self.cast(self.cast(arg, dt.int32), to)
        return super().visit_Cast(op, arg=arg, to=to)


class _Spark(PySparkCompiler):  # type: ignore[misc]  # of Ibis, which has no types
    """Without a session, Ibis knows no options of Spark; none of them is asked for."""

    __slots__ = ()

    def visit_NonNullLiteral(self, op: Any, *, value: Any, dtype: Any) -> Any:  # noqa: N802 - of Ibis
        """A literal; one of floating point as the base class has it."""
        if dtype.is_floating():
            return None
        return super().visit_NonNullLiteral(op, value=value, dtype=dtype)

    def visit_Field(self, op: Any, *, rel: Any, name: Any) -> Any:  # noqa: N802 - of Ibis
        """A column as it is."""
        return SQLGlotCompiler.visit_Field(self, op, rel=rel, name=name)


class _BigQuery(BigQueryCompiler):  # type: ignore[misc]  # of Ibis, which has no types
    """Only the usual delay of events is a quantile, no KPI; a near one does."""

    __slots__ = ()

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:  # noqa: ARG002, N802 - of Ibis
        """A quantile in hundredths."""
        known = arg if where is None else self.if_(where, arg, NULL)
        place = f"[OFFSET({round(float(quantile.name) * 100)})]"
        return sge.Var(this=f"APPROX_QUANTILES({known.sql(dialect=self.dialect)}, 100){place}")


class _Trino(TrinoCompiler):  # type: ignore[misc]  # of Ibis, which has no types
    """Only the usual delay of events is a quantile, no KPI; a near one does."""

    __slots__ = ()

    def visit_Quantile(self, op: Any, *, arg: Any, quantile: Any, where: Any) -> Any:  # noqa: ARG002, N802 - of Ibis
        """A quantile."""
        return self.agg.approx_percentile(arg, quantile, where=where)


@dataclass(frozen=True)
class Dialect:
    """One engine's SQL.

    Attributes:
        compiler: Of Ibis.
        counterparts: By name in ``functions``: takes the SQL of the arguments.
        ran: Whether the agreement tests run it; otherwise it is only compiled.
    """

    compiler: SQLGlotCompiler
    counterparts: Mapping[str, Counterpart]
    ran: bool = False


def _duckdb_text(document: str, name: str) -> str:
    pointer = "/" + name.replace("~", "~0").replace("/", "~1")
    return f"JSON_EXTRACT_STRING({document}, {_quoted(pointer)})"


def _duckdb_number(text: str, digits: int, decimals: int) -> str:
    pattern = _quoted(NUMBER.format(end="$"))
    number = f"CASE WHEN REGEXP_MATCHES({text}, {pattern}) THEN {text} END"
    return f"TRY_CAST({number} AS DECIMAL({digits}, {decimals}))"


def _postgres_text(document: str, name: str) -> str:
    return f"pg_temp.truelift_text_at({document}, {_quoted(name)})"


def _postgres_number(text: str, digits: int, decimals: int) -> str:
    return f"pg_temp.truelift_number_in({text}, {digits}, {decimals})"


def _spark_number(text: str, digits: int, decimals: int) -> str:
    pattern = _spark_quoted(NUMBER.format(end=r"\z"))
    number = f"CASE WHEN {text} RLIKE {pattern} THEN {text} END"
    return f"TRY_CAST({number} AS DECIMAL({digits}, {decimals}))"


def _try_cast(matches: str) -> Counterpart:
    """For engines that were not run: a pattern, and a cast that gives null."""

    def number(text: str, digits: int, decimals: int) -> str:
        pattern = _quoted(NUMBER.format(end="$"))
        found = f"CASE WHEN {matches.format(text=text, pattern=pattern)} THEN {text} END"
        return f"TRY_CAST({found} AS DECIMAL({digits}, {decimals}))"

    return number


def _member(pattern: str) -> Counterpart:
    """For engines that were not run: a member by its path or name."""

    def text(document: str, name: str) -> str:
        return pattern.format(document=document, name=_quoted(name), path=_quoted(f'$["{name}"]'))

    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _spark_quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _both(text_at: Counterpart, number_in: Counterpart) -> dict[str, Counterpart]:
    return {functions.TEXT_AT: text_at, functions.NUMBER_IN: number_in}


# Of a member, Spark has a function that each session makes (engines.spark).
_SPARK = {functions.NUMBER_IN: _spark_number}
DIALECTS = {
    "duckdb": Dialect(DuckDBCompiler(), _both(_duckdb_text, _duckdb_number), ran=True),
    "postgres": Dialect(_Postgres(), _both(_postgres_text, _postgres_number), ran=True),
    "pyspark": Dialect(_Spark(), _SPARK, ran=True),
    "databricks": Dialect(DatabricksCompiler(), _SPARK),
    "bigquery": Dialect(
        _BigQuery(),
        _both(
            _member("JSON_VALUE({document}, {path})"),
            _try_cast("REGEXP_CONTAINS({text}, {pattern})"),
        ),
    ),
    "snowflake": Dialect(
        SnowflakeCompiler(),
        _both(
            _member("CAST(GET(PARSE_JSON({document}), {name}) AS VARCHAR)"),
            _try_cast("REGEXP_LIKE({text}, {pattern})"),
        ),
    ),
    "trino": Dialect(
        _Trino(),
        _both(
            _member("JSON_EXTRACT_SCALAR({document}, {path})"),
            _try_cast("REGEXP_LIKE({text}, {pattern})"),
        ),
    ),
    "clickhouse": Dialect(
        ClickHouseCompiler(),
        _both(
            _member("JSONExtractString({document}, {name})"), _try_cast("match({text}, {pattern})")
        ),
    ),
}


def compiled(expression: Table, dialect: str) -> str:
    """The SQL of an expression for an engine.

    Args:
        expression: Over tables that the engine's session has.
        dialect: One of :data:`DIALECTS`.
    """
    return _sql_of(expression.op(), dialect)


# Many statements are the same for every KPI and every report; compiling takes milliseconds.
@lru_cache(maxsize=512)
def _sql_of(operation: Any, dialect: str) -> str:
    found = DIALECTS[dialect]
    tree = found.compiler.to_sqlglot(operation.to_expr())
    calls = [
        node for node in tree.find_all(sge.Anonymous) if node.name.lower() in found.counterparts
    ]
    for call in reversed(calls):  # the innermost first: it is an argument of another
        call.replace(_counterpart(call, found))
    return str(tree.sql(dialect=found.compiler.dialect, pretty=True))


def _counterpart(call: sge.Anonymous, dialect: Dialect) -> sge.Expression:
    subject, *literals = call.expressions
    text = subject.sql(dialect=dialect.compiler.dialect)
    plain = [int(each.this) if each.is_int else each.this for each in literals]
    return sge.Var(this=dialect.counterparts[call.name.lower()](text, *plain))
