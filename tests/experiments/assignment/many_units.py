"""Ids of every kind, and a short proof of what all of them were assigned."""

import hashlib
from datetime import UTC, datetime

from experiments.assignment.evaluation import assign
from experiments.assignment.snapshot import load_snapshot
from experiments.storage.database import Database

FAMILY = "김이박최정강조윤장임"


def make_ids(count: int) -> list[str]:
    """Member numbers, Korean names, e-mail addresses and characters of two code units."""
    makers = (
        lambda n: f"c{n:06d}",
        lambda n: f"{FAMILY[n % 10]}{chr(0xAC00 + n % 11172)}{n}",
        lambda n: f"user{n}@example.com",
        lambda n: f"{chr(0x1F600 + n % 80)}-{n}",
        lambda n: chr(0x20000 + n % 40_000) * (n % 7 + 1),
    )
    return [makers[number % len(makers)](number) for number in range(count)]


def digest(database: Database) -> str:
    """The first digits of a hash over the variants that the stored experiment gives."""
    with database.reading() as db:
        snapshot = load_snapshot(db, datetime.now(UTC))
    (experiment,) = snapshot.experiments.values()
    variants = [assign(experiment, unit_id).variant or "-" for unit_id in make_ids(100_000)]
    return hashlib.sha256("".join(variants).encode()).hexdigest()[:16]
