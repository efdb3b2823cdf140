"""The file of rows that were not taken holds each once, whatever stops the import."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.ledger.imports import rejected
from experiments.ledger.imports import run as run_module
from experiments.ledger.imports.errors import TakenOver
from experiments.ledger.imports.folder import REJECTS_KEPT_DAYS, ImportFolder
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.moves import Asked, pause, resume, withdraw
from experiments.ledger.imports.reject import Reject
from experiments.ledger.imports.rows import LONGEST_SHOWN
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.worker import ImportWorker
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.conftest import make_project
from tests.experiments.ledger.factories import stored
from tests.experiments.ledger.imports.factories import EVENTS, long_mapping

HEADER = EVENTS.splitlines(keepends=True)[0]


def reject(line: int, row: str = "x") -> Reject:
    return Reject(line, "field", "code", "no {what}", {"what": "luck"}, row)


def lines_of(path: Path, counted: int = 1000) -> list[int]:
    return [each.line for each in rejected.read(path, counted)]


def test_what_was_written_and_never_counted_is_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "7.rejects"
    with rejected.writing(path, 0) as kept:
        kept.add([reject(2), reject(3)])
    with rejected.writing(path, 1) as kept:
        assert kept.kept == 1
        kept.add([reject(3), reject(4)])
    assert lines_of(path) == [2, 3, 4]
    path.write_bytes(path.read_bytes() + b'{"line": 5')
    with rejected.writing(path, 3) as kept:
        kept.add([reject(5)])
    assert lines_of(path) == [2, 3, 4, 5]
    assert lines_of(path, counted=2) == [2, 3]


def test_two_never_write_it_at_once(tmp_path: Path) -> None:
    path = tmp_path / "7.rejects"
    with rejected.writing(path, 0), pytest.raises(TakenOver), rejected.writing(path, 0):
        pass


def test_it_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rejected, "LARGEST_BYTES", 300)
    path = tmp_path / "7.rejects"
    for start in (0, 50):
        with rejected.writing(path, start) as kept:
            kept.add([reject(start + n) for n in range(50)])
    assert 300 < path.stat().st_size < 500
    assert lines_of(path) == list(range(len(lines_of(path))))


def test_a_long_row_is_cut_and_nul_left_out() -> None:
    from experiments.errors import Invalid  # noqa: PLC0415 - for this test alone

    found = Reject.of(2, Invalid(expected="a", got="b"), "a\0" + "x" * 10_000 + "\r\n")
    assert len(found.row) == LONGEST_SHOWN
    assert "\0" not in found.row


@pytest.fixture
def project(sqlite_database: Database, now: datetime) -> Project:
    return make_project(sqlite_database, now)


@pytest.fixture
def worker(sqlite_database: Database, tmp_path: Path, now: datetime) -> ImportWorker:
    return ImportWorker(sqlite_database, tmp_path / "imports", lambda: now)


Upload = Callable[[str], ImportJob]


@pytest.fixture
def upload(
    sqlite_database: Database, project: Project, worker: ImportWorker, actor: Actor, now: datetime
) -> Upload:
    folder = ImportFolder(worker.folder)

    def make(text: str) -> ImportJob:
        content = io.BytesIO(text.encode())
        with folder.arriving(content) as file, sqlite_database.transaction() as db:
            job = submit_import(
                db, project, name="f", file=file, document=long_mapping(), actor=actor, now=now
            )
            folder.keep(file, job.id)
        return job

    return make


def rows(count: int) -> str:
    """Every third is bad."""
    times = ("2025-03-10T10:00:00+09:00", "2025-03-10T10:00:00+09:00", "never")
    return HEADER + "".join(f"e-{n},u{n},open,{times[n % 3]},,\n" for n in range(count))


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_run_that_is_killed_at_every_step_writes_each_reject_once(
    sqlite_database: Database, project: Project, worker: ImportWorker, upload: Upload,
    now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(run_module, "CHUNK_ROWS", dict.fromkeys(run_module.CHUNK_ROWS, 10))
    job = upload(rows(60))
    folder = ImportFolder(worker.folder)
    target = Target(sqlite_database, project, lambda: now)
    whole = rejected.RejectedRows.add
    killed: list[int] = []

    def dies(self: Any, rejects: Any) -> None:
        whole(self, rejects)
        if len(killed) < 3:
            killed.append(1)
            raise Killed

    monkeypatch.setattr(rejected.RejectedRows, "add", dies)
    path = folder.rejects(job.id)
    for _ in range(3):
        with pytest.raises(Killed):
            run_import(target, job.id, folder.find(job.id), rejects=path)
    done = run_import(target, job.id, folder.find(job.id), rejects=path)
    assert (done.rows_read, done.accepted, done.rejected) == (60, 40, 20)
    assert lines_of(path) == [line for line in range(2, 62) if (line - 2) % 3 == 2]
    assert next(rejected.read(path, 1)).row == "e-2,u2,open,never,,"


def test_a_paused_import_keeps_its_file_and_goes_on(
    sqlite_database: Database, project: Project, worker: ImportWorker, upload: Upload,
    actor: Actor, now: datetime,
) -> None:  # fmt: skip
    job, asked = upload(rows(9)), Asked(project, actor, now)
    with sqlite_database.transaction() as db:
        pause(db, asked, job.id)
    assert worker.run_waiting() == 0
    assert stored(sqlite_database) == []
    worker.sweep()
    assert ImportFolder(worker.folder).find(job.id).sha256 == job.file_sha256
    with sqlite_database.transaction() as db:
        resume(db, asked, job.id)
    assert worker.run_waiting() == 1
    assert len(stored(sqlite_database)) == 6


def test_a_pause_while_rows_are_read_stops_after_the_last_lot(
    sqlite_database: Database, project: Project, worker: ImportWorker, upload: Upload,
    actor: Actor, now: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(run_module, "CHUNK_ROWS", dict.fromkeys(run_module.CHUNK_ROWS, 3))
    job, target = upload(rows(9)), Target(sqlite_database, project, lambda: now)

    def paused() -> bool:
        with sqlite_database.transaction() as db:
            pause(db, Asked(project, actor, now), job.id)
        return True

    file = ImportFolder(worker.folder).find(job.id)
    left = run_import(target, job.id, file, keep_going=paused)
    assert (left.state, left.rows_read) == ("paused", 3)


@pytest.mark.parametrize("state", ["waiting", "paused", "done"])
def test_what_is_withdrawn_is_undone_by_the_worker_and_its_file_forgotten(
    sqlite_database: Database, project: Project, worker: ImportWorker, upload: Upload,
    actor: Actor, now: datetime, state: str,
) -> None:  # fmt: skip
    job, asked = upload(rows(9)), Asked(project, actor, now)
    if state == "done":
        worker.run_waiting()
    with sqlite_database.transaction() as db:
        if state == "paused":
            pause(db, asked, job.id)
        withdraw(db, asked, job.id, "wrong")
    assert worker.run_waiting() == 1
    assert [path.suffix for path in worker.folder.iterdir()] == [".rejects"] * (state == "done")
    again = upload(rows(9))
    worker.run_waiting()
    assert len(stored(sqlite_database)) == (6 if state != "done" else 12) + 1
    assert again.id != job.id


def test_rejects_are_swept_after_some_weeks_and_lists_that_a_kill_left(
    worker: ImportWorker, upload: Upload, tmp_path: Path, now: datetime
) -> None:
    import os  # noqa: PLC0415 - for this test alone

    job = upload(rows(3))
    worker.run_waiting()
    worker.litter = (tmp_path / "lists",)
    (tmp_path / "lists").mkdir()
    left = tmp_path / "lists" / "abc.csv"
    left.write_text("half")
    path = ImportFolder(worker.folder).rejects(job.id)
    for days, stays in ((2, True), (REJECTS_KEPT_DAYS + 1, False)):
        at = (now - timedelta(days=days)).timestamp()
        os.utime(path, (at, at))
        os.utime(left, (at, at)) if left.exists() else None
        worker.sweep()
        assert path.exists() is stays
    assert not left.exists()


def test_the_file_is_json_lines(tmp_path: Path) -> None:
    path = tmp_path / "7.rejects"
    with rejected.writing(path, 0) as kept:
        kept.add([reject(2, "홍길동")])
    assert json.loads(path.read_text(encoding="utf-8"))["row"] == "홍길동"
