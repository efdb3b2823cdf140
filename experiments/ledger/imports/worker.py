"""The thread of the server that runs imports, one after the other."""

import threading
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from experiments.errors import Invalid, TrueliftError
from experiments.ledger.imports.errors import ImportFault
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import OPEN_STATES, open_imports
from experiments.ledger.imports.run import Clock, fail, run_import
from experiments.storage.database import Database
from experiments.storage.projects import Project, list_projects

log = structlog.get_logger()
POLL_SECONDS = 0.5


@dataclass
class ImportWorker:
    """Runs every import that waits, and those that a stopped process left unfinished.

    Attributes:
        database: Where the ledger is.
        folder: Where uploaded files wait; see ``ImportFolder``.
        clock: Tells the time.
    """

    database: Database
    folder: Path
    clock: Clock
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin looking for imports, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="imports", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the rows at hand; the rest of the import goes on at the next start."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def run_waiting(self) -> int:
        """Run what waits, in the caller's thread.

        Returns:
            How many imports came to an end.

        Raises:
            DatabaseUnavailable: If the database went away.
        """
        with self.database.reading() as db:
            waiting = open_imports(db)
            projects = {project.id: project for project in list_projects(db)} if waiting else {}
        ended = 0
        for project_id, import_id in waiting:
            if self._stopping.is_set():
                break
            ended += self._run(projects[project_id], import_id)
        return ended

    def _run(self, project: Project, import_id: int) -> bool:
        folder = ImportFolder(self.folder)
        try:
            job = run_import(
                self.database,
                project,
                import_id,
                folder.find(import_id),
                clock=self.clock,
                keep_going=lambda: not self._stopping.is_set(),
            )
        except Invalid as error:
            job = fail(self.database, project, import_id, error, now=self.clock())
        except TrueliftError:
            raise
        except Exception:
            # Left open, it would be tried again and again, and nothing after it ever.
            log.exception("an import stopped", import_id=import_id)
            job = fail(self.database, project, import_id, ImportFault(), now=self.clock())
        if job.state in OPEN_STATES:
            return False
        folder.drop(import_id)
        return True

    def _work(self) -> None:
        swept = False
        while not self._stopping.is_set():
            try:
                if not swept:
                    self._sweep()
                    swept = True
                self.run_waiting()
            except TrueliftError as error:
                log.warning("imports wait", reason=str(error))
            self._stopping.wait(POLL_SECONDS)

    def _sweep(self) -> None:
        with self.database.reading() as db:
            kept = {import_id for _, import_id in open_imports(db)}
        ImportFolder(self.folder).sweep(kept, self.clock())
