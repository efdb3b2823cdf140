"""The thread of the server that runs imports and withdraws them, one after the other."""

import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from experiments.errors import Invalid, TrueliftError
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.imports.errors import ImportFault, TakenOver
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import (
    OPEN_STATES,
    ImportJob,
    files_of_open_imports,
    open_imports,
)
from experiments.ledger.imports.run import Clock, Target, fail, run_import
from experiments.ledger.imports.undo import undo_import
from experiments.storage.database import Database
from experiments.storage.projects import list_projects

log = structlog.get_logger()
POLL_SECONDS = 0.5
SWEEP_SECONDS = 3600
_OVER = ("done", "failed", "withdrawn")


@dataclass
class ImportWorker:
    """Runs every import that waits, and those that a stopped process left unfinished.

    Attributes:
        database: Where the ledger is.
        folder: Where uploaded files wait; see ``ImportFolder``.
        clock: Tells the time.
        identity: Hashes aliases; None where none are taken.
        litter: Further folders in which a killed process may have left uploads.
    """

    database: Database
    folder: Path
    clock: Clock
    identity: KeptKey | None = None
    litter: tuple[Path, ...] = ()
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
        for project_id, import_id, state in waiting:
            if self._stopping.is_set():
                break
            target = Target(self.database, projects[project_id], self.clock, self.identity)
            ended += self._run(target, import_id, state)
        return ended

    def _run(self, target: Target, import_id: int, state: str) -> bool:
        try:
            job = self._got_on(target, import_id, state)
        except TakenOver:
            return False
        except TrueliftError:
            raise
        except Exception:
            # Left open, it would be tried again and again, and nothing after it ever.
            log.exception("an import stopped", import_id=import_id)
            if state not in OPEN_STATES:
                return False
            job = fail(target, import_id, ImportFault())
        if job.state not in _OVER:
            return False
        ImportFolder(self.folder).drop(import_id)
        return True

    def _got_on(self, target: Target, import_id: int, state: str) -> ImportJob:
        if state not in OPEN_STATES:
            return undo_import(target, import_id, keep_going=self._keeps_going)
        folder = ImportFolder(self.folder)
        try:
            file = folder.find(import_id)
        except Invalid as error:
            return fail(target, import_id, error)
        return run_import(
            target, import_id, file,
            rejects=folder.rejects(import_id), keep_going=self._keeps_going,
        )  # fmt: skip

    def _keeps_going(self) -> bool:
        return not self._stopping.is_set()

    def _work(self) -> None:
        swept_at: float | None = None
        while not self._stopping.is_set():
            try:
                if swept_at is None or time.monotonic() - swept_at > SWEEP_SECONDS:
                    self.sweep()
                    swept_at = time.monotonic()
                self.run_waiting()
            except TrueliftError as error:
                log.warning("imports wait", reason=str(error))
            self._stopping.wait(POLL_SECONDS)

    def sweep(self) -> None:
        """Forget files that stopped processes left behind."""
        with self.database.reading() as db:
            kept = files_of_open_imports(db)
        ImportFolder(self.folder).sweep(kept, self.clock())
        for folder in self.litter:
            ImportFolder(folder).sweep((), self.clock())
