"""A few thousand rows of a file: read, placed, and counted once they are in the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from experiments.errors import Invalid
from experiments.ledger.allocated import hash_units
from experiments.ledger.append import Outcome
from experiments.ledger.facts import Fact
from experiments.ledger.imports.errors import IdOfAnother
from experiments.ledger.imports.jobs import Reject
from experiments.ledger.imports.readers import RowReader
from experiments.ledger.imports.rows import BadRow, Row
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.storage.codec import to_document


@dataclass(frozen=True)
class Chunk:
    """Rows as read.

    Attributes:
        rows: How many there were.
        facts: Line and facts of each good row.
        rejects: The bad rows.
    """

    rows: int
    facts: list[tuple[int, Sequence[Fact]]]
    rejects: list[Reject]

    @property
    def experiments(self) -> set[str | None]:
        """Keys of the experiments that the facts name."""
        return {fact.experiment for _, facts in self.facts for fact in facts}


@dataclass(frozen=True)
class Placed:
    """Rows on their way into the ledger.

    Attributes:
        rows: Line and number of facts of each row that can be taken.
        facts: Of all of them, one after the other.
        rejects: The rows that cannot be taken.
    """

    rows: list[tuple[int, int]]
    facts: list[Resolved]
    rejects: list[Reject]


@dataclass
class Tally:
    """Rows counted, each exactly once; see ``ImportJob``."""

    accepted: int = 0
    duplicates: int = 0
    conflicts: int = 0
    rejected: int = 0
    rejects: list[Reject] = field(default_factory=list)


def read_chunk(rows: Iterable[Row | BadRow], read: RowReader, first: int) -> Chunk:
    """Read rows, of which the first has the number ``first``."""
    facts: list[tuple[int, Sequence[Fact]]] = []
    rejects: list[Reject] = []
    count = 0
    for number, row in enumerate(rows, start=first):
        count += 1
        try:
            if isinstance(row, BadRow):
                raise row.error
            facts.append((row.line, read(row.line, number, row.cells)))
        except Invalid as error:
            rejects.append(_reject(row.line, error))
    return Chunk(count, facts, rejects)


def place(chunk: Chunk, context: Context) -> Placed:
    """Place the facts of a chunk; a row whose one fact does not fit is rejected whole."""
    placed = Placed([], [], list(chunk.rejects))
    facts_of_all = (fact for _, facts in chunk.facts for fact in facts)
    context = context.knowing(hash_units(context.experiments, facts_of_all))
    for line, facts in chunk.facts:
        try:
            resolved = [resolve(fact, context) for fact in facts]
        except Invalid as error:
            placed.rejects.append(_reject(line, error))
        else:
            placed.rows.append((line, len(resolved)))
            placed.facts.extend(resolved)
    return placed


def tally(placed: Placed, outcomes: Sequence[Outcome]) -> Tally:
    """Count rows by what became of their facts.

    Args:
        placed: What was appended.
        outcomes: Of each fact, in order.
    """
    counted = Tally(rejected=len(placed.rejects), rejects=list(placed.rejects))
    start = 0
    for line, size in placed.rows:
        of_row = outcomes[start : start + size]
        if Outcome.CONFLICT in of_row:
            counted.conflicts += 1
            place_of = start + of_row.index(Outcome.CONFLICT)
            counted.rejects.append(_conflict(line, placed.facts[place_of].source_id))
        elif Outcome.ACCEPTED in of_row:
            counted.accepted += 1
        else:
            counted.duplicates += 1
        start += size
    counted.rejects.sort(key=lambda reject: reject.line)
    return counted


def _reject(line: int, error: Invalid) -> Reject:
    return Reject(line, error.field, error.code, error.template, to_document(error.params))


def _conflict(line: int, source_id: str) -> Reject:
    return Reject(line, "source_id", "conflict", IdOfAnother.template, {"source_id": source_id})
