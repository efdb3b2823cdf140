"""The extracts, loaded and reported: every count as truth.json has it, whatever the order."""

import csv
import json
import random
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.measurement.replica import Replica
from experiments.reporting.analysis import build_report
from experiments.reporting.document import report_document
from experiments.storage.database import Database
from experiments.storage.projects import Project, create_project
from sample_data.load import load_scenario
from tests.conftest import NOW, make_project
from tests.scenarios.shop import accounted, counted, without_divisors

pytestmark = pytest.mark.slow

EXTRACTS = Path(__file__).resolve().parents[2] / "sample_data"
LATER = datetime(2026, 1, 1, tzinfo=UTC)
# Which ledger it was, how it was read, and how much came twice.
NOT_COMPARED = (
    ".provenance", ".as_of", ".sql", ".last_received_at", ".duplicates", ".accounting.received",
    ".excluded.duplicate",
)  # fmt: skip


@pytest.fixture
def main_project(sqlite_database: Database) -> Project:
    return make_project(sqlite_database, NOW - timedelta(days=30), "main")


def report_of(database: Database, project: Project, folder: Path, key: str) -> Any:
    replica = Replica(folder / "replica", database)
    return json.loads(
        json.dumps(report_document(build_report(database, replica, project, key, now=LATER)))
    )


def loaded(database: Database, project: Project, folder: Path, home: Path, *names: str) -> Any:
    return report_of(database, project, home, load_scenario(database, project, folder, *names))


def check(report: Any, told: Any) -> None:
    assert counted(report) == without_divisors(told["kpis"])
    assert accounted(report, told["accounting"]) == told["accounting"]


@pytest.mark.parametrize("scenario", ["push_time", "coupon", "cart_reminder", "small_list"])
def test_the_extracts_are_counted_exactly(
    sqlite_database: Database, main_project: Project, tmp_path: Path, scenario: str
) -> None:
    folder = EXTRACTS / scenario
    report = loaded(sqlite_database, main_project, folder, tmp_path)
    truth = json.loads((folder / "truth.json").read_text())
    check(report, truth)
    assert report["health"]["suppressed"] == truth.get("suppressed", {})
    assert report["final"]


def test_the_coupon_is_counted_exactly_on_postgresql(
    postgresql_database: Database, tmp_path: Path
) -> None:
    project = make_project(postgresql_database, NOW, "main")
    report = loaded(postgresql_database, project, EXTRACTS / "coupon", tmp_path)
    check(report, json.loads((EXTRACTS / "coupon" / "truth.json").read_text()))


def test_outliers_are_counted_exactly(
    sqlite_database: Database, main_project: Project, tmp_path: Path
) -> None:
    folder = EXTRACTS / "coupon"
    report = loaded(sqlite_database, main_project, folder, tmp_path, "imports_outliers")
    truth = json.loads((folder / "truth.json").read_text())["outliers"]
    assert counted(report) == without_divisors(truth["kpis"])


def test_a_project_that_lives_by_utc_falls_into_the_trap(
    sqlite_database: Database, tmp_path: Path
) -> None:
    """The same files in a project of another zone: other days, other numbers, told beforehand."""
    with sqlite_database.transaction() as db:
        project = create_project(
            db, key="utc", name="UTC", time_zone="UTC", currency="KRW", language="en", now=NOW
        )
    folder = EXTRACTS / "push_time"
    found = counted(loaded(sqlite_database, project, folder, tmp_path))
    truth = json.loads((folder / "truth.json").read_text())
    for kpi, told in truth["by_utc_day"].items():
        assert found[kpi] == told != truth["kpis"][kpi]


@pytest.mark.parametrize("seed", [1, 2])
def test_any_order_and_repetition_of_a_log_gives_the_same_report(
    tmp_path: Path, migrated_sqlite: Path, seed: int
) -> None:
    names = ("push_time", "coupon", "cart_reminder")
    scenario = names[seed % len(names)]
    plain, mixed = tmp_path / "plain", tmp_path / "mixed"
    shutil.copytree(EXTRACTS / scenario, plain)
    shutil.copytree(EXTRACTS / scenario, mixed)
    shuffle(mixed / "events.csv", random.Random(seed))
    shuffle(mixed / "exposures.csv", random.Random(seed + 1))
    one, other = (_on_its_own(folder, migrated_sqlite) for folder in (plain, mixed))
    assert json.dumps(one).encode() == json.dumps(other).encode()


def shuffle(path: Path, rng: random.Random) -> None:
    """The rows in another order, a tenth of them twice."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    rows += rng.sample(rows, len(rows) // 10)
    rng.shuffle(rows)
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *rows])


def _on_its_own(folder: Path, template: Path) -> Any:
    """The report of a scenario on a database of its own, without what is not compared."""
    shutil.copy(template, folder / "truelift.db")
    database = Database.open(f"sqlite:///{folder / 'truelift.db'}")
    try:
        report = loaded(database, make_project(database, NOW, "main"), folder, folder)
    finally:
        database.dispose()
    return dict(_facts(report))


def _facts(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if any(part in path for part in NOT_COMPARED):
        return
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _facts(member, f"{path}.{name}")
    elif isinstance(value, list):
        for index, member in enumerate(value):
            yield from _facts(member, f"{path}[{index}]")
    else:
        yield path, value
