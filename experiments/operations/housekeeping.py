"""The server's background thread: old facts dropped, the erased gone, batches opened."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from experiments.errors import Unavailable
from experiments.ledger.retained import Swept, sweep
from experiments.storage.configuration import ledger_identity
from experiments.storage.database import Database
from experiments.storage.projects import Project, list_projects
from experiments.storage.vacuum import vacuum

log = structlog.get_logger()

POLL_SECONDS = 60.0
MARK = "erased"
# A small database is written anew at once, a large one within a day, once for all who were
# erased in it.
SMALL_BYTES = 256 << 20
LARGE_WAITS = timedelta(hours=20)


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, aware."""


@dataclass
class Housekeeper:
    """Keeps to what projects keep, once a day; and to erasures, in files too.

    Attributes:
        database: Where the ledger is.
        home: Folder of the service.
        clock: Tells the time.
        copy_again: Brings the replica up to date.
        keep_reports: Keeps the reports of tests that have ended, as of a moment.
        open_batches: Opens the batches that are due then.
    """

    database: Database
    home: Path
    clock: Clock
    copy_again: Callable[[], object]
    keep_reports: Callable[[datetime], object] = lambda _: None
    open_batches: Callable[[datetime], object] = lambda _: None
    _swept_on: dict[int, date] = field(default_factory=dict, repr=False)
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="housekeeping", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the work at hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def note_erasure(self) -> None:
        """Remember, before a customer is erased, that the files are to be looked after."""
        self.home.mkdir(parents=True, exist_ok=True)
        (self.home / MARK).touch()

    def sweep(self) -> list[tuple[Project, Swept]]:
        """Drop, in every project, what is older than it keeps.

        Raises:
            Unavailable: If the database went away.
        """
        with self.database.reading() as db:
            found = list_projects(db)
        return [(each, sweep(self.database, each, self.clock())) for each in found]

    def tidy(self, *, now: bool = False) -> bool:
        """Take what was deleted out of the files.

        Args:
            now: However large the database is.

        Returns:
            Whether nothing of it is left.

        Raises:
            Unavailable: If the database went away.
        """
        self._copy_if_stale()
        mark = self.home / MARK
        if not mark.exists():
            return True
        if not (now or self._is_due(mark)) or not vacuum(self.database):
            return False
        mark.unlink(missing_ok=True)
        return True

    def _copy_if_stale(self) -> None:
        # Slow to import, and needed by few processes.
        from experiments.measurement.manifest import read_manifest  # noqa: PLC0415 - slow to import

        kept = read_manifest(self.home / "replica")
        if kept is None:
            return
        with self.database.reading() as db:
            identity = ledger_identity(db)
        if kept.ledger_identity != identity:
            self.copy_again()

    def _is_due(self, mark: Path) -> bool:
        file = Path(self.database.engine.url.database or "")
        if self.database.dialect != "sqlite" or file.stat().st_size <= SMALL_BYTES:
            return True
        return self.clock().timestamp() - mark.stat().st_mtime >= LARGE_WAITS.total_seconds()

    def _sweep_if_due(self) -> None:
        with self.database.reading() as db:
            found = list_projects(db)
        for each in found:
            today = self.clock().astimezone(each.zone).date()
            if self._swept_on.get(each.id) != today:
                swept = sweep(
                    self.database,
                    each,
                    self.clock(),
                    keep_going=lambda: not self._stopping.is_set(),
                )
                if swept.dropped:
                    log.info("old facts dropped", project=each.key, facts=swept.dropped)
                self._swept_on[each.id] = today

    def _work(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            for work in self._rounds:
                self._tried(work)

    @property
    def _rounds(self) -> tuple[Callable[[], object], ...]:
        return (
            lambda: self.open_batches(self.clock()),
            self._sweep_if_due,
            self.tidy,
            lambda: self.keep_reports(self.clock()),
        )

    @staticmethod
    def _tried(work: Callable[[], object]) -> None:
        """Do one of the works: what keeps it from being done keeps no other."""
        try:
            work()
        except (Unavailable, SQLAlchemyError, OSError) as outage:
            log.warning("housekeeping waits", reason=str(outage))
