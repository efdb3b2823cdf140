"""A database goes from session to session, and nothing of a session goes with it."""

import os
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from threading import Barrier

import duckdb
import pytest

from experiments.measurement import engine_databases
from experiments.measurement.engine_databases import MOST_IDLE, end_idle, own_connection
from experiments.measurement.engine_settings import EngineSettings
from experiments.measurement.litter import SPILL
from experiments.measurement.session import Session, open_session
from experiments.measurement.stored.measured import measure_stored
from tests.experiments.measurement.ledger import exposure, replica_of
from tests.experiments.measurement.test_measure import request

SETTINGS = EngineSettings(memory_limit="60MB", threads=2)


@pytest.fixture(autouse=True)
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """Every database that is made meanwhile."""
    end_idle()
    found: list[object] = []
    make = engine_databases._made

    def noted(folder: Path, settings: EngineSettings) -> object:
        found.append(make(folder, settings))
        return found[-1]

    monkeypatch.setattr(engine_databases, "_made", noted)
    yield found
    end_idle()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / SPILL).mkdir()
    return tmp_path


def names(connection: duckdb.DuckDBPyConnection) -> list[str]:
    tables = "SELECT table_name FROM duckdb_tables()"
    views = "SELECT view_name FROM duckdb_views() WHERE NOT internal"
    found = connection.execute(f"{tables} UNION ALL {views}").fetchall()
    return sorted(name for (name,) in found)


def test_the_next_session_has_the_same_database_and_finds_nothing_in_it(
    folder: Path, made: list[object]
) -> None:
    with own_connection(folder, SETTINGS) as connection:
        connection.execute("CREATE TEMP TABLE mine AS SELECT 1")
        connection.execute("CREATE TEMP VIEW seen AS SELECT 2")
        connection.execute("PREPARE asked AS SELECT 3")
        assert names(connection) == ["mine", "seen"]
    with own_connection(folder, SETTINGS) as connection:
        assert names(connection) == []
        with pytest.raises(duckdb.Error, match="asked"):
            connection.execute("EXECUTE asked")
    assert len(made) == 1


def test_sessions_of_two_projects_see_their_own_facts(tmp_path: Path, made: list[object]) -> None:
    rows = [exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a", project_id=2)]
    state = replica_of(tmp_path / "replica", rows)

    def units(session: Session) -> list[str]:
        return [row["unit_id"] for row in session.rows(session.exposures)]

    for project_id, expected in ((1, ["u-1"]), (2, ["u-2"]), (1, ["u-1"]), (3, [])):
        with open_session(state, project_id) as session:
            assert units(session) == expected
    assert len(made) == 1


@pytest.mark.parametrize(
    "statement", ["SET threads = 64", "SET lock_configuration = false", "INSTALL httpfs"]
)
def test_the_next_session_is_as_locked(folder: Path, statement: str) -> None:
    for _ in range(2):
        with own_connection(folder, SETTINGS) as connection, pytest.raises(duckdb.Error):
            connection.execute(statement)


def test_other_settings_and_other_folders_have_their_own(
    folder: Path, tmp_path: Path, made: list[object]
) -> None:
    for other in (folder, tmp_path / "other"):
        for threads in (1, 2):
            with own_connection(other, EngineSettings("60MB", threads)) as connection:
                told = "SELECT current_setting('threads'), current_setting('allowed_directories')"
                [(found, allowed)] = connection.execute(told).fetchall()
                outside = [each for each in map(Path, allowed) if SPILL not in each.parts]
                assert (found, outside) == (threads, [other])
    assert len(made) == 4


def test_no_two_sessions_share_one_at_a_time(folder: Path, made: list[object]) -> None:
    both = Barrier(4)

    def session(number: int) -> int:
        with own_connection(folder, SETTINGS) as connection:
            connection.execute(f"CREATE TEMP TABLE mine AS SELECT {number} AS n")
            both.wait(timeout=30)
            [(found,)] = connection.execute("SELECT n FROM mine").fetchall()
            return int(found)

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(session, range(4))) == [0, 1, 2, 3]
    assert len(made) == 4
    assert len(engine_databases._IDLE) == MOST_IDLE


def test_after_a_failure_it_is_not_used_again(folder: Path, made: list[object]) -> None:
    with pytest.raises(duckdb.Error), own_connection(folder, SETTINGS) as connection:
        connection.execute("SELECT * FROM nothing")
    with own_connection(folder, SETTINGS):
        pass
    assert len(made) == 2


def test_what_was_spilled_goes_with_its_database(folder: Path, made: list[object]) -> None:
    with own_connection(folder, SETTINGS) as connection:
        connection.execute(
            "CREATE TEMP TABLE large AS SELECT range, hash(range) FROM range(9_000_000)"
        )
        assert list((folder / SPILL).iterdir())
    assert list((folder / SPILL).iterdir()) == []
    with own_connection(folder, SETTINGS):
        pass
    assert len(made) == 2


def test_one_that_waits_still_spills_after_the_folder_was_swept(folder: Path) -> None:
    with own_connection(folder, SETTINGS):
        pass
    (folder / SPILL).rmdir()
    (folder / SPILL).mkdir()
    with own_connection(folder, SETTINGS) as connection:
        connection.execute(
            "CREATE TEMP TABLE large AS SELECT range, hash(range) FROM range(9_000_000)"
        )
        assert connection.execute("SELECT count(*) FROM large").fetchall() == [(9_000_000,)]


@pytest.mark.parametrize("amid", [False, True])
def test_a_process_that_is_forked_makes_its_own(folder: Path, *, amid: bool) -> None:
    with ExitStack() as session:
        session.enter_context(own_connection(folder, SETTINGS))
        if not amid:
            session.close()
        with warnings.catch_warnings():
            # A fork beside threads, which is what is tried.
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
        if child == 0:
            code = 1
            try:
                session.close()
                code = 0 if _adds_up(folder) else 2
                end_idle()
            finally:
                os._exit(code)
        _, status = os.waitpid(child, 0)
    assert status == 0
    assert _adds_up(folder)


def _adds_up(folder: Path) -> bool:
    with own_connection(folder, SETTINGS) as connection:
        [(found,)] = connection.execute("SELECT sum(range) FROM range(100_000)").fetchall()
    return bool(found == 4_999_950_000)


def test_a_measurement_leaves_nothing_that_is_not_its_own(tmp_path: Path) -> None:
    state = replica_of(tmp_path / "replica", [exposure("s-1", "u-1", "a")])
    with open_session(state, 1) as session:
        measure_stored(session, [request()], smallest=0)
        assert "events" in names(session.connection)
    [database] = engine_databases._IDLE
    assert names(database.connection) == []


def test_a_folder_is_the_same_from_wherever_it_is_named(
    folder: Path, made: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "other").mkdir()
    monkeypatch.chdir(folder)
    for _ in range(2):
        with own_connection(Path("other"), SETTINGS):
            monkeypatch.chdir(folder / "other")
    assert len(made) == 2
