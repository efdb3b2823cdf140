"""Appending to the ledger: each fact once, whoever repeats it and however often.

The database's unique key on (project, source id) decides; nothing is looked up first and
written then. Both databases go through their driver's bulk path.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import Enum

from sqlalchemy import Connection

from experiments.ledger import append_postgresql, append_sqlite, tombstones
from experiments.ledger.gate import gate_of
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.instants import microseconds
from experiments.ledger.repeats import count_repeats
from experiments.ledger.resolve import Resolved
from experiments.ledger.shadows import keep_shadows
from experiments.ledger.standing import Standing
from experiments.storage.projects import Project


class Outcome(Enum):
    """What became of a fact.

    ``ACCEPTED``: new, kept. ``DUPLICATE``: known, and the same. ``CONFLICT``: another fact
    has its id; that one stands. ``ERASED``: of a customer who was erased; not kept.
    ``TOO_OLD``: of a day that the project does not keep any more; not kept either.
    """

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    CONFLICT = "conflict"
    ERASED = "erased"
    TOO_OLD = "too_old"


_AGAIN = (Outcome.DUPLICATE, Outcome.CONFLICT)
# No row is kept of these, so they are counted.
_COUNTED = (*_AGAIN, Outcome.ERASED)


def append(
    db: Connection,
    project: Project,
    facts: Sequence[Resolved],
    *,
    received_at: datetime,
    import_id: int | None = None,
    hasher: AliasHasher | None = None,
) -> list[Outcome]:
    """Append facts within the caller's transaction.

    Args:
        db: In a transaction that writes.
        project: Whose facts they are.
        facts: In the order in which the source sent them.
        received_at: Aware.
        import_id: Of the import that they came with.
        hasher: Of the project's aliases, which customers who were erased are known by; None
            where none of the facts can be theirs.

    Returns:
        The outcome of each fact, in their order. Of those that share an id, the first stands.

    Raises:
        DatabaseUnavailable: If the database went away; nothing is kept then.
    """
    if not facts:
        return []
    if db.dialect.name == "postgresql":
        append_postgresql.announce(db)
    away = _turned_away(db, project, facts, received_at, hasher)
    firsts: dict[str, Resolved] = {}
    for place, fact in enumerate(facts):
        if place not in away:
            firsts.setdefault(fact.source_id, fact)
    # Always in one order: transactions that share ids then wait for each other in a queue
    # and not in a ring.
    rows = [firsts[source_id] for source_id in sorted(firsts)]
    at = microseconds(received_at)
    on_dialect = append_sqlite if db.dialect.name == "sqlite" else append_postgresql
    known = on_dialect.insert(db, project.id, rows, at, import_id)
    if not known and len(rows) == len(facts):
        return [Outcome.ACCEPTED] * len(facts)
    outcomes = _outcomes(facts, firsts, known, away)
    told = list(zip(facts, outcomes, strict=True))
    again = [(fact, found.value) for fact, found in told if found in _AGAIN]
    grew = Outcome.ACCEPTED in outcomes
    counted = [(fact, found.value) for fact, found in told if found in _COUNTED]
    count_repeats(db, project, counted, grew=grew, import_id=import_id)
    met = [
        (fact, outcome, stands.import_id)
        for fact, outcome in again
        if (stands := known.get(fact.source_id)) is not None
        and stands.import_id is not None
        and stands.import_id != import_id
    ]
    keep_shadows(db, project, met, received_at=at, import_id=import_id)
    return outcomes


def _turned_away(
    db: Connection,
    project: Project,
    facts: Sequence[Resolved],
    now: datetime,
    hasher: AliasHasher | None,
) -> dict[int, Outcome]:
    """What becomes of the facts that are not taken in at all, by their places."""
    gate = gate_of(db, project, now)
    away = dict.fromkeys(gate.too_old(facts), Outcome.TOO_OLD)
    if gate.has_erasures and hasher is not None:
        of_erased = tombstones.refused(db, project, facts, hasher)
        away |= dict.fromkeys(of_erased, Outcome.ERASED)
    return away


def _outcomes(
    facts: Sequence[Resolved],
    firsts: Mapping[str, Resolved],
    known: Mapping[str, Standing],
    away: Mapping[int, Outcome],
) -> list[Outcome]:
    """Tell what became of each, given those of its ids that were there before."""
    outcomes = []
    for place, fact in enumerate(facts):
        if place in away:
            outcomes.append(away[place])
            continue
        first = firsts[fact.source_id]
        stands = known.get(fact.source_id)
        if fact is first and stands is None:
            outcomes.append(Outcome.ACCEPTED)
        elif fact.digest == (first if stands is None else stands).digest:
            outcomes.append(Outcome.DUPLICATE)
        else:
            outcomes.append(Outcome.CONFLICT)
    return outcomes
