"""The whole way from the ledger to what a report says of its data."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from experiments.ledger.append import append
from experiments.ledger.batch import Batch, place_batch
from experiments.ledger.erasure import erase_unit
from experiments.ledger.facts import Event
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.inbound.pace import pace_rules
from experiments.measurement.replica import Replica
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.reporting.analysis import build_report
from experiments.reporting.document import report_document
from experiments.reporting.report import Report
from experiments.reporting.text import render_text
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, inbound_webhooks
from sample_data.load import load_scenario
from tests.conftest import make_project
from tests.experiments.measurement.ledger import HOUR, SENT, alias, event, exposure, withdrawal
from tests.experiments.measurement.ledger import append as append_rows

SAMPLE = Path(__file__).resolve().parents[3] / "sample_data" / "subject_line"
NOW = datetime(2025, 4, 1, tzinfo=UTC)
HASHER = AliasHasher(bytes(32))


@pytest.fixture
def shop(sqlite_database: Database, now: datetime) -> tuple[Database, Project, str]:
    project = make_project(sqlite_database, now - timedelta(days=30), "main")
    return sqlite_database, project, load_scenario(sqlite_database, project, SAMPLE)


def report_of(shop: tuple[Database, Project, str], folder: Path) -> Report:
    database, project, key = shop
    return build_report(database, Replica(folder / "replica", database), project, key, now=NOW)


def said(report: Report) -> dict[str, Any]:
    """The report without what tells one reading of the ledger from another."""
    document = report_document(report)
    document["provenance"]["ledger_position"] = 0
    for goal in document["goals"]:
        del goal["sql"]
        accounting = goal["accounting"]
        accounting["received"] -= accounting["excluded"].pop("withdrawn", 0)
    quality = document["health"]["quality"]
    quality["withdrawn"] = 0
    quality["exposures_left_out"].pop("withdrawn", None)
    found: dict[str, Any] = json.loads(json.dumps(document))
    return found


@pytest.mark.slow
def test_a_withdrawn_import_leaves_the_report_as_if_it_had_never_been(
    shop: tuple[Database, Project, str], tmp_path: Path
) -> None:
    database, project, _ = shop
    never = report_of(shop, tmp_path)
    file = {
        "id": 7, "project_id": project.id, "name": "wrong.csv", "file_sha256": "",
        "file_bytes": 0, "mapping": {}, "state": "withdrawn", "rejects": [], "created_at": NOW,
        "created_by": "test",
    }  # fmt: skip
    with database.transaction() as db:
        db.execute(insert(imports).values(file))
    wrong = [
        *(exposure(f"w-{n}", f"wrong-{n}", "b", import_id=7) for n in range(300)),
        *(event(f"o-{n}", f"wrong-{n}", import_id=7) for n in range(200)),
        alias("a-1", "email:1", "wrong-1", import_id=7),
        alias("m-1", "unit:wrong-1", "wrong-2", import_id=7),
        event("late", "wrong-1", occurred_at=SENT + HOUR, import_id=7),
    ]  # fmt: skip
    append_rows(database, wrong)
    loaded = report_of(shop, tmp_path)
    assert said(loaded) != said(never)
    append_rows(database, [withdrawal(7)])
    withdrawn = report_of(shop, tmp_path)
    assert said(withdrawn) == said(never)
    quality = withdrawn.health.quality
    assert quality is not None
    assert (quality.withdrawn, quality.exposures_left_out) == (503, {"withdrawn": 300})
    text = " ".join(render_text(withdrawn, "en").split())
    assert "Records of withdrawn imports, left out as if they had never come: 503." in text
    assert withdrawn.primary is not None
    assert withdrawn.primary.accounting.excluded["withdrawn"] == 201


def test_what_arrives_of_erased_customers_is_counted_by_its_type(
    shop: tuple[Database, Project, str], tmp_path: Path
) -> None:
    database, project, _ = shop
    edit = Edit(project, Actor("test"), NOW)
    erase_unit(database, "gone", edit, hasher=HASHER, folder=tmp_path)
    batch = Batch(tuple((n, Event(f"g-{n}", "gone", "open", NOW)) for n in range(3)), ())
    rows = place_batch(batch, {}, project, hasher=HASHER).rows
    with database.transaction() as db:
        append(db, project, rows, received_at=NOW, hasher=HASHER)
    append_rows(database, [event("one-more", "stranger", "custom")])
    after = report_of(shop, tmp_path)
    assert after.primary is not None
    accounting = after.primary.accounting
    assert accounting.excluded["erased"] == 3
    assert accounting.received == accounting.used + sum(accounting.excluded.values())
    assert after.health.quality is not None
    assert after.health.quality.erased == 3


def test_the_pace_of_the_webhooks_is_the_projects(sqlite_database: Database, now: datetime) -> None:
    project = make_project(sqlite_database, now)
    rules: list[dict[str, Any]] = [{"links": 5}, {"seconds": 1}, {"links": 9}, {"agents": []}]
    stated = [{}, *({"machine": rule} for rule in rules)]
    with sqlite_database.transaction() as db:
        assert (pace_rules(db, project).links, pace_rules(db, project).seconds) == (3, 2)
        for number, settings in enumerate(stated):
            row = {
                "project_id": project.id, "public_id": str(number), "source": "sendgrid",
                "name": "x", "token_hash": str(number), "settings": settings, "created_at": now,
                "revoked_at": now if number == 3 else None,
            }  # fmt: skip
            db.execute(insert(inbound_webhooks).values(row))
        found = pace_rules(db, project)
    assert (found.links, found.seconds) == (5, 1)
