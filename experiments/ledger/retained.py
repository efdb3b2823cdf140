"""Dropping what is too old: added up first, both in one transaction, chunk by chunk.

Facts of an import that is being withdrawn wait for a later sweep: they count for nothing, and
what was said beside them may still come to stand.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    RowMapping,
    delete,
    func,
    insert,
    select,
    update,
)

from experiments.ledger.append_postgresql import announce
from experiments.ledger.money import unscaled
from experiments.ledger.resolve import Resolved
from experiments.ledger.retention import begins, day_of, droppable_before, retention_of
from experiments.ledger.standstill import wait_for_writers
from experiments.storage import configuration
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, ledger, retained_totals, shadows

CHUNK_ROWS = 5_000
SCANNED_ROWS = 100_000
# One process at a time drops facts.
_DROPPING = 7338
_OLD = ("exposure", "event")
_FIRST = date(1970, 1, 1)
_KIND = ("day", "fact", "type", "channel", "currency", "machine")


class Total(NamedTuple):
    """What the dropped facts of one day and kind came to.

    Attributes:
        day: In the project's zone.
        facts: How many.
        total: Sum of their values, as the ledger keeps values; exact.
    """

    day: date
    fact: str
    type: str
    channel: str | None
    currency: str | None
    machine: bool
    facts: int
    total: int

    @property
    def amount(self) -> Decimal:
        """The sum as it was reported: in units of the currency, or the bare number."""
        return unscaled(self.total, self.currency)


@dataclass(frozen=True)
class Swept:
    """What a sweep did.

    Attributes:
        dropped: Facts that went.
        before: The first day that is kept.
    """

    dropped: int
    before: date | None


def sweep(
    database: Database,
    project: Project,
    now: datetime,
    *,
    chunk: int = CHUNK_ROWS,
    keep_going: Callable[[], bool] = lambda: True,
) -> Swept:
    """Add up and drop the project's facts that are older than it keeps.

    Interrupted at any place, it goes on at the next call: nothing is lost or counted twice.

    Args:
        database: Where the ledger is.
        project: Whose facts.
        now: Aware.
        chunk: How many go in one transaction.
        keep_going: Asked before each; once it says no the rest is left for later.

    Raises:
        WritersBusy: If a long write does not end.
        DatabaseUnavailable: If the database went away.
    """
    with database.reading() as db:
        before = droppable_before(retention_of(db, project, now), project, now)
    if before is None:
        return Swept(0, None)
    # Whoever began to write before facts were kept for so short a time may still be taking in
    # one that is about to be dropped, again.
    wait_for_writers(database)
    limit, dropped = begins(before, project), 0
    for positions in _old_positions(database, project, limit, chunk):
        if not keep_going():
            break
        with database.transaction() as db:
            dropped += _drop(db, project, positions)
    return Swept(dropped, before)


def totals_of(
    db: Connection, project: Project, after: tuple[int, int] | None = None, limit: int = 1_000
) -> list[tuple[tuple[int, int], Total]]:
    """What was dropped, by day; each with its place, for the page that follows.

    Args:
        db: For reading.
        project: Whose.
        after: Place of the last one seen.
        limit: At most so many.
    """
    place = (retained_totals.c.day, retained_totals.c.id)
    query = select(retained_totals).where(retained_totals.c.project_id == project.id)
    if after is not None:
        query = query.where(_beyond(after))
    rows = db.execute(query.order_by(*place).limit(limit)).mappings()
    return [((row["day"], row["id"]), _total(row)) for row in rows]


def _beyond(after: tuple[int, int]) -> ColumnElement[bool]:
    day, found = after
    same = (retained_totals.c.day == day) & (retained_totals.c.id > found)
    return (retained_totals.c.day > day) | same


def _total(row: RowMapping) -> Total:
    return Total(
        _FIRST + timedelta(days=row["day"]), row["fact"], row["type"], row["channel"],
        row["currency"], row["machine"], row["count"], int(row["total"]),
    )  # fmt: skip


def _old_positions(
    database: Database, project: Project, limit: int, chunk: int
) -> Iterator[Sequence[int]]:
    """Positions of the project's facts from before ``limit``, the ledger read piece by piece."""
    after, waiting = 0, list[int]()
    with database.reading() as db:
        last = db.execute(select(func.coalesce(func.max(ledger.c.position), 0))).scalar_one()
    while after < last:
        until = after + SCANNED_ROWS
        here = ledger.c.position.between(after + 1, until)
        old = (ledger.c.project_id == project.id) & (ledger.c.occurred_at < limit)
        query = select(ledger.c.position).where(here, old, ledger.c.fact.in_(_OLD))
        with database.reading() as db:
            waiting += db.execute(query.order_by(ledger.c.position)).scalars()
        while len(waiting) >= chunk:
            yield waiting[:chunk]
            del waiting[:chunk]
        after = until
    if waiting:
        yield waiting


def add_up(db: Connection, project: Project, facts: Iterable[Resolved]) -> None:
    """Add up facts that were never in the ledger, as if they had been, and had been dropped."""
    _add(db, project, _added_up(facts, project))


def _drop(db: Connection, project: Project, positions: Sequence[int]) -> int:
    """Add these rows up and delete them, if they are still there."""
    if db.dialect.name == "postgresql":
        # An import is withdrawn, and its rows are renamed, before this or after it.
        announce(db)
        db.execute(select(func.pg_advisory_xact_lock(_DROPPING)))
    mine = ledger.c.position.in_(positions) & (ledger.c.project_id == project.id)
    found = db.execute(
        select(ledger, imports.c.state).outerjoin(imports, ledger.c.import_id == imports.c.id)
        .where(mine)
    ).all()  # fmt: skip
    rows = [row for row in found if row.state != "withdrawing"]
    if not rows:
        return 0
    _add(db, project, _added_up((row for row in rows if row.state != "withdrawn"), project))
    gone = [row.source_id for row in rows]
    of_project = shadows.c.project_id == project.id
    db.execute(delete(shadows).where(of_project, shadows.c.source_id.in_(gone)))
    db.execute(delete(ledger).where(ledger.c.position.in_([row.position for row in rows])))
    configuration.rename_ledger(db)
    return len(rows)


def _added_up(
    rows: Iterable[Row[Any] | Resolved], project: Project
) -> dict[tuple[Any, ...], list[int]]:
    sums: dict[tuple[Any, ...], list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        day = day_of(row.occurred_at, project)
        kind = (day, row.fact, row.type, row.channel, row.currency, row.machine)
        sums[kind][0] += 1
        sums[kind][1] += row.value or 0
    return sums


def _add(db: Connection, project: Project, sums: dict[tuple[Any, ...], list[int]]) -> None:
    days = {kind[0] for kind in sums}
    mine = retained_totals.c.project_id == project.id
    query = select(retained_totals).where(mine, retained_totals.c.day.in_(days))
    kept = db.execute(query).mappings()
    known = {tuple(row[name] for name in _KIND): row for row in kept}
    fresh: list[dict[str, Any]] = []
    for kind, (count, total) in sorted(sums.items(), key=repr):
        row = known.get(kind)
        if row is None:
            values = {"project_id": project.id, "count": count, "total": str(total)}
            fresh.append(dict(zip(_KIND, kind, strict=True)) | values)
            continue
        grown = {"count": row["count"] + count, "total": str(int(row["total"]) + total)}
        this = retained_totals.c.id == row["id"]
        db.execute(update(retained_totals).where(this).values(grown))
    if fresh:
        db.execute(insert(retained_totals), fresh)
