"""Who was sent enough lately, and who met another test: read from the exposures themselves.

A send that names its customer by an alias is the customer's as soon as the alias is known.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Connection, Select, func, literal_column, or_, select

from experiments.ledger.exposed import CHUNK_UNITS, IS_EXPOSURE
from experiments.ledger.identity.customers import customer, names_aliases, stands
from experiments.ledger.instants import microseconds
from experiments.storage.tables import ledger


def sent_often(
    db: Connection, project_id: int, experiment_id: int, *, sends: int, days: int, now: datetime
) -> Iterator[list[str]]:
    """Customers who were sent ``sends`` messages of tests within the days before ``now``.

    Those whom this test has met already are not among them.
    """
    sent = (ledger.c.type == "sent") & ledger.c.suppressed_reason.is_(None)
    lately = _lately(db, project_id, experiment_id, days, now, sent)
    return _chunks(db, lately.having(func.count() >= sends))


def met_elsewhere(
    db: Connection, project_id: int, experiment_id: int, *, days: int, now: datetime
) -> Iterator[list[str]]:
    """Customers who met another test within the days before ``now``, and not this one."""
    return _chunks(db, _lately(db, project_id, experiment_id, days, now))


def _lately(
    db: Connection,
    project_id: int,
    experiment_id: int,
    days: int,
    now: datetime,
    *which: ColumnElement[bool],
) -> Select[tuple[str]]:
    """Customers whom tests met lately, grouped, but for those whom this test has met."""
    aliased = names_aliases(db, project_id)
    unit = customer(ledger) if aliased else ledger.c.unit_id
    met = (
        select(unit.label("unit_id"))
        .where(
            IS_EXPOSURE,
            ledger.c.project_id == project_id,
            ledger.c.occurred_at >= microseconds(now - timedelta(days=days)),
            ledger.c.occurred_at <= microseconds(now),
            stands(ledger),
            *which,
        )
        .subquery("met")
    )
    found = select(met.c.unit_id).where(
        met.c.unit_id.is_not(None), ~_met_here(met.c.unit_id, experiment_id, aliased)
    )
    return found.group_by(met.c.unit_id)


def _met_here(unit: ColumnElement[str], experiment_id: int, aliased: bool) -> ColumnElement[bool]:
    here = ledger.alias("here")
    of_test = (here.c.fact == literal_column("'exposure'")) & (
        here.c.experiment_id == experiment_id
    )
    met = select(here.c.unit_id).where(of_test, here.c.unit_id == unit, stands(here)).exists()
    if not aliased:
        return met
    named = select(customer(here)).where(of_test, here.c.alias.is_not(None), stands(here))
    known = named.subquery("named")
    return or_(met, unit.in_(select(known.c[0]).where(known.c[0].is_not(None))))


def _chunks(db: Connection, query: Select[tuple[str]]) -> Iterator[list[str]]:
    for rows in db.execute(query.execution_options(yield_per=CHUNK_UNITS)).partitions():
        yield [row.unit_id for row in rows]
