"""Facts sent again, or of erased customers: counted here, so that received = used + left out.

A repeat has no row in the ledger. To give the same answer at the same ledger position for
ever, a count is visible from a position on that no earlier reader can have seen.
"""

from collections import Counter
from collections.abc import Iterable

from sqlalchemy import Connection, func, insert, select

from experiments.ledger.resolve import Resolved
from experiments.storage.projects import Project
from experiments.storage.tables import erasures, ledger, repeats

Repeats = dict[tuple[str, str, str], int]


def count_repeats(
    db: Connection,
    project: Project,
    told: Iterable[tuple[Resolved, str]],
    *,
    grew: bool,
    import_id: int | None = None,
) -> None:
    """Count the facts of one batch that were not new.

    Args:
        db: In the transaction that appended the others.
        project: Whose facts they are.
        told: Each fact that no row is kept of, with what became of it: duplicate, conflict or
            erased.
        grew: Whether the batch added a row to the ledger.
        import_id: Of the import that they came with.
    """
    counts = Counter((fact.fact, fact.type, outcome) for fact, outcome in told)
    if not counts:
        return
    newest = db.execute(select(func.coalesce(func.max(ledger.c.position), 0))).scalar_one()
    rows = [
        {
            "project_id": project.id,
            "fact": fact,
            "type": kind,
            "outcome": outcome,
            "visible_from": newest if grew else newest + 1,
            "count": count,
            "import_id": import_id,
        }
        for (fact, kind, outcome), count in sorted(counts.items())
    ]
    db.execute(insert(repeats), rows)


def repeats_up_to(db: Connection, project: Project, position: int) -> Repeats:
    """Repeats visible at a ledger position.

    Returns:
        Counts by (fact, its type, ``duplicate``, ``conflict`` or ``erased``); an exposure
        ``sent`` and an event ``sent`` are two things. What a withdrawn import took back is
        no longer there.
    """
    which = (repeats.c.fact, repeats.c.type, repeats.c.outcome)
    statement = (
        select(*which, func.sum(repeats.c.count))
        .where(repeats.c.project_id == project.id, repeats.c.visible_from <= position)
        .group_by(*which)
    )
    found = {(fact, kind, outcome): n for fact, kind, outcome, n in db.execute(statement)}
    return {key: int(count) for key, count in found.items() if count}


def refused_since_erased(db: Connection, project: Project) -> int:
    """Facts of erased customers that arrived after the erasure and were not taken in.

    Of whatever kind: what they said is not kept, not even of which type they were.
    """
    refused = select(func.coalesce(func.sum(erasures.c.refused), 0))
    return int(db.execute(refused.where(erasures.c.project_id == project.id)).scalar_one())
