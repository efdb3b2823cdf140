"""A database that is gone, silent or not what it was: noticed in time, never waited for."""

import socket
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from threading import get_ident

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from experiments.storage.configuration import bump, current_version
from experiments.storage.database import Database, DatabaseUnavailable
from experiments.storage.outage import (
    BELIEVED_SECONDS,
    HANGS_AFTER_SECONDS,
    STANDS_STILL_SECONDS,
    DatabaseCrowded,
    Places,
    Watch,
)


@pytest.fixture
def silent() -> Iterator[Database]:
    """A database behind a line that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as line:
        port = line.getsockname()[1]
        database = Database.open(f"postgresql://nobody@127.0.0.1:{port}/nothing")
        yield database
        database.dispose()


def fail(watch: Watch) -> None:
    with pytest.raises(DatabaseUnavailable), watch.looking():
        raise DatabaseUnavailable


def away(watch: Watch) -> bool:
    return watch.away


def seconds_until_refused(database: Database) -> float:
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable), database.reading() as db:
        db.execute(text("SELECT 1"))
    return time.monotonic() - began


def test_a_silent_line_is_given_up_within_three_seconds(silent: Database) -> None:
    assert seconds_until_refused(silent) < 3


def test_a_pool_that_is_used_up_is_no_database_away(postgresql_database: Database) -> None:
    """As where every connection waits for a lock: else all were refused as long as they wait."""
    with ExitStack() as held:
        for _ in range(18):
            held.enter_context(postgresql_database.reading())
        began = time.monotonic()
        with postgresql_database.looking() as db:
            assert db.execute(text("SELECT 1")).scalar_one() == 1
        assert time.monotonic() - began < 1.5
        assert not postgresql_database.watch.away


def test_the_server_lets_go_of_a_client_that_is_gone(postgresql_database: Database) -> None:
    """Whose rows and locks everybody else would wait for, two hours by the kernel's own bounds."""
    with postgresql_database.reading() as db:
        found = db.execute(text("SHOW idle_in_transaction_session_timeout")).scalar_one()
    assert found == "5min"


def test_while_a_look_fails_nobody_else_waits(silent: Database) -> None:
    with pytest.raises(DatabaseUnavailable), silent.looking():
        pass
    assert silent.watch.away
    assert seconds_until_refused(silent) < 0.1


def test_a_look_that_hangs_is_known_to_the_others_before_it_ends() -> None:
    watch, hung, seen = Watch(), threading.Event(), threading.Event()

    def look() -> None:
        with watch.looking():
            hung.set()
            seen.wait(10)

    looker = threading.Thread(target=look)
    looker.start()
    hung.wait(10)
    assert not away(watch)
    time.sleep(HANGS_AFTER_SECONDS)
    assert away(watch)
    seen.set()
    looker.join()
    assert not away(watch)


def test_a_failed_look_is_believed_for_a_while_and_ended_by_a_good_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 100.0
    monkeypatch.setattr("experiments.storage.outage.monotonic", lambda: now)
    watch = Watch()
    fail(watch)
    assert away(watch)
    now += BELIEVED_SECONDS
    assert not away(watch)
    fail(watch)
    with watch.looking():
        assert not away(watch), "the one that looks does not believe the last look"
    assert not away(watch)


def test_a_statement_under_way_is_given_up_when_the_database_is_away(
    postgresql_database: Database,
) -> None:
    database = postgresql_database
    began = time.monotonic()
    failing = threading.Timer(0.3, fail, [database.watch])
    failing.start()
    with pytest.raises(DatabaseUnavailable), database.reading() as db:
        db.execute(text("SELECT pg_sleep(20)"))
    failing.join()
    assert time.monotonic() - began < 2
    with database.looking() as db:
        assert current_version(db) == 1
    with database.transaction() as db:
        bump(db)


def test_an_error_of_ours_is_no_outage(postgresql_database: Database) -> None:
    with pytest.raises(ProgrammingError), postgresql_database.reading() as db:
        db.execute(text("SELECT * FROM nowhere"))


def test_a_lock_of_another_process_is_not_waited_for_longer_than_said(
    migrated_sqlite: Path, tmp_path: Path
) -> None:
    path = tmp_path / "truelift.db"
    path.write_bytes(migrated_sqlite.read_bytes())
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    database = Database.open(f"sqlite:///{path}", patience_seconds=0.3)
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable), database.transaction() as db:
        bump(db)
    assert time.monotonic() - began < 1
    with database.reading() as db:
        assert current_version(db) == 1
    other.execute("ROLLBACK")
    with database.transaction() as db:
        bump(db)
    database.dispose()
    other.close()


