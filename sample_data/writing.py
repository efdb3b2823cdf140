"""Writes a scenario down: CSV files and JSON documents, the same bytes every time."""

import csv
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from sample_data.audience import Ints
from sample_data.event_rows import TYPES, EventRows

EVENT_COLUMNS = (
    "event_id", "user_id", "type", "occurred_at", "received_at", "machine", "amount", "currency",
)  # fmt: skip
EXPOSURE_COLUMNS = ("exposure_id", "user_id", "type", "occurred_at", "variant")


@dataclass(frozen=True)
class Table:
    """A CSV file."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


@dataclass(frozen=True)
class SampleFiles:
    """Everything that a scenario's folder holds.

    Attributes:
        documents: By the name of their JSON file, without its end.
        tables: By the name of their CSV file, likewise.
    """

    documents: dict[str, Any]
    tables: dict[str, Table] = field(default_factory=dict)


def write_sample(files: SampleFiles, folder: Path) -> None:
    """Write the files into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, document in files.documents.items():
        text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
        (folder / f"{name}.json").write_text(text, encoding="utf-8", newline="\n")
    for name, table in files.tables.items():
        with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(table.columns)
            writer.writerows(table.rows)


def instants(origin: datetime, seconds: Ints) -> list[str]:
    """ISO 8601 in UTC of so many seconds after the origin.

    Examples:
        >>> from datetime import UTC
        >>> instants(datetime(2025, 3, 10, 1, tzinfo=UTC), np.array([90]))
        ['2025-03-10T01:01:30Z']
    """
    offset = origin.utcoffset()
    assert offset is not None  # noqa: S101 - every origin is written with its zone
    start = np.datetime64(origin.replace(tzinfo=None) - offset, "s")
    texts: list[str] = np.datetime_as_string(start + seconds, timezone="UTC").tolist()
    return texts


def event_table(
    events: EventRows, unit_ids: Sequence[str], origin: datetime, name: str, first: int
) -> Table:
    """Events as a file.

    Args:
        events: In the order of the file.
        unit_ids: Of every customer, those never assigned at the end.
        origin: What their seconds count from.
        name: What ids of events begin with.
        first: Added to the number of each.
    """
    rows = zip(
        [f"{name}{first + number:07d}" for number in events.number.tolist()],
        [unit_ids[index] for index in events.unit.tolist()],
        [TYPES[index] for index in events.type.tolist()],
        instants(origin, events.occurred),
        instants(origin, events.received),
        events.machine.astype(int).tolist(),
        [won or "" for won in events.won.tolist()],
        _currencies(events),
        strict=True,
    )
    return Table(EVENT_COLUMNS, rows)


def _currencies(events: EventRows) -> list[str]:
    found = np.where(events.won == 0, "", np.where(events.dollars, "USD", "KRW"))
    texts: list[str] = found.tolist()
    return texts


def exposure_mapping(experiment: str, **changes: Any) -> dict[str, Any]:
    """How a file of exposures is read; ``changes`` are further columns, or ``constants``."""
    constants = {"experiment": experiment} | changes.pop("constants", {})
    same_name = ("type", "occurred_at", "variant")
    columns = {"source_id": "exposure_id", "unit_id": "user_id"}
    return {
        "form": "long",
        "fact": "exposure",
        "columns": columns | {name: name for name in same_name} | changes,
        "constants": constants,
    }


def event_mapping() -> dict[str, Any]:
    """How a file of events is read."""
    columns = {"source_id": "event_id", "unit_id": "user_id", "value": "amount"}
    same_name = ("type", "occurred_at", "machine", "currency")
    return {
        "form": "long",
        "fact": "event",
        "columns": columns | {name: name for name in same_name},
        "constants": {},
    }
