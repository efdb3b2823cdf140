"""Ended tests are what the next one's expectation rests on, and a kept report keeps that."""

import json
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from experiments.ledger.append import append
from experiments.reporting import past
from experiments.reporting.basis import basis_of
from experiments.reporting.prior import Prior
from experiments.reporting.stored.kept import StoredReport, content_of
from experiments.reporting.stored.store import basis_kept
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import reports
from tests.conftest import make_project
from tests.experiments.measurement.ledger import add_experiment
from tests.experiments.reporting.stored.shop import HASHER, KEY, STARTED, Shop

BEFORE = STARTED - timedelta(days=30)
USUAL = Prior("proportion", "rate", 0.1, 0, 0)


@pytest.fixture
def shop(database: Database, project: Project, tmp_path: Path) -> Shop:
    """A test with 300 customers whose B is clicked more."""
    made = Shop(database, project, tmp_path)
    made.begin()
    made.send(range(300))
    clicks = [made._clicked(f"u{number}") for number in range(1, 150, 2) if number % 3]
    with database.transaction() as db:
        append(db, project, clicks, received_at=made.now, hasher=HASHER)
    return made


def ended(shop: Shop, copied: StoredReport, number: int, **other: Any) -> None:
    """Another test of the project that ended before, with the summary of a kept report."""
    values: dict[str, Any] = {"project": shop.project, "as_of": BEFORE, "lift": 0.02 * number}
    values |= other
    key = f"past-{values['project'].id}-{number}"
    test = add_experiment(shop.database, values["project"].id, key)
    with shop.database.transaction() as db:
        row = db.execute(select(reports).where(reports.c.public_id == copied.public_id)).one()
        kept = dict(row._mapping) | {
            "project_id": values["project"].id, "experiment_id": test, "as_of": values["as_of"],
            "public_id": f"{key}-{values['as_of']:%d%H}",
        }  # fmt: skip
        del kept["id"]
        lifts = [{**row.summary["lifts"][0], "log_ratio": values["lift"]}]
        kept["summary"] = row.summary | {"lifts": values.get("lifts", lifts)}
        db.execute(insert(reports).values(kept))


def priors(shop: Shop, as_of: datetime | None = None) -> tuple[Prior, ...]:
    return basis_of(shop.database, shop.project, KEY, as_of or shop.now).priors


def expected(shop: Shop, stored: StoredReport) -> dict[str, Any]:
    with shop.database.reading() as db:
        _, content = content_of(db, shop.project, stored.public_id)
    found: dict[str, Any] = json.loads(content)["goals"][0]["comparisons"][0]["expected"]
    return found


def test_what_ended_tests_found_is_kept_with_a_report_and_makes_it_equal_again(shop: Shop) -> None:
    first = shop.keep()
    assert priors(shop) == (USUAL,)
    assert (expected(shop, first)["past_tests"], expected(shop, first)["ended_tests"]) == (0, 0)
    for number in range(12):
        ended(shop, first, number)
    second = shop.keep()
    [prior] = priors(shop)
    assert (prior.past_tests, prior.ended_tests) == (12, 12)
    assert prior.sd != USUAL.sd
    with shop.database.reading() as db:
        assert basis_kept(db, shop.project, first.public_id).priors == (USUAL,)
        assert basis_kept(db, shop.project, second.public_id).priors == (prior,)
    assert expected(shop, second)["past_tests"] == 12
    assert expected(shop, second)["relative"] != expected(shop, first)["relative"]
    ended(shop, first, 12, lift=2.0)
    for stored in (first, second):
        found = shop.verify(stored)
        assert (found.outcome, found.differences) == ("equal", ())


def test_only_what_had_ended_by_then_in_this_project_counts_and_the_newest_of_each_test(
    shop: Shop, now: datetime
) -> None:
    first = shop.keep()
    other = make_project(shop.database, now, "other")
    ended(shop, first, 1)
    ended(shop, first, 2, as_of=shop.now + timedelta(days=1))
    ended(shop, first, 3, project=other)
    ended(shop, first, 4, lifts=None)
    ended(shop, first, 5, lifts=[])
    assert priors(shop)[0].ended_tests == 1
    assert priors(shop, shop.now + timedelta(days=2))[0].ended_tests == 2
    assert priors(shop, BEFORE - timedelta(days=1))[0].ended_tests == 0
    with shop.database.transaction() as db:
        made = db.execute(select(reports).where(reports.c.public_id.like("past-%-1-%"))).one()
        again = dict(made._mapping) | {
            "public_id": "again", "as_of": BEFORE + timedelta(days=1),
            "summary": made.summary | {"lifts": []},
        }  # fmt: skip
        del again["id"]
        db.execute(insert(reports).values(again))
    assert priors(shop)[0].ended_tests == 0
    with shop.database.transaction() as db:
        found = reports.c.public_id == "again"
        db.execute(update(reports).where(found).values(summary={**made.summary, "lifts": None}))
    assert priors(shop)[0].ended_tests == 1


def test_reports_of_tests_that_run_leave_room_for_those_of_ended_ones(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(past, "MOST_REPORTS", 2)
    first = shop.keep()
    ended(shop, first, 1)
    for number in (2, 3):
        ended(shop, first, number, as_of=BEFORE + timedelta(days=1), lifts=None)
    assert priors(shop)[0].ended_tests == 1
