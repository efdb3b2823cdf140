"""Who an alias is at a time, asked one by one; reports find out for all at once.

The rule is that of reports: the latest fact that was valid then, else the earliest of all;
two units from the same instant on: nobody can say. Then merges are followed, at most twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    cast,
    exists,
    literal,
    literal_column,
    select,
)

from experiments.ledger.identity.alias import MERGED, Alias
from experiments.ledger.identity.key import AliasHasher
from experiments.ledger.instants import microseconds
from experiments.storage.projects import Project
from experiments.storage.tables import ledger

MOST_KNOWN = 1000
MERGES_FOLLOWED = 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Who:
    """Whom an alias stands for.

    Attributes:
        state: ``known``, ``unknown`` or ``ambiguous``.
        unit_id: The customer, if it is known.
        valid_from: Of the alias's fact that says so.
    """

    state: str
    unit_id: str | None = None
    valid_from: datetime | None = None


@dataclass(frozen=True)
class KnownBy:
    """An alias of a unit, without its value.

    Attributes:
        kind: ``unit`` where another unit was merged into this one.
        valid_from: From when on it holds.
        received_at: When it was told.
    """

    kind: str
    valid_from: datetime
    received_at: datetime


@dataclass(frozen=True)
class _Said:
    unit_id: str
    valid_from: int


def who_is(
    db: Connection, project: Project, hasher: AliasHasher, alias: Alias, at: datetime
) -> Who:
    """Whom an alias stood for at a time; of the kind ``unit``, what that unit became.

    Args:
        db: To read.
        project: Whose aliases they are.
        hasher: Of the project.
        alias: As said.
        at: Aware.
    """
    moment = microseconds(at)
    if alias.kind == MERGED:
        return _merged(db, project, Who("known", alias.value), moment)
    said = _standing(_facts(db, project, hasher.hashed(alias)), moment)
    if len(said) != 1:
        return Who("ambiguous" if said else "unknown")
    found = Who("known", said[0].unit_id, _at(said[0].valid_from))
    return _merged(db, project, found, moment)


def known_by(db: Connection, project: Project, unit_id: str) -> list[KnownBy]:
    """The aliases of a unit, the newest first, at most ``MOST_KNOWN``; no values."""
    query = (
        select(ledger.c.type, ledger.c.occurred_at, ledger.c.received_at)
        .where(_alias_facts(project), ledger.c.unit_id == unit_id, _stands())
        .order_by(ledger.c.occurred_at.desc(), ledger.c.type, ledger.c.position)
        .limit(MOST_KNOWN)
    )
    return [
        KnownBy(row.type, _at(row.occurred_at), _at(row.received_at)) for row in db.execute(query)
    ]


def _merged(db: Connection, project: Project, found: Who, moment: int) -> Who:
    for _ in range(MERGES_FOLLOWED):
        said = _standing(_facts(db, project, f"{MERGED}:{found.unit_id}"), moment)
        if len(said) > 1:
            return Who("ambiguous")
        if said:
            found = Who("known", said[0].unit_id, found.valid_from)
    return found


def _standing(said: Sequence[_Said], moment: int) -> list[_Said]:
    """What holds at that time: nothing, one fact, or facts that contradict each other."""
    if not said:
        return []
    begun = [each.valid_from for each in said if each.valid_from <= moment]
    since = max(begun) if begun else min(each.valid_from for each in said)
    units = {each.unit_id: each for each in said if each.valid_from == since}
    return list(units.values())


def _facts(db: Connection, project: Project, alias: str) -> list[_Said]:
    query = select(ledger.c.unit_id, ledger.c.occurred_at).where(
        _alias_facts(project), ledger.c.alias == alias, _stands()
    )
    return [_Said(row.unit_id, row.occurred_at) for row in db.execute(query)]


def _alias_facts(project: Project) -> ColumnElement[bool]:
    return (ledger.c.project_id == project.id) & (ledger.c.fact == literal_column("'alias'"))


def _stands() -> ColumnElement[bool]:
    """Whether the import that a fact came with, if any, was not withdrawn."""
    withdrawal = ledger.alias("withdrawal")
    return ~exists().where(
        withdrawal.c.project_id == ledger.c.project_id,
        withdrawal.c.source_id == literal("withdrawal:") + cast(ledger.c.import_id, String),
    )


def _at(moment: int) -> datetime:
    return _EPOCH + timedelta(microseconds=moment)
