"""Customers who were erased: nothing of theirs is taken in again.

Of an erased customer a keyed hash stays for each name that was theirs alone: the id of the
unit, ids that were merged into it, aliases. Without the identity key nobody can try out who
it was.
"""

import json
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from hashlib import blake2b

from sqlalchemy import Connection, func, insert, select, update

from experiments.errors import Invalid
from experiments.ledger.identity.alias import MERGED
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.resolve import Resolved
from experiments.registry.keyed import Edit
from experiments.storage.projects import Project
from experiments.storage.tables import erasures

_PURPOSE = b"truelift erased"
_ASKED_AT_ONCE = 5_000
_AMONG = {
    "sqlite": (
        "SELECT tombstone FROM erasures WHERE project_id = ?"
        " AND tombstone IN (SELECT value FROM json_each(?))"
    ),
    "postgresql": ("SELECT tombstone FROM erasures WHERE project_id = %s AND tombstone = ANY(%s)"),
}


class CustomerErased(Invalid):
    """A fact of a customer who was erased."""

    template = "this customer was erased, and is not taken in again"


def name_of_unit(unit_id: str) -> str:
    """The unit's id in the form in which aliases stand in the ledger."""
    return f"{MERGED}:{unit_id}"


def tombstone(hasher: AliasHasher, name: str) -> str:
    """The keyed hash of a name (BLAKE2b), 64 hex digits.

    Examples:
        >>> tombstone(AliasHasher(bytes(32)), name_of_unit("customer-1"))[:16]
        '7727acee5e606d48'
    """
    keyed = blake2b(name.encode(), key=hasher.key, digest_size=32, person=_PURPOSE)
    return keyed.hexdigest()


def refused(
    db: Connection, project: Project, facts: Sequence[Resolved], hasher: AliasHasher
) -> frozenset[int]:
    """Places of the facts that are of customers who were erased; they are counted.

    Args:
        db: In a transaction that writes.
        project: Whose facts they are.
        facts: About to be appended.
        hasher: Of the project's aliases.
    """
    stones = [[tombstone(hasher, name) for name in names_in(fact)] for fact in facts]
    gone = _known(db, project, {stone for each in stones for stone in each})
    if not gone:
        return frozenset()
    met: Counter[str] = Counter()
    places = []
    for place, each in enumerate(stones):
        hit = next((stone for stone in each if stone in gone), None)
        if hit is not None:
            met[hit] += 1
            places.append(place)
    for stone, count in sorted(met.items()):
        grown = erasures.c.refused + count
        this = (erasures.c.project_id == project.id) & (erasures.c.tombstone == stone)
        db.execute(update(erasures).where(this).values(refused=grown))
    return frozenset(places)


def names_in(fact: Resolved) -> Iterable[str]:
    """Every name of a customer that a fact holds."""
    if fact.unit_id is not None:
        yield name_of_unit(fact.unit_id)
    if fact.alias is not None:
        yield fact.alias


def bury(db: Connection, stones: Collection[str], edit: Edit) -> None:
    """Keep tombstones, from the commit of this transaction on; those that are there stay."""
    known = _known(db, edit.project, stones)
    rows = [
        {
            "project_id": edit.project.id,
            "tombstone": stone,
            "rows": 0,
            "erased_at": edit.now,
            "erased_by": edit.actor.name,
        }
        for stone in sorted(set(stones) - known)
    ]
    if rows:
        db.execute(insert(erasures), rows)


def how_many(db: Connection, project: Project) -> int:
    """Tombstones of a project, as far as this transaction sees; none of them ever goes."""
    mine = select(func.count()).where(erasures.c.project_id == project.id)
    found: int = db.execute(mine).scalar_one()
    return found


def among(db: Connection, project: Project, stones: Collection[str]) -> set[str]:
    """Those that are tombstones of the project."""
    asked = sorted(stones)
    parts = (
        asked[start : start + _ASKED_AT_ONCE] for start in range(0, len(asked), _ASKED_AT_ONCE)
    )
    return {stone for part in parts for stone in _known(db, project, part)}


def _known(db: Connection, project: Project, stones: Collection[str]) -> set[str]:
    wanted: str | list[str] = sorted(stones)
    if db.dialect.name == "sqlite":
        wanted = json.dumps(wanted)
    return set(db.exec_driver_sql(_AMONG[db.dialect.name], (project.id, wanted)).scalars())
