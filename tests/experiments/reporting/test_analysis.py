"""From files to a report, on both databases: the sample tests and what is known of them."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.errors import Invalid, NotFound
from experiments.measurement.replica import Replica
from experiments.operations.audit import SYSTEM
from experiments.registry.keyed import Edit
from experiments.registry.message_costs import MessageCost, replace_message_costs
from experiments.reporting.analysis import build_report
from experiments.reporting.asked import Asked
from experiments.reporting.document import report_document
from experiments.reporting.report import Report, State
from experiments.reporting.shelf import ReportShelf
from experiments.storage.database import Database
from experiments.storage.projects import Project
from sample_data.load import load_scenario
from tests.conftest import make_project

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"
NOW = datetime(2025, 4, 1, tzinfo=UTC)
SENT_AT = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)


@pytest.fixture
def main_project(database: Database, now: datetime) -> Project:
    return make_project(database, now - timedelta(days=30), "main")


def report_of(
    database: Database, project: Project, folder: Path, key: str, as_of: datetime | None = None
) -> Report:
    replica = Replica(folder / "replica", database)
    return build_report(database, replica, project, key, now=NOW, as_of=as_of)


def truth(scenario: str) -> Any:
    return json.loads((SAMPLES / scenario / "truth.json").read_text())["realised"]


@pytest.mark.parametrize("scenario", ["subject_line", "broken_split"])
def test_the_extracts_are_counted_exactly(
    database: Database, main_project: Project, tmp_path: Path, scenario: str
) -> None:
    key = load_scenario(database, main_project, SAMPLES / scenario)
    report = report_of(database, main_project, tmp_path, key)
    known = {
        "human_open": "human_open",
        "open_all": "all_open",
        "click": "click",
        "conversion": "purchase",
        "unsubscribe": "unsubscribe",
    }
    for goal in report.goals:
        for arm in goal.arms:
            facts = truth(scenario)[arm.variant]
            assert (goal.kpi, arm.units, arm.total) == (
                goal.kpi,
                facts["sent"],
                facts[known[goal.kpi]],
            )
        counts = goal.accounting
        assert counts.received == counts.used + sum(counts.excluded.values())
    assert report.final
    assert report.health.mature_share == 1.0


def test_the_same_position_gives_the_same_report(
    database: Database, main_project: Project, tmp_path: Path
) -> None:
    key = load_scenario(database, main_project, SAMPLES / "subject_line")
    first, second = (
        json.dumps(report_document(report_of(database, main_project, folder, key)))
        for folder in (tmp_path / "a", tmp_path / "b")
    )
    assert first == second


def test_an_earlier_moment_is_seen_as_it_was(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    project = make_project(sqlite_database, now, "main")
    key = load_scenario(sqlite_database, project, SAMPLES / "subject_line")
    early = report_of(sqlite_database, project, tmp_path, key, SENT_AT + timedelta(hours=5))
    assert (early.final, early.verdict.state) == (False, State.TOO_EARLY)
    assert early.health.mature_share == 0.0
    assert early.primary is not None
    assert all(arm.interval is None for arm in early.primary.arms)
    assert all(found.p_value is None for found in early.primary.comparisons)
    before = report_of(sqlite_database, project, tmp_path, key, SENT_AT - timedelta(days=5))
    assert before.verdict.state is State.NO_DATA


def test_a_moment_before_the_stop_is_no_end(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    """A test that goes on is not ended by looking back at it from after its stop."""
    project = make_project(sqlite_database, now, "main")
    key = load_scenario(sqlite_database, project, going_on(tmp_path / "going-on"))
    matured = SENT_AT + timedelta(hours=80)
    early = report_of(sqlite_database, project, tmp_path, key, matured)
    assert early.health.mature_share == 1.0
    assert (early.final, early.verdict.state) == (False, State.TOO_EARLY)
    assert report_of(sqlite_database, project, tmp_path, key).final


def going_on(folder: Path) -> Path:
    """The sample test as one that customers enter day by day."""
    shutil.copytree(SAMPLES / "subject_line", folder)
    draft = json.loads((folder / "experiment.json").read_text())
    (folder / "experiment.json").write_text(json.dumps(draft | {"shape": "recurring"}))
    return folder


def test_a_moment_to_come_or_an_unknown_test_is_refused(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    project = make_project(sqlite_database, now, "main")
    key = load_scenario(sqlite_database, project, SAMPLES / "subject_line")
    with pytest.raises(Invalid) as refusal:
        report_of(sqlite_database, project, tmp_path, key, NOW + timedelta(hours=1))
    assert refusal.value.field == "as_of"
    with pytest.raises(NotFound):
        report_of(sqlite_database, project, tmp_path, "nothing")


def test_a_report_is_kept_while_nothing_changes(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    project = make_project(sqlite_database, now, "main")
    key = load_scenario(sqlite_database, project, SAMPLES / "subject_line")
    shelf = ReportShelf(sqlite_database, Replica(tmp_path / "replica", sqlite_database))
    first = shelf.report(project, key, now=NOW)
    assert shelf.report(project, key, now=NOW + timedelta(minutes=5)) is first
    later = shelf.report(project, key, now=NOW + timedelta(hours=2))
    assert later is not first
    load_scenario(sqlite_database, project, SAMPLES / "broken_split")
    assert shelf.report(project, key, now=NOW + timedelta(hours=2)) is not later


def test_a_part_of_a_report_is_kept_and_whatever_it_rests_on_makes_it_anew(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    project = make_project(sqlite_database, now, "main")
    key = load_scenario(sqlite_database, project, SAMPLES / "subject_line")
    shelf = ReportShelf(sqlite_database, Replica(tmp_path / "replica", sqlite_database))
    whole, asked = shelf.report(project, key, now=NOW), Asked(kpi="click")
    part = shelf.report(project, key, now=NOW, asked=asked)
    assert part is not whole
    assert shelf.report(project, key, now=NOW + timedelta(minutes=1), asked=asked) is part
    assert shelf.report(project, key, now=NOW + timedelta(minutes=1)) is whole
    cost = MessageCost("email", Decimal("0.4"), "KRW", NOW - timedelta(days=90))
    with sqlite_database.transaction() as db:
        replace_message_costs(db, [cost], Edit(project, SYSTEM, now))
    assert shelf.report(project, key, now=NOW + timedelta(minutes=1)) is not whole
    assert shelf.report(project, key, now=NOW + timedelta(minutes=1), asked=asked) is not part
    with pytest.raises(NotFound):
        shelf.report(project, "nothing", now=NOW)


def test_a_moment_that_is_named_is_kept_too(
    sqlite_database: Database, now: datetime, tmp_path: Path
) -> None:
    project = make_project(sqlite_database, now, "main")
    key = load_scenario(sqlite_database, project, SAMPLES / "subject_line")
    shelf = ReportShelf(sqlite_database, Replica(tmp_path / "replica", sqlite_database))
    look = NOW - timedelta(days=1)
    found = shelf.report(project, key, now=NOW, as_of=look)
    assert found.as_of == look
    assert shelf.report(project, key, now=NOW + timedelta(minutes=50), as_of=look) is found
    assert shelf.report(project, key, now=NOW) is not found
    assert shelf.report(project, key, now=NOW, as_of=look - timedelta(hours=1)) is not found
    with pytest.raises(Invalid) as refusal:
        shelf.report(project, key, now=NOW, as_of=NOW + timedelta(seconds=1))
    assert refusal.value.field == "as_of"
    load_scenario(sqlite_database, project, SAMPLES / "broken_split")
    assert shelf.report(project, key, now=NOW, as_of=look) is not found
