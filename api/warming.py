"""What the first pages show, made ready in the background as soon as somebody opens one.

A process that nobody reads pages of, one that only assigns and takes events in, never does it:
what measures is slow to import, and is not loaded beside them for nothing.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from experiments.errors import TrueliftError
from experiments.registry.catalog import list_experiments
from experiments.storage.database import Database
from experiments.storage.projects import Project, list_projects

if TYPE_CHECKING:
    from experiments.reporting.shelf import ReportShelf
    from experiments.tracking.tracked import Tracker

log = structlog.get_logger()

# As the first page has them: those that somebody may wait for first.
STATES = ("stopped", "running", "paused", "decided")
MOST_READ, MOST_MADE = 1000, 12
# Loaded by the pages of KPIs, and slow to import: pandas and statsmodels.
SLOW = ("experiments.tracking.measured", "experiments.tracking.fitted")


@dataclass
class Warming:
    """Loads what measures, and makes the reports that the first page shows; once.

    Attributes:
        database: Where projects and tests are.
        clock: Tells the time.
        reports, tracker: Of this process; slow to import, so asked for in the background.
    """

    database: Database
    clock: Callable[[], datetime]
    reports: "Callable[[], ReportShelf]"
    tracker: "Callable[[], Tracker]"
    _begun: threading.Lock = field(default_factory=threading.Lock, repr=False)
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def begin(self) -> None:
        """Begin, in a thread of its own, unless it has begun before."""
        if self._begun.acquire(blocking=False):
            self._thread = threading.Thread(target=self._work, name="warming", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """End after the report at hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def make_ready(self) -> int:
        """Do it in the caller's thread; how many reports were made."""
        shelf, made = self.reports(), 0
        for project, key in self._shown():
            if self._stopping.is_set():
                break
            try:
                shelf.report(project, key, now=self.clock().astimezone(UTC))
                made += 1
            except TrueliftError as refusal:
                log.info("not ready", experiment=key, reason=str(refusal))
        self.tracker()
        for name in SLOW:
            import_module(name)
        return made

    def _shown(self) -> list[tuple[Project, str]]:
        with self.database.reading() as db:
            return [
                (project, key) for project in list_projects(db) for key in _first_of(db, project)
            ]

    def _work(self) -> None:
        try:
            self.make_ready()
        except (TrueliftError, SQLAlchemyError, OSError) as outage:
            log.warning("nothing made ready", reason=str(outage))


def _first_of(db: Connection, project: Project) -> list[str]:
    """The tests of a project that its first page shows, those last changed first."""
    found = list_experiments(db, project, limit=MOST_READ, states=STATES)
    found.sort(key=lambda each: each.updated_at, reverse=True)
    in_state = {state: [each for each in found if each.state == state] for state in STATES}
    return [each.draft.key for state in STATES for each in in_state[state][:MOST_MADE]]
