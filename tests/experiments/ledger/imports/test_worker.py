"""The folder of uploads and the thread that reads them."""

import io
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from experiments.ledger.imports import worker as worker_module
from experiments.ledger.imports.errors import FileGone, UnfitFile
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import ImportJob, get_import, submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.worker import ImportWorker
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.ledger.factories import stored
from tests.experiments.ledger.imports.factories import EVENTS, long_mapping

Upload = Callable[[], ImportJob]


@pytest.fixture
def folder(tmp_path: Path) -> ImportFolder:
    return ImportFolder(tmp_path / "imports")


@pytest.fixture
def worker(database: Database, folder: ImportFolder, now: datetime) -> Iterator[ImportWorker]:
    made = ImportWorker(database, folder.path, lambda: now)
    yield made
    made.stop()


@pytest.fixture
def upload(
    database: Database, project: Project, folder: ImportFolder, actor: Actor, now: datetime
) -> Upload:
    def make() -> ImportJob:
        file = folder.receive(io.BytesIO(EVENTS.encode()))
        with database.transaction() as db:
            job = submit_import(
                db, project, name="f", file=file, document=long_mapping(), actor=actor, now=now
            )
            folder.keep(file, job.id)
        return job

    return make


def state_of(database: Database, project: Project, job: ImportJob) -> ImportJob:
    with database.reading() as db:
        return get_import(db, project, job.id)


def test_what_waits_is_run_and_its_file_forgotten(
    database: Database, project: Project, worker: ImportWorker, upload: Upload, folder: ImportFolder
) -> None:
    jobs = [upload(), upload()]
    assert worker.run_waiting() == 2
    assert [state_of(database, project, job).state for job in jobs] == ["done", "done"]
    assert state_of(database, project, jobs[1]).duplicates == 3
    assert len(stored(database)) == 3
    assert list(folder.path.iterdir()) == []
    assert worker.run_waiting() == 0


def test_an_import_whose_file_is_gone_fails_and_the_next_is_run(
    database: Database, project: Project, worker: ImportWorker, upload: Upload, folder: ImportFolder
) -> None:
    lost, fine = upload(), upload()
    folder.drop(lost.id)
    assert worker.run_waiting() == 2
    assert state_of(database, project, lost).failure == "the stored file is gone; upload it again"
    assert state_of(database, project, fine).state == "done"


def test_an_import_that_meets_a_fault_of_ours_fails_and_the_next_is_run(
    database: Database, project: Project, worker: ImportWorker, upload: Upload,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    faulty, fine = upload(), upload()

    def run(target: Target, import_id: int, *args: object, **more: object) -> ImportJob:
        if import_id == faulty.id:
            raise ZeroDivisionError
        return run_import(target, import_id, *args, **more)  # type: ignore[arg-type] # passed on as they are

    monkeypatch.setattr(worker_module, "run_import", run)
    assert worker.run_waiting() == 2
    told = state_of(database, project, faulty).failure
    assert told == "the import stopped at a fault of ours, which has been logged"
    assert state_of(database, project, fine).state == "done"


def test_the_thread_takes_what_is_uploaded_and_stops_when_told(
    database: Database, project: Project, worker: ImportWorker, upload: Upload
) -> None:
    worker.start()
    job = upload()
    deadline = time.monotonic() + 20
    while state_of(database, project, job).state != "done":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    worker.stop()
    later = upload()
    time.sleep(worker_module.POLL_SECONDS * 1.5)
    assert state_of(database, project, later).state == "waiting"


def test_the_thread_outlives_a_database_that_is_away(tmp_path: Path, now: datetime) -> None:
    away = Database.open(f"sqlite:///{tmp_path}/no/such/folder/file.db")
    worker = ImportWorker(away, tmp_path, lambda: now)
    worker.start()
    time.sleep(0.2)
    assert worker._thread is not None
    assert worker._thread.is_alive()
    worker.stop()


def test_an_upload_that_cannot_be_read_leaves_nothing(folder: ImportFolder) -> None:
    with pytest.raises(UnfitFile):
        folder.receive(io.BytesIO(b"PK\x03\x04"))
    assert list(folder.path.iterdir()) == []


def test_a_file_that_is_not_there_is_said_to_be_gone(folder: ImportFolder) -> None:
    with pytest.raises(FileGone):
        folder.find(1)
    folder.drop(1)


def test_what_a_stopped_process_left_behind_is_swept_up_after_a_day(
    folder: ImportFolder, upload: Upload, now: datetime
) -> None:
    open_job, over = upload(), upload()
    cut_off = folder.path / "abc.part"
    cut_off.write_bytes(b"half")
    young = folder.path / "def.part"
    young.write_bytes(b"arriving")
    long_ago = (now - timedelta(days=2)).timestamp()
    for path in folder.path.iterdir():
        if path != young:
            os.utime(path, (long_ago, long_ago))
    os.utime(young, (now.timestamp(), now.timestamp()))
    folder.sweep({open_job.id}, now)
    assert {path.name for path in folder.path.iterdir()} == {str(open_job.id), young.name}
    assert over.id != open_job.id
