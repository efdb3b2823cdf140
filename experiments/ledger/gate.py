"""What keeps facts out of a project's ledger, asked once for each batch."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, exists, func, select

from experiments.ledger.resolve import Resolved
from experiments.ledger.retention import begins, retention
from experiments.storage.projects import Project
from experiments.storage.tables import erasures, projects, retained_totals

# Aliases and withdrawals are kept however old they are.
_AGEING = ("exposure", "event")


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
    last = select(func.max(retained_totals.c.day))
    last = last.where(retained_totals.c.project_id == projects.c.id)
    erased = exists().where(erasures.c.project_id == projects.c.id)
    asked = select(projects.c.retention_days, last.scalar_subquery(), erased)
    days, last_total, has_erasures = db.execute(asked.where(projects.c.id == project.id)).one()
    first = retention(days, last_total, project, now).refused_before
    return Gate(None if first is None else begins(first, project), bool(has_erasures))
