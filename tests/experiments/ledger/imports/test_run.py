"""Running imports: everything is read, counted once, and gone on with after a stop."""

import gzip
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from experiments.ledger.imports import chunk as chunk_module
from experiments.ledger.imports import run as run_module
from experiments.ledger.imports.errors import TakenOver
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import SourceFile, inspect
from experiments.operations.audit import Actor
from experiments.registry.experiment import Phase
from experiments.storage.configuration import bump
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, ledger
from tests.experiments.ledger.factories import AT, HALVES, register, stored
from tests.experiments.ledger.imports.factories import (
    EVENTS,
    WIDE,
    exposure_mapping,
    file_of,
    long_mapping,
    wide_mapping,
)

Import = Callable[..., ImportJob]


@pytest.fixture
def submit(database: Database, project: Project, actor: Actor, now: datetime) -> Import:
    def make(file: SourceFile, document: Any) -> ImportJob:
        with database.transaction() as db:
            return submit_import(
                db, project, name="f", file=file, document=document, actor=actor, now=now
            )

    return make


@pytest.fixture
def run(database: Database, project: Project, submit: Import, now: datetime) -> Import:
    """Submits and runs."""

    def go(file: SourceFile, document: Any) -> ImportJob:
        job = submit(file, document)
        return run_import(Target(database, project, lambda: now), job.id, file)

    return go


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_module, "CHUNK_ROWS", dict.fromkeys(run_module.CHUNK_ROWS, 10))


def counts(job: ImportJob) -> tuple[int, int, int, int, int]:
    return job.rows_read, job.accepted, job.duplicates, job.conflicts, job.rejected


def events_text(count: int, first: int = 0) -> str:
    rows = (f"e-{n},u{n},open,2025-03-10T10:00:00+09:00,," for n in range(first, first + count))
    return EVENTS.splitlines()[0] + "\n" + "\n".join(rows) + "\n"


def job_row(database: Database, job: ImportJob) -> Any:
    with database.reading() as db:
        return db.execute(select(imports).where(imports.c.id == job.id)).one()


def test_a_long_file_goes_into_the_ledger(
    database: Database, run: Import, tmp_path: Path, now: datetime
) -> None:
    job = run(file_of(tmp_path, EVENTS), long_mapping())
    assert (job.state, counts(job)) == ("done", (3, 3, 0, 0, 0))
    assert (job.bytes_read, job.finished_at, job.progress) == (job.file_bytes, now, 1)
    kept = stored(database)
    assert [row["source_id"] for row in kept] == ["e-1", "e-2", "e-3"]
    assert (kept[1]["value"], kept[1]["currency"], kept[2]["unit_id"]) == (42000, "KRW", "홍길동")
    assert {row["import_id"] for row in kept} == {job.id}
    row = job_row(database, job)
    assert (row.state, row.rows_read, row.accepted) == ("done", 3, 3)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp949"])
@pytest.mark.parametrize("packed", [False, True])
def test_korean_excel_files_are_read(
    database: Database, run: Import, tmp_path: Path, encoding: str, packed: bool
) -> None:
    job = run(file_of(tmp_path, EVENTS, encoding=encoding, packed=packed), long_mapping())
    assert job.state == "done"
    assert stored(database)[2]["unit_id"] == "홍길동"


def test_a_wide_file_goes_into_the_ledger_row_by_row(
    database: Database, project: Project, run: Import, tmp_path: Path
) -> None:
    register(database, project)
    job = run(file_of(tmp_path, WIDE), wide_mapping())
    assert counts(job) == (3, 3, 0, 0, 0)
    kept = [(row["unit_id"], row["type"], row["variant"], row["value"]) for row in stored(database)]
    assert sorted(kept, key=str) == [
        ("u1", "assigned", "b", None),
        ("u1", "purchase", None, 2999),
        ("u1", "visit", None, None),
        ("u2", "assigned", "a", None),
        ("u3", "assigned", "b", None),
        ("u3", "visit", None, None),
    ]


def test_the_same_file_again_counts_nothing_twice(
    database: Database, project: Project, run: Import, tmp_path: Path
) -> None:
    register(database, project)
    run(file_of(tmp_path, WIDE), wide_mapping())
    before = stored(database)
    for packed in (False, True):
        job = run(file_of(tmp_path, WIDE, packed=packed), wide_mapping())
        assert counts(job) == (3, 0, 3, 0, 0)
    assert stored(database) == before


def test_one_file_may_tell_exposures_and_events(
    database: Database, project: Project, run: Import, tmp_path: Path
) -> None:
    register(database, project)
    file = file_of(tmp_path, "user,variant\nu1,a\n")
    assert run(file, exposure_mapping()).accepted == 1
    events = {"unit_id": "user"}
    constants = {"type": "open", "occurred_at": "2025-03-10T02:00:00Z"}
    assert run(file, long_mapping(columns=events, constants=constants)).accepted == 1
    assert [row["fact"] for row in stored(database)] == ["event", "exposure"]


