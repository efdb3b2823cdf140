"""Counts the files of a scenario by the rules, knowing nothing of how they were made."""

import csv
import json
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

WINDOW = timedelta(hours=72)


def read_rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@dataclass(frozen=True)
class Files:
    """A scenario's folder, read."""

    customers: list[dict[str, str]]
    assignments: dict[str, str]
    exposures: list[dict[str, str]]
    events: list[dict[str, str]]
    truth: dict[str, Any]

    @classmethod
    def read(cls, folder: Path) -> "Files":
        assignments = read_rows(folder / "assignments.csv")
        return cls(
            customers=read_rows(folder / "customers.csv"),
            assignments={row["user_id"]: row["variant"] for row in assignments},
            exposures=read_rows(folder / "exposures.csv"),
            events=read_rows(folder / "events.csv"),
            truth=json.loads((folder / "truth.json").read_text(encoding="utf-8")),
        )

    @property
    def sent_at(self) -> dict[str, datetime]:
        """By customer, for those it was sent to."""
        return {
            row["user_id"]: datetime.fromisoformat(row["occurred_at"])
            for row in self.exposures
            if row["type"] == "sent"
        }

    @property
    def distinct_events(self) -> list[dict[str, str]]:
        """Each event once."""
        return list({row["event_id"]: row for row in reversed(self.events)}.values())


def recount(files: Files) -> dict[str, dict[str, int]]:
    """The counts that truth.json gives under ``realised``."""
    sent_at = files.sent_at
    units: dict[tuple[str, str], set[str]] = defaultdict(set)
    counts: dict[str, dict[str, int]] = {variant: defaultdict(int) for variant in ("a", "b")}
    for row in files.events:
        if row["user_id"] in sent_at and row["type"] == "click" and row["machine"] == "0":
            counts[files.assignments[row["user_id"]]]["click_rows_with_repeats"] += 1
    for row in files.distinct_events:
        sent = sent_at.get(row["user_id"])
        if sent is None or not sent <= datetime.fromisoformat(row["occurred_at"]) < sent + WINDOW:
            continue
        variant = files.assignments[row["user_id"]]
        for name in _names(row):
            units[variant, name].add(row["user_id"])
        if row["type"] == "purchase":
            counts[variant]["revenue_won"] += int(row["amount"])
    names = {row["user_id"]: row["name"] for row in files.customers}
    for unit_id, variant in files.assignments.items():
        counts[variant]["assigned"] += 1
        counts[variant]["sent"] += unit_id in sent_at
        counts[variant]["nameless"] += not names[unit_id]
    for (variant, name), members in units.items():
        counts[variant][name] = len(members)
    return {variant: dict(found) for variant, found in counts.items()}


def _names(row: dict[str, str]) -> list[str]:
    kind = row["type"]
    if kind == "open":
        return ["all_open", "machine_open" if row["machine"] == "1" else "human_open"]
    if kind == "click":
        return ["all_click", "scanned" if row["machine"] == "1" else "click"]
    return [kind]
