"""Writes a mailing down: CSV files and JSON documents, the same bytes every time."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from sample_data.audience import SEGMENTS, VARIANTS, Ints
from sample_data.documents import experiment_document, import_mappings, kpi_documents
from sample_data.event_rows import TYPES
from sample_data.mailing import Mailing
from sample_data.scenario import ASSIGNED_SECONDS, SENT_AT
from sample_data.truth import tell_truth


def write_mailing(mailing: Mailing, folder: Path) -> None:
    """Write the files of a scenario into the folder, which is made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    documents = {
        "kpis": kpi_documents(),
        "experiment": experiment_document(mailing.scenario),
        "imports": import_mappings(mailing.scenario),
        "truth": tell_truth(mailing),
    }
    for name, document in documents.items():
        _write_json(folder / f"{name}.json", document)
    _write_customers(mailing, folder / "customers.csv")
    _write_assignments(mailing, folder / "assignments.csv")
    _write_exposures(mailing, folder / "exposures.csv")
    _write_events(mailing, folder / "events.csv")


def _write_customers(mailing: Mailing, path: Path) -> None:
    audience = mailing.audience
    segments = [SEGMENTS[index] for index in audience.segments]
    prefetches = audience.prefetches.astype(int).tolist()
    rows = zip(audience.unit_ids, audience.names, segments, prefetches, strict=True)
    _write_csv(path, ("user_id", "name", "segment", "prefetches"), rows)


def _write_assignments(mailing: Mailing, path: Path) -> None:
    rows = zip(mailing.audience.unit_ids, _variants(mailing), strict=True)
    _write_csv(path, ("user_id", "variant"), rows)


def _write_exposures(mailing: Mailing, path: Path) -> None:
    """Everyone assigned, then everyone sent."""
    assigned_at, sent_at = _instants(np.array([ASSIGNED_SECONDS, 0]))
    units, variants = mailing.audience.unit_ids, _variants(mailing)
    assigned = [
        (f"a{unit[1:]}", unit, "assigned", assigned_at, variant)
        for unit, variant in zip(units, variants, strict=True)
    ]
    sent = [
        (f"s{unit[1:]}", unit, "sent", sent_at, variant)
        for unit, variant, was_sent in zip(
            units, variants, mailing.outcomes.sent.tolist(), strict=True
        )
        if was_sent
    ]
    columns = ("exposure_id", "user_id", "type", "occurred_at", "variant")
    _write_csv(path, columns, [*assigned, *sent])


def _write_events(mailing: Mailing, path: Path) -> None:
    events = mailing.events
    unit_ids = mailing.audience.unit_ids + mailing.strangers
    first_number = mailing.scenario.first_customer * 10
    rows = zip(
        [f"e{first_number + number:07d}" for number in events.number.tolist()],
        [unit_ids[index] for index in events.unit.tolist()],
        [TYPES[index] for index in events.type.tolist()],
        _instants(events.occurred),
        _instants(events.received),
        events.machine.astype(int).tolist(),
        [won or "" for won in events.won.tolist()],
        ["KRW" if won else "" for won in events.won.tolist()],
        strict=True,
    )
    columns = ("event_id", "user_id", "type", "occurred_at", "received_at")
    _write_csv(path, (*columns, "machine", "amount", "currency"), rows)


def _variants(mailing: Mailing) -> list[str]:
    return [VARIANTS[arm] for arm in mailing.audience.arms.tolist()]


def _instants(seconds: Ints) -> list[str]:
    """ISO 8601 in UTC of so many seconds after the send."""
    sent = np.datetime64(SENT_AT.replace(tzinfo=None), "s")
    texts: list[str] = np.datetime_as_string(sent + seconds, timezone="UTC").tolist()
    return texts


def _write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def _write_json(path: Path, document: Any) -> None:
    text = json.dumps(document, ensure_ascii=False, indent=2) + "\n"
    path.write_text(text, encoding="utf-8", newline="\n")
