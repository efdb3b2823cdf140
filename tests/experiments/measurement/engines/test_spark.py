"""A real Spark says what DuckDB says of the same Parquet files. Run by ``make test-spark``."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from experiments.measurement.engines.errors import ColumnMissing, EngineRefused, TableMissing
from experiments.measurement.engines.replica_on_spark import open_replica_on_spark
from experiments.measurement.engines.spark import connected
from experiments.measurement.errors import TooLargeToSum
from experiments.measurement.session import Session, open_session
from experiments.storage.database import Database
from tests.experiments.measurement.engines import shop
from tests.experiments.measurement.engines.ledgers import (
    TYPICAL,
    answers,
    check_segments,
    check_tricky,
    check_typical,
    check_uncertain,
    small_log,
    stored,
    tricky_rows,
    uncertain_rows,
)
from tests.experiments.measurement.engines.test_source import place
from tests.experiments.measurement.engines.tracked import (
    ESSENTIAL,
    SERIES,
    check_explored,
    check_series,
    check_shop,
    check_split,
)
from tests.experiments.measurement.ledger import Row, replica_of

pytestmark = [
    pytest.mark.spark,
    # py4j and Spark's own client leave sockets to the end of the process.
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]
# Of small tables: no code is generated for a few hundred rows, and nothing is spread.
SMALL = {
    "spark.ui.enabled": "false",
    "spark.driver.memory": "1g",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.extraJavaOptions": "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC",
    "spark.sql.shuffle.partitions": "1",
    "spark.default.parallelism": "1",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.codegen.wholeStage": "false",
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
}
MASTER = "local[2]"
Both = Callable[[list[Row]], Any]


@pytest.fixture(scope="module", autouse=True)
def java() -> None:
    """Spark needs Java 17 or later, and pyspark."""
    if shutil.which("java") is None and "JAVA_HOME" not in os.environ:
        pytest.skip("no Java found: install a JRE of version 17 or later for Spark")
    pytest.importorskip("pyspark", reason="no pyspark here: make test-spark installs it")


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Of the one Spark that all tests share; it is stopped at their end."""
    yield SMALL | {"spark.sql.warehouse.dir": str(tmp_path_factory.mktemp("warehouse"))}
    from pyspark.sql import SparkSession  # noqa: PLC0415 - an extra

    active = SparkSession.getActiveSession()
    if active is not None:
        active.stop()


@pytest.fixture
def both(settings: dict[str, str], tmp_path: Path) -> Both:
    """Sessions of DuckDB and of Spark on the same rows."""

    @contextmanager
    def opened(rows: list[Row]) -> Iterator[tuple[Session, Session]]:
        state = replica_of(tmp_path / "replica", stored(rows)[::2], stored(rows)[1::2])
        with (
            open_session(state, 1) as ours,
            open_replica_on_spark(state, 1, MASTER, settings) as theirs,
        ):
            yield ours, theirs

    return opened


def test_both_measure_alike(both: Both) -> None:
    with both(small_log(1)) as (ours, theirs):
        check_typical(ours, theirs, 1, TYPICAL[:-1])


def test_both_know_alike_whose_a_fact_is(both: Both) -> None:
    with both(uncertain_rows(2)) as (ours, theirs):
        check_uncertain(ours, theirs, 2, 2)


def test_both_read_properties_alike(both: Both) -> None:
    with both(tricky_rows()) as (ours, theirs):
        check_tricky(ours, theirs)


def test_both_see_the_same_segments(both: Both) -> None:
    with both(small_log(9)) as (ours, theirs):
        check_segments(ours, theirs)


def test_both_follow_kpis_over_time_alike(both: Both) -> None:
    with both(small_log(3)) as (ours, theirs):
        check_series(ours, theirs, ESSENTIAL)


@pytest.mark.release
def test_both_follow_everything_alike(both: Both) -> None:
    with both(small_log(3)) as (ours, theirs):
        check_series(ours, theirs, SERIES)
        check_split(ours, theirs)


def test_both_have_the_same_funnels_and_cohorts(both: Both) -> None:
    with both(small_log(3)) as (ours, theirs):
        check_explored(ours, theirs)


def test_tables_of_a_shop_are_measured_as_the_ledger_would_be(
    settings: dict[str, str], sqlite_database: Database, tmp_path: Path
) -> None:
    with connected(MASTER, settings) as engine:
        for statement in shop.statements("STRING", "TIMESTAMP", "TIMESTAMP_NTZ"):
            engine.define(statement)
    text = shop.mapping("spark", MASTER, **settings)
    state = replica_of(tmp_path / "same", stored(shop.facts()))
    given = place(text, tmp_path, sqlite_database)
    with open_session(state, 1) as ours, open_session(given, 1) as theirs:
        for request in shop.requests():
            assert answers(theirs, request, whole=False) == answers(ours, request, whole=False)
        check_shop(ours, theirs, [shop.requests()[0].kpi])
    for old, new, refusal in (
        ('unit = "customer"', 'unit = "member"', ColumnMissing),
        ('table = "orders"', 'table = "baskets"', TableMissing),
    ):
        given = place(text.replace(old, new, 1), tmp_path, sqlite_database)
        with pytest.raises(refusal), open_session(given, 1):
            pass


@pytest.mark.parametrize(
    ("statement", "refusal"),
    [
        ("SELECT SUM(CAST(REPEAT('9', 38) AS DECIMAL(38, 0))) FROM RANGE(3)", TooLargeToSum),
        ("SELECT CAST(REPEAT('9', 38) AS DECIMAL(38, 0)) * CAST(id + 2 AS DECIMAL(38, 0)) "
         "FROM RANGE(3)", TooLargeToSum),
        ("SELECT truelift_text_at('{\"a\"', 'a')", EngineRefused),
        ("SELECT nothing", EngineRefused),
    ],
)  # fmt: skip
def test_what_cannot_be_exact_is_refused_and_never_null(
    settings: dict[str, str], statement: str, refusal: type[Exception]
) -> None:
    with connected(MASTER, settings) as engine, pytest.raises(refusal):
        engine.execute(statement)
