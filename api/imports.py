"""Imports from the command line: through the running server, or on the folder itself."""

import json
import time
import urllib.error
import urllib.request
from datetime import datetime
from pathlib import Path
from typing import Any

from werkzeug.datastructures import FileStorage
from werkzeug.test import stream_encode_multipart

import migrations
from api.contract import document_of
from api.server import folder_lock
from api.settings import Settings
from experiments.errors import TrueliftError
from experiments.ledger.imports.jobs import ImportJob, submit_import
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.source import inspect
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import get_project

OPERATOR = Actor("operator")
POLL_SECONDS = 0.3
TIMEOUT_SECONDS = 60


class ServerRefused(TrueliftError):
    """The running server did not take the file."""

    template = "{detail}"


def run_here(
    settings: Settings, project_key: str, path: Path, mapping: bytes, *, now: datetime
) -> dict[str, Any]:
    """Import into the folder that no server holds at the moment.

    Raises:
        Invalid: If the mapping or the file does not fit.
        FolderInUse: If a server started in the meantime.
    """
    database = Database.open(settings.database_url)
    try:
        with folder_lock(settings.home):
            migrations.upgrade(database)
            return _shown(_imported(database, project_key, path, mapping, now))
    finally:
        database.dispose()


def send_to_server(
    server: tuple[str, str], project_key: str, path: Path, mapping: bytes
) -> dict[str, Any]:
    """Upload to the running server and wait for the end of the import.

    Args:
        server: Its address and operator token.
        project_key: Of the project.
        path: Of the file.
        mapping: The JSON text.

    Raises:
        ServerRefused: With the server's own words.
    """
    url, token = server
    headers = {"Authorization": f"Bearer {token}", "X-Truelift-Project": project_key}
    with path.open("rb") as file:
        form = {"mapping": mapping.decode(), "file": FileStorage(file, path.name)}
        stream, length, boundary = stream_encode_multipart(form)
    upload = {
        "Content-Type": f"multipart/form-data; boundary={boundary}",
        "Content-Length": str(length),
    }
    job = _answer(urllib.request.Request(f"{url}/api/v1/imports", stream, headers | upload))  # noqa: S310 - our own server
    while job["state"] in {"waiting", "running"}:
        time.sleep(POLL_SECONDS)
        job = _answer(
            urllib.request.Request(f"{url}/api/v1/imports/{job['id']}", headers=headers)  # noqa: S310 - of our own server
        )
    return job


def _imported(
    database: Database, project_key: str, path: Path, mapping: bytes, now: datetime
) -> ImportJob:
    file, document = inspect(path), document_of(mapping, "mapping")
    with database.transaction() as db:
        project = get_project(db, project_key)
        job = submit_import(
            db, project, name=path.name, file=file, document=document, actor=OPERATOR, now=now
        )
    return run_import(Target(database, project, lambda: now), job.id, file)


def _shown(job: ImportJob) -> dict[str, Any]:
    return {
        "state": job.state,
        "failure": job.failure,
        "rows_read": job.rows_read,
        "accepted": job.accepted,
        "duplicates": job.duplicates,
        "conflicts": job.conflicts,
        "rejected": job.rejected,
        "rejects": [
            {"line": reject.line, "field": reject.field, "message": reject.message}
            for reject in job.rejects
        ],
    }


def _answer(request: urllib.request.Request) -> dict[str, Any]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(request, timeout=TIMEOUT_SECONDS) as answer:
            found: dict[str, Any] = json.load(answer)
            return found
    except urllib.error.HTTPError as error:
        raise ServerRefused(detail=json.load(error).get("detail", str(error))) from error
