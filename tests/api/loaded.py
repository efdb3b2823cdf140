"""A SQLite database that holds the sample test already: loaded once, copied for each test."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from experiments.storage.database import Database
from experiments.storage.projects import Project, get_project
from sample_data.load import load_scenario
from tests.api.conftest import Api, Clock
from tests.conftest import NOW, make_project

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "subject_line"
LATER = timedelta(days=30)


@pytest.fixture(scope="module")
def loaded_file(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file to copy: project ``shop`` with the sample test."""
    path = tmp_path_factory.mktemp("loaded") / "truelift.db"
    shutil.copy(migrated_sqlite, path)
    database = Database.open(f"sqlite:///{path}")
    load_scenario(database, make_project(database, NOW), SAMPLE)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def database(loaded_file: Path, tmp_path: Path) -> Iterator[Database]:
    """A copy of this test's own; what is tested here does not differ by database."""
    path = tmp_path / "truelift.db"
    shutil.copy(loaded_file, path)
    database = Database.open(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture
def project(database: Database) -> Project:
    """The project of the sample test."""
    with database.reading() as db:
        return get_project(db, "shop")


@pytest.fixture
def reader(api: Api, clock: Clock) -> Api:
    """A caller who may do everything, weeks after the sample test."""
    clock.at += LATER
    return api
