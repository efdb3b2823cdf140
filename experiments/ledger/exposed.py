"""Whom tests have met, read from the ledger itself: few rows, by test or by customer."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, literal_column, select

from experiments.ledger.identity.customers import aliases_of, customer, stands
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, ledger

CHUNK_UNITS = 1 << 15
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# Written out, and not as a parameter: only then are the exposures' own indexes used.
IS_EXPOSURE: ColumnElement[bool] = ledger.c.fact == literal_column("'exposure'")


@dataclass(frozen=True)
class Met:
    """An exposure of one customer.

    Attributes:
        experiment: Key of the test.
        variant: As reported, or as Truelift assigned.
        type: assigned, planned_send, sent, trigger or viewed.
    """

    experiment: str
    variant: str
    type: str
    channel: str | None
    suppressed_reason: str | None
    occurred_at: datetime


def exposed_units(db: Connection, experiment_id: int) -> Iterator[list[str]]:
    """The ids of all customers that a test has met, each once, in chunks.

    Whom only an alias names is left out until it is said whose that is.
    """
    of_test = (IS_EXPOSURE, ledger.c.experiment_id == experiment_id)
    aliased = select(ledger.c.position).where(*of_test, ledger.c.unit_id.is_(None)).limit(1)
    unit = customer(ledger) if db.execute(aliased).first() else ledger.c.unit_id
    met = select(unit.label("unit_id")).where(*of_test, stands(ledger)).distinct().subquery()
    query = select(met.c.unit_id).where(met.c.unit_id.is_not(None))
    query = query.execution_options(yield_per=CHUNK_UNITS)
    for rows in db.execute(query).partitions():
        yield [row.unit_id for row in rows]


def exposures_of(db: Connection, project: Project, unit_id: str, limit: int) -> list[Met]:
    """The exposures of one customer in the project's tests, the newest first.

    Those under an alias too, where it was the customer's at that time.
    """
    mine = select(experiments.c.id, experiments.c.key).where(experiments.c.project_id == project.id)
    keys = {row.id: row.key for row in db.execute(mine)}
    own = ledger.c.unit_id == unit_id
    if aliases := aliases_of(db, project, unit_id):
        own |= ledger.c.alias.in_(aliases) & (customer(ledger) == unit_id)
    rows = _rows_of(db, keys, own, limit)
    return [
        Met(
            experiment=keys[row.experiment_id],
            variant=row.variant,
            type=row.type,
            channel=row.channel,
            suppressed_reason=row.suppressed_reason,
            occurred_at=_EPOCH + timedelta(microseconds=row.occurred_at),
        )
        for row in rows
    ]


def _rows_of(
    db: Connection, ids: Collection[int], own: ColumnElement[bool], limit: int
) -> Collection[Any]:
    query = select(ledger).where(
        IS_EXPOSURE, ledger.c.experiment_id.in_(sorted(ids)), own, stands(ledger)
    )
    newest = query.order_by(ledger.c.occurred_at.desc(), ledger.c.position.desc())
    return db.execute(newest.limit(limit)).all()
