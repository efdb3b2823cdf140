"""The bare drivers: the ledger's columns and its unique key, and nothing else of Truelift.

Each batch is committed and flushed to the disk, as Truelift does before it answers.
"""

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import psycopg

Row = tuple[Any, ...]
Insert = Callable[[Sequence[Row]], object]

COLUMNS = {
    "project_id": "integer not null",
    "source_id": "varchar(256) not null",
    "digest": "{bytes} not null",
    "fact": "varchar(16) not null",
    "unit_id": "varchar(1024)",
    "alias": "varchar(1040)",
    "type": "varchar(64) not null",
    "occurred_at": "bigint not null",
    "received_at": "bigint not null",
    "channel": "varchar(32)",
    "experiment_id": "integer",
    "variant": "varchar(64)",
    "expected_variant": "varchar(64)",
    "suppressed_reason": "varchar(32)",
    "value": "bigint",
    "currency": "varchar(3)",
    "machine": "boolean not null",
    "properties": "json",
    "import_id": "integer",
}
NAMES = ", ".join(COLUMNS)
# So many rows that stand already: their ids go up, so that they are loaded fast, and lie
# everywhere between those of new rows.
STANDING = """
INSERT INTO {table} (project_id, source_id, digest, fact, unit_id, type, occurred_at,
    received_at, channel, machine)
{numbers}
SELECT 1, {id}, {digest}, 'event', 'u' || n % 1000003, 'open', 1741568400000000 + n,
    1741568400000000 + n, 'email', false
FROM numbers
"""


def table(key: str, binary: str, name: str = "bare") -> str:
    columns = ", ".join(f"{name} {kind.format(bytes=binary)}" for name, kind in COLUMNS.items())
    return f"CREATE TABLE {name} (position {key}, {columns}, UNIQUE (project_id, source_id))"


def sqlite(path: Path, standing: int = 0) -> Insert:
    db = sqlite3.connect(path, isolation_level=None)
    db.execute("PRAGMA journal_mode=WAL")
    db.execute("PRAGMA synchronous=FULL")
    db.execute(table("integer primary key autoincrement", "blob"))
    load_sqlite(db, "bare", standing)
    marks = ", ".join("?" * len(COLUMNS))
    statement = f"INSERT INTO bare ({NAMES}) VALUES ({marks}) ON CONFLICT DO NOTHING"

    def insert(rows: Sequence[Row]) -> None:
        db.execute("BEGIN IMMEDIATE")
        db.executemany(statement, rows)
        db.execute("COMMIT")

    return insert


def load_sqlite(db: sqlite3.Connection, name: str, rows: int) -> None:
    numbers = (
        "WITH RECURSIVE numbers(n) AS "
        f"(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {rows})"
    )
    if rows:
        ids = f"printf('%08x%024x', n * {2**32 // (rows + 1)}, n)"
        db.execute(STANDING.format(table=name, numbers=numbers, id=ids, digest="randomblob(32)"))
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def postgresql(url: str, standing: int = 0) -> dict[str, Insert]:
    """Two ways of the bare driver, the faster of which counts."""
    db = psycopg.connect(url, autocommit=True)
    db.execute("DROP TABLE IF EXISTS bare")
    db.execute(table("bigserial primary key", "bytea"))
    load_postgresql(db, "bare", standing)
    marks = ", ".join(["%s"] * len(COLUMNS))
    db.execute(f"CREATE TEMPORARY TABLE stage AS SELECT {NAMES} FROM bare WITH NO DATA")

    def one_by_one(rows: Sequence[Row]) -> None:
        with db.transaction(), db.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO bare ({NAMES}) VALUES ({marks}) ON CONFLICT DO NOTHING", rows
            )

    def copied(rows: Sequence[Row]) -> None:
        with db.transaction(), db.cursor() as cursor:
            with cursor.copy(f"COPY stage ({NAMES}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            cursor.execute(
                f"INSERT INTO bare ({NAMES}) SELECT {NAMES} FROM stage ON CONFLICT DO NOTHING"
            )
            cursor.execute("TRUNCATE stage")

    return {"executemany": one_by_one, "COPY and insert": copied}


def load_postgresql(db: "psycopg.Connection[Any]", name: str, rows: int) -> None:
    if rows:
        numbers = f"WITH numbers AS (SELECT generate_series(1, {rows}) AS n)"
        ids = f"lpad(to_hex(n::bigint * {2**32 // (rows + 1)}), 8, '0') || lpad(to_hex(n), 24, '0')"
        digest = "sha256(n::text::bytea)"
        db.execute(STANDING.format(table=name, numbers=numbers, id=ids, digest=digest))
        db.execute(f"VACUUM ANALYZE {name}")
        db.execute("CHECKPOINT")
