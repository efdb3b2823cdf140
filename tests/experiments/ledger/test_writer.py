"""Group commit: together where they wait, each with its own result, apart where one fails."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, event, func, insert, select

from experiments.errors import Invalid
from experiments.ledger.writer import LedgerBusy, LedgerWriter
from experiments.storage.database import Database, DatabaseUnavailable
from experiments.storage.projects import Project
from experiments.storage.tables import projects
from tests.conftest import make_project


def makes(key: str, now: Any) -> Callable[[Connection], str]:
    """Work that leaves a project with that key."""

    def work(db: Connection) -> str:
        row = {"key": key, "name": key, "time_zone": "Asia/Seoul", "currency": "KRW"}
        db.execute(insert(projects).values(**row, language="ko", created_at=now))
        return key

    return work


def fails(db: Connection) -> str:
    raise Invalid(field="a", expected="b", got="c")


def keys(database: Database) -> set[str]:
    with database.reading() as db:
        return set(db.execute(select(projects.c.key)).scalars())


class Callers:
    """Threads that write, and what each was told."""

    def __init__(self, writer: LedgerWriter) -> None:
        self.writer = writer
        self.told: dict[int, object] = {}
        self._threads: list[threading.Thread] = []

    def call(self, work: Callable[[Connection], str], rows: int = 1) -> None:
        number = len(self._threads)

        def run() -> None:
            try:
                self.told[number] = self.writer.write(work, rows=rows)
            except BaseException as error:  # noqa: BLE001 - compared by the test
                self.told[number] = error

        self._threads.append(threading.Thread(target=run))
        self._threads[-1].start()

    def wait(self) -> list[object]:
        for thread in self._threads:
            thread.join(20)
            assert not thread.is_alive()
        return [self.told[number] for number in range(len(self._threads))]


@contextmanager
def commits(database: Database) -> Iterator[list[int]]:
    counted: list[int] = []
    event.listen(database.engine, "commit", note := lambda _: counted.append(1))
    try:
        yield counted
    finally:
        event.remove(database.engine, "commit", note)


def until(true: Callable[[], bool]) -> None:
    limit = time.monotonic() + 10
    while not true():
        assert time.monotonic() < limit
        time.sleep(0.002)


def test_one_alone_is_written_at_once(database: Database, now: Any) -> None:
    assert LedgerWriter(database).write(makes("a", now), rows=1) == "a"
    assert keys(database) == {"a"}


def test_those_who_wait_are_committed_together(sqlite_database: Database, now: Any) -> None:
    callers = Callers(writer := LedgerWriter(sqlite_database))
    with commits(sqlite_database) as counted:
        with sqlite_database.transaction():
            for number in range(6):
                callers.call(makes(f"p{number}", now))
            until(lambda: len(writer._waiting) == 5)
        assert callers.wait() == [f"p{number}" for number in range(6)]
    assert keys(sqlite_database) == {f"p{number}" for number in range(6)}
    assert len(counted) == 3, "the one that was in the way, the first, and all the others"


def test_one_that_fails_takes_no_other_with_it(sqlite_database: Database, now: Any) -> None:
    callers = Callers(writer := LedgerWriter(sqlite_database))
    with sqlite_database.transaction():
        callers.call(makes("first", now))
        until(lambda: writer._is_led and not writer._waiting)
        callers.call(makes("a", now))
        callers.call(fails)
        callers.call(makes("b", now))
        until(lambda: len(writer._waiting) == 3)
    first, a, failed, b = callers.wait()
    assert (first, a, b) == ("first", "a", "b")
    assert isinstance(failed, Invalid)
    assert keys(sqlite_database) == {"first", "a", "b"}


def test_one_that_ends_its_thread_ends_no_other(sqlite_database: Database, now: Any) -> None:
    def leave(_db: Connection) -> str:
        raise SystemExit

    callers = Callers(writer := LedgerWriter(sqlite_database))
    with sqlite_database.transaction():
        callers.call(makes("first", now))
        until(lambda: writer._is_led and not writer._waiting)
        callers.call(makes("leads", now))
        until(lambda: len(writer._waiting) == 1)
        callers.call(leave)
        until(lambda: len(writer._waiting) == 2)
    first, leads, left = callers.wait()
    assert (first, leads) == ("first", "leads")
    assert isinstance(left, SystemExit)
    assert keys(sqlite_database) == {"first", "leads"}


def test_what_fails_leaves_nothing(database: Database, project: Project, now: Any) -> None:
    def half(db: Connection) -> str:
        makes("half", now)(db)
        return fails(db)

    with pytest.raises(Invalid):
        LedgerWriter(database).write(half, rows=1)
    assert keys(database) == {project.key}


def test_beyond_its_bound_it_takes_no_more_until_there_is_room(
    sqlite_database: Database, now: Any
) -> None:
    callers = Callers(writer := LedgerWriter(sqlite_database, most_rows=10))
    with sqlite_database.transaction():
        callers.call(makes("a", now), rows=4)
        callers.call(makes("b", now), rows=6)
        until(lambda: writer._waiting_rows == 10)
        with pytest.raises(LedgerBusy):
            writer.check_room()
        with pytest.raises(LedgerBusy):
            writer.write(makes("c", now), rows=1)
    assert callers.wait() == ["a", "b"]
    writer.check_room()
    assert writer.write(makes("big", now), rows=99) == "big", "what comes alone is never too much"
    assert keys(sqlite_database) == {"a", "b", "big"}


def test_a_busy_writer_lets_others_have_their_turn(sqlite_database: Database, now: Any) -> None:
    writer, stop = LedgerWriter(sqlite_database), threading.Event()

    def hammer() -> None:
        while not stop.is_set():
            writer.write(lambda db: db.execute(select(func.count()).select_from(projects)), rows=1)

    threads = [threading.Thread(target=hammer) for _ in range(3)]
    for thread in threads:
        thread.start()
    waits = []
    for number in range(20):
        began = time.monotonic()
        make_project(sqlite_database, now, key=f"p{number}")
        waits.append(time.monotonic() - began)
    stop.set()
    for thread in threads:
        thread.join(10)
    assert sorted(waits)[10] < 0.25


def test_a_database_that_is_away_is_said_to_everybody(sqlite_database: Database, now: Any) -> None:
    callers = Callers(writer := LedgerWriter(sqlite_database))
    path = Path(str(sqlite_database.engine.url.database))
    with sqlite_database.transaction():
        for number in range(3):
            callers.call(makes(f"p{number}", now))
        until(lambda: len(writer._waiting) == 2)
        away = path.rename(path.with_suffix(".away"))
    assert all(isinstance(told, DatabaseUnavailable) for told in callers.wait())
    away.rename(path)
    assert writer.write(makes("later", now), rows=1) == "later"
