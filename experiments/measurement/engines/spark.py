"""Apache Spark 4: statements of a session that counts exactly or fails.

ANSI mode makes overflow an error where Spark would give null; the session's zone is UTC.
What is kept is computed once and stays with the workers (a local checkpoint): should one of them
be lost, the report fails, and is never made of two states of a table. pyspark is an extra
of its own (``[spark]``) and is imported only here, when Spark is asked for.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa
from ibis.expr.schema import Schema

from experiments.measurement.engines.contract import Rows
from experiments.measurement.engines.errors import EngineRefused, EngineUnreachable
from experiments.measurement.errors import TooLargeToSum, TooMuchToMeasure

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

SQL_TYPES = {pa.int64(): "BIGINT", pa.string(): "STRING", pa.bool_(): "BOOLEAN"}
NAME = "Apache Spark"
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
}
# Spelled as DuckDB spells what it finds in JSON (experiments.measurement.engines.functions);
# Spark writes 12345678.9 as 1.23456789E7, as Java does.
FUNCTIONS = r"""
CREATE OR REPLACE TEMPORARY FUNCTION truelift_plain(raw STRING) RETURNS STRING
RETURN REGEXP_REPLACE(
  CASE WHEN ABS(CAST(raw AS DOUBLE)) < 1 THEN CAST(CAST(raw AS DECIMAL(38, 23)) AS STRING)
    ELSE CAST(CAST(raw AS DECIMAL(38, 16)) AS STRING) END,
  '([.][0-9]+?)0+$', '$1');

CREATE OR REPLACE TEMPORARY FUNCTION truelift_text_at(document STRING, member STRING)
RETURNS STRING
RETURN CASE
  WHEN FROM_JSON(document, 'MAP<STRING, STRING>', MAP('mode', 'FAILFAST'))[member]
      RLIKE '^-?[0-9]+([.][0-9]+0|([.][0-9]+)?[eE][+-]?[0-9]+)\\z'
    AND SCHEMA_OF_VARIANT(FROM_JSON(document, 'MAP<STRING, VARIANT>')[member]) <> 'STRING'
    AND (CAST(FROM_JSON(document, 'MAP<STRING, STRING>')[member] AS DOUBLE) = 0
      OR ABS(CAST(FROM_JSON(document, 'MAP<STRING, STRING>')[member] AS DOUBLE)) >= 1e-6)
    AND ABS(CAST(FROM_JSON(document, 'MAP<STRING, STRING>')[member] AS DOUBLE)) < 1e21
  THEN truelift_plain(FROM_JSON(document, 'MAP<STRING, STRING>')[member])
  ELSE FROM_JSON(document, 'MAP<STRING, STRING>', MAP('mode', 'FAILFAST'))[member] END
""".strip()
_OVERFLOW = ("ARITHMETIC_OVERFLOW", "NUMERIC_VALUE_OUT_OF_RANGE", "DECIMAL_PRECISION_EXCEEDS")
_MEMORY = ("OutOfMemoryError", "UNABLE_TO_ACQUIRE_MEMORY", "No space left on device")


@dataclass(frozen=True)
class SparkEngine:
    """A session of Spark with temporary views of its own."""

    session: "SparkSession"
    dialect: str = "pyspark"

    def execute(self, statement: str) -> Rows:
        """The rows of a statement that changes nothing."""
        with failures_named():
            found = self.session.sql(statement).collect()
        return [tuple(_plain(value) for value in row) for row in found]

    def keep(self, name: str, select: str, schema: Schema) -> str:
        """Compute a table once, in place of one of that name."""
        # A view of computed rows and not of a text: it outlives the views that it was made of.
        # Its columns are named anew: Spark tells them from those they came from, if both meet.
        with failures_named():
            found = self.session.sql(select).toDF(*schema.names)
            found.localCheckpoint().createOrReplaceTempView(name)
        return f"CACHE TABLE {quoted(name)} AS\n{select}"

    def define(self, statement: str) -> str:
        """Make a temporary view or function, for the statements that follow to name."""
        with failures_named():
            self.session.sql(statement)
        return statement

    def columns(self, select: str) -> dict[str, str]:
        """The columns of a query, with what Spark calls their types; it is not run."""
        with failures_named():
            found = self.session.sql(select).schema
        return {each.name: each.dataType.simpleString() for each in found}


@contextmanager
def connected(address: str, settings: dict[str, str] | None = None) -> Iterator[SparkEngine]:
    """A session of its own on a Spark.

    Args:
        address: Of Spark Connect (``sc://host:15002``), or a master (``spark://host:7077``,
            ``yarn``, ``local[2]``).
        settings: Of Spark, besides those that answers depend on.

    Raises:
        EngineUnreachable: If pyspark is not installed, or no Spark answers there.
    """
    engine = SparkEngine(_session(address, settings or {}))
    for function in FUNCTIONS.split(";\n\n"):
        engine.define(function)
    yield engine


def _session(address: str, settings: dict[str, str]) -> "SparkSession":
    try:
        from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra, and slow
        from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra, and slow
    except ImportError as error:
        cause = "pyspark is not installed (the extra [spark])"
        raise EngineUnreachable(engine=NAME, address=address, cause=cause) from error
    builder = SparkSession.builder.appName("truelift")
    builder = builder.remote(address) if address.startswith("sc:") else builder.master(address)
    for name, value in settings.items():
        builder = builder.config(name, value)
    try:
        session = builder.getOrCreate()
        session = session if address.startswith("sc:") else session.newSession()
        for name, value in SETTINGS.items():
            session.conf.set(name, value)
    except (PySparkException, OSError, RuntimeError) as error:
        raise EngineUnreachable(engine=NAME, address=address, cause=_told(error)) from error
    return session


def show(engine: SparkEngine, name: str, schema: pa.Schema, files: list[Path]) -> None:
    """Give Parquet files the name of a table; without files, an empty table."""
    columns = ", ".join(f"{quoted(each.name)} {SQL_TYPES[each.type]}" for each in schema)
    with failures_named():
        if files:
            found = engine.session.read.schema(columns).parquet(*map(str, files))
        else:
            found = engine.session.createDataFrame([], columns)
        found.createOrReplaceTempView(name)


def quoted(name: str) -> str:
    """A name, as it is."""
    return "`" + name.replace("`", "``") + "`"


@contextmanager
def failures_named() -> Iterator[None]:
    """Spark's failures as refusals of ours."""
    from py4j.protocol import Py4JError  # noqa: PLC0415 - an extra
    from pyspark.errors import PySparkException  # noqa: PLC0415 - an extra

    try:
        yield
    except (PySparkException, Py4JError) as error:
        told = str(error)
        if any(sign in told for sign in _OVERFLOW):
            raise TooLargeToSum(field="kpi") from error
        if any(sign in told for sign in _MEMORY):
            raise TooMuchToMeasure from error
        raise EngineRefused(engine=NAME, cause=_told(error)) from error


def _told(error: Exception) -> str:
    return str(error).strip().partition("\n")[0][:500]


def _plain(value: Any) -> Any:
    """A whole number as Python's."""
    return int(value) if isinstance(value, Decimal) and value == int(value) else value
