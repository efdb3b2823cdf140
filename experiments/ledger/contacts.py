"""Who was sent enough lately, and who met another test: read from the exposures themselves."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Connection, Select, func, literal_column, select

from experiments.ledger.exposed import CHUNK_UNITS, IS_EXPOSURE
from experiments.ledger.instants import microseconds
from experiments.storage.tables import ledger


def sent_often(
    db: Connection, project_id: int, experiment_id: int, *, sends: int, days: int, now: datetime
) -> Iterator[list[str]]:
    """Customers who were sent ``sends`` messages of tests within the days before ``now``.

    Those whom this test has met already are not among them.
    """
    lately = _lately(project_id, experiment_id, days, now)
    sent = lately.where(ledger.c.type == "sent", ledger.c.suppressed_reason.is_(None))
    return _chunks(db, sent.group_by(ledger.c.unit_id).having(func.count() >= sends))


def met_elsewhere(
    db: Connection, project_id: int, experiment_id: int, *, days: int, now: datetime
) -> Iterator[list[str]]:
    """Customers who met another test within the days before ``now``, and not this one."""
    return _chunks(db, _lately(project_id, experiment_id, days, now).distinct())


def _lately(project_id: int, experiment_id: int, days: int, now: datetime) -> Select[tuple[str]]:
    here = ledger.alias("here")
    met_here = select(here.c.unit_id).where(
        here.c.fact == literal_column("'exposure'"),
        here.c.experiment_id == experiment_id,
        here.c.unit_id == ledger.c.unit_id,
    )
    return select(ledger.c.unit_id).where(
        IS_EXPOSURE,
        ledger.c.project_id == project_id,
        ledger.c.unit_id.is_not(None),
        ledger.c.occurred_at >= microseconds(now - timedelta(days=days)),
        ledger.c.occurred_at <= microseconds(now),
        ~met_here.exists(),
    )


def _chunks(db: Connection, query: Select[tuple[str]]) -> Iterator[list[str]]:
    for rows in db.execute(query.execution_options(yield_per=CHUNK_UNITS)).partitions():
        yield [row.unit_id for row in rows]
