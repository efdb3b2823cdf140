"""How long a replica takes to catch up, and a KPI to be measured on it.

python -m bench.measurement [--units 300000] [--events 1000000]
"""

import argparse
import hashlib
import random
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, insert

import migrations
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.exposures import exposure_counts
from experiments.measurement.measure import MeasureRequest, measure
from experiments.measurement.openers import open_counts
from experiments.measurement.replica import Replica
from experiments.measurement.session import open_session
from experiments.storage.database import Database
from experiments.storage.projects import create_project
from experiments.storage.tables import experiments

SENT_AT = datetime(2025, 3, 10, 1, tzinfo=UTC)
SENT = int(SENT_AT.timestamp()) * 1_000_000
HOUR = 3_600_000_000
NAME = Text("지표", "A KPI")
KPIS = {
    "open rate": KpiDocument(
        "open-rate", NAME, "proportion", Formula("open", "occurrence", 72), "rate"
    ),
    "all opens": KpiDocument(
        "all-opens", NAME, "proportion", Formula("open", "occurrence", 72, machine="include"),
        "rate",
    ),
    "orders": KpiDocument("orders", NAME, "mean", Formula("purchase", "count", 72), "count"),
    "revenue": KpiDocument(
        "revenue", NAME, "mean", Formula("purchase", "amount", 72), "money", currency="KRW"
    ),
    "shoes": KpiDocument(
        "shoes", NAME, "proportion",
        Formula("purchase", "occurrence", 72, where={"category": "shoes"}), "rate",
    ),
}  # fmt: skip
COLUMNS = (
    "project_id", "source_id", "digest", "fact", "unit_id", "type", "occurred_at", "received_at",
    "channel", "experiment_id", "variant", "value", "currency", "machine", "properties",
)  # fmt: skip
INSERT = f"INSERT INTO ledger ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))})"


def rows(
    units: int, events: int, rng: random.Random, prefix: str = ""
) -> Iterator[tuple[Any, ...]]:
    for number in range(units):
        at = SENT + rng.randrange(HOUR)
        yield _row(f"{prefix}s-{number:08}", "exposure", number, "sent", at)
    for number in range(events):
        at = SENT + rng.randrange(100 * HOUR)
        type_ = rng.choice(("open", "open", "purchase"))
        yield _row(f"{prefix}e-{number:08}", "event", rng.randrange(units * 21 // 20), type_, at)


def _row(source_id: str, fact: str, unit: int, type_: str, at: int) -> tuple[Any, ...]:
    sent, bought = fact == "exposure", type_ == "purchase"
    return (
        1, source_id, hashlib.sha256(source_id.encode()).digest(), fact, f"customer-{unit:08}",
        type_, at, at + HOUR, "email", 1 if sent else None, "ab"[unit % 2] if sent else None,
        at % 100_000 if bought else None, "KRW" if bought else None, at % 5 == 0,
        '{"category":"shoes"}' if bought and at % 3 else None,
    )  # fmt: skip


def filled(folder: Path, units: int, events: int) -> Database:
    database = Database.open(f"sqlite:///{folder / 'truelift.db'}")
    migrations.upgrade(database)
    with database.transaction() as db:
        create_project(
            db, key="shop", name="가게", time_zone="Asia/Seoul", currency="KRW", language="ko",
            now=SENT_AT,
        )  # fmt: skip
        db.execute(
            insert(experiments).values(
                project_id=1, key="bench", state="running", revision=1, draft={},
                created_at=SENT_AT, created_by="bench", updated_at=SENT_AT,
            )
        )  # fmt: skip
        append(db, rows(units, events, random.Random(1)))
    return database


def append(db: Connection, found: Iterator[tuple[Any, ...]]) -> None:
    connection: Any = db.connection.driver_connection
    connection.executemany(INSERT, found)


def request(kpi: KpiDocument) -> MeasureRequest:
    return MeasureRequest(
        project_id=1, experiment_id=1, anchor="sent", variants=("a", "b"),
        as_of=SENT_AT + timedelta(days=9), allocation="external", kpi=kpi, window_hours=72,
    )  # fmt: skip


def timed(what: str, work: Callable[[], object], repeats: int = 3) -> None:
    """Print the best of some runs: other programs only ever make it slower."""
    seconds = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    print(f"{what:<44} {min(seconds):>8.3f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=300_000)
    parser.add_argument("--events", type=int, default=1_000_000)
    arguments = parser.parse_args()
    units, events = arguments.units, arguments.events
    with tempfile.TemporaryDirectory() as name:
        bench(Path(name), filled(Path(name), units, events), f"{units:,} units, {events:,} events")


def bench(folder: Path, database: Database, size: str) -> None:
    print(size)
    copy = Replica(folder / "replica", database)
    timed("replica, from nothing", copy.refresh, 1)
    timed("replica, nothing new", copy.refresh)
    timed("replica, found by a new process", lambda: Replica(copy.folder, database).refresh())
    with database.transaction() as db:
        append(db, rows(1000, 1000, random.Random(2), "more-"))
    timed("replica, 2,000 new rows", copy.refresh, 1)
    state = copy.refresh()
    for key, kpi in KPIS.items():
        timed(f"measure {key}", lambda kpi=kpi: measure(state, request(kpi)))  # type: ignore[misc]  # of the loop
    timed("opens three ways", lambda: open_counts(state, request(KPIS["open rate"])))
    timed("exposures by stage", lambda: exposure_counts(state, request(KPIS["open rate"])))

    def report() -> None:
        with open_session(state, 1) as session:
            for kpi in KPIS.values():
                measure(session, request(kpi))
            open_counts(session, request(KPIS["open rate"]))
            exposure_counts(session, request(KPIS["open rate"]))

    timed("all of these in one session", report)
    print(
        f"{'largest memory':<44} {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10:>8} MiB"
    )
    database.dispose()


if __name__ == "__main__":
    main()
