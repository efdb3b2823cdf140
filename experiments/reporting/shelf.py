"""Reports kept for the next reader, as long as nothing they rest on has changed."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock

from experiments.measurement.replica import Replica
from experiments.registry.catalog import get_experiment
from experiments.reporting.analysis import build_report
from experiments.reporting.report import Report
from experiments.storage.database import Database
from experiments.storage.projects import Project

# A running test matures by the clock alone; an ended one does not.
RUNNING_STANDS = timedelta(seconds=30)
FINAL_STANDS = timedelta(hours=1)
MOST_KEPT = 200


@dataclass(frozen=True)
class Kept:
    """A report beside what it was made of."""

    report: Report
    made_of: tuple[object, ...]

    def stands(self, made_of: tuple[object, ...], now: datetime) -> bool:
        """Whether it would still come out the same, but for the moment."""
        limit = FINAL_STANDS if self.report.final else RUNNING_STANDS
        return self.made_of == made_of and timedelta(0) <= now - self.report.as_of < limit


class ReportShelf:
    """The newest report of each test that somebody has read.

    Args:
        database: Where tests and facts are.
        replica: Of its ledger.
    """

    def __init__(self, database: Database, replica: Replica) -> None:
        self._database = database
        self._replica = replica
        self._kept: dict[tuple[int, str], Kept] = {}
        # One for each test: a slow report keeps only its own readers waiting.
        self._building: defaultdict[tuple[int, str], Lock] = defaultdict(Lock)

    def report(self, project: Project, key: str, *, now: datetime) -> Report:
        """The report as of now, or one of a moment ago that says the same.

        Raises:
            NotFound: If the project has no such test.
            DatabaseUnavailable: If the ledger does not answer.
        """
        with self._database.reading() as db:
            experiment = get_experiment(db, project, key)
        # Before the start the KPI documents are not fixed yet: nothing is kept.
        if experiment.kpi_versions is None:
            return build_report(self._database, self._replica, project, key, now=now)
        state = self._replica.refresh()
        made_of = (experiment.revision, state.ledger_identity, state.position, project)
        with self._building[project.id, key]:
            kept = self._kept.get((project.id, key))
            if kept is None or not kept.stands(made_of, now):
                kept = self._built(project, key, now)
            return kept.report

    def _built(self, project: Project, key: str, now: datetime) -> Kept:
        report = build_report(self._database, self._replica, project, key, now=now)
        facts = report.provenance
        made_of = (facts.experiment_revision, facts.ledger_identity, facts.ledger_position, project)
        kept = Kept(report, made_of)
        self._kept.pop((project.id, key), None)
        self._kept[project.id, key] = kept
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        return kept
