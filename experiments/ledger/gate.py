"""What keeps facts out of a project's ledger, asked once for each batch."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection

from experiments.ledger.resolve import Resolved
from experiments.ledger.retention import begins, retention
from experiments.storage.projects import Project

# Aliases and withdrawals are kept however old they are.
_AGEING = ("exposure", "event")
# As text: it stands on the way of every batch.
_ASKED = {
    dialect: (
        "SELECT p.retention_days,"  # noqa: S608 - our own words
        " (SELECT max(t.day) FROM retained_totals t WHERE t.project_id = p.id),"
        " EXISTS (SELECT 1 FROM erasures e WHERE e.project_id = p.id)"
        f" FROM projects p WHERE p.id = {place}"
    )
    for dialect, place in (("sqlite", "?"), ("postgresql", "%s"))
}


class Gate(NamedTuple):
    """What keeps facts out.

    Attributes:
        refused_before: Microseconds since 1970; earlier facts are refused. None: none are.
        has_erasures: Whether anybody of the project was ever erased; most often nobody was.
    """

    refused_before: int | None
    has_erasures: bool

    def too_old(self, facts: Sequence[Resolved]) -> Iterator[int]:
        """Places of the facts that are not kept any more."""
        limit = self.refused_before
        if limit is not None:
            for place, fact in enumerate(facts):
                if fact.occurred_at < limit and fact.fact in _AGEING:
                    yield place


def gate_of(db: Connection, project: Project, now: datetime) -> Gate:
    """What keeps facts out now, as far as this transaction sees."""
    asked = _ASKED[db.dialect.name]
    days, last_total, has_erasures = db.exec_driver_sql(asked, (project.id,)).one()
    first = retention(days, last_total, project, now).refused_before
    return Gate(None if first is None else begins(first, project), bool(has_erasures))
