"""Appending to the ledger: each fact once, whoever repeats it and however often.

The database's unique key on (project, source id) decides; nothing is looked up first and
written then. Both databases go through their driver's bulk path.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection

from experiments.ledger import append_postgresql, append_sqlite
from experiments.ledger.instants import microseconds
from experiments.ledger.repeats import count_repeats
from experiments.ledger.resolve import Resolved
from experiments.storage.projects import Project


class Outcome(Enum):
    """What became of a fact.

    ``ACCEPTED``: new, kept. ``DUPLICATE``: known, and the same. ``CONFLICT``: another fact
    has its id; that one stands.
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"


def append(
    db: Connection,
    project: Project,
    facts: Sequence[Resolved],
    *,
    received_at: datetime,
    import_id: int | None = None,
) -> list[Outcome]:
    """Append facts within the caller's transaction.

    Args:
        db: In a transaction that writes.
        project: Whose facts they are.
        facts: In the order in which the source sent them.
        received_at: Aware.
        import_id: Of the import that they came with.

    Returns:
        The outcome of each fact, in their order. Of those that share an id, the first stands.

    Raises:
        DatabaseUnavailable: If the database went away; nothing is kept then.
    """
    firsts: dict[str, Resolved] = {}
    for fact in facts:
        firsts.setdefault(fact.source_id, fact)
    # Always in one order: transactions that share ids then wait for each other in a queue
    # and not in a ring.
    rows = [firsts[source_id] for source_id in sorted(firsts)]
    on_dialect = append_sqlite if db.dialect.name == "sqlite" else append_postgresql
    known = on_dialect.insert(db, project.id, rows, microseconds(received_at), import_id)
    outcomes = _outcomes(facts, firsts, known)
    told = zip(facts, outcomes, strict=True)
    again = [(fact, found.value) for fact, found in told if found is not Outcome.ACCEPTED]
    count_repeats(db, project, again, grew=len(again) < len(facts))
    return outcomes


def _outcomes(
    facts: Sequence[Resolved], firsts: Mapping[str, Resolved], known: Mapping[str, bytes]
) -> list[Outcome]:
    """Tell what became of each, given the digests of the ids that were there before."""
    outcomes = []
    for fact in facts:
        first = firsts[fact.source_id]
        if fact is first and fact.source_id not in known:
            outcomes.append(Outcome.ACCEPTED)
        elif fact.digest == known.get(fact.source_id, first.digest):
            outcomes.append(Outcome.DUPLICATE)
        else:
            outcomes.append(Outcome.CONFLICT)
    return outcomes
