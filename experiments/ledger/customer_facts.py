"""What the ledger holds of one customer: under their id, ids that became theirs, and aliases.

A name (an alias, or ``unit:`` and the id of a unit that was merged) may have stood for several
customers, one after the other. Then only the facts of the time in which it stood for this one
are theirs, or in which nobody can say that it did not.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from sqlalchemy import (
    ColumnElement,
    Connection,
    String,
    and_,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
)

from experiments.ledger.identity.alias import MERGED
from experiments.ledger.tombstones import name_of_unit
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import ledger

SCANNED_ROWS = 200_000
# As far as reports follow merges, and further: an id that led here is theirs as well.
MOST_MERGES = 8
_IS_ALIAS = ledger.c.fact == literal_column("'alias'")
_BEGINNING = -(2**63)


@dataclass(frozen=True)
class Spans:
    """For whom a name stood, and from when on.

    Attributes:
        since: Ascending, microseconds since 1970; the first one from the beginning of time.
        units: For each, the ids that it stood for.
    """

    since: tuple[int, ...]
    units: tuple[frozenset[str], ...]

    def at(self, moment: int) -> frozenset[str]:
        """The ids that it stood for at that time."""
        return self.units[bisect_right(self.since, moment) - 1]

    @property
    def all(self) -> frozenset[str]:
        """Every id that it ever stood for."""
        return frozenset().union(*self.units)


@dataclass
class Customer:
    """Whom an erasure is about.

    Attributes:
        units: Their id, and the ids that were merged into it and stood for nobody else.
        aliases: Aliases that stood for nobody else.
        shared: Names that stood for others too, with their spans.
    """

    units: set[str]
    aliases: set[str] = field(default_factory=set)
    shared: dict[str, Spans] = field(default_factory=dict)

    @property
    def names(self) -> set[str]:
        """The names that are theirs alone."""
        return self.aliases | {name_of_unit(unit_id) for unit_id in self.units}

    def has(self, name: str, moment: int) -> bool:
        """Whether a fact under the name, of that time, is theirs."""
        if name in self.shared:
            return not self.units.isdisjoint(self.shared[name].at(moment))
        return name in self.aliases or name.removeprefix(f"{MERGED}:") in self.units


def customer_of(db: Connection, project: Project, unit_id: str) -> Customer:
    """The names under which the ledger holds facts of a unit."""
    found = Customer({unit_id})
    fresh = {unit_id}
    for _ in range(MOST_MERGES):
        names = _names_given(db, project, fresh)
        fresh = set()
        for name, spans in _spans(db, project, names).items():
            if not spans.all <= found.units:
                found.shared[name] = spans
            elif name.startswith(f"{MERGED}:"):
                fresh.add(name.removeprefix(f"{MERGED}:"))
            else:
                found.aliases.add(name)
        fresh -= found.units
        if not fresh:
            break
        found.units |= fresh
    return found


def positions_of(database: Database, project: Project, customer: Customer) -> Iterator[list[int]]:
    """Positions of all facts of a customer, the ledger read piece by piece, without a lock."""
    with database.reading() as db:
        last = db.execute(select(func.coalesce(func.max(ledger.c.position), 0))).scalar_one()
    for after in range(0, last, SCANNED_ROWS):
        with database.reading() as db:
            yield list(_positions(db, project, customer, after))


def _positions(db: Connection, project: Project, customer: Customer, after: int) -> Iterator[int]:
    here = ledger.c.position.between(after + 1, after + SCANNED_ROWS)
    mine = here & (ledger.c.project_id == project.id)
    theirs = ledger.c.unit_id.in_(sorted(customer.units))
    named = ledger.c.alias.in_(sorted(customer.names))
    yield from db.execute(select(ledger.c.position).where(mine, or_(theirs, named))).scalars()
    if customer.shared:
        yield from _shared_positions(db, customer, mine)


def _shared_positions(
    db: Connection, customer: Customer, mine: ColumnElement[bool]
) -> Iterator[int]:
    names = sorted(customer.shared)
    merged = [name.removeprefix(f"{MERGED}:") for name in names if name.startswith(f"{MERGED}:")]
    columns = (ledger.c.position, ledger.c.unit_id, ledger.c.alias, ledger.c.occurred_at)
    under = or_(ledger.c.alias.in_(names), ledger.c.unit_id.in_(merged))
    for row in db.execute(select(*columns).where(mine, ~_IS_ALIAS, under)):
        name = row.alias or name_of_unit(row.unit_id)
        if customer.has(name, row.occurred_at):
            yield row.position


def _names_given(db: Connection, project: Project, units: Iterable[str]) -> set[str]:
    """The names that were said to stand for one of the units, also by an import withdrawn."""
    mine = and_(ledger.c.project_id == project.id, _IS_ALIAS)
    query = select(ledger.c.alias).where(mine, ledger.c.unit_id.in_(sorted(units)))
    return set(db.execute(query.distinct()).scalars())


def _spans(db: Connection, project: Project, names: Iterable[str]) -> dict[str, Spans]:
    """For whom each name stands; a name that only a withdrawn import gave stands for nobody."""
    said: dict[str, dict[int, set[str]]] = defaultdict(lambda: defaultdict(set))
    mine = and_(ledger.c.project_id == project.id, _IS_ALIAS, _stands())
    columns = (ledger.c.alias, ledger.c.unit_id, ledger.c.occurred_at)
    query = select(*columns).where(mine, ledger.c.alias.in_(sorted(names)))
    for row in db.execute(query):
        said[row.alias][row.occurred_at].add(row.unit_id)
    return {name: _ordered(each) for name, each in said.items()}


def _ordered(said: dict[int, set[str]]) -> Spans:
    since: Sequence[int] = sorted(said)
    return Spans((_BEGINNING, *since[1:]), tuple(frozenset(said[each]) for each in since))


def _stands() -> ColumnElement[bool]:
    """Whether the import that a fact came with, if any, was not withdrawn."""
    withdrawal = ledger.alias("withdrawal")
    return ~exists().where(
        withdrawal.c.project_id == ledger.c.project_id,
        withdrawal.c.source_id == literal("withdrawal:") + cast(ledger.c.import_id, String),
    )