def test_bad_rows_are_told_with_their_line_and_the_good_ones_kept(
    database: Database, project: Project, run: Import, tmp_path: Path
) -> None:
    register(database, project)
    text = 'user,variant\nu1,a\nu2\n"u\n3",z\n,b\nu4,b\nu5,\n'
    job = run(file_of(tmp_path, text), exposure_mapping())
    assert counts(job) == (6, 2, 0, 0, 4)
    assert [(each.line, each.field, each.code) for each in job.rejects] == [
        (3, None, "ragged_row"),
        (4, "variant", "invalid"),
        (6, "unit_id", "missing"),
        (8, "variant", "not_in_the_test"),
    ]
    assert job.rejects[1].message == "expected one of a, b, got 'z'"
    assert [row["unit_id"] for row in stored(database)] == ["u1", "u4"]


def test_a_row_with_a_known_id_and_another_body_is_a_conflict(
    database: Database, run: Import, tmp_path: Path
) -> None:
    run(file_of(tmp_path, EVENTS), long_mapping())
    job = run(file_of(tmp_path, EVENTS.replace("open", "click")), long_mapping())
    assert counts(job) == (3, 0, 2, 1, 0)
    [told] = job.rejects
    assert (told.line, told.code) == (2, "conflict")
    assert told.message == "the id 'e-1' belongs to another fact, which stands"
    assert stored(database)[0]["type"] == "open"


def test_repeats_within_a_file_count_once(database: Database, run: Import, tmp_path: Path) -> None:
    text = EVENTS + "".join(EVENTS.splitlines(keepends=True)[1:]) * 2
    assert counts(run(file_of(tmp_path, text), long_mapping())) == (9, 3, 6, 0, 0)


def test_every_row_is_counted_once_and_the_first_thousand_rejects_are_kept(
    run: Import, tmp_path: Path
) -> None:
    bad = "".join(f"e-{n},u,open,never,,\n" for n in range(1500))
    job = run(file_of(tmp_path, events_text(5000) + bad), long_mapping())
    assert counts(job) == (6500, 5000, 0, 0, 1500)
    assert len(job.rejects) == 1000
    assert job.rejects[0].line == 5002


def test_a_file_with_nothing_but_a_first_line_is_read(run: Import, tmp_path: Path) -> None:
    job = run(file_of(tmp_path, EVENTS.splitlines()[0]), long_mapping())
    assert (job.state, counts(job)) == ("done", (0, 0, 0, 0, 0))


class Killed(BaseException):
    """Stands for the end of the process."""


@pytest.mark.usefixtures("small_chunks")
def test_an_import_goes_on_where_it_was_stopped(
    database: Database, project: Project, submit: Import, tmp_path: Path, now: datetime
) -> None:
    text = events_text(45) + "e-x,u,open,never,,\n"
    file = file_of(tmp_path, text)
    job = submit(file, long_mapping())
    answers = iter([True, True, False])
    left = run_import(
        Target(database, project, lambda: now), job.id, file, keep_going=lambda: next(answers)
    )
    assert (left.state, left.rows_read) == ("running", 30)
    assert 0 < left.progress <= 1
    assert job_row(database, job).rows_read == 30
    done = run_import(Target(database, project, lambda: now), job.id, file)
    assert (done.state, counts(done)) == ("done", (46, 45, 0, 0, 1))
    assert [each.line for each in done.rejects] == [47]
    assert len(stored(database)) == 45


