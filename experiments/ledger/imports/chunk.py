"""A few thousand rows of a file: read, placed, and counted once they are in the ledger."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from experiments.errors import Invalid
from experiments.ledger.allocated import hash_units
from experiments.ledger.append import Outcome
from experiments.ledger.facts import Fact
from experiments.ledger.imports.errors import IdOfAnother
from experiments.ledger.imports.readers import RowReader
from experiments.ledger.imports.reject import Reject
from experiments.ledger.imports.rows import BadRow, Row
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.ledger.retention import BeforeRetention
from experiments.ledger.sources.messages import place as place_message
from experiments.ledger.tombstones import CustomerErased


@dataclass(frozen=True)
class Chunk:
    """Rows as read.

    Attributes:
        rows: How many there were.
        facts: Each good row and its facts, or their rows in the ledger; none where it says
            nothing that is kept.
        rejects: The bad rows.
    """

    rows: int
    facts: list[tuple[Row, Sequence[Fact | Resolved]]]
    rejects: list[Reject]

    @property
    def experiments(self) -> set[str | None]:
        """Keys of the experiments that the facts name."""
        return {fact.experiment for fact in self.open_facts}

    @property
    def open_facts(self) -> Iterator[Fact]:
        """Those that are no rows of the ledger yet."""
        facts_of_all = (fact for _, facts in self.facts for fact in facts)
        return (fact for fact in facts_of_all if not isinstance(fact, Resolved))


@dataclass(frozen=True)
class Placed:
    """Rows on their way into the ledger.

    Attributes:
        rows: Each row that can be taken, and the number of its facts.
        facts: Of all of them, one after the other.
        rejects: The rows that cannot be taken.
    """

    rows: list[tuple[Row, int]]
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
    facts: list[tuple[Row, Sequence[Fact | Resolved]]] = []
    rejects: list[Reject] = []
    count = 0
    for number, row in enumerate(rows, start=first):
        count += 1
        if isinstance(row, BadRow):
            rejects.append(Reject.of(row.line, row.error, row.raw))
            continue
        try:
            facts.append((row, read(row.line, number, row.cells)))
        except Invalid as error:
            rejects.append(Reject.of(row.line, error, row.raw))
    return Chunk(count, facts, rejects)


def place(chunk: Chunk, context: Context, *, is_tagged: bool = False) -> Placed:
    """Place the facts of a chunk; a row whose one fact does not fit is rejected whole.

    Args:
        chunk: As read.
        context: Of its project, with the experiments that the facts name.
        is_tagged: Whether tests are named by links and campaigns, where a name that is no test
            of ours costs the tag and not the row.
    """
    placed = Placed([], [], list(chunk.rejects))
    context = context.knowing(hash_units(context.experiments, chunk.open_facts))
    place_fact = place_message if is_tagged else resolve
    for row, facts in chunk.facts:
        try:
            resolved = [
                fact if isinstance(fact, Resolved) else place_fact(fact, context) for fact in facts
            ]
        except Invalid as error:
            placed.rejects.append(Reject.of(row.line, error, row.raw))
        else:
            placed.rows.append((row, len(resolved)))
            placed.facts.extend(resolved)
    return placed


def tally(placed: Placed, outcomes: Sequence[Outcome]) -> Tally:
    """Count rows by what became of their facts.

    Args:
        placed: What was appended.
        outcomes: Of each fact, in order.
    """
    counted = Tally(rejected=len(placed.rejects), rejects=list(placed.rejects))
    counted.rejects.sort(key=lambda reject: reject.line)
    if outcomes.count(Outcome.ACCEPTED) == len(outcomes):
        counted.accepted = sum(1 for _, size in placed.rows if size)
        return counted
    start = 0
    for row, size in placed.rows:
        of_row = outcomes[start : start + size]
        if Outcome.CONFLICT in of_row:
            counted.conflicts += 1
            place_of = start + of_row.index(Outcome.CONFLICT)
            counted.rejects.append(_conflict(row, placed.facts[place_of].source_id))
        elif (refusal := _turned_away(of_row)) is not None:
            counted.rejected += 1
            # Nothing of a customer who was erased is kept, the row that names them neither.
            raw = "" if isinstance(refusal, CustomerErased) else row.raw
            counted.rejects.append(Reject.of(row.line, refusal, raw))
        elif Outcome.ACCEPTED in of_row:
            counted.accepted += 1
        elif size:
            counted.duplicates += 1
        start += size
    counted.rejects.sort(key=lambda reject: reject.line)
    return counted


def _turned_away(of_row: Sequence[Outcome]) -> Invalid | None:
    if Outcome.ERASED in of_row:
        return CustomerErased(field="unit_id")
    return BeforeRetention(field="occurred_at") if Outcome.TOO_OLD in of_row else None


def _conflict(row: Row, source_id: str) -> Reject:
    found = Reject.of(row.line, IdOfAnother(field="source_id", source_id=source_id), row.raw)
    return Reject(found.line, found.field, "conflict", found.template, found.params, found.row)
