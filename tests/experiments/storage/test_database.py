"""The database: both dialects, migrations up and down, writers in line."""

from datetime import datetime
from threading import Thread

import pytest
from alembic import command
from sqlalchemy import inspect, select

import migrations
from experiments.errors import Invalid, KeyTaken
from experiments.storage.configuration import bump, current_version, ledger_identity
from experiments.storage.database import Database, DatabaseUnavailable
from experiments.storage.projects import Project, create_project, get_project, list_projects
from experiments.storage.tables import projects
from tests.conftest import make_project


def test_the_schema_matches_the_tables(database: Database) -> None:
    command.check(migrations.alembic_config(database))


def test_migrations_go_down_and_up_again(database: Database) -> None:
    migrations.downgrade(database, "base")
    assert not set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    migrations.upgrade(database)
    with database.reading() as db:
        assert current_version(db) == 1
        assert ledger_identity(db)


def test_a_failed_transaction_leaves_nothing(database: Database, now: datetime) -> None:
    def create_twice() -> None:
        with database.transaction() as db:
            for _ in range(2):
                create_project(
                    db, key="a", name="A", time_zone="UTC", currency="USD", language="en", now=now
                )

    with pytest.raises(KeyTaken):
        create_twice()
    with database.reading() as db:
        assert list_projects(db) == []


def test_writers_wait_for_each_other(database: Database) -> None:
    def count_up() -> None:
        for _ in range(20):
            with database.transaction() as db:
                bump(db)

    threads = [Thread(target=count_up) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as db:
        assert current_version(db) == 81


def test_a_project_is_found_by_its_key(database: Database, project: Project) -> None:
    with database.reading() as db:
        assert get_project(db, "shop") == project
        assert db.execute(select(projects.c.created_at)).scalar_one().tzinfo is not None


def test_a_taken_key_is_refused(database: Database, project: Project, now: datetime) -> None:
    with pytest.raises(KeyTaken):
        make_project(database, now)


@pytest.mark.parametrize(
    ("field", "value"),
    [("time_zone", "Seoul"), ("language", "fr"), ("currency", "won"), ("key", "Big Shop")],
)
def test_a_bad_project_names_the_field(
    sqlite_database: Database, now: datetime, field: str, value: str
) -> None:
    good = {"key": "a", "name": "A", "time_zone": "UTC", "currency": "USD", "language": "en"}
    with sqlite_database.transaction() as db, pytest.raises(Invalid) as refusal:
        create_project(db, **{**good, field: value}, now=now)
    assert refusal.value.field == field


def test_an_unreachable_database_is_named() -> None:
    database = Database.open("postgresql://nobody@127.0.0.1:1/nothing")
    with pytest.raises(DatabaseUnavailable), database.reading():
        pass


def test_other_databases_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a sqlite or postgresql URL"):
        Database.open("mysql://localhost/truelift")


def test_a_connection_that_comes_back_after_the_end_is_closed(database: Database) -> None:
    with database.engine.connect() as late:
        driver = late.connection.dbapi_connection
        assert driver is not None
        database.dispose()
        with database.engine.connect() as fresh:
            kept = fresh.connection.dbapi_connection
            assert kept is not driver
    with pytest.raises(Exception, match="closed"):
        driver.cursor()
    assert kept is not None
    kept.cursor().close()
