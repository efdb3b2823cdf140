"""Import jobs: submitted after a look at the file, found again, never by strangers."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from experiments.errors import Invalid, NotFound
from experiments.ledger.imports.jobs import (
    ImportJob,
    get_import,
    list_imports,
    open_imports,
    submit_import,
)
from experiments.ledger.imports.source import SourceFile
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit
from tests.conftest import make_project
from tests.experiments.ledger.factories import register
from tests.experiments.ledger.imports.factories import (
    EVENTS,
    WIDE,
    exposure_mapping,
    file_of,
    long_mapping,
    wide_mapping,
)


@pytest.fixture
def submit(database: Database, project: Project, actor: Actor, now: datetime) -> Any:
    def make(file: SourceFile, document: Any, name: str = "events.csv") -> ImportJob:
        with database.transaction() as db:
            return submit_import(
                db, project, name=name, file=file, document=document, actor=actor, now=now
            )

    return make


def test_a_job_waits_and_can_be_found(
    database: Database, project: Project, submit: Any, tmp_path: Path, now: datetime
) -> None:
    file = file_of(tmp_path, EVENTS)
    job = submit(file, long_mapping())
    assert (job.state, job.rows_read, job.rejects, job.finished_at) == ("waiting", 0, (), None)
    assert (job.file_sha256, job.file_bytes, job.created_at) == (file.sha256, file.size, now)
    assert job.progress == 0
    with database.reading() as db:
        assert get_import(db, project, job.id) == job
        assert open_imports(db) == [(project.id, job.id, "waiting")]
        trail = db.execute(select(audit.c.actor, audit.c.action, audit.c.object_key)).all()
    assert trail == [("minji@example.com", "import.submit", str(job.id))]


@pytest.mark.parametrize(
    ("text", "document", "field"),
    [
        (EVENTS, None, "mapping"),
        (EVENTS, {"form": "tall"}, "mapping.form"),
        (EVENTS, wide_mapping(), "mapping.events.0.column"),
        (EVENTS, long_mapping(columns={"unit_id": "id", "type": "type", "occurred_at": "time"}),
         "mapping.columns.unit_id"),
        (EVENTS, long_mapping(constants={"experiment": "autumn"}), "mapping.constants.experiment"),
        (EVENTS, long_mapping(constants={"experiment": "spring", "variant": "z"}),
         "mapping.constants.variant"),
        (WIDE, wide_mapping(experiment="autumn"), "mapping.experiment"),
        (WIDE, wide_mapping(variant={"column": "segment", "values": {"Mens": "z"}}),
         "mapping.variant.values.Mens"),
        ("user,user,variant\n", exposure_mapping(), "mapping.columns.unit_id"),
        ("", long_mapping(), "file"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_before_anything_is_kept(
    database: Database, project: Project, submit: Any, tmp_path: Path, text: str, document: Any,
    field: str,
) -> None:  # fmt: skip
    register(database, project)
    with pytest.raises(Invalid) as refusal:
        submit(file_of(tmp_path, text), document)
    assert refusal.value.field == field
    with database.reading() as db:
        assert list_imports(db, project) == []


def test_jobs_are_listed_newest_first_in_pages(
    database: Database, project: Project, submit: Any, tmp_path: Path
) -> None:
    file = file_of(tmp_path, EVENTS)
    made = [submit(file, long_mapping(), name=f"{n}.csv").id for n in range(5)]
    with database.reading() as db:
        assert [job.id for job in list_imports(db, project, None, 2)] == made[:2:-1]
        assert [job.id for job in list_imports(db, project, made[3], 9)] == made[2::-1]
        assert list_imports(db, project, 0) == []


def test_another_projects_job_is_not_there(
    database: Database, project: Project, submit: Any, tmp_path: Path, now: datetime
) -> None:
    job = submit(file_of(tmp_path, EVENTS), long_mapping())
    other = make_project(database, now, key="other")
    with database.reading() as db:
        assert list_imports(db, other) == []
        for number in (job.id, job.id + 1, 2**80):
            with pytest.raises(NotFound):
                get_import(db, other, number)


def test_a_files_name_is_only_a_name(submit: Any, tmp_path: Path) -> None:
    file = file_of(tmp_path, EVENTS)
    assert submit(file, long_mapping(), name="../../etc/passwd").name == "../../etc/passwd"
    assert len(submit(file, long_mapping(), name="가" * 500).name) == 200
    assert submit(file, long_mapping(), name="").name == "import"
