"""KPIs over time at full size: 20,000 customers, nine months, 600,000 events.

python -m bench.tracking [--rounds 3] [--folder FOLDER] [--check]

The sample scenario kpi_history is imported once; then days of KPIs are measured from nothing, and
the page of a KPI is opened: the first time, a minute later (measured again), and at once again
(kept). With a folder, what was made there is used again.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from flask.testing import FlaskClient

import migrations
from api.app import create_app
from api.settings import Settings
from bench.machine import machine
from experiments.access import users
from experiments.kpis.catalogue import BY_KEY
from experiments.kpis.store import create_kpi
from experiments.ledger.imports.jobs import submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import inspect
from experiments.measurement.replica import Replica, ReplicaState
from experiments.operations.audit import SYSTEM
from experiments.storage.database import Database
from experiments.storage.projects import Project, create_project, get_project
from experiments.tracking.measured import measured_series
from experiments.tracking.series import SeriesRequest
from sample_data.generate import generate

THEN = datetime(2025, 10, 1, 3, tzinfo=UTC)
SINCE, UNTIL = date(2025, 1, 1), date(2025, 9, 30)
# What is measured by day, and how many seconds it may take.
SERIES = {
    "dau": 1.0,
    "active-customers": 1.0,
    "total-revenue": None,
    "purchase-conversion": None,
    "retention-d7": None,
    "stickiness": None,
}
PAGES = {"dau": 2.0, "active-customers": 2.0}
EMAIL, PASSWORD = "bench@example.com", "a long password"


@dataclass(frozen=True)
class Line:
    """One figure: seconds, and what they may be."""

    what: str
    seconds: float
    bar: float | None = None

    @property
    def missed(self) -> bool:
        """Whether it took longer than it may."""
        return self.bar is not None and self.seconds > self.bar

    def __str__(self) -> str:
        """As a line of the answer."""
        bar = "" if self.bar is None else f"  (bar: {self.bar:.1f} s)"
        return f"{self.what:<44}{self.seconds:8.2f} s{bar}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="keep what is made, or use what is there")
    parser.add_argument("--check", action="store_true", help="fail where a bar is missed")
    given = parser.parse_args(arguments)
    with _folder(given.folder) as folder:
        database = _filled(folder)
        print(machine())
        lines = [*_by_day(folder, database, given.rounds), *_pages(folder, given.rounds)]
        database.dispose()
    print("\n".join(str(line) for line in lines))
    return int(given.check and any(line.missed for line in lines))


@contextmanager
def _folder(kept: Path | None) -> Iterator[Path]:
    if kept is not None:
        kept.mkdir(parents=True, exist_ok=True)
        yield kept
        return
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def _filled(folder: Path) -> Database:
    """The database of the scenario, made unless it is there."""
    database, done = Database.open(_url(folder)), folder / "loaded"
    if done.exists():
        return database
    generate("kpi_history", folder / "files")
    migrations.upgrade(database)
    with database.transaction() as db:
        project = create_project(
            db, key="main", name="가게", time_zone="Asia/Seoul", currency="KRW", language="ko",
            now=THEN,
        )  # fmt: skip
        for key in SERIES:
            create_kpi(db, project, BY_KEY[key].document(), actor=SYSTEM, now=THEN)
        user = users.create_user(
            db, email=EMAIL, name="bench", password=PASSWORD, actor=SYSTEM, now=THEN
        )
        users.grant(db, project, user, "viewer", actor=SYSTEM, now=THEN)
    for entry in json.loads((folder / "files" / "imports.json").read_text(encoding="utf-8")):
        _import(database, project, folder / "files" / entry["file"], entry["mapping"])
    done.touch()
    return database


def _url(folder: Path) -> str:
    return f"sqlite:///{folder}/truelift.db"


def _import(database: Database, project: Project, path: Path, mapping: object) -> None:
    file = inspect(path)
    with database.transaction() as db:
        job = submit_import(
            db, project, name=path.name, file=file, document=mapping, actor=SYSTEM, now=THEN
        )
    run_import(Target(database, project, lambda: datetime.now(UTC)), job.id, file)


def _by_day(folder: Path, database: Database, rounds: int) -> Iterator[Line]:
    state = Replica(folder / "replica", database).refresh()
    with database.reading() as db:
        project = get_project(db, "main")
    for key, bar in SERIES.items():
        taken = _median(lambda key=key: _measured(state, project, key), rounds)  # type: ignore[misc]  # of the loop
        yield Line(f"{key}, {(UNTIL - SINCE).days + 1} days", taken, bar)


def _measured(state: ReplicaState, project: Project, key: str) -> None:
    document = BY_KEY[key].document()
    request = SeriesRequest(project.id, document, "day", SINCE, UNTIL, THEN, project.time_zone)
    measured_series(state, request)


def _pages(folder: Path, rounds: int) -> Iterator[Line]:
    settings = Settings(
        home=folder, database_url=_url(folder), secret_key="k" * 32, background=False
    )
    clock = [THEN]
    app = create_app(settings, lambda: clock[0])
    app.config["WTF_CSRF_ENABLED"] = False
    browser = app.test_client()
    browser.post("/sign-in", data={"email": EMAIL, "password": PASSWORD})
    for key, bar in PAGES.items():
        yield Line(f"page of {key}, first time", _median(_opened(browser, key), 1))
        yield Line(
            f"page of {key}, a minute later", _median(_later(clock, browser, key), rounds), bar
        )
        yield Line(f"page of {key}, at once again", _median(_opened(browser, key), rounds))
    app.extensions["truelift"].stop()


def _later(clock: list[datetime], browser: FlaskClient, key: str) -> Callable[[], object]:
    def go() -> None:
        clock[0] += timedelta(minutes=1)
        _opened(browser, key)()

    return go


def _opened(browser: FlaskClient, key: str) -> Callable[[], None]:
    def go() -> None:
        answer = browser.get(f"/kpis/{key}")
        if answer.status_code != 200 or "<svg" not in answer.text:
            message = f"the page of {key} has no picture: {answer.status_code}"
            raise RuntimeError(message)

    return go


def _median(go: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        began = time.perf_counter()
        go()
        taken.append(time.perf_counter() - began)
    return statistics.median(taken)


if __name__ == "__main__":
    sys.exit(main())
