"""An import whose server is killed at random points is the same as one that nobody stopped."""

import io
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil
import psycopg
import pytest

import migrations
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.operations.audit import SYSTEM
from experiments.storage.database import Database
from experiments.storage.projects import create_project
from tests.acceptance.server import ROOT, Client, create_key, free_port, sign_in, started
from tests.journeys.outages import own_postgres

ROWS = 120_000
NOW = datetime(2025, 3, 10, 1, tzinfo=UTC)
HEADER = "event_id,user_id,type,time,amount,currency\n"
MAPPING = {
    "form": "long",
    "fact": "event",
    "columns": {
        "source_id": "event_id", "unit_id": "user_id", "type": "type", "occurred_at": "time",
        "value": "amount", "currency": "currency",
    },
}  # fmt: skip
_COUNTS = ("state", "rows_read", "accepted", "duplicates", "conflicts", "rejected")
_CONTENT = (
    "SELECT source_id, fact, unit_id, type, occurred_at, value, currency, import_id FROM ledger "
    "ORDER BY source_id"
)
_JOB = f"SELECT {', '.join(_COUNTS)} FROM imports WHERE id = 1"


def rows() -> str:
    """Good rows; and of every hundred, two known ones, one with another body, three bad ones."""
    text = io.StringIO()
    text.write(HEADER)
    text.writelines(map(row, range(ROWS)))
    return text.getvalue()


def row(number: int) -> str:
    told = {40: number - 30, 41: number - 30, 42: number - 40}.get(number % 100, number)
    kind = {42: "open", 44: "opened"}.get(number % 100, "purchase")
    at = "never" if number % 100 == 43 else f"2025-03-10T10:{told % 60:02}:00+09:00"
    if number % 100 == 45:
        return f"e-{number},one cell too few\n"
    return f"e-{told},u{told % 997},{kind},{at},{told % 1000},KRW\n"


class Place:
    """A folder and a database, asked beside the server."""

    def __init__(self, home: Path, database_url: str | None) -> None:
        self.home, self.port, self.database_url = home, free_port(), database_url

    def select(self, query: str) -> list[tuple[Any, ...]]:
        if self.database_url is not None:
            with psycopg.connect(self.database_url) as server:
                return server.execute(query).fetchall()
        with closing(sqlite3.connect(f"file:{self.home}/truelift.db?mode=ro", uri=True)) as db:
            return db.execute(query).fetchall()

    def rejects(self) -> list[Any]:
        text = (self.home / "imports" / "1.rejects").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def outcome(self) -> tuple[Any, ...]:
        """Ledger content, counts and rejects."""
        return self.select(_CONTENT), self.select(_JOB), self.rejects()

    def killed_at(self, rows_read: int, pause_seconds: float) -> None:
        """Start the server, and kill it soon after it has read so many rows."""
        environ = {name: text for name, text in os.environ.items() if name != "DATABASE_URL"}
        environ |= {"TRUELIFT_HOME": str(self.home)}
        if self.database_url is not None:
            environ |= {"DATABASE_URL": self.database_url, "TRUELIFT_SECRET_KEY": "k" * 32}
        command = [sys.executable, "-m", "api.cli", "serve", "--port", str(self.port)]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + 60
        while self.select(_JOB)[0][1] < rows_read:
            assert time.monotonic() < until, "the import did not get on"
            assert process.poll() is None, "the server stopped by itself"
            time.sleep(0.005)
        time.sleep(pause_seconds)
        for pid in (process.pid, *_children(process.pid)):
            with _already_gone():
                os.kill(pid, signal.SIGKILL)
        process.wait(10)


def _children(pid: int) -> list[int]:
    return [child.pid for child in psutil.Process(pid).children(recursive=True)]


@contextmanager
def _already_gone() -> Iterator[None]:
    try:
        yield
    except ProcessLookupError:
        return


def uninterrupted(home: Path, text: str) -> Place:
    """The same file read in one go, in this process."""
    home.mkdir()
    database = Database.open(f"sqlite:///{home}/truelift.db")
    database.create()
    migrations.upgrade(database)
    folder = ImportFolder(home / "imports")
    with folder.arriving(io.BytesIO(text.encode())) as file:
        with database.transaction() as db:
            project = create_project(
                db, key="main", name="가게", time_zone="Asia/Seoul", currency="KRW", language="ko",
                now=NOW,
            )  # fmt: skip
            job = submit_import(
                db, project, name="f", file=file, document=MAPPING, actor=SYSTEM, now=NOW
            )
        run_import(
            Target(database, project, lambda: NOW), job.id, file, rejects=folder.rejects(job.id)
        )
    database.dispose()
    return Place(home, None)


@pytest.mark.parametrize(("dialect", "kills"), [("sqlite", 20), ("postgresql", 5)])
def test_an_import_killed_at_random_points_is_the_same_as_one_uninterrupted(
    tmp_path: Path, dialect: str, kills: int
) -> None:
    text = rows()
    wanted = uninterrupted(tmp_path / "whole", text).outcome()
    if dialect == "sqlite":
        kill_and_compare(Place(tmp_path / "home", None), text, kills, wanted)
        return
    with own_postgres() as postgres:
        kill_and_compare(Place(tmp_path / "home", postgres.url), text, kills, wanted)


def kill_and_compare(place: Place, text: str, kills: int, wanted: tuple[Any, ...]) -> None:
    draw = random.Random(20250310)
    points = sorted(draw.sample(range(ROWS * 17 // 20), kills))
    upload(place, text)
    for point in points:
        place.killed_at(point, draw.uniform(0, 0.05))
    with started(place.home, place.port, database_url=place.database_url):
        until = time.monotonic() + 60
        while place.select(_JOB)[0][0] != "done":
            assert time.monotonic() < until, "the import did not end"
            time.sleep(0.05)
    content, job, rejects = place.outcome()
    assert job == wanted[1]
    assert rejects == wanted[2]
    assert content == wanted[0]
    print(f"{kills} kills, {ROWS:,} rows, the same to the last one")


def upload(place: Place, text: str) -> None:
    """Hand the file over, paused: it is read by the servers that are killed."""
    with started(place.home, place.port, database_url=place.database_url) as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        client.key = create_key(client)
        file = place.home / "events.csv"
        file.write_text(text)
        job = client.upload("/api/v1/imports", file, {"mapping": json.dumps(MAPPING)})
        client.post(f"/api/v1/imports/{job['id']}/pause")
    resumed = "UPDATE imports SET state = 'waiting' WHERE id = 1"
    if place.database_url is not None:
        with psycopg.connect(place.database_url) as server:
            server.execute(resumed)
        return
    with closing(sqlite3.connect(place.home / "truelift.db")) as db:
        db.execute(resumed)
        db.commit()