@pytest.mark.usefixtures("small_chunks")
def test_a_process_that_dies_within_a_chunk_leaves_nothing_of_it(
    database: Database, project: Project, submit: Import, tmp_path: Path, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    file = file_of(tmp_path, events_text(25))
    job = submit(file, long_mapping())
    whole = run_module._advance

    def die(*args: Any, **kwargs: Any) -> None:
        whole(*args, **kwargs)
        if args[2].rows_read == 20:
            raise Killed

    monkeypatch.setattr(run_module, "_advance", die)
    with pytest.raises(Killed):
        run_import(Target(database, project, lambda: now), job.id, file)
    monkeypatch.undo()
    assert (job_row(database, job).rows_read, len(stored(database))) == (10, 10)
    done = run_import(Target(database, project, lambda: now), job.id, file)
    assert counts(done) == (25, 25, 0, 0, 0)


@pytest.mark.usefixtures("small_chunks")
def test_two_processes_never_run_one_import_together(
    database: Database, project: Project, submit: Import, tmp_path: Path, now: datetime
) -> None:
    file = file_of(tmp_path, events_text(25))
    job = submit(file, long_mapping())

    def other_process() -> bool:
        run_import(Target(database, project, lambda: now), job.id, file)
        return True

    with pytest.raises(TakenOver):
        run_import(Target(database, project, lambda: now), job.id, file, keep_going=other_process)
    row = job_row(database, job)
    assert (row.state, row.rows_read, row.accepted, row.duplicates) == ("done", 25, 25, 0)


def test_an_import_that_is_over_stays_over(
    database: Database, project: Project, run: Import, tmp_path: Path, now: datetime
) -> None:
    file = file_of(tmp_path, EVENTS)
    job = run(file, long_mapping())
    later = run_import(Target(database, project, lambda: now + timedelta(days=1)), job.id, file)
    assert later == job


def test_another_file_in_the_place_of_the_jobs_fails_it(
    database: Database, project: Project, submit: Import, tmp_path: Path, now: datetime
) -> None:
    job = submit(file_of(tmp_path, EVENTS), long_mapping())
    other = file_of(tmp_path, EVENTS + "\n")
    failed = run_import(Target(database, project, lambda: now), job.id, other)
    assert (failed.state, failed.finished_at) == ("failed", now)
    assert failed.failure == "the stored file is gone; upload it again"
    assert job_row(database, job).state == "failed"
    assert stored(database) == []


@pytest.mark.usefixtures("small_chunks")
def test_a_change_of_the_allocation_while_rows_are_read_is_seen(
    database: Database, project: Project, submit: Import, tmp_path: Path, now: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Rows are placed before the writer is waited for; a change in between must not be missed."""
    phase = Phase(1, "spring", HALVES, AT - timedelta(days=1))
    register(database, project, allocation="truelift", open_phases=(phase,))
    file = file_of(tmp_path, "user,variant\n" + "".join(f"u{n},a\n" for n in range(5)))
    job = submit(file, exposure_mapping())
    seen: list[int] = []
    whole = chunk_module.place

    def placed(*args: Any, **more: Any) -> Any:
        seen.append(1)
        found = whole(*args, **more)
        if len(seen) == 1 and database.dialect == "sqlite":
            with database.transaction() as db:
                bump(db)
        return found

    monkeypatch.setattr(run_module, "place", placed)
    run_import(Target(database, project, lambda: now), job.id, file)
    assert len(seen) == (2 if database.dialect == "sqlite" else 1)
    assert {row["expected_variant"] for row in stored(database)} == {"a", "b"}


@pytest.fixture
def hillstrom() -> Path:
    shared = Path(__file__).resolve().parents[4].parent / "shared"
    path = shared / "data" / "hillstrom" / "hillstrom.csv.gz"
    if not path.exists():
        pytest.skip("the Hillstrom file is not beside the repository")
    return path


@pytest.mark.slow
def test_a_published_campaign_is_read_to_the_cent(
    database: Database, project: Project, run: Import, hillstrom: Path
) -> None:
    """Arm sizes, visits and spend of the file, as its README tells them."""
    register(database, project)
    document = wide_mapping(
        unit_id={"row_number": True},
        variant={
            "column": "segment",
            "values": {"No E-Mail": "a", "Mens E-Mail": "b", "Womens E-Mail": "b"},
        },
        at="2008-03-01T00:00:00+00:00",
    )
    job = run(inspect(hillstrom), document)
    assert counts(job) == (64_000, 64_000, 0, 0, 0)
    counted = select(ledger.c.type, ledger.c.variant, func.count(), func.sum(ledger.c.value))
    with database.reading() as db:
        rows = db.execute(counted.group_by(ledger.c.type, ledger.c.variant)).all()
    found = {(kind, variant): (count, total) for kind, variant, count, total in rows}
    assert found["assigned", "a"][0] == 21_306
    assert found["assigned", "b"][0] == 21_307 + 21_387
    assert found["visit", None][0] == 2_262 + 3_894 + 3_238
    buyers, spent = found["purchase", None]
    assert buyers == 122 + 267 + 189
    assert Decimal(int(spent)) / 100 == Decimal("13908.33") + Decimal("30311.69") + Decimal(
        "23038.11"
    )


def test_a_packed_file_tells_its_progress(
    database: Database, project: Project, submit: Import, tmp_path: Path, now: datetime
) -> None:
    path = tmp_path / "file.csv.gz"
    path.write_bytes(gzip.compress(events_text(20_000).encode()))
    file = inspect(path)
    job = submit(file, long_mapping())
    left = run_import(
        Target(database, project, lambda: now), job.id, file, keep_going=lambda: False
    )
    assert left.rows_read == run_module.CHUNK_ROWS[database.dialect]
    assert 0.1 < left.progress < 1
