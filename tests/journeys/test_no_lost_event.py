"""Events and files arrive whole, sent twice, in pieces, or to a server that stops half way.

What happens when servers are killed while many send stands in ``test_kills.py``.
"""

import gzip
import http.client
import json
import os
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.server import Client, create_key, free_port, own_server, sign_in, started


def events(name: str, count: int) -> list[dict[str, Any]]:
    """A batch of ``count`` purchases of 1,000 won."""
    return [
        {
            "source_id": f"{name}-{number}", "unit_id": f"u{number}", "type": "purchase",
            "occurred_at": "2025-03-10T10:00:00+09:00", "value": 1000, "currency": "KRW",
        }
        for number in range(count)
    ]  # fmt: skip


def counted(home: Path, prefix: str) -> tuple[Counter[str], int]:
    """How often each source id with that beginning is there, and the sum of the amounts."""
    with closing(sqlite3.connect(home / "truelift.db")) as db:
        query = "SELECT source_id, value FROM ledger WHERE source_id LIKE ? || '%'"
        rows = db.execute(query, (prefix,)).fetchall()
        [(verdict,)] = db.execute("PRAGMA integrity_check").fetchall()
    assert verdict == "ok"
    return Counter(source_id for source_id, _ in rows), sum(value or 0 for _, value in rows)


def make_key(home: Path, port: int) -> str:
    """Start a new server once, to make a key."""
    with started(home, port) as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        return create_key(client)


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, Client]]:
    """A server's folder, and a client of it."""
    home = tmp_path_factory.mktemp("running") / "home"
    with own_server(home) as client:
        yield home, client


@pytest.mark.quick
def test_a_batch_of_a_thousand_sent_twice_counts_once(running: tuple[Path, Client]) -> None:
    home, client = running
    batch = events("e", 1000)
    first, second = (client.post("/api/v1/events", batch) for _ in range(2))
    assert (first["accepted"], first["duplicates"]) == (1000, 0)
    assert (second["accepted"], second["duplicates"]) == (0, 1000)
    ids, total = counted(home, "e-")
    assert ids == Counter(item["source_id"] for item in batch)
    assert total == 1_000_000


def test_facts_arrive_compressed_and_in_pieces(running: tuple[Path, Client]) -> None:
    home, client = running
    packed = gzip.compress(json.dumps(events("piece", 1000)).encode())
    bodies = (packed, packed, packed[:-9], gzip.compress(b" " * (17 << 20)))
    assert [post_in_pieces(client, body) for body in bodies] == [200, 200, 400, 413]
    ids, _ = counted(home, "piece-")
    assert ids == Counter(item["source_id"] for item in events("piece", 1000))


def post_in_pieces(client: Client, body: bytes) -> int:
    """Send a compressed body of unsaid length; the answer's status."""
    headers = {"Authorization": f"Bearer {client.key}", "Content-Type": "application/json"}
    headers |= {"Content-Encoding": "gzip"}
    pieces = (body[start : start + 997] for start in range(0, len(body), 997))
    with closing(
        http.client.HTTPConnection(client.url.removeprefix("http://"), timeout=20)
    ) as connection:
        connection.request("POST", "/api/v1/events", pieces, headers, encode_chunked=True)
        return connection.getresponse().status


@pytest.mark.slow
def test_an_import_goes_on_after_the_server_was_killed(tmp_path: Path) -> None:
    home, port, rows = tmp_path / "home", free_port(), 60_000
    key = make_key(home, port)
    file = tmp_path / "events.csv"
    with file.open("w") as text:
        text.write("id,user,type,time\n")
        text.writelines(f"e-{n},u{n % 997},open,2025-03-10T01:00:00Z\n" for n in range(rows))
    columns = {"source_id": "id", "unit_id": "user", "type": "type", "occurred_at": "time"}
    mapping = json.dumps({"form": "long", "fact": "event", "columns": columns})
    with started(home, port) as (process, url, _):
        client = Client(url, key)
        path = (
            f"/api/v1/imports/{client.upload('/api/v1/imports', file, {'mapping': mapping})['id']}"
        )
        left = wait_for(client, path, lambda job: job["rows_read"] > 0)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(5)
        time.sleep(1)
    assert left["state"] == "running"
    assert len(counted(home, "e-")[0]) < rows
    with started(home, port) as (_, url, _printed):
        done = wait_for(Client(url, key), path, lambda job: job["state"] == "done")
    assert (done["rows_read"], done["accepted"], done["duplicates"]) == (rows, rows, 0)
    ids, _ = counted(home, "e-")
    assert ids == Counter(f"e-{n}" for n in range(rows))


def wait_for(client: Client, path: str, enough: Callable[[Any], bool]) -> Any:
    """Ask until the answer will do."""
    until = time.monotonic() + 60
    while not enough(told := client.get(path)):
        assert time.monotonic() < until, told
        time.sleep(0.02)
    return told
