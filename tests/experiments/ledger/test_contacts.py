"""Caps and look-ups see what was reported under an alias that is known."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert

from experiments.ledger.contacts import met_elsewhere, sent_often
from experiments.ledger.exposed import exposed_units, exposures_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    add_experiment,
    alias,
    append,
    exposure,
    withdrawal,
)

NOW = SENT_AT + timedelta(days=1)


@pytest.fixture
def shop(database: Database, project: Project) -> Database:
    """A project with three tests and an import."""
    assert [add_experiment(database, key=f"test-{n}") for n in (1, 2, 3)] == [1, 2, 3]
    row = {
        "id": 7, "project_id": project.id, "name": "x.csv", "file_sha256": "", "file_bytes": 0,
        "mapping": {}, "state": "done", "rejects": [], "created_at": SENT_AT, "created_by": "t",
    }  # fmt: skip
    with database.transaction() as db:
        db.execute(insert(imports).values(row))
    return database


def often(database: Database, sends: int = 2, here: int = 3) -> set[str]:
    with database.reading() as db:
        found = sent_often(db, 1, here, sends=sends, days=7, now=NOW)
        return {unit for chunk in found for unit in chunk}


def elsewhere(database: Database, here: int) -> set[str]:
    with database.reading() as db:
        found = met_elsewhere(db, 1, here, days=7, now=NOW)
        return {unit for chunk in found for unit in chunk}


def sends(*who: tuple[str | None, str | None], test: int = 1, **other: Any) -> list[Row]:
    """A send to each (unit, alias)."""
    return [
        exposure(f"s-{test}-{n}-{other}", unit, "a", alias=name, experiment_id=test, **other)
        for n, (unit, name) in enumerate(who)
    ]


def test_sends_under_an_alias_count_once_it_is_known(shop: Database) -> None:
    append(shop, sends(("u-1", None), (None, "email:1"), (None, "email:2"), (None, "email:2")))
    assert often(shop) == set()
    assert elsewhere(shop, here=2) == {"u-1"}
    append(shop, [alias("a-1", "email:1", "u-1"), alias("a-2", "email:2", "u-2")])
    assert often(shop) == {"u-1", "u-2"}
    assert often(shop, sends=3) == set()
    assert elsewhere(shop, here=2) == {"u-1", "u-2"}


def test_the_alias_in_force_counts_and_an_ambiguous_one_for_nobody(shop: Database) -> None:
    append(shop, sends((None, "email:1"), (None, "email:2")))
    append(
        shop,
        [
            alias("a-1", "email:1", "old", occurred_at=SENT - HOUR),
            alias("a-2", "email:1", "new", occurred_at=SENT),
            alias("a-3", "email:1", "later", occurred_at=SENT + 1),
            alias("a-4", "email:2", "one", occurred_at=SENT + HOUR),
            alias("a-5", "email:2", "two", occurred_at=SENT + HOUR),
        ],
    )
    assert often(shop, sends=1) == {"new"}


def test_whom_this_test_met_under_an_alias_is_not_capped_by_it(shop: Database) -> None:
    append(shop, sends(("u-1", None), ("u-1", None), ("u-2", None), ("u-2", None)))
    append(shop, sends((None, "email:1"), test=3))
    assert often(shop) == {"u-1", "u-2"}
    append(shop, [alias("a-1", "email:1", "u-1")])
    assert often(shop) == {"u-2"}
    assert elsewhere(shop, here=3) == {"u-2"}


def test_sends_to_a_unit_that_became_another_count_for_that_one(shop: Database) -> None:
    append(shop, sends(("old", None), ("new", None), (None, "email:1"), ("elder", None)))
    append(shop, sends(("split", None), ("split", None), test=2))
    assert often(shop) == {"split"}
    append(shop, [alias("a-1", "email:1", "old"), alias("m-1", "unit:old", "new")])
    assert often(shop, sends=3) == {"new"}
    append(shop, [alias("m-2", "unit:elder", "old")])
    assert often(shop, sends=4) == {"new"}, "two steps are followed"
    append(shop, [alias(f"m-{unit}", "unit:split", unit) for unit in ("x", "y")])
    assert often(shop) == {"new"}, "nobody can say who that became"
    append(shop, sends(("elder", None), test=3))
    assert often(shop) == set(), "this test has met the one that all became"


def test_sends_of_a_withdrawn_import_count_for_nothing(shop: Database) -> None:
    append(shop, sends(("u-1", None), import_id=7))
    append(
        shop,
        [*sends(("u-1", None), (None, "email:1")), alias("a-1", "email:1", "u-1", import_id=7)],
    )
    assert often(shop, sends=3) == {"u-1"}
    append(shop, [withdrawal(7)])
    assert often(shop) == set()
    assert often(shop, sends=1) == {"u-1"}


def test_a_customers_exposures_are_found_under_their_aliases(
    shop: Database, project: Project
) -> None:
    append(shop, sends(("u-1", None), (None, "email:1"), (None, "email:2")))
    append(shop, sends((None, "email:1"), test=2, occurred_at=SENT + HOUR))
    append(shop, [alias("a-1", "email:1", "u-1"), alias("a-2", "email:2", "u-2")])
    append(shop, [alias("a-3", "email:1", "u-3", occurred_at=SENT + 1)])
    with shop.reading() as db:
        mine, hers = exposures_of(db, project, "u-1", 10), exposures_of(db, project, "u-3", 10)
        met = sorted(unit for chunk in exposed_units(db, 1) for unit in chunk)
    assert [found.experiment for found in mine] == ["test-1", "test-1"]
    assert [found.experiment for found in hers] == ["test-2"]
    assert met == ["u-1", "u-2"]
