"""How PostgreSQL and Spark write what mapping a table needs."""

from collections.abc import Mapping

from experiments.measurement.engines import postgresql, spark
from experiments.measurement.engines.mapping import Spelling


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _spark_literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def _postgres_object(columns: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{_literal(name)}, {column}" for name, column in columns.items())
    return f'CAST(JSON_BUILD_OBJECT({pairs}) AS TEXT) COLLATE "C"'


def _spark_object(columns: Mapping[str, str]) -> str:
    pairs = ", ".join(f"{_spark_literal(name)}, {column}" for name, column in columns.items())
    return f"TO_JSON(NAMED_STRUCT({pairs}))"


def _spark_json(column: str, type_: str) -> str:
    return column if type_ == "string" else f"TO_JSON({column})"


POSTGRESQL = Spelling(
    quoted=postgresql.quoted,
    literal=_literal,
    text=lambda value: f'CAST({value} AS TEXT) COLLATE "C"',
    text_type="text",
    instants={
        "timestamptz": lambda at, _: f"CAST(EXTRACT(EPOCH FROM {at}) * 1000000 AS BIGINT)",
        "timestamp": lambda at, zone: (
            f"CAST(EXTRACT(EPOCH FROM {at} AT TIME ZONE {zone}) * 1000000 AS BIGINT)"
        ),
    },
    zoneless=frozenset({"timestamp"}),
    json=lambda column, _: f'CAST({column} AS TEXT) COLLATE "C"',
    object_=_postgres_object,
)
SPARK = Spelling(
    quoted=spark.quoted,
    literal=_spark_literal,
    text=lambda value: f"CAST({value} AS STRING)",
    text_type="string",
    instants={
        "timestamp": lambda at, _: f"UNIX_MICROS({at})",
        "timestamp_ntz": lambda at, zone: (
            f"UNIX_MICROS(TO_UTC_TIMESTAMP(CAST({at} AS TIMESTAMP), {zone}))"
        ),
    },
    zoneless=frozenset({"timestamp_ntz"}),
    json=_spark_json,
    object_=_spark_object,
)
