"""Reports kept for the next reader, as long as nothing they rest on has changed."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from experiments.measurement.replica import Replica, ReplicaState
from experiments.registry.catalog import get_experiment
from experiments.reporting.analysis import report_on
from experiments.reporting.asked import EVERYTHING, Asked
from experiments.reporting.basis import Basis, basis_of
from experiments.reporting.report import Report
from experiments.storage.database import Database
from experiments.storage.projects import Project

# A running test matures by the clock alone; an ended one does not.
RUNNING_STANDS = timedelta(seconds=30)
FINAL_STANDS = timedelta(hours=1)
MOST_KEPT = 200
_ANY_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Kept:
    """A report beside what it was made of: everything but the moment, which it says itself."""

    report: Report
    made_of: tuple[object, ...]

    def stands(self, made_of: tuple[object, ...], now: datetime) -> bool:
        """Whether it would still come out the same, but for the moment."""
        limit = FINAL_STANDS if self.report.final else RUNNING_STANDS
        return self.made_of == made_of and timedelta(0) <= now - self.report.as_of < limit


class ReportShelf:
    """The newest report of each test, and of each part of one, that somebody has read.

    Args:
        database: Where tests and facts are.
        replica: Of its ledger.
    """

    def __init__(self, database: Database, replica: Replica) -> None:
        self._database = database
        self._replica = replica
        self._kept: dict[tuple[int, str, Asked], Kept] = {}
        # One for each test: a slow report keeps only its own readers waiting.
        self._building: defaultdict[tuple[int, str], Lock] = defaultdict(Lock)

    def report(
        self, project: Project, key: str, *, now: datetime, asked: Asked = EVERYTHING
    ) -> Report:
        """The report as of now, or one of a moment ago that says the same.

        Raises:
            NotFound: If the project has no such test.
            Invalid: If nothing defines what is asked for.
            DatabaseUnavailable: If the ledger does not answer.
        """
        with self._database.reading() as db:
            get_experiment(db, project, key)
        with self._building[project.id, key]:
            basis = basis_of(self._database, project, key, now, asked)
            state = self._replica.refresh()
            if state.place is not None and state.place.has(project.id):
                # No position says whether the tables of another engine have changed.
                return report_on(self._database, state, basis)
            return self._known(state, basis)

    def _known(self, state: ReplicaState, basis: Basis) -> Report:
        place = (basis.project.id, basis.registered.experiment.draft.key, basis.asked)
        made_of = (replace(basis, as_of=_ANY_MOMENT), state.ledger_identity, state.position)
        kept = self._kept.get(place)
        if kept is None or not kept.stands(made_of, basis.as_of):
            kept = Kept(report_on(self._database, state, basis), made_of)
            self._keep(place, kept)
        return kept.report

    def _keep(self, place: tuple[int, str, Asked], kept: Kept) -> None:
        self._kept.pop(place, None)
        self._kept[place] = kept
        while len(self._kept) > MOST_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
