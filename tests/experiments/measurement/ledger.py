"""Ledger rows for tests: valid ones, of which a test varies what it is about."""

import hashlib
import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from experiments.measurement.manifest import (
    Manifest,
    Segment,
    generation_folder,
    write_manifest,
)
from experiments.measurement.replica import ReplicaState, read_state
from experiments.measurement.segments import READ, split, to_table, write
from experiments.storage.database import Database
from experiments.storage.tables import experiments, ledger

HOUR = 3_600_000_000
SENT_AT = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
SENT = int(SENT_AT.timestamp()) * 1_000_000

Row = dict[str, Any]


def exposure(source_id: str, unit_id: str | None, variant: str, **other: Any) -> Row:
    """A send of experiment 1, at ``SENT``."""
    return _row(source_id, unit_id, "exposure") | {
        "type": "sent", "experiment_id": 1, "variant": variant, "channel": "email",
    } | other  # fmt: skip


def event(source_id: str, unit_id: str | None, type_: str = "open", **other: Any) -> Row:
    """An open, an hour after ``SENT``."""
    return _row(source_id, unit_id, "event") | {"type": type_, "occurred_at": SENT + HOUR} | other


def alias(source_id: str, name: str, unit_id: str, **other: Any) -> Row:
    """An alias of a unit, known from ``SENT`` on; `unit:…` is a unit that became it."""
    kind = name.partition(":")[0]
    return _row(source_id, unit_id, "alias") | {"alias": name, "type": kind} | other


def withdrawal(import_id: int) -> Row:
    """The withdrawal of an import, as its own writer puts it down."""
    return _row(f"withdrawal:{import_id}", None, "withdrawal") | {
        "type": "withdrawal", "import_id": import_id,
    }  # fmt: skip


def _row(source_id: str, unit_id: str | None, fact: str) -> Row:
    empty = dict.fromkeys(
        ("alias", "channel", "experiment_id", "variant", "expected_variant", "suppressed_reason",
         "value", "currency", "properties", "import_id")
    )  # fmt: skip
    return empty | {
        "project_id": 1,
        "source_id": source_id,
        "digest": hashlib.sha256(source_id.encode()).digest(),
        "fact": fact,
        "unit_id": unit_id,
        "occurred_at": SENT,
        "received_at": SENT + 2 * HOUR,
        "machine": False,
    }


def append(database: Database, rows: Iterable[Row]) -> None:
    """Append the rows in one transaction, as the ledger's own writers would."""
    with database.transaction() as db:
        db.execute(insert(ledger), list(rows))


def add_experiment(database: Database, project_id: int = 1, key: str = "subject-line") -> int:
    """A bare experiment, for rows to refer to."""
    with database.transaction() as db:
        row = {
            "project_id": project_id, "key": key, "state": "running", "revision": 1, "draft": {},
            "created_at": SENT_AT, "created_by": "test", "updated_at": SENT_AT,
        }  # fmt: skip
        found: int = db.execute(
            insert(experiments).values(row).returning(experiments.c.id)
        ).scalar_one()
    return found


def replica_of(folder: Path, *batches: Sequence[Row]) -> ReplicaState:
    """A replica of a ledger with these rows, without a database: a segment per batch."""
    found: list[Segment] = []
    position = 0
    for batch in batches:
        rows = [_read(row, place) for place, row in enumerate(batch, start=position + 1)]
        position += len(rows)
        for (project_id, fact), table in (
            split(to_table(zip(*rows, strict=True))) if rows else {}
        ).items():
            found.append(write(generation_folder(folder, 1), project_id, fact, [table]))
    folder.mkdir(parents=True, exist_ok=True)
    manifest = Manifest("of-a-test", 1).extended(position, None, tuple(found))
    write_manifest(folder, manifest)
    return read_state(folder)


def _read(row: Row, position: int) -> list[Any]:
    properties = None if row["properties"] is None else json.dumps(row["properties"])
    found = row | {"position": position, "properties": properties, "machine": int(row["machine"])}
    return [found[name] for name in READ.names]
