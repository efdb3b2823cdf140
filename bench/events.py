"""Events over HTTP and from a CSV file, beside the bare driver with the same rows.

python -m bench.events [--rounds 3] [--batches 100] [--standing 5000000] [--rows 1000000]
                       [--only sqlite] [--check]

The bare driver inserts rows that are made already, one batch a transaction, flushed to the
disk, under the same unique key. Ours sends the same events as JSON from one process over two
kept connections, or reads them from a file. Both take turns; medians are told.
"""

import argparse
import http.client
import json
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from bench import events_bare as bare
from bench.machine import machine
from tests.acceptance.server import ROOT, Client, create_key, sign_in
from tests.journeys.outages import own_postgres, server

BATCH, IMPORT_BATCH = 500, 10_000
CONNECTIONS = 2
LEAST_SHARE, MOST_TIMES, MOST_MIB = 0.4, 3.0, 400
SECRET = "k" * 32
COLUMNS = ("source_id", "unit_id", "type", "occurred_at", "channel", "value", "currency")


@dataclass(frozen=True)
class Place:
    """A database to measure on: a server of Truelift's, and the bare driver beside it."""

    name: str
    home: Path
    url: str | None
    bare: Callable[[int], dict[str, bare.Insert]]

    def load(self, standing: int) -> None:
        """Put rows into Truelift's own ledger."""
        if self.url is None:
            with closing(sqlite3.connect(self.home / "truelift.db", isolation_level=None)) as db:
                bare.load_sqlite(db, "ledger", standing)
        else:
            with psycopg.connect(self.url, autocommit=True) as db:
                bare.load_postgresql(db, "ledger", standing)


@dataclass(frozen=True)
class Result:
    """Rows a second: ours and the bare driver's."""

    what: str
    ours: float
    theirs: float
    met: bool
    more: str = ""

    def __str__(self) -> str:
        return (
            f"{self.what:<52} {self.ours:>9,.0f}/s   bare {self.theirs:>9,.0f}/s"
            f"   {self.ours / self.theirs:5.2f} x   {self.more}{'' if self.met else '   MISSED'}"
        )


def events(count: int, seed: int) -> list[dict[str, Any]]:
    """Opens and purchases of many customers, with ids of no order."""
    draw = random.Random(seed)
    made = []
    for number in range(count):
        item: dict[str, Any] = {
            "source_id": draw.randbytes(16).hex(),
            "unit_id": f"customer-{draw.randrange(1_000_000):07}",
            "type": "open",
            "occurred_at": f"2025-03-{1 + number % 28:02}T{number % 24:02}:{number % 60:02}"
            f":{draw.randrange(60):02}+09:00",
            "channel": "email",
        }
        if number % 4 == 0:
            item |= {"type": "purchase", "value": draw.randrange(100_000), "currency": "KRW"}
        made.append(item)
    return made


def rows_of(items: Sequence[dict[str, Any]]) -> list[bare.Row]:
    """What the ledger holds of them."""
    now = 1_741_568_400_000_000
    return [
        (
            1, each["source_id"], b"d" * 32, "event", each["unit_id"], None, each["type"], now,
            now, each["channel"], None, None, None, None, each.get("value"), each.get("currency"),
            False, None, None,
        )
        for each in items
    ]  # fmt: skip


def batches(items: Sequence[Any], size: int) -> list[Sequence[Any]]:
    return [items[start : start + size] for start in range(0, len(items), size)]


def time_bare(insert: bare.Insert, rows: Sequence[bare.Row], size: int) -> float:
    """Rows a second."""
    parts = batches(rows, size)
    began = time.perf_counter()
    for part in parts:
        insert(part)
    return len(rows) / (time.perf_counter() - began)


def time_http(port: int, key: str, items: Sequence[dict[str, Any]]) -> float:
    """Events a second, from one process over a few connections."""
    bodies = iter([json.dumps(part).encode() for part in batches(items, BATCH)])
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    faults: list[object] = []

    def send() -> None:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            for body in bodies:
                connection.request("POST", "/api/v1/events", body, headers)
                answer = connection.getresponse()
                told = json.load(answer)
                if answer.status != 200 or told["accepted"] != BATCH:
                    faults.append(told)

    senders = [threading.Thread(target=send) for _ in range(CONNECTIONS)]
    began = time.perf_counter()
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    took = time.perf_counter() - began
    assert not faults, faults[0]
    return len(items) / took


def over_http(place: Place, standing: int, rounds: int, count: int) -> Result:
    """Batches of 500, bare and ours in turns."""
    ours: list[float] = []
    theirs: dict[str, list[float]] = {}
    ways = place.bare(standing)
    with server(place.home, place.url) as (port, log):
        client = Client(f"http://127.0.0.1:{port}")
        sign_in(client, _first_sign_in(place.home, log))
        key = create_key(client)
        time_http(port, key, events(10 * BATCH, seed=time.time_ns()))
        for _ in range(rounds):
            for way, insert in ways.items():
                rows = rows_of(events(count * BATCH, seed=time.time_ns()))
                theirs.setdefault(way, []).append(time_bare(insert, rows, BATCH))
            ours.append(time_http(port, key, events(count * BATCH, seed=time.time_ns())))
    way, best = _best(theirs)
    found = statistics.median(ours)
    what = f"{place.name}, {standing:,} rows there, batches of {BATCH}"
    return Result(what, found, best, found >= LEAST_SHARE * best, f"({way}; >= {LEAST_SHARE})")


