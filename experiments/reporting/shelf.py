"""Reports kept for the next reader, as long as nothing they rest on has changed."""

from collections import defaultdict
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from threading import Lock

from experiments.measurement.replica import Replica, ReplicaState
from experiments.registry.catalog import get_experiment
from experiments.reporting.analysis import report_on
from experiments.reporting.asked import EVERYTHING, Asked, check_moment
from experiments.reporting.basis import Basis, basis_of
from experiments.reporting.report import Report
from experiments.storage.database import Database
from experiments.storage.projects import Project

# A running test matures by the clock alone; an ended one does not.
RUNNING_STANDS = timedelta(seconds=30)
FINAL_STANDS = timedelta(hours=1)
MOST_KEPT = 200
# Of moments that somebody names: a few readers of one look, and no more than that.
MOST_LOOKS_BACK = 40
_ANY_MOMENT = datetime(1970, 1, 1, tzinfo=UTC)


Place = tuple[int, str, Asked, datetime | None]


@dataclass(frozen=True)
class Kept:
    """A report beside what it was made of.

    Attributes:
        made_of: Everything; without the moment where that is the reader's own now.
        at: When it was made.
        as_asked: Whether the reader named the moment: such a report does not age.
    """

    report: Report
    made_of: tuple[object, ...]
    at: datetime
    as_asked: bool = False

    def stands(self, made_of: tuple[object, ...], now: datetime) -> bool:
        """Whether it would still come out the same, but for a moment that nobody named."""
        limit = FINAL_STANDS if self.report.final or self.as_asked else RUNNING_STANDS
        return self.made_of == made_of and timedelta(0) <= now - self.at < limit


class ReportShelf:
    """The newest report of each test, and of each part of one, that somebody has read.

    Args:
        database: Where tests and facts are.
        replica: Of its ledger.
    """

    def __init__(self, database: Database, replica: Replica) -> None:
        self._database = database
        self._replica = replica
        self._kept: dict[Place, Kept] = {}
        self._looks_back: dict[Place, Kept] = {}
        # One for each test: a slow report keeps only its own readers waiting.
        self._building: defaultdict[tuple[int, str], Lock] = defaultdict(Lock)

    def report(
        self,
        project: Project,
        key: str,
        *,
        now: datetime,
        as_of: datetime | None = None,
        asked: Asked = EVERYTHING,
    ) -> Report:
        """The report as of now, or one of a moment ago that says the same; or as of ``as_of``.

        Raises:
            NotFound: If the project has no such test.
            StillToCome: If ``as_of`` is.
            Invalid: If nothing defines what is asked for.
            DatabaseUnavailable: If the ledger does not answer.
        """
        check_moment(as_of, now)
        with self._database.reading() as db:
            get_experiment(db, project, key)
        with self._building[project.id, key]:
            basis = basis_of(self._database, project, key, as_of or now, asked)
            state = self._replica.refresh()
            if state.place is not None and state.place.has(project.id):
                # No position says whether the tables of another engine have changed.
                return report_on(self._database, state, basis)
            return self._known(state, basis, as_of, now)

    def _known(
        self, state: ReplicaState, basis: Basis, as_of: datetime | None, now: datetime
    ) -> Report:
        place = (basis.project.id, basis.registered.experiment.draft.key, basis.asked, as_of)
        same = replace(basis, as_of=_ANY_MOMENT) if as_of is None else basis
        made_of = (same, state.ledger_identity, state.position)
        shelf = self._kept if as_of is None else self._looks_back
        kept = shelf.get(place)
        if kept is None or not kept.stands(made_of, now):
            report = report_on(self._database, state, basis)
            kept = Kept(report, made_of, now, as_asked=as_of is not None)
            _keep(shelf, place, kept, MOST_KEPT if as_of is None else MOST_LOOKS_BACK)
        return kept.report


def _keep(shelf: dict[Place, Kept], place: Place, kept: Kept, most: int) -> None:
    shelf.pop(place, None)
    shelf[place] = kept
    while len(shelf) > most:
        shelf.pop(next(iter(shelf)), None)
