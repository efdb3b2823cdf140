"""Who was sent enough lately, and who met another test: read from the exposures themselves.

A send that names its customer by an alias is the customer's as soon as the alias is known; one
to a unit that became another, that other's.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Subquery,
    func,
    literal_column,
    or_,
    select,
)

from experiments.ledger.exposed import CHUNK_UNITS
from experiments.ledger.identity.customers import (
    customer,
    merged,
    names_aliases,
    names_merges,
    stands,
)
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
    which_of = _Which(names_aliases(db, project_id), names_merges(db, project_id))
    met = which_of.met(
        ledger,
        ledger.c.fact == literal_column("'exposure'"),
        ledger.c.project_id == project_id,
        ledger.c.occurred_at >= microseconds(now - timedelta(days=days)),
        ledger.c.occurred_at <= microseconds(now),
        *which,
    )
    met_here = which_of.met_by(met.c.unit_id, experiment_id)
    found = select(met.c.unit_id).where(met.c.unit_id.is_not(None), ~met_here)
    return found.group_by(met.c.unit_id)


class _Which(NamedTuple):
    """What has to be asked to tell whose an exposure is.

    Attributes:
        aliased: Whether some name their customer by an alias.
        merges: Whether some are of a unit that became another.
    """

    aliased: bool
    merges: bool

    def met(self, row: Any, *which: ColumnElement[bool]) -> Subquery:
        """Whom exposures were of, and when."""
        unit = customer(row) if self.aliased else row.c.unit_id
        query = select(unit.label("unit_id"), row.c.occurred_at, row.c.project_id)
        found = query.where(*which, stands(row)).subquery()
        return merged(found) if self.merges else found

    def met_by(self, unit: ColumnElement[str], experiment_id: int) -> ColumnElement[bool]:
        """Whether a test has met a customer."""
        here = ledger.alias("here")
        of_test = (here.c.fact == literal_column("'exposure'")) & (
            here.c.experiment_id == experiment_id
        )
        known: list[ColumnElement[bool]] = []
        if not self.merges:
            own = select(here.c.unit_id).where(of_test, here.c.unit_id == unit, stands(here))
            known.append(own.exists())
        if self.aliased:
            only = () if self.merges else (here.c.alias.is_not(None),)
            named = self.met(here, of_test, *only)
            known.append(unit.in_(select(named.c.unit_id).where(named.c.unit_id.is_not(None))))
        return or_(*known)


def _chunks(db: Connection, query: Select[tuple[str]]) -> Iterator[list[str]]:
    for rows in db.execute(query.execution_options(yield_per=CHUNK_UNITS)).partitions():
        yield [row.unit_id for row in rows]
