"""A kept report made again: what it says whatever happened to the ledger meanwhile."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, update

from experiments.errors import NotFound
from experiments.kpis.document import Text
from experiments.ledger.erasure import erase_unit
from experiments.registry.experiment import Experiment
from experiments.registry.keyed import Edit
from experiments.registry.moves import move
from experiments.reporting.report import Report
from experiments.reporting.stored import verify as verifying
from experiments.reporting.stored.content import canonical, digest_of
from experiments.reporting.stored.kept import (
    content_of,
    kept_since,
    last_stored,
    list_stored,
    stored_report,
)
from experiments.reporting.stored.store import basis_kept
from experiments.storage.codec import from_document
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, kpi_versions, ledger, reports
from tests.conftest import make_project
from tests.experiments.reporting.stored.shop import ACTOR, CLICKS, HASHER, KEY, STARTED, Shop


@pytest.fixture
def shop(database: Database, project: Project, tmp_path: Path) -> Shop:
    """A test with 60 customers."""
    made = Shop(database, project, tmp_path)
    made.begin()
    made.send(range(60))
    return made


def test_a_report_holds_whatever_came_after_it(shop: Shop) -> None:
    stored = shop.keep()
    before = shop.verify(stored)
    shop.now += timedelta(days=1)
    shop.send(range(60, 90))
    with shop.database.transaction() as db:
        move(db, shop.project, KEY, "stop", actor=ACTOR, now=shop.now)
    after = shop.verify(stored)
    for found in (before, after):
        assert (found.outcome, found.changed, found.differences) == ("equal", (), ())
        assert found.digest_now == stored.digest
    later = shop.keep("stopped")
    assert later.ledger_position > stored.ledger_position
    assert later.digest != stored.digest
    assert shop.verify(later).outcome == "equal"


def test_the_very_bytes_are_kept(shop: Shop) -> None:
    stored = shop.keep()
    with shop.database.reading() as db:
        found, content = content_of(db, shop.project, stored.public_id)
        basis = basis_kept(db, shop.project, stored.public_id)
    assert found == stored
    assert digest_of(content) == stored.digest
    document = json.loads(content)
    report = from_document(Report, {name: document[name] for name in document if name != "said"})
    assert canonical(report) == content
    assert isinstance(basis.registered.experiment, Experiment)
    assert b"u59" not in content


def test_an_erased_customer_makes_it_not_comparable(shop: Shop) -> None:
    stored = shop.keep()
    shop.now += timedelta(hours=1)
    for unit in ("u59", "u6", "u6"):
        erase_unit(
            shop.database, unit, Edit(shop.project, ACTOR, shop.now), hasher=HASHER,
            folder=shop.folder / "imports",
        )  # fmt: skip
    found = shop.verify(stored)
    assert found.outcome == "not_comparable"
    assert [(each.code, each.count) for each in found.changed] == [("erased", 2)]
    paths = [each.field for each in found.differences]
    assert "goals.0.arms.0.units" in paths
    assert "provenance.ledger_identity" not in paths


def test_erasing_somebody_else_leaves_it_equal(shop: Shop) -> None:
    stored = shop.keep()
    shop.send([100])
    shop.now += timedelta(hours=1)
    edit = Edit(shop.project, ACTOR, shop.now)
    erase_unit(shop.database, "u100", edit, hasher=HASHER, folder=shop.folder / "imports")
    found = shop.verify(stored)
    assert (found.outcome, [each.code for each in found.changed]) == ("equal", ["erased"])


def test_a_ledger_that_lost_its_end_is_told(shop: Shop) -> None:
    stored = shop.keep()
    with shop.database.transaction() as db:
        db.execute(delete(ledger).where(ledger.c.position > stored.ledger_position - 5))
    found = shop.verify(stored)
    assert (found.outcome, found.digest_now) == ("not_comparable", None)
    [changed] = found.changed
    was, now = stored.ledger_position, stored.ledger_position - 5
    assert (changed.code, changed.was, changed.now) == ("position_gone", str(was), str(now))


def test_another_past_at_the_position_is_another_ledger(shop: Shop) -> None:
    stored = shop.keep()
    with shop.database.transaction() as db:
        row = ledger.c.position == stored.ledger_position
        db.execute(update(ledger).where(row).values(digest=b"x" * 32))
    found = shop.verify(stored)
    assert (found.outcome, [each.code for each in found.changed]) == (
        "not_comparable", ["another_ledger"],
    )  # fmt: skip


def test_a_fact_changed_behind_our_back_is_shown_field_by_field(shop: Shop) -> None:
    stored = shop.keep()
    with shop.database.transaction() as db:
        db.execute(update(ledger).where(ledger.c.source_id == "c-u6").values(type="open"))
    (shop.folder / "replica" / "manifest.json").unlink()
    found = shop.verify(stored)
    assert (found.outcome, found.changed) == ("different", ())
    shown = {each.field: (each.stored, each.now) for each in found.differences}
    assert shown["goals.0.arms.0.total"] == (10.0, 9.0)


def test_a_kpi_version_changed_behind_our_back_is_shown(shop: Shop) -> None:
    stored = shop.keep()
    renamed = replace(CLICKS, name=Text("클릭", "Clicks"))
    with shop.database.transaction() as db:
        row = db.execute(kpi_versions.select()).one()
        document = row.document | {"name": vars(renamed.name)}
        db.execute(update(kpi_versions).values(document=document))
    found = shop.verify(stored)
    assert found.outcome == "different"
    assert "goals.0.name.en" in [each.field for each in found.differences]


def test_damaged_content_is_noticed(shop: Shop) -> None:
    stored = shop.keep()
    with shop.database.transaction() as db:
        db.execute(update(reports).values(content=b"{}"))
    found = shop.verify(stored)
    assert (found.outcome, [each.code for each in found.changed]) == (
        "not_comparable", ["content_damaged"],
    )  # fmt: skip


def test_other_code_is_named_and_excuses_a_difference(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = shop.keep()
    monkeypatch.setattr(verifying, "__version__", "9.9")
    found = shop.verify(stored)
    assert found.outcome == "equal"
    [changed] = found.changed
    assert (changed.code, changed.was, changed.now) == ("other_code", stored.code_version, "9.9")


def test_an_empty_ledger_can_be_reported_and_made_again(
    database: Database, project: Project, tmp_path: Path
) -> None:
    shop = Shop(database, project, tmp_path)
    shop.begin()
    stored = shop.keep()
    assert (stored.ledger_position, stored.state) == (0, "no_data")
    shop.send(range(10))
    assert shop.verify(stored).outcome == "equal"


def test_reports_are_listed_newest_first_and_by_project(shop: Shop) -> None:
    kept = [shop.keep(), shop.keep("stopped")]
    with shop.database.transaction() as db:
        listed = list_stored(db, shop.project, KEY)
        assert listed == kept[::-1]
        assert list_stored(db, shop.project, KEY, before=kept[1].number) == kept[:1]
        assert last_stored(db, shop.project, KEY) == kept[1]
        assert kept_since(db, shop.project, KEY, "stopped", kept[1].experiment_revision)
        assert not kept_since(db, shop.project, KEY, "decided", 0)
        mine = audit.select().where(audit.c.object_type == "report").order_by(audit.c.id)
        noted = db.execute(mine).all()
        assert [row.object_key for row in noted] == [each.public_id for each in kept]
    other = make_project(shop.database, STARTED, "other")
    with shop.database.reading() as db:
        with pytest.raises(NotFound):
            stored_report(db, other, kept[0].public_id)
        with pytest.raises(NotFound):
            list_stored(db, other, KEY)
        assert last_stored(db, other, KEY) is None
