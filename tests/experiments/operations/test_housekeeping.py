"""Housekeeping: once a day, in the background, and after an erasure in the files too."""

import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest
from sqlalchemy import insert, select, text

from experiments.ledger.append import append
from experiments.ledger.resolve import Context, resolve
from experiments.measurement.engines.errors import EngineUnreachable
from experiments.operations import housekeeping
from experiments.operations.housekeeping import LARGE_WAITS, MARK, Housekeeper
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import erasures, ledger
from experiments.storage.vacuum import vacuum
from tests.conftest import make_project
from tests.experiments.ledger.factories import event
from tests.experiments.ledger.test_retention import NOW, keep

Made = Callable[..., Housekeeper]


@pytest.fixture
def project(sqlite_database: Database) -> Project:
    return make_project(sqlite_database, NOW)


@pytest.fixture
def make(sqlite_database: Database, tmp_path: Path) -> Made:
    def made(at: Callable[[], datetime] = lambda: NOW) -> Housekeeper:
        return Housekeeper(sqlite_database, tmp_path / "home", at, lambda: None)

    return made


def test_old_facts_go_in_the_background(
    make: Made, sqlite_database: Database, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "POLL_SECONDS", 0.01)
    row = resolve(event(occurred_at=NOW - timedelta(days=90)), Context({}, "KRW"))
    with sqlite_database.transaction() as db:
        append(db, project, [row], received_at=NOW)
    keep(sqlite_database, project, 40)
    keeper = make()
    keeper.start()
    for _ in range(500):
        with sqlite_database.reading() as db:
            if not db.execute(select(ledger.c.position)).all():
                break
        keeper._stopping.wait(0.01)
    else:
        pytest.fail("nothing was dropped")
    keeper.stop()
    assert keeper._swept_on == {project.id: NOW.date()}


def test_what_cannot_be_done_keeps_nothing_else_from_it(
    make: Made, project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "POLL_SECONDS", 0.01)
    done = Event()

    def refuse(_: datetime) -> None:
        raise EngineUnreachable(engine="trino", address="elsewhere", cause="gone")

    keeper = make()
    keeper.open_batches, keeper.keep_reports = refuse, lambda _: done.set()
    keeper.start()
    assert done.wait(5)
    keeper.stop()
    assert keeper._swept_on == {project.id: NOW.date()}


def test_a_large_database_is_written_anew_within_a_day(
    make: Made, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(housekeeping, "SMALL_BYTES", 0)
    now = datetime(2025, 6, 10, tzinfo=UTC)
    keeper = make(lambda: now)
    assert keeper.tidy()
    keeper.note_erasure()
    mark = tmp_path / "home" / MARK
    for age, done in ((LARGE_WAITS - timedelta(minutes=1), False), (LARGE_WAITS, True)):
        noted = (now - age).timestamp()
        os.utime(mark, (noted, noted))
        assert keeper.tidy() is done
        assert mark.exists() is not done
    keeper.note_erasure()
    assert keeper.tidy(now=True)


def test_a_vacuum_waits_for_who_reads(sqlite_database: Database, project: Project) -> None:
    stone = {"project_id": project.id, "tombstone": "PLANTED" * 8, "rows": 0}
    with sqlite_database.transaction() as db:
        db.execute(insert(erasures).values(**stone, erased_at=NOW, erased_by="minji"))
    with sqlite_database.transaction() as db:
        db.execute(text("DELETE FROM erasures"))
    path = Path(sqlite_database.engine.url.database or "")
    files = [path, path.with_name(path.name + "-wal")]
    impatient = Database.open(f"sqlite:///{path}", patience_seconds=0.05)
    with sqlite_database.reading() as db:
        db.execute(select(erasures)).all()
        assert not vacuum(impatient)
    assert vacuum(impatient)
    impatient.dispose()
    assert all(b"PLANTED" not in file.read_bytes() for file in files)
