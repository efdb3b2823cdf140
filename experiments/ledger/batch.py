"""A batch of JSON items on its way into the ledger: each kept, or told why not.

A batch never fails whole because of one bad item, and every item is in exactly one of
accepted, duplicates, conflicts and rejected.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from experiments.errors import Invalid
from experiments.ledger.allocated import KnownExperiment, hash_units
from experiments.ledger.append import Outcome, append
from experiments.ledger.facts import Fact
from experiments.ledger.fields import LONGEST_SOURCE_ID
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.known import known_experiments
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.ledger.retention import BeforeRetention
from experiments.ledger.tombstones import CustomerErased
from experiments.storage.projects import Project

Resolve = Callable[[Fact, Context], Resolved]

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
        facts: (place in the batch, fact, or its row where that is clear already).
        rejected: The rest.
    """

    facts: tuple[tuple[int, Fact | Resolved], ...]
    rejected: tuple[RejectedItem, ...]

    @property
    def experiments(self) -> set[str]:
        """Keys of the experiments that the facts name."""
        return {fact.experiment for fact in self.open_facts if fact.experiment is not None}

    @property
    def open_facts(self) -> Iterator[Fact]:
        """Those that are no rows yet."""
        return (fact for _, fact in self.facts if not isinstance(fact, Resolved))


@dataclass
class BatchResult:
    """What became of every item of a batch."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: list[ConflictingItem] = field(default_factory=list)
    rejected: list[RejectedItem] = field(default_factory=list)


def read_batch(items: Sequence[object], read: Callable[[object], Fact | Resolved]) -> Batch:
    """Read items, each for itself.

    Args:
        items: JSON values.
        read: ``read_exposure``, ``read_alias_fact``, ``read_event`` or an ``event_reader``.

    Raises:
        BatchTooLong: If there are more than ``MOST_ITEMS``.
    """
    if len(items) > MOST_ITEMS:
        raise BatchTooLong(got=len(items), most=MOST_ITEMS)
    facts: list[tuple[int, Fact | Resolved]] = []
    rejected: list[RejectedItem] = []
    for index, item in enumerate(items):
        try:
            facts.append((index, read(item)))
        except Invalid as error:
            rejected.append(RejectedItem(index, _id(item), error))
    return Batch(tuple(facts), tuple(rejected))


@dataclass(frozen=True)
class PlacedBatch:
    """A batch on its way into the ledger.

    Attributes:
        rows: Of the facts that fit, in their order.
        indexes: The place of each in the batch.
        rejected: The rest.
    """

    rows: tuple[Resolved, ...]
    indexes: tuple[int, ...]
    rejected: tuple[RejectedItem, ...]


def place_batch(
    batch: Batch,
    known: Mapping[str, KnownExperiment],
    project: Project,
    place: Resolve = resolve,
    hasher: AliasHasher | None = None,
) -> PlacedBatch:
    """Make rows of facts; no database is asked.

    Args:
        batch: As read.
        known: The experiments of ``batch.experiments`` that there are.
        project: Whose facts they are.
        place: Makes a row of a fact; a source that sends no times has one of its own.
        hasher: Of the project's aliases; None where none are taken.
    """
    if len(batch.facts) >= _WORTH_HASHING:
        known = hash_units(known, batch.open_facts)
    context = Context(known, project.currency, hasher)
    rows: list[Resolved] = []
    indexes: list[int] = []
    rejected = list(batch.rejected)
    for index, fact in batch.facts:
        try:
            rows.append(fact if isinstance(fact, Resolved) else place(fact, context))
        except Invalid as error:
            rejected.append(RejectedItem(index, fact.source_id, error))
        else:
            indexes.append(index)
    rejected.sort(key=lambda item: item.index)
    return PlacedBatch(tuple(rows), tuple(indexes), tuple(rejected))


def append_batch(
    db: Connection,
    project: Project,
    placed: PlacedBatch,
    *,
    now: datetime,
    hasher: AliasHasher | None = None,
) -> BatchResult:
    """Append a batch to the ledger within the caller's transaction.

    Raises:
        DatabaseUnavailable: If the database went away; nothing is kept then.
    """
    outcomes = append(db, project, placed.rows, received_at=now, hasher=hasher)
    result = BatchResult(rejected=list(placed.rejected))
    for outcome, index, row in zip(outcomes, placed.indexes, placed.rows, strict=True):
        match outcome:
            case Outcome.ACCEPTED:
                result.accepted += 1
            case Outcome.DUPLICATE:
                result.duplicates += 1
            case Outcome.CONFLICT:
                result.conflicts.append(ConflictingItem(index, row.source_id))
            case Outcome.ERASED:
                error = CustomerErased(field="unit_id" if row.unit_id else "alias")
                result.rejected.append(RejectedItem(index, row.source_id, error))
            case Outcome.TOO_OLD:
                too_old = BeforeRetention(field="occurred_at")
                result.rejected.append(RejectedItem(index, row.source_id, too_old))
    result.rejected.sort(key=lambda item: item.index)
    return result


def record(
    db: Connection,
    project: Project,
    batch: Batch,
    *,
    now: datetime,
    place: Resolve = resolve,
    hasher: AliasHasher | None = None,
) -> BatchResult:
    """Place a batch and append it, all within the caller's transaction.

    Args:
        db: In a transaction that writes.
        project: Whose facts they are.
        batch: As read.
        now: When it arrived.
        place: As for ``place_batch``.
        hasher: Likewise.

    Raises:
        DatabaseUnavailable: If the database went away; nothing is kept then.
    """
    known = known_experiments(db, project, batch.experiments)
    placed = place_batch(batch, known, project, place, hasher)
    return append_batch(db, project, placed, now=now, hasher=hasher)


def _id(item: object) -> str | None:
    found = item.get("source_id") if isinstance(item, dict) else None
    return found[:LONGEST_SOURCE_ID] if isinstance(found, str) else None
