"""The identity key held against the database, and who an alias is found to be in it."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, update

from experiments.ledger.batch import Batch, record
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.identity.kept import KeptKey, WrongIdentityKey, keep_key
from experiments.ledger.identity.key import IdentityKey
from experiments.ledger.identity.lookup import Who, known_by, who_is
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, ledger
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT, event, stored

KEY, OTHER = IdentityKey(b"k" * 32), IdentityKey(b"o" * 32)
DAY = timedelta(days=1)
MINJI = Alias("email", "minji@example.com")


@pytest.fixture
def project_on_sqlite(sqlite_database: Database, now: datetime) -> Project:
    return make_project(sqlite_database, now)


def tell(database: Database, project: Project, *facts: AliasFact) -> None:
    batch = Batch(tuple(enumerate(facts)), ())
    with database.transaction() as db:
        result = record(db, project, batch, now=AT, hasher=KEY.hasher(project.key))
    assert result.accepted == len(facts)


def start(database: Database, key: IdentityKey) -> None:
    with database.transaction() as db:
        keep_key(db, key)


def test_a_start_with_another_key_is_refused_once_something_was_hashed(
    sqlite_database: Database, project_on_sqlite: Project
) -> None:
    start(sqlite_database, OTHER)
    start(sqlite_database, KEY)
    tell(sqlite_database, project_on_sqlite, AliasFact(MINJI, "1"))
    start(sqlite_database, KEY)
    with pytest.raises(WrongIdentityKey, match="identity key is not the one"):
        start(sqlite_database, OTHER)


def test_a_key_that_is_not_the_databases_is_not_given_out(
    sqlite_database: Database, project_on_sqlite: Project
) -> None:
    start(sqlite_database, KEY)
    with pytest.raises(WrongIdentityKey):
        KeptKey(OTHER, sqlite_database).hasher(project_on_sqlite)
    kept = KeptKey(KEY, sqlite_database)
    hasher = kept.hasher(project_on_sqlite)
    assert kept.hasher(project_on_sqlite) is hasher
    assert hasher == KEY.hasher("shop")


def test_nothing_of_the_value_is_stored(database: Database, project: Project) -> None:
    tell(database, project, AliasFact(MINJI, "1"), AliasFact(Alias("phone", "0101234"), "1"))
    batch = Batch(((0, event(unit_id=None, alias=MINJI)),), ())
    with database.transaction() as db:
        record(db, project, batch, now=AT, hasher=KEY.hasher(project.key))
    rows = stored(database)
    assert len(rows) == 3
    assert "minji" not in str(rows)
    assert "0101234" not in str(rows)


def test_the_latest_fact_that_was_valid_counts_and_else_the_first(
    database: Database, project: Project
) -> None:
    hasher = KEY.hasher(project.key)
    tell(database, project, AliasFact(MINJI, "2", AT + DAY), AliasFact(MINJI, "1", AT))
    with database.reading() as db:
        assert who_is(db, project, hasher, MINJI, AT - DAY) == Who("known", "1", AT)
        assert who_is(db, project, hasher, MINJI, AT) == Who("known", "1", AT)
        assert who_is(db, project, hasher, MINJI, AT + DAY) == Who("known", "2", AT + DAY)
        nobody = Alias("email", "nobody@example.com")
        assert who_is(db, project, hasher, nobody, AT) == Who("unknown")
        assert [(each.kind, each.valid_from) for each in known_by(db, project, "2")] == [
            ("email", AT + DAY)
        ]
        assert known_by(db, project, "3") == []


def test_two_units_from_one_instant_on_are_nobody_until_a_later_one(
    database: Database, project: Project
) -> None:
    hasher = KEY.hasher(project.key)
    tell(
        database, project, AliasFact(MINJI, "1", AT), AliasFact(MINJI, "2", AT),
        AliasFact(MINJI, "2", AT + DAY), AliasFact(MINJI, "1", AT, "told again"),
    )  # fmt: skip
    with database.reading() as db:
        assert who_is(db, project, hasher, MINJI, AT) == Who("ambiguous")
        assert who_is(db, project, hasher, MINJI, AT - DAY) == Who("ambiguous")
        assert who_is(db, project, hasher, MINJI, AT + DAY).unit_id == "2"


def test_merges_are_followed_twice(database: Database, project: Project) -> None:
    hasher = KEY.hasher(project.key)
    merges = [AliasFact(Alias("unit", was), became, AT) for was, became in ("ab", "bc", "cd")]
    tell(database, project, AliasFact(MINJI, "a", AT), *merges)
    with database.reading() as db:
        assert who_is(db, project, hasher, MINJI, AT).unit_id == "c"
        assert who_is(db, project, hasher, Alias("unit", "c"), AT).unit_id == "d"
        assert who_is(db, project, hasher, Alias("unit", "z"), AT) == Who("known", "z")
    tell(database, project, AliasFact(Alias("unit", "b"), "x", AT))
    with database.reading() as db:
        assert who_is(db, project, hasher, MINJI, AT) == Who("ambiguous")


def test_another_projects_aliases_are_not_met(database: Database, project: Project) -> None:
    tell(database, project, AliasFact(MINJI, "1", AT))
    other = Project(project.id + 1, "other", "", "Asia/Seoul", "KRW", "ko")
    with database.reading() as db:
        for hasher in (KEY.hasher("other"), KEY.hasher("shop")):
            assert who_is(db, other, hasher, MINJI, AT) == Who("unknown")
        assert known_by(db, other, "1") == []


def test_what_a_withdrawn_import_said_counts_for_nothing(
    database: Database, project: Project
) -> None:
    hasher = KEY.hasher(project.key)
    tell(database, project, AliasFact(MINJI, "1", AT), AliasFact(MINJI, "2", AT + DAY, "wrong"))
    job = {
        "project_id": project.id, "name": "x", "file_sha256": "", "file_bytes": 0, "mapping": {},
        "state": "done", "rejects": [], "created_at": AT, "created_by": "test",
    }  # fmt: skip
    with database.transaction() as db:
        made = db.execute(insert(imports).values(job).returning(imports.c.id)).scalar_one()
        theirs = update(ledger).where(ledger.c.source_id == "wrong").values(import_id=made)
        db.execute(theirs)
        assert who_is(db, project, hasher, MINJI, AT + DAY).unit_id == "2"
        withdrawal = {
            "project_id": project.id, "source_id": f"withdrawal:{made}", "digest": bytes(32),
            "fact": "withdrawal", "type": "import", "occurred_at": 0, "received_at": 0,
            "machine": False, "import_id": made,
        }  # fmt: skip
        db.execute(insert(ledger).values(withdrawal))
        assert who_is(db, project, hasher, MINJI, AT + DAY).unit_id == "1"
        assert known_by(db, project, "2") == []