def imported(place: Place, standing: int, rows: int) -> Result:
    """A CSV file through the command, and the same rows by the bare driver."""
    items = events(rows, seed=time.time_ns())
    ways = place.bare(standing)
    made = rows_of(items)
    rates = {way: [time_bare(insert, made, IMPORT_BATCH)] for way, insert in ways.items()}
    way, best = _best(rates)
    del made
    file, mapping = place.home.parent / "events.csv", place.home.parent / "mapping.json"
    _write(file, items)
    del items
    columns = {name: name for name in COLUMNS}
    mapping.write_text(json.dumps({"form": "long", "fact": "event", "columns": columns}))
    began = time.perf_counter()
    told, mib = _run(place, "import", str(file), "--mapping", str(mapping))
    found = rows / (time.perf_counter() - began)
    assert f"{rows}" in told.replace(",", ""), told
    met = found * MOST_TIMES >= best and mib <= MOST_MIB
    what = f"{place.name}, {standing:,} rows there, a CSV file of {rows:,}"
    more = f"({way}; {best / found:.2f} times its time, <= {MOST_TIMES:.0f}; {mib:.0f} MiB)"
    return Result(what, found, best, met, more)


def _write(file: Path, items: Sequence[dict[str, Any]]) -> None:
    with file.open("w") as text:
        print(",".join(COLUMNS), file=text)
        for item in items:
            print(",".join(str(item.get(name, "")) for name in COLUMNS), file=text)


def _run(place: Place, *arguments: str) -> tuple[str, float]:
    """What the command said, and the most memory that it held, in MiB."""
    # Not getrusage: that counts what the process that started it held.
    code = (
        "import pathlib, sys; from api.cli import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print(pathlib.Path('/proc/self/status').read_text())"
    )
    environ = {"TRUELIFT_HOME": str(place.home), "PATH": "/usr/bin:/bin"}
    if place.url:
        environ |= {"DATABASE_URL": place.url, "TRUELIFT_SECRET_KEY": SECRET}
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=ROOT, env=environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    peak = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert done.returncode == 0, done.stdout + done.stderr
    assert peak, done.stdout
    return done.stdout, int(peak[1]) / 1024


def _best(rates: dict[str, list[float]]) -> tuple[str, float]:
    medians = {way: statistics.median(each) for way, each in rates.items()}
    way = max(medians, key=lambda name: medians[name])
    return way, medians[way]


def _first_sign_in(home: Path, log: Path) -> str:
    """The printed sign-in: of this start, or as it was kept at the first."""
    kept = home / "sign-in.txt"
    if not kept.exists():
        kept.write_text(log.read_text())
    return kept.read_text()


@contextmanager
def places(folder: Path, only: str | None) -> Iterator[Callable[[str], Iterator[Place]]]:
    """Makes new places: each has a folder, and on PostgreSQL a database, of its own."""
    with own_postgres() as postgres:
        root = postgres.url

        def make(mark: str) -> Iterator[Place]:
            if only in {None, "sqlite"}:
                home = folder / f"sqlite-{mark}"
                yield Place(
                    "SQLite", home / "home", None,
                    lambda standing: {"executemany": bare.sqlite(_new(home / "bare.db"), standing)},
                )  # fmt: skip
            if only in {None, "postgresql"}:
                name = f"events_{mark}"
                with psycopg.connect(root, autocommit=True) as db:
                    db.execute(f"CREATE DATABASE {name}")
                url = root.replace("/postgres?", f"/{name}?")
                yield Place(
                    "PostgreSQL", folder / f"postgresql-{mark}" / "home", url,
                    lambda standing: bare.postgresql(url, standing),
                )  # fmt: skip

        yield make


def _new(path: Path) -> Path:
    for each in (path, Path(f"{path}-wal"), Path(f"{path}-shm")):
        each.unlink(missing_ok=True)
    return path


def measure(make: Any, standing: int, given: argparse.Namespace) -> Iterator[Result]:
    """All of it, with so many rows in the ledger beforehand."""
    for place in make(str(standing)):
        place.home.mkdir(parents=True)
        with server(place.home, place.url) as (port, log):
            Client(f"http://127.0.0.1:{port}").get("/healthz")
            _wait_for_sign_in(log)
            _first_sign_in(place.home, log)
        place.load(standing)
        yield over_http(place, standing, given.rounds, given.batches)
        if given.rows:
            yield imported(place, standing, given.rows)


def _wait_for_sign_in(log: Path) -> None:
    until = time.monotonic() + 30
    while "password" not in log.read_text():
        assert time.monotonic() < until, log.read_text()
        time.sleep(0.05)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", type=int, default=100)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of the file; 0 for none")
    parser.add_argument("--standing", type=int, nargs="*", default=[0, 5_000_000])
    parser.add_argument("--only", choices=["sqlite", "postgresql"])
    parser.add_argument("--check", action="store_true", help="fail where a target is missed")
    given = parser.parse_args()
    print(machine())
    missed = 0
    with tempfile.TemporaryDirectory() as folder, places(Path(folder), given.only) as make:
        for standing in given.standing:
            for result in measure(make, standing, given):
                print(result, flush=True)
                missed += not result.met
    print(machine())
    print(f"{missed} missed" if missed else "all targets met")
    sys.exit(1 if missed and given.check else 0)


if __name__ == "__main__":
    main()
