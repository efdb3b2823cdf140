"""A batch of JSON items on its way into the ledger: each kept, or told why not.

A batch never fails whole because of one bad item, and every item is in exactly one of
accepted, duplicates, conflicts and rejected.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from experiments.errors import Invalid
from experiments.ledger.allocated import KnownExperiment, hash_units
from experiments.ledger.append import Outcome, append
from experiments.ledger.facts import Fact
from experiments.ledger.fields import LONGEST_SOURCE_ID
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import Resolved, resolve
from experiments.storage.projects import Project

Resolve = Callable[[Fact, Mapping[str, KnownExperiment], str], Resolved]

MOST_ITEMS = 10_000
_WORTH_HASHING = 100


class BatchTooLong(Invalid):
    """More items than are taken at once."""

    template = "{got} items are too many for one request; {most} fit"


@dataclass(frozen=True)
class RejectedItem:
    """An item that was not kept.

    Attributes:
        index: Its place in the batch, from 0.
        id: Its source id, if it has one.
        error: Why.
    """

    index: int
    id: str | None
    error: Invalid


@dataclass(frozen=True)
class ConflictingItem:
    """An item whose id belongs to another fact; that one stands."""

    index: int
    id: str


@dataclass(frozen=True)
class Batch:
    """Items as read: the good ones with their place, and the bad ones.

    Attributes:
        facts: (place in the batch, fact).
        rejected: The rest.
    """

    facts: tuple[tuple[int, Fact], ...]
    rejected: tuple[RejectedItem, ...]


@dataclass
class BatchResult:
    """What became of every item of a batch."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: list[ConflictingItem] = field(default_factory=list)
    rejected: list[RejectedItem] = field(default_factory=list)


def read_batch(items: Sequence[object], read: Callable[[object], Fact]) -> Batch:
    """Read items, each for itself.

    Args:
        items: JSON values.
        read: ``read_exposure`` or ``read_event``.

    Raises:
        BatchTooLong: If there are more than ``MOST_ITEMS``.
    """
    if len(items) > MOST_ITEMS:
        raise BatchTooLong(got=len(items), most=MOST_ITEMS)
    facts: list[tuple[int, Fact]] = []
    rejected: list[RejectedItem] = []
    for index, item in enumerate(items):
        try:
            facts.append((index, read(item)))
        except Invalid as error:
            rejected.append(RejectedItem(index, _id(item), error))
    return Batch(tuple(facts), tuple(rejected))


def record(
    db: Connection, project: Project, batch: Batch, *, now: datetime, place: Resolve = resolve
) -> BatchResult:
    """Append a batch to the ledger within the caller's transaction.

    Args:
        db: In a transaction that writes.
        project: Whose facts they are.
        batch: As read.
        now: When it arrived.
        place: Makes a row of a fact; a source that sends no times has one of its own.

    Raises:
        DatabaseUnavailable: If the database went away; nothing is kept then.
    """
    known = known_experiments(db, project, {fact.experiment for _, fact in batch.facts})
    if len(batch.facts) >= _WORTH_HASHING:
        known = hash_units(known, (fact for _, fact in batch.facts))
    result = BatchResult(rejected=list(batch.rejected))
    resolved: list[tuple[int, Resolved]] = []
    for index, fact in batch.facts:
        try:
            resolved.append((index, place(fact, known, project.currency)))
        except Invalid as error:
            result.rejected.append(RejectedItem(index, fact.source_id, error))
    outcomes = append(db, project, [row for _, row in resolved], received_at=now)
    for (index, row), outcome in zip(resolved, outcomes, strict=True):
        if outcome is Outcome.CONFLICT:
            result.conflicts.append(ConflictingItem(index, row.source_id))
    result.accepted = outcomes.count(Outcome.ACCEPTED)
    result.duplicates = outcomes.count(Outcome.DUPLICATE)
    result.rejected.sort(key=lambda item: item.index)
    return result


def _id(item: object) -> str | None:
    found = item.get("source_id") if isinstance(item, dict) else None
    return found[:LONGEST_SOURCE_ID] if isinstance(found, str) else None
