"""Imports from the command line: through the running server, or on the folder itself."""

import json
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

from api.contract import document_of
from api.schemas.imports import told_with_rejects
from api.server import folder_lock
from api.settings import Settings
from api.start import upgrade
from experiments.errors import TrueliftError
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.imports import moves
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import (
    OPEN_STATES,
    ImportJob,
    get_import,
    list_imports,
    submit_import,
)
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.undo import undo_import
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import get_project

OPERATOR = Actor("operator")
MOVES = {"pause": moves.pause, "resume": moves.resume}
POLL_SECONDS = 0.3
TIMEOUT_SECONDS = 60
_WORKED_ON = ("waiting", "running", "withdrawing")


class ServerRefused(TrueliftError):
    """The running server did not take what it was sent."""

    template = "{detail}"


@dataclass(frozen=True)
class OnFolder:
    """Imports of a folder that no server holds at the moment."""

    settings: Settings
    project_key: str
    now: datetime

    def load(self, path: Path, mapping: bytes) -> dict[str, Any]:
        """Import a file, and wait for its end.

        Raises:
            Invalid: If the mapping or the file does not fit.
            FolderInUse: If a server started in the meantime.
        """
        document = document_of(mapping, "mapping")
        with self._target() as target:
            folder = ImportFolder(self.settings.home / "imports")
            with path.open("rb") as stream, folder.arriving(stream) as file:
                with target.database.transaction() as db:
                    job = submit_import(
                        db,
                        target.project,
                        name=path.name,
                        file=file,
                        document=document,
                        actor=OPERATOR,
                        now=self.now,
                    )
                    folder.keep(file, job.id)
                return _told(_got_on(target, folder, job))

    def look(self, import_id: int) -> dict[str, Any]:
        """One import.

        Raises:
            NotFound: If there is none of that number.
        """
        with self._target() as target, target.database.reading() as db:
            return _told(get_import(db, target.project, import_id))

    def listed(self) -> list[dict[str, Any]]:
        """The newest imports."""
        with self._target() as target, target.database.reading() as db:
            return [_told(job) for job in list_imports(db, target.project)]

    def move(self, import_id: int, name: str) -> dict[str, Any]:
        """Pause an import, or let it go on and wait for its end.

        Raises:
            NotFound: If there is none of that number.
            NotInState: If that does not go with its state.
        """
        with self._target() as target:
            with target.database.transaction() as db:
                asked = moves.Asked(target.project, OPERATOR, self.now)
                job = MOVES[name](db, asked, import_id)
            return _told(_got_on(target, ImportFolder(self.settings.home / "imports"), job))

    def withdraw(self, import_id: int, reason: str) -> dict[str, Any]:
        """Withdraw an import, and wait until that is done.

        Raises:
            NotFound: If there is none of that number.
            NotInState: If it was withdrawn before.
        """
        with self._target() as target:
            with target.database.transaction() as db:
                asked = moves.Asked(target.project, OPERATOR, self.now)
                moves.withdraw(db, asked, import_id, reason)
            job = undo_import(target, import_id)
            ImportFolder(self.settings.home / "imports").drop(import_id)
            return _told(job)

    @contextmanager
    def _target(self) -> Iterator[Target]:
        database = Database.open(self.settings.database_url)
        try:
            with folder_lock(self.settings.home):
                upgrade(self.settings, database)
                with database.reading() as db:
                    project = get_project(db, self.project_key)
                identity = KeptKey(self.settings.identity, database)
                yield Target(database, project, lambda: self.now, identity)
        finally:
            database.dispose()


@dataclass(frozen=True)
class OnServer:
    """Imports of the server that is running."""

    url: str
    token: str
    project_key: str

    def load(self, path: Path, mapping: bytes) -> dict[str, Any]:
        """Upload a file, and wait for the end of its import.

        Raises:
            ServerRefused: With the server's own words.
        """
        with path.open("rb") as file:
            form = {"mapping": mapping.decode(), "file": FileStorage(file, path.name)}
            stream, length, boundary = stream_encode_multipart(form)
        upload = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Content-Length": str(length),
        }
        return self._at_its_end(self._asked("", stream, upload))

    def look(self, import_id: int) -> dict[str, Any]:
        """One import.

        Raises:
            ServerRefused: With the server's own words.
        """
        found: dict[str, Any] = self._asked(f"/{import_id}")
        return found

    def listed(self) -> list[dict[str, Any]]:
        """The newest imports."""
        found: list[dict[str, Any]] = self._asked("")["items"]
        return found

    def move(self, import_id: int, name: str) -> dict[str, Any]:
        """Pause an import, or let it go on and wait for its end.

        Raises:
            ServerRefused: With the server's own words.
        """
        job = self._asked(f"/{import_id}/{name}", b"")
        return job if name == "pause" else self._at_its_end(job)

    def withdraw(self, import_id: int, reason: str) -> dict[str, Any]:
        """Withdraw an import, and wait until that is done.

        Raises:
            ServerRefused: With the server's own words.
        """
        body = json.dumps({"reason": reason}).encode()
        headers = {"Content-Type": "application/json"}
        return self._at_its_end(self._asked(f"/{import_id}/withdraw", body, headers))

    def _at_its_end(self, job: dict[str, Any]) -> dict[str, Any]:
        while job["state"] in _WORKED_ON:
            time.sleep(POLL_SECONDS)
            job = self.look(job["id"])
        return job

    def _asked(self, path: str, body: Any = None, more: dict[str, str] | None = None) -> Any:
        headers = {
            "Authorization": f"Bearer {self.token}",
            "X-Truelift-Project": self.project_key,
            **(more or {}),
        }
        address = f"{self.url}/api/v1/imports{path}"
        return _answer(urllib.request.Request(address, body, headers))  # noqa: S310 - our own server


def _got_on(target: Target, folder: ImportFolder, job: ImportJob) -> ImportJob:
    if job.state not in OPEN_STATES:
        return job
    done = run_import(target, job.id, folder.find(job.id), rejects=folder.rejects(job.id))
    folder.drop(job.id)
    return done


def _told(job: ImportJob) -> dict[str, Any]:
    return told_with_rejects(job)


def _answer(request: urllib.request.Request) -> Any:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise ServerRefused(detail=json.load(error).get("detail", str(error))) from error
