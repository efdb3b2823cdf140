"""A source that keeps a journal, and a server that is killed while it reports.

The journal is on the disk before a batch is sent, and again before an answer is believed: it is
what a sender knows after a power cut. What it says is then held against the database.
"""

import http.client
import json
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import psycopg

from tests.acceptance.server import Client, create_key, sign_in, started
from tests.acceptance.study import experiment, kpi

BATCH = 100
SENDERS = 2
UNITS = 100
AMOUNT = 1000
VARIANTS = ("a", "b")
# Long enough ago that the window of every customer has ended.
MET_AT, BOUGHT_AT = "2025-03-10T10:00:00+09:00", "2025-03-11T10:00:00+09:00"
REVENUE = kpi(
    "revenue", "Revenue per customer", "purchase", kind="mean", unit_of_measure="money",
    currency="KRW", formula={"event": "purchase", "value": "amount", "window_hours": 336},
)  # fmt: skip
TEST = experiment(
    "killed",
    "Reported while servers are killed",
    [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.5},
    ],
    [{"kpi": "revenue", "role": "primary"}],
    "email",
)


@dataclass(frozen=True)
class Batch:
    """Purchases of ``AMOUNT`` won each, by every customer once."""

    name: str

    @property
    def ids(self) -> list[str]:
        return [f"{self.name}-{number}" for number in range(BATCH)]

    def items(self) -> list[dict[str, Any]]:
        return [
            {
                "source_id": id_, "unit_id": f"u{number % UNITS}", "type": "purchase",
                "occurred_at": BOUGHT_AT, "value": AMOUNT, "currency": "KRW",
            }
            for number, id_ in enumerate(self.ids)
        ]  # fmt: skip


@dataclass
class Journal:
    """What a sender knows, on the disk line by line: what it sent, and what was acknowledged.

    Attributes:
        unanswered: Batches that got no answer: they are sent again.
    """

    path: Path
    unanswered: list[Batch] = field(default_factory=list)

    def note(self, word: str, batch: Batch) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps([word, batch.name]) + "\n")
            file.flush()
            os.fsync(file.fileno())

    def batches(self, word: str) -> set[str]:
        """The ids of all events that were sent, or acknowledged."""
        lines = (json.loads(line) for line in self.path.read_text().splitlines())
        return {id_ for said, name in lines if said == word for id_ in Batch(name).ids}


@dataclass(frozen=True)
class Place:
    """A server's folder, port and database."""

    home: Path
    port: int
    database_url: str | None

    def started(self) -> AbstractContextManager[tuple[Any, str, str]]:
        return started(self.home, self.port, database_url=self.database_url)

    def stored(self) -> tuple[Counter[str], int]:
        """How often each source id of an event is in the database, and the sum of the amounts."""
        query = "SELECT source_id, value FROM ledger WHERE fact = 'event'"
        if self.database_url is None:
            with closing(sqlite3.connect(self.home / "truelift.db")) as db:
                rows = db.execute(query).fetchall()
                [(verdict,)] = db.execute("PRAGMA integrity_check").fetchall()
                assert verdict == "ok"
        else:
            with psycopg.connect(self.database_url) as server:
                rows = server.execute(query).fetchall()
        return Counter(source_id for source_id, _ in rows), sum(value for _, value in rows)


@dataclass(frozen=True)
class Source:
    """A shop that reports over one kept-open connection per thread."""

    port: int
    key: str

    def send_until_it_breaks(self, journal: Journal, name: str) -> None:
        """Send batch after batch; the one that gets no answer is kept for later."""
        with self._connection() as connection:
            number = 0
            while self.send(journal, Batch(f"{name}-{number}"), connection):
                number += 1

    def send(self, journal: Journal, batch: Batch, connection: http.client.HTTPConnection) -> bool:
        """Send one batch; False if no answer came."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        journal.note("sent", batch)
        try:
            connection.request("POST", "/api/v1/events", json.dumps(batch.items()), headers)
            answer = connection.getresponse()
            told = json.load(answer)
        except (OSError, http.client.HTTPException, ValueError):
            journal.unanswered.append(batch)
            return False
        assert answer.status == 200, told
        assert told["accepted"] + told["duplicates"] == BATCH, told
        journal.note("acknowledged", batch)
        return True

    def send_the_rest(self, journal: Journal) -> None:
        """Send again whatever was not answered."""
        with self._connection() as connection:
            while journal.unanswered:
                assert self.send(journal, journal.unanswered.pop(), connection)

    def _connection(self) -> "closing[http.client.HTTPConnection]":
        return closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20))


def set_up(place: Place) -> str:
    """Start a new server once: a running test, its customers exposed, and a key."""
    with place.started() as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        client.key = key = create_key(client)
        client.post("/api/v1/kpis", REVENUE)
        client.post("/api/v1/experiments", TEST)
        client.post("/api/v1/experiments/killed/start")
        client.post("/api/v1/exposures", [
            {
                "source_id": f"x{number}", "experiment": "killed", "unit_id": f"u{number}",
                "variant": VARIANTS[number % 2], "type": "assigned", "occurred_at": MET_AT,
            }
            for number in range(UNITS)
        ])  # fmt: skip
    return key


def kill_while_sending(
    place: Place,
    source: Source,
    journals: list[Journal],
    name: str,
    draw: random.Random,
    by: signal.Signals = signal.SIGKILL,
) -> None:
    """Start the server, and send one of its processes a signal while senders are at work."""
    with place.started() as (process, _, _):
        for journal in journals:
            source.send_the_rest(journal)
        senders = [
            threading.Thread(target=source.send_until_it_breaks, args=(journal, f"{name}-{n}"))
            for n, journal in enumerate(journals)
        ]
        for sender in senders:
            sender.start()
        time.sleep(draw.uniform(0.1, 0.6))
        os.kill(draw.choice(family(process.pid)) if by == signal.SIGKILL else process.pid, by)
        for sender in senders:
            sender.join(30)
            assert not sender.is_alive()
        process.wait(10)


def family(pid: int) -> list[int]:
    """The processes of a server: the one that was started, and the one that serves."""
    return [pid, *(child.pid for child in psutil.Process(pid).children())]


def check(place: Place, journals: list[Journal]) -> Counter[str]:
    """Everything acknowledged is there; nothing is there twice, or was never sent."""
    ids, total = place.stored()
    for journal in journals:
        assert journal.batches("acknowledged") <= ids.keys(), "an acknowledged event is lost"
    assert set(ids) <= set().union(*(journal.batches("sent") for journal in journals))
    assert not [source_id for source_id, times in ids.items() if times > 1]
    assert total == AMOUNT * len(ids)
    return ids


def reported(client: Client) -> dict[str, Any]:
    """The report of the test."""
    report: dict[str, Any] = client.get("/api/v1/experiments/killed/report")
    return report
