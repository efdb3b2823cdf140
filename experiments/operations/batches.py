"""Opening batches that are due: of every test whose shares follow its results."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import select

from experiments.errors import Conflict, TrueliftError, Unavailable
from experiments.operations.audit import SYSTEM
from experiments.registry.batches import Batch, check_due, open_batch, planned_batch
from experiments.registry.catalog import get_experiment
from experiments.registry.keyed import Edit
from experiments.storage.database import Database
from experiments.storage.projects import Project, list_projects
from experiments.storage.tables import experiments

if TYPE_CHECKING:
    from experiments.measurement.replica import Replica

log = structlog.get_logger()


@dataclass(frozen=True)
class BatchOpener:
    """Opens what is due; a test that cannot be measured is tried again at the next call.

    Attributes:
        database: Where tests and facts are.
        replica: Gives the copy of its ledger; asked for only when something is due.
        clock: Tells the time, since measuring takes some; None: it stands still.
    """

    database: Database
    replica: Callable[[], "Replica"]
    clock: Callable[[], datetime] | None = None

    def open_due(self, now: datetime) -> list[tuple[Project, str, Batch]]:
        """Open every batch that is due: project, key of the test, and the batch.

        Raises:
            Unavailable: If the database, the replica or a project's own engine does not answer;
                all that can be opened are open then.
        """
        opened: list[tuple[Project, str, Batch]] = []
        outage: Unavailable | None = None
        for project, key in self.due(now):
            try:
                batch = self._opened(project, key, now)
            except Unavailable as refusal:
                log.warning("batch waits", experiment=key, reason=str(refusal))
                outage = refusal
                continue
            if batch is not None:
                opened.append((project, key, batch))
        if outage is not None:
            raise outage
        return opened

    def look_ahead(self, now: datetime) -> list[tuple[Project, str, Batch]]:
        """What :meth:`open_due` would open; nothing is changed.

        Raises:
            TrueliftError: If one of the tests cannot be measured.
        """
        from experiments.reporting.adaptive.planning import shares_due  # noqa: PLC0415 - slow to import

        found = []
        for project, key in self.due(now):
            edit = Edit(project, SYSTEM, now)
            test, shares = shares_due(self.database, self.replica(), key, edit)
            found.append((project, key, planned_batch(test, shares, edit)[1]))
        return found

    def due(self, now: datetime) -> list[tuple[Project, str]]:
        """Tests whose next batch may open now."""
        with self.database.reading() as db:
            by_id = {project.id: project for project in list_projects(db)}
            query = select(experiments.c.project_id, experiments.c.key, experiments.c.draft)
            rows = db.execute(
                query.where(experiments.c.state == "running").order_by(experiments.c.id)
            ).all()
            found = []
            for row in rows:
                if row.draft.get("adaptive") is None:
                    continue
                project = by_id[row.project_id]
                try:
                    check_due(get_experiment(db, project, row.key), Edit(project, SYSTEM, now))
                except Conflict:
                    continue
                found.append((project, row.key))
        return found

    def _opened(self, project: Project, key: str, now: datetime) -> Batch | None:
        from experiments.reporting.adaptive.planning import shares_due  # noqa: PLC0415 - slow to import

        edit = Edit(project, SYSTEM, now)
        try:
            test, shares = shares_due(self.database, self.replica(), key, edit)
            # Whoever was met while it was measured, was given a variant by the shares before.
            opens_at = now if self.clock is None else self.clock()
            with self.database.transaction() as db:
                seen = replace(edit, expected_revision=test.revision, now=opens_at)
                _, batch, _ = open_batch(db, key, shares, seen)
        except Unavailable:
            raise
        except TrueliftError as refusal:
            # Somebody else opened it meanwhile, or it was stopped; or it cannot be measured.
            log.warning("batch not opened", experiment=key, reason=str(refusal))
            return None
        log.info("batch opened", project=project.key, experiment=key, batch=batch.number)
        return batch