def test_a_writer_does_not_queue_for_longer_than_said(sqlite_database: Database) -> None:
    database = Database.open(f"{sqlite_database.engine.url}", patience_seconds=0.3)
    held, done = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction():
            held.set()
            done.wait(10)

    writer = threading.Thread(target=write)
    writer.start()
    held.wait(10)
    began = time.monotonic()
    with pytest.raises(DatabaseUnavailable), database.transaction():
        pass
    assert time.monotonic() - began < 1
    done.set()
    writer.join()
    database.dispose()


def test_a_crowd_is_kept_out_at_once_and_the_process_itself_is_not(
    sqlite_database: Database,
) -> None:
    database = Database.open(f"{sqlite_database.engine.url}", crowd=1)
    with database.reading():
        for way in (database.reading, database.transaction):
            with pytest.raises(DatabaseCrowded), way():
                pass
        for ahead in (database.looking, database.reading_ahead):
            with ahead() as db:
                assert current_version(db) == 1
    with database.transaction() as db:
        bump(db)
    database.dispose()


def test_a_crowd_that_comes_and_goes_is_waited_for() -> None:
    places, entered = Places(1), []

    def come_and_go() -> None:
        for _ in range(5):
            with places.one():
                entered.append(get_ident())
                time.sleep(0.02)

    crowd = [threading.Thread(target=come_and_go) for _ in range(4)]
    with places.one():
        pass
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert len(entered) == 20


def test_nobody_waits_where_nobody_leaves() -> None:
    places = Places(1)
    with places.one():
        pass
    with places.one():
        for longest in (STANDS_STILL_SECONDS * 3, 0.01):
            began = time.monotonic()
            with pytest.raises(DatabaseCrowded), places.one():
                pass
            assert time.monotonic() - began < longest


def test_a_row_that_another_holds_is_not_waited_for_longer_than_said(
    postgresql_database: Database,
) -> None:
    url = postgresql_database.engine.url.render_as_string(hide_password=False)
    other = Database.open(url.replace("+psycopg", ""), patience_seconds=0.3)
    with postgresql_database.transaction() as db:
        bump(db)
        began = time.monotonic()
        with pytest.raises(DatabaseUnavailable), other.transaction() as late:
            bump(late)
        assert time.monotonic() - began < 1
    other.dispose()


def test_a_missing_file_is_an_outage_and_is_not_made(sqlite_database: Database) -> None:
    path = Path(sqlite_database.engine.url.database or "")
    with sqlite_database.reading() as db:
        assert current_version(db) == 1
    aside = path.with_name("aside.db")
    path.rename(aside)
    for _ in range(2):
        with pytest.raises(DatabaseUnavailable), sqlite_database.transaction() as db:
            bump(db)
    assert not path.exists()
    aside.rename(path)
    with sqlite_database.transaction() as db:
        bump(db)
        assert current_version(db) == 2


def test_a_file_that_took_its_place_is_the_one_written_to(
    sqlite_database: Database, migrated_sqlite: Path
) -> None:
    """A commit into a file that was removed would be lost with the last connection to it."""
    path = Path(sqlite_database.engine.url.database or "")
    with sqlite_database.transaction() as db:
        bump(db)
    path.rename(path.with_name("before.db"))
    for suffix in ("-wal", "-shm"):
        path.with_name(path.name + suffix).unlink(missing_ok=True)
    path.write_bytes(migrated_sqlite.read_bytes())
    with sqlite_database.transaction() as db:
        assert current_version(db) == 1
        bump(db)
    with sqlite3.connect(path) as plain:
        assert plain.execute("SELECT version FROM configuration").fetchall() == [(2,)]
    plain.close()


@pytest.mark.parametrize("content", [b"no database at all" * 100, b""], ids=["garbage", "empty"])
def test_a_file_that_is_no_database_is_an_outage(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "truelift.db"
    path.write_bytes(content)
    database = Database.open(f"sqlite:///{path}")
    with pytest.raises(DatabaseUnavailable), database.reading() as db:
        current_version(db)
    database.dispose()


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("postgresql://me:secret@db.example.com/lift", "postgresql://db.example.com/lift"),
        ("postgresql://db.example.com:5433/lift?sslmode=require", "postgresql://db.example.com:5433/lift"),
        ("postgresql:///lift?host=/run/pg&password=secret", "postgresql:///lift?host=%2Frun%2Fpg"),
    ],
)  # fmt: skip
def test_the_address_names_the_place_and_no_secret(url: str, address: str) -> None:
    database = Database.open(url)
    assert database.address == address
    assert "secret" not in repr(database)
    database.dispose()
