"""Reports that are kept by themselves: once when a test is stopped, once when it is decided."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, and_, select

from experiments.errors import TrueliftError, Unavailable
from experiments.operations.audit import SYSTEM
from experiments.storage.database import Database
from experiments.storage.projects import Project, list_projects
from experiments.storage.tables import experiments, reports

if TYPE_CHECKING:
    from experiments.measurement.replica import Replica

log = structlog.get_logger()

# The occasion in each state that is one.
OCCASIONS = {"stopped": "stopped", "decided": "decided"}
AT_ONCE = 10


@dataclass
class ReportKeeper:
    """Keeps what is owed; what cannot be measured is tried once for each process.

    Attributes:
        database: Where tests and facts are.
        replica: Gives the copy of its ledger; asked for only when something is owed.
    """

    database: Database
    replica: Callable[[], "Replica"]
    _given_up: set[tuple[int, str]] = field(default_factory=set, repr=False)

    def keep_owed(self, now: datetime) -> int:
        """Keep the reports of tests that ended since the last call; how many were kept.

        Where the engine of one project does not answer, those of the others are still kept.

        Raises:
            Unavailable: If the database, the replica or an engine does not answer.
        """
        with self.database.reading() as db:
            found = [
                (project, *each)
                for project in list_projects(db)
                for each in owed(db, project)
                if (project.id, "/".join(each)) not in self._given_up
            ]
        return self._keep(found, now)

    def _keep(self, found: Iterable[tuple[Project, str, str]], now: datetime) -> int:
        outages: dict[int, Unavailable] = {}
        tried = kept = 0
        for project, key, occasion in found:
            if project.id in outages or tried == AT_ONCE:
                continue
            try:
                kept += self._kept(project, key, occasion, now)
                tried += 1
            except Unavailable as outage:
                outages[project.id] = outage
        for first in outages.values():
            raise first
        return kept

    def _kept(self, project: Project, key: str, occasion: str, now: datetime) -> bool:
        from experiments.reporting.stored.making import make_report  # noqa: PLC0415 - slow to import
        from experiments.reporting.stored.store import keep  # noqa: PLC0415 - slow to import

        try:
            made = make_report(self.database, self.replica(), project, key, now=now)
            with self.database.transaction() as db:
                if (key, occasion) not in owed(db, project):
                    return False
                keep(db, project, made, occasion=occasion, actor=SYSTEM, now=now)
        except Unavailable:
            raise
        except TrueliftError as refusal:
            self._given_up.add((project.id, f"{key}/{occasion}"))
            log.warning("report not kept", experiment=key, reason=str(refusal))
            return False
        return True


def owed(db: Connection, project: Project) -> list[tuple[str, str]]:
    """Key and occasion of every test that ended and has no report of that."""
    return list(_owed(db, project))


def _owed(db: Connection, project: Project) -> Iterator[tuple[str, str]]:
    kept = reports.c
    for state, occasion in OCCASIONS.items():
        of_it = and_(kept.experiment_id == experiments.c.id, kept.occasion == occasion)
        query = (
            select(experiments.c.key)
            .outerjoin(reports, of_it)
            .where(experiments.c.project_id == project.id, experiments.c.state == state)
            .where(kept.id.is_(None), experiments.c.started_at.is_not(None))
            .order_by(experiments.c.key)
        )
        yield from ((key, occasion) for key in db.execute(query).scalars())
