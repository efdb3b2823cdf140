from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from experiments.errors import Invalid
from experiments.kpis.adoption import below_its_parent
from experiments.kpis.catalog import every_document, get_kpi
from experiments.kpis.catalogue import entry
from experiments.kpis.document import STATUSES, Formula
from experiments.kpis.status import STEPS, IllegalStatus, OfficialMeaning
from experiments.kpis.store import set_status
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.kpis.documents import open_rate, unsubscribe_rate
from tests.experiments.kpis.test_store import change, create


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """A status does not differ by database."""
    return sqlite_database


def test_every_status_leads_somewhere() -> None:
    assert set(STEPS) == set(STATUSES)
    assert {to for steps in STEPS.values() for to in steps} == set(STATUSES)


@pytest.mark.parametrize("key", ["tree", "catalogue"])
def test_an_address_is_no_key(
    key: str, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    with pytest.raises(Invalid) as refusal:
        create(database, project, open_rate(key=key), actor, now)
    assert refusal.value.field == "key"


def test_whoever_makes_a_kpi_official_has_approved_it(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    assert create(database, project, open_rate(), actor, now).approved_by is None
    later = now + timedelta(days=1)
    with database.transaction() as db:
        official = set_status(
            db, project, "open", "official",
            successor=None, expected_revision=1, actor=actor, now=later,
        )  # fmt: skip
    assert (official.approved_by, official.approved_at) == (actor.name, later)
    kept = change(
        database, project, open_rate(status="official", owner="jisu"), Actor("jisu"), later
    )
    assert (kept.approved_by, kept.approved_at) == (actor.name, later)
    with database.reading() as db:
        assert get_kpi(db, project, "open") == kept
    reviewed = change(database, project, open_rate(status="under_review"), actor, later)
    assert (reviewed.approved_by, reviewed.approved_at) == (None, None)


def test_a_kpi_may_be_official_from_the_start(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    made = create(database, project, open_rate(status="official"), actor, now)
    assert (made.approved_by, made.approved_at) == (actor.name, now)


def test_what_an_official_kpi_counts_changes_under_review(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    clicks = Formula("click", "occurrence", 72)
    create(database, project, open_rate(status="official"), actor, now)
    with pytest.raises(OfficialMeaning) as refusal:
        change(database, project, open_rate(status="official", formula=clicks), actor, now)
    assert refusal.value.field == "formula"
    change(database, project, open_rate(status="under_review", formula=clicks), actor, now)


def test_a_retired_kpi_names_its_successor_and_comes_back_under_review(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    for document in (open_rate(), unsubscribe_rate()):
        create(database, project, document, actor, now)
    retired = change(
        database, project, open_rate(status="retired", successor="unsubscribe"), actor, now
    )
    assert retired.document.successor == "unsubscribe"
    with pytest.raises(IllegalStatus) as refusal:
        change(database, project, open_rate(status="official"), actor, now)
    assert refusal.value.field == "status"
    assert change(database, project, open_rate(status="under_review"), actor, now).version == 1


def test_a_kpi_of_the_catalogue_goes_below_its_parent_if_that_is_there(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    opens, click = entry("human-open-rate").document(), entry("click-rate").document()
    with database.reading() as db:
        assert below_its_parent(db, project, opens).parent is None
    create(database, project, click, actor, now)
    with database.reading() as db:
        assert below_its_parent(db, project, opens).parent == "click-rate"
        assert below_its_parent(db, project, open_rate()).parent is None
        above = replace(opens, parent="other")
        assert below_its_parent(db, project, above).parent == "other"
        assert [each.key for each in every_document(db, project)] == ["click-rate"]
