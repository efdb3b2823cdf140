"""PostgreSQL, asked directly, says what DuckDB says of the same ledger."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from experiments.kpis.document import Formula
from experiments.measurement.engines.errors import EngineRefused, EngineUnreachable
from experiments.measurement.engines.ledger import open_ledger
from experiments.measurement.engines.postgresql import connected
from experiments.measurement.errors import TooLargeToSum
from experiments.measurement.measure import measure
from experiments.measurement.session import Session, open_session
from experiments.storage.database import Database
from experiments.storage.tables import imports
from tests.conftest import NOW, make_project
from tests.experiments.measurement.engines.ledgers import (
    TYPICAL,
    check_segments,
    check_tricky,
    check_typical,
    check_uncertain,
    log,
    once_a_shape,
    small_log,
    stored,
    tricky_rows,
    uncertain_rows,
)
from tests.experiments.measurement.engines.tracked import (
    SERIES,
    check_explored,
    check_series,
    check_split,
)
from tests.experiments.measurement.formula_logs import FURTHER, request_of
from tests.experiments.measurement.ledger import (
    Row,
    add_experiment,
    append,
    event,
    exposure,
    replica_of,
)

SPENT = replace(FURTHER["quantile"], kind="mean", formula=Formula("purchase", "amount", 72))
Both = Callable[[list[Row]], Any]


@pytest.fixture
def both(postgresql_database: Database, tmp_path: Path) -> Both:
    """Sessions of DuckDB and of PostgreSQL on the same rows."""

    @contextmanager
    def opened(rows: list[Row]) -> Iterator[tuple[Session, Session]]:
        fill(postgresql_database, rows)
        state = replica_of(tmp_path / "replica", stored(rows))
        with open_session(state, 1) as ours, open_ledger(postgresql_database, 1) as theirs:
            yield ours, theirs

    return opened


def fill(database: Database, rows: list[Row]) -> None:
    for key in ("shop", "other"):
        make_project(database, NOW, key)
    for key in ("one", "two"):
        add_experiment(database, 1, key)
    with database.transaction() as db:
        row = {
            "project_id": 1, "name": "x.csv", "file_sha256": "0" * 64, "file_bytes": 1,
            "mapping": {}, "state": "done", "rejects": [], "created_at": NOW, "created_by": "test",
        }  # fmt: skip
        db.execute(insert(imports), [row, row])
    append(database, stored(rows))


def test_both_measure_alike(both: Both) -> None:
    with both(small_log(1)) as (ours, theirs):
        check_typical(ours, theirs, 1, TYPICAL[:3])


@pytest.mark.slow
def test_both_measure_every_shape_alike(both: Both) -> None:
    with both(small_log(2)) as (ours, theirs):
        check_typical(ours, theirs, 2, tuple(FURTHER))


@pytest.mark.slow
def test_both_measure_the_catalogue_alike(both: Both) -> None:
    with both(log()) as (ours, theirs):
        check_typical(ours, theirs, 1, tuple(each.values[0] for each in once_a_shape()))


def test_both_know_alike_whose_a_fact_is(both: Both) -> None:
    with both(uncertain_rows(1)) as (ours, theirs):
        check_uncertain(ours, theirs, 1, 1)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2, 5))
def test_both_know_alike_whose_a_fact_is_often(both: Both, seed: int) -> None:
    with both(uncertain_rows(seed)) as (ours, theirs):
        check_uncertain(ours, theirs, seed, 2)


def test_both_read_properties_alike(both: Both) -> None:
    with both(tricky_rows()) as (ours, theirs):
        check_tricky(ours, theirs)


@pytest.mark.slow
def test_both_see_the_same_segments(both: Both) -> None:
    with both(small_log(9)) as (ours, theirs):
        check_segments(ours, theirs)


def test_both_follow_kpis_over_time_alike(both: Both) -> None:
    with both(small_log(3)) as (ours, theirs):
        check_series(ours, theirs, ("by day of everybody", "rolling actives"))


@pytest.mark.slow
def test_both_follow_everything_alike(both: Both) -> None:
    with both(small_log(3)) as (ours, theirs):
        check_series(ours, theirs, SERIES)
        check_split(ours, theirs)


def test_both_have_the_same_funnels_and_cohorts(both: Both) -> None:
    with both(small_log(3)) as (ours, theirs):
        check_explored(ours, theirs)


def test_text_is_ordered_by_code_points_whatever_the_servers_language(both: Both) -> None:
    """The first of two sends at one instant is the one with the lesser id."""
    rows = [exposure("B-1", "u-1", "a"), exposure("a-1", "u-1", "b"), exposure("é", "u-1", "c")]
    with both(rows) as (ours, theirs):
        for session in (ours, theirs):
            assert measure(session, request_of(FURTHER["numbers"])).samples["a"].units == 1


def test_numbers_past_38_digits_are_refused(both: Both) -> None:
    most = 9_223_372_036_854_775_807
    rows = [exposure("s-1", "u-1", "a")] + [
        event(f"e-{number}", "u-1", "purchase", value=most, currency="USD") for number in range(3)
    ]
    with both(rows) as (ours, theirs):
        for session in (ours, theirs):
            with pytest.raises(TooLargeToSum):
                measure(session, request_of(SPENT))


def test_the_statements_are_those_that_ran(both: Both) -> None:
    with both([exposure("s-1", "u-1", "a"), event("e-1", "u-1", "visit")]) as (_, theirs):
        found = measure(theirs, request_of(FURTHER["local days"]))
    assert 'CREATE TEMPORARY VIEW "exposures"' in found.sql
    assert 'INSERT INTO pg_temp."units"' in found.sql


def test_queries_can_write_to_nothing_of_the_database(both: Both) -> None:
    with both([exposure("s-1", "u-1", "a")]) as (_, theirs):
        for statement in ("DELETE FROM ledger", "CREATE TABLE x (y int)"):
            with pytest.raises(EngineRefused, match="read-only"):
                theirs.engine.execute(statement)
        assert theirs.rows(theirs.exposures.count().as_table())


def test_a_server_that_is_not_there_is_named_with_the_cause() -> None:
    address = "postgresql://me:secret@127.0.0.1:9/shop"
    with pytest.raises(EngineUnreachable) as failed, connected(address):
        pass
    told = str(failed.value)
    assert "127.0.0.1:9/shop" in told
    assert "refused" in told
    assert "secret" not in told
