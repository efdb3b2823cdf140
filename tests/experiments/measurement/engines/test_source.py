"""The user's own tables by a mapping: measured as the ledger would be, or refused by name."""

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url, select

from experiments.errors import Invalid, TrueliftError
from experiments.measurement.engines.errors import (
    ColumnMissing,
    ColumnUnfit,
    EngineUnreachable,
    RowsIncomplete,
    TableMissing,
)
from experiments.measurement.engines.warehouse import read_warehouse
from experiments.measurement.measure import measure
from experiments.measurement.replica import Replica, ReplicaState
from experiments.measurement.session import open_session
from experiments.storage.database import Database
from experiments.storage.tables import projects
from tests.conftest import NOW, make_project
from tests.experiments.measurement.engines import shop
from tests.experiments.measurement.engines.ledgers import answers, stored
from tests.experiments.measurement.engines.test_postgresql import fill
from tests.experiments.measurement.engines.tracked import check_shop
from tests.experiments.measurement.ledger import add_experiment, replica_of


@pytest.fixture
def address(postgresql_database: Database) -> Iterator[str]:
    """A PostgreSQL with the shop's tables, none of which is ours."""
    url = postgresql_database.engine.url.set(drivername="postgresql")
    found = url.render_as_string(hide_password=False)
    with psycopg.connect(found, autocommit=True) as connection:
        connection.execute("CREATE SCHEMA shop")
        connection.execute("SET search_path = shop")
        for statement in shop.statements("TEXT", "timestamptz", "timestamp"):
            connection.execute(statement.encode())
        yield (
            make_url(found)
            .update_query_dict({"options": "-csearch_path=shop"})
            .render_as_string(hide_password=False)
        )
        connection.execute("DROP SCHEMA shop CASCADE")


def place(text: str, folder: Path, database: Database) -> ReplicaState:
    """The replica of an empty ledger, with the file's tables in its place."""
    path = folder / "warehouse.toml"
    path.write_text(text, encoding="utf-8")
    with database.reading() as db:
        if db.execute(select(projects.c.id)).first() is None:
            db.rollback()
            registered(database)
    return Replica(folder / "replica", database, warehouse=read_warehouse(path)).refresh()


def registered(database: Database) -> None:
    """The shop with a test of the key that its table says."""
    make_project(database, NOW)
    add_experiment(database, 1, "spring")


def test_mapped_tables_are_measured_as_the_ledger_would_be(
    address: str, sqlite_database: Database, tmp_path: Path
) -> None:
    given = place(shop.mapping("postgresql", address), tmp_path, sqlite_database)
    state = replica_of(tmp_path / "same", stored(shop.facts()))
    with open_session(state, 1) as ours, open_session(given, 1) as theirs:
        for request in shop.requests():
            assert answers(theirs, request) == answers(ours, request)
        assert theirs.repeats == {("event", "purchase", "duplicate"): 2}
        found = measure(theirs, shop.requests()[0])
    assert found.accounting.excluded["without_value"] == 1
    assert '"orders"' in found.sql
    assert found.ledger_identity.startswith("postgresql:")


def test_mapped_tables_are_followed_over_time_as_the_ledger_would_be(
    address: str, sqlite_database: Database, tmp_path: Path
) -> None:
    given = place(shop.mapping("postgresql", address), tmp_path, sqlite_database)
    state = replica_of(tmp_path / "same", stored(shop.facts()))
    with open_session(state, 1) as ours, open_session(given, 1) as theirs:
        check_shop(ours, theirs, [each.kpi for each in shop.requests()])


def test_the_ledger_itself_is_measured_where_no_tables_are_mapped(
    postgresql_database: Database, tmp_path: Path
) -> None:
    fill(postgresql_database, shop.facts())
    bare = 'engine = "postgresql"\naddress = "postgresql://unused"\nproject = "shop"\n'
    with open_session(place(bare, tmp_path, postgresql_database), 1) as session:
        assert measure(session, shop.requests()[1]).accounting.received == 24


@pytest.mark.parametrize(
    ("old", "new", "refusal", "field", "told"),
    [
        ('unit = "customer"', 'unit = "member"', ColumnMissing, "exposures.0.columns.unit",
         "send_id, customer, campaign"),
        ('table = "orders"', 'table = "baskets"', TableMissing, "events.0.table", "baskets"),
        ('zone = "Asia/Seoul"', "", ColumnUnfit, "exposures.0.columns.at", "zone"),
        ('at = "paid_at"', 'at = "item"', ColumnUnfit, "events.0.columns.at", "timestamptz"),
        ('variant = "arm"', 'variant = "hole"', RowsIncomplete, "exposures.0", "24 rows"),
        ('item = "item"', 'item = "colour"', ColumnMissing, "events.0.properties.item", "colour"),
    ],
)  # fmt: skip
def test_what_is_not_as_it_is_mapped_is_refused_with_its_field(
    address: str, sqlite_database: Database, tmp_path: Path, old: str, new: str,
    refusal: type[TrueliftError], field: str, told: str,
) -> None:  # fmt: skip
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute("ALTER TABLE sends ADD COLUMN hole text")
    text = shop.mapping("postgresql", address).replace(old, new, 1)
    with (
        pytest.raises(refusal) as refused,
        open_session(place(text, tmp_path, sqlite_database), 1),
    ):
        pass
    assert refused.value.field == field
    assert told in str(refused.value)


def test_an_engine_out_of_reach_is_said_with_the_cause(
    sqlite_database: Database, tmp_path: Path
) -> None:
    text = shop.mapping("postgresql", "postgresql://me:secret@127.0.0.1:9/shop")
    with (
        pytest.raises(EngineUnreachable, match="refused") as refused,
        open_session(place(text, tmp_path, sqlite_database), 1),
    ):
        pass
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('engine = "postgresql"', 'engine = "oracle"', "engine"),
        ('project = "shop"', "", "project"),
        ('unit = "customer"', "", "exposures.0.columns.unit"),
        ('id = "order_id"', 'key = "order_id"', "events.0.columns.key"),
        ("[[events]]", "[[orders]]", "orders"),
        ('zone = "Asia/Seoul"', 'epoch = "days"', "exposures.0.epoch"),
        ('fixed = { type = "purchase" }', 'fixed = { colour = "red" }', "events.0.fixed.colour"),
        ('[[exposures]]\ntable = "sends"', '[[exposures]]\ntable = 3', "exposures.0.table"),
        ('engine = "postgresql"', "engine postgresql", "warehouse"),
    ],
)  # fmt: skip
def test_a_file_that_cannot_be_used_names_its_field(
    tmp_path: Path, old: str, new: str, field: str
) -> None:
    path = tmp_path / "warehouse.toml"
    path.write_text(shop.mapping("postgresql", "x").replace(old, new, 1), encoding="utf-8")
    with pytest.raises(Invalid) as refused:
        read_warehouse(path)
    assert refused.value.field == field


def test_a_file_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="No such file"):
        read_warehouse(tmp_path / "nowhere.toml")
