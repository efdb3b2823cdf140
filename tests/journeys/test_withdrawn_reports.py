"""A report after an import was withdrawn says what it would have said without the file."""

import csv
import io
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import migrations
from experiments.ledger.append import append
from experiments.ledger.facts import read_event
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.moves import Asked, withdraw
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import inspect
from experiments.ledger.imports.undo import undo_import
from experiments.ledger.resolve import Context, resolve
from experiments.measurement.replica import Replica
from experiments.operations.audit import SYSTEM
from experiments.reporting.analysis import build_report
from experiments.reporting.document import report_document
from experiments.storage.database import Database
from experiments.storage.projects import Project, create_project
from sample_data.load import load_scenario

SCENARIO = Path(__file__).resolve().parents[2] / "sample_data" / "subject_line"
NOW = datetime(2025, 3, 20, tzinfo=UTC)
# Which ledger it was, how it was read, and how much of it was withdrawn.
NOT_COMPARED = (
    ".provenance", ".as_of", ".sql", ".last_received_at", ".accounting.received", ".withdrawn",
)  # fmt: skip
[_, EVENTS_MAPPING] = [
    each["mapping"] for each in json.loads((SCENARIO / "imports.json").read_text())
]
Row = dict[str, str]


@dataclass(frozen=True)
class Shop:
    """A service with the sample test, and what may happen to it."""

    database: Database
    project: Project
    home: Path

    @property
    def target(self) -> Target:
        return Target(self.database, self.project, lambda: NOW)

    def load(self, rows: list[Row]) -> ImportJob:
        file = self.home / "file.csv"
        text = io.StringIO()
        writer = csv.DictWriter(text, rows[0])
        writer.writeheader()
        writer.writerows(rows)
        file.write_text(text.getvalue())
        with self.database.transaction() as db:
            job = submit_import(
                db, self.project, name="f", file=inspect(file), document=EVENTS_MAPPING,
                actor=SYSTEM, now=NOW,
            )  # fmt: skip
        return run_import(self.target, job.id, inspect(file))

    def tell(self, rows: list[Row]) -> None:
        """The same facts over the API."""
        items = [
            {
                "source_id": row["event_id"], "unit_id": row["user_id"], "type": row["type"],
                "occurred_at": row["occurred_at"], "machine": row["machine"] == "1",
            }
            for row in rows
        ]  # fmt: skip
        facts = [resolve(read_event(item), Context({}, "KRW")) for item in items]
        with self.database.transaction() as db:
            append(db, self.project, facts, received_at=NOW)

    def withdraw(self, job: ImportJob) -> ImportJob:
        with self.database.transaction() as db:
            withdraw(db, Asked(self.project, SYSTEM, NOW), job.id, "wrong")
        return undo_import(self.target, job.id)

    def report(self) -> dict[str, Any]:
        """What the report says of customers; not which ledger it was made from."""
        replica = Replica(self.home / "replica", self.database)
        report = build_report(self.database, replica, self.project, "subject-line", now=NOW)
        return report_document(report)


@contextmanager
def shop(home: Path) -> Iterator[Shop]:
    home.mkdir()
    database = Database.open(f"sqlite:///{home}/truelift.db")
    database.create()
    migrations.upgrade(database)
    with database.transaction() as db:
        project = create_project(
            db, key="main", name="가게", time_zone="Asia/Seoul", currency="KRW", language="ko",
            now=NOW,
        )  # fmt: skip
    load_scenario(database, project, SCENARIO)
    yield Shop(database, project, home)
    database.dispose()


def events() -> list[Row]:
    with (SCENARIO / "events.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


# Each id once: the sample has repetitions of its own.
OPENS = list({row["event_id"]: row for row in events() if row["type"] == "open"}.values())
# Known ones, known ids with another content, and new ones.
WRONG = [
    *OPENS[:200],
    *({**row, "type": "click"} for row in OPENS[200:400]),
    *({**row, "event_id": f"new-{row['event_id']}", "type": "click"} for row in OPENS[400:700]),
]
# As the wrong file says, otherwise than it says, and such as it does not have.
LATER = [
    *WRONG[400:500],
    *({**row, "type": "open"} for row in WRONG[500:600]),
    *({**row, "event_id": f"late-{row['event_id']}"} for row in OPENS[:50]),
]


def test_a_report_is_as_if_the_withdrawn_file_had_never_been(tmp_path: Path) -> None:
    with shop(tmp_path / "without") as one:
        one.tell(LATER)
        without = one.report()
    with shop(tmp_path / "with") as other:
        job = other.load(WRONG)
        assert (job.accepted, job.duplicates, job.conflicts) == (300, 200, 200)
        other.tell(LATER)
        between = other.report()
        done = other.withdraw(job)
        after = other.report()
    assert done.withdrawn_rows == 300
    assert between["goals"] != without["goals"]
    assert differing(after, without) == []
    assert after["health"]["quality"]["withdrawn"] == 300


def test_a_file_that_is_loaded_again_counts_again(tmp_path: Path) -> None:
    with shop(tmp_path / "shop") as one:
        one.tell(LATER)
        job = one.load(WRONG)
        before = one.report()
        one.withdraw(job)
        job = one.load(WRONG)
        assert differing(one.report(), before) == []


def differing(one: Any, other: Any, path: str = "") -> list[str]:
    """Where two reports differ, but for what they say of withdrawn facts and of themselves."""
    if path.endswith(NOT_COMPARED):
        return []
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted({*one, *other})
        return [
            each
            for name in names
            for each in differing(one.get(name), other.get(name), f"{path}.{name}")
        ]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            each
            for place, (a, b) in enumerate(zip(one, other, strict=True))
            for each in differing(a, b, f"{path}.{place}")
        ]
    return [] if one == other else [f"{path}: {one!r} {other!r}"]
