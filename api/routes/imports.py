"""Imports: a file in, how far its reading has come, and taking it back."""

from collections.abc import Callable
from typing import Any, BinaryIO, cast

from flask import Response, jsonify, request, url_for
from marshmallow import RAISE
from sqlalchemy import Connection
from werkzeug.exceptions import UnsupportedMediaType

from api.auth import allow, caller
from api.contract import Blueprint, document_of
from api.db import reading, transaction
from api.paging import Page, PageSchema, paged
from api.rejected_rows import rejects_csv
from api.runtime import runtime
from api.schemas.imports import (
    LOOK,
    UPLOAD,
    ImportListSchema,
    ImportWithRejectsSchema,
    PreviewSchema,
    WithdrawalSchema,
    told,
    told_preview,
    told_with_rejects,
)
from experiments.errors import Invalid
from experiments.ledger.fields import Missing, UnknownField
from experiments.ledger.imports import moves
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import ImportJob, get_import, list_imports, submit_import
from experiments.ledger.imports.preview import first_part, look
from experiments.ledger.imports.run import Target

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1")

LARGEST_UPLOAD_BYTES = 512 * 1024 * 1024
_FIELDS = ("file", "mapping", "name")
_LOOK_FIELDS = ("file", "mapping", "part")


@blueprint.post("/imports")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=UPLOAD)
@blueprint.response(
    202,
    ImportWithRejectsSchema,
    headers={"Location": {"description": "The import.", "schema": {"type": "string"}}},
)
def upload() -> Response:
    """Take a file and read it into the ledger in the background.

    422 naming what does not fit: the file, a column that it lacks, or a field of the mapping;
    413 beyond 512 MB; 415 unless the request is multipart/form-data.
    """
    stream, given = _form(_FIELDS)
    if "mapping" not in given:
        raise Missing(field="mapping")
    document = document_of(given["mapping"].encode("utf-8", "replace"), "mapping")
    name = given.get("name") or request.files["file"].filename or ""
    folder, me = _folder(), caller()
    with folder.arriving(stream) as file, transaction() as db:
        job = submit_import(
            db,
            me.project,
            name=name.replace("\0", ""),
            file=file,
            document=document,
            actor=me.actor,
            now=runtime().clock(),
        )
        folder.keep(file, job.id)
    answer = jsonify(told_with_rejects(job))
    answer.status_code = 202
    answer.headers["Location"] = url_for("imports.one", import_id=job.id)
    return answer


@blueprint.post("/imports/preview")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=LOOK)
@blueprint.response(200, PreviewSchema)
def preview() -> Response:
    """Tell how the first rows of a file would be read; nothing of it is stored.

    Without a mapping one is proposed. What does not fit in it stands under ``problem``. 422 if
    the file cannot be read at all; 415 unless the request is multipart/form-data.
    """
    stream, given = _form(_LOOK_FIELDS)
    document = None
    if given.get("mapping"):
        document = document_of(given["mapping"].encode("utf-8", "replace"), "mapping")
    project = caller().project
    target = Target(runtime().database, project, runtime().clock, runtime().identity)
    with first_part(_folder(), stream, is_part=given.get("part") == "true") as file:
        return jsonify(told_preview(look(target, file, document, zone=project.time_zone)))


@blueprint.get("/imports")
@allow(scope="ingest", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, ImportListSchema)
def index(page: Page) -> Response:
    """List the project's imports, the newest first."""
    with reading() as db:
        found = list_imports(db, caller().project, _before(page.after), page.limit + 1)
    listed = paged(found, page.limit, lambda job: str(job.id))
    return jsonify(listed | {"items": [told(job) for job in listed["items"]]})


@blueprint.get("/imports/<int:import_id>")
@allow(scope="ingest", role="viewer")
@blueprint.response(200, ImportWithRejectsSchema)
def one(import_id: int) -> Response:
    """Give one import: its state, its counts and the first rows that it did not take.

    404 if the project has none of that number.
    """
    with reading() as db:
        return jsonify(told_with_rejects(get_import(db, caller().project, import_id)))


@blueprint.get("/imports/<int:import_id>/rejects.csv")
@allow(scope="ingest", role="analyst")
@blueprint.response(200, content_type="text/csv")
def rejects(import_id: int) -> Response:
    """Give the rows that an import did not take, as a CSV file; 404 if there is no such import."""
    with reading() as db:
        job = get_import(db, caller().project, import_id)
    answer = Response(rejects_csv(_folder(), job), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="import-{job.id}-rejects.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.post("/imports/<int:import_id>/pause")
@allow(scope="ingest", role="marketer")
@blueprint.response(200, ImportWithRejectsSchema)
def pause(import_id: int) -> Response:
    """Stop reading a file until it is resumed; 409 unless it waits or runs."""
    return _moved(lambda db, asked: moves.pause(db, asked, import_id))


@blueprint.post("/imports/<int:import_id>/resume")
@allow(scope="ingest", role="marketer")
@blueprint.response(200, ImportWithRejectsSchema)
def resume(import_id: int) -> Response:
    """Go on reading a file where it was paused; 409 unless it is."""
    return _moved(lambda db, asked: moves.resume(db, asked, import_id))


@blueprint.post("/imports/<int:import_id>/withdraw")
@allow(scope="ingest", role="marketer")
@blueprint.arguments(WithdrawalSchema)
@blueprint.response(202, ImportWithRejectsSchema)
def withdraw(body: dict[str, Any], import_id: int) -> Response:
    """Take an import back: reports are as if it had never been; 409 if it was withdrawn before.

    It counts no more from the answer on. What it had kept out is let in, and its ids are made
    free, in the background: ``state`` is ``withdrawn`` once that is done.
    """
    answer = _moved(lambda db, asked: moves.withdraw(db, asked, import_id, body["reason"]))
    answer.status_code = 202
    return answer


def _moved(move: Callable[[Connection, moves.Asked], ImportJob]) -> Response:
    me = caller()
    with transaction() as db:
        job = move(db, moves.Asked(me.project, me.actor, runtime().clock()))
    return jsonify(told_with_rejects(job))


def _folder() -> ImportFolder:
    return ImportFolder(runtime().imports.folder)


def _form(known: tuple[str, ...]) -> tuple[BinaryIO, dict[str, str]]:
    """The upload, and the other fields of the form."""
    request.max_content_length = LARGEST_UPLOAD_BYTES
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("expected Content-Type: multipart/form-data")
    for field in (*request.form, *request.files):
        if field not in (*known, "csrf_token"):
            raise UnknownField(field=field[:60], known=", ".join(known))
    file = request.files.get("file")
    if file is None:
        raise Missing(field="file")
    return cast("BinaryIO", file.stream), request.form.to_dict()


def _before(after: str | None) -> int | None:
    if after is None:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) < 20):
        raise Invalid(field="cursor", expected="the next of a page", got=after[:60])
    return int(after)
