"""Imports: a file in, and how far its reading has come."""

from typing import Any, BinaryIO, cast

from flask import Response, jsonify, request, url_for
from marshmallow import RAISE
from werkzeug.exceptions import UnsupportedMediaType

from api.auth import allow, caller
from api.contract import Blueprint, document_of
from api.db import reading, transaction
from api.paging import Page, PageSchema, paged
from api.runtime import runtime
from api.schemas.imports import (
    UPLOAD,
    ImportListSchema,
    ImportWithRejectsSchema,
    rejects_csv,
    told,
    told_with_rejects,
)
from experiments.errors import Invalid
from experiments.ledger.facts import Missing, UnknownField
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import get_import, list_imports, submit_import

blueprint = Blueprint("imports", __name__, url_prefix="/api/v1")

LARGEST_UPLOAD_BYTES = 512 * 1024 * 1024
_FIELDS = ("file", "mapping", "name")


@blueprint.post("/imports")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=UPLOAD)
@blueprint.response(
    202,
    ImportWithRejectsSchema,
    headers={"Location": {"description": "The import.", "schema": {"type": "string"}}},
)
def upload() -> Response:
    """Take a CSV file and read it into the ledger in the background.

    422 naming what does not fit: the file, a column that it lacks, or a field of the mapping;
    413 beyond 512 MB; 415 unless the request is multipart/form-data.
    """
    request.max_content_length = LARGEST_UPLOAD_BYTES
    if request.mimetype != "multipart/form-data":
        raise UnsupportedMediaType("expected Content-Type: multipart/form-data")
    stream, document, name = _form()
    folder, me = ImportFolder(runtime().imports.folder), caller()
    with folder.arriving(stream) as file, transaction() as db:
        job = submit_import(
            db,
            me.project,
            name=name,
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
    answer = Response(rejects_csv(job.rejects), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = f'attachment; filename="import-{job.id}-rejects.csv"'
    return answer


def _form() -> tuple[BinaryIO, Any, str]:
    """The upload, the mapping and the name."""
    for field in (*request.form, *request.files):
        if field not in (*_FIELDS, "csrf_token"):
            raise UnknownField(field=field[:60], known=", ".join(_FIELDS))
    file = request.files.get("file")
    if file is None:
        raise Missing(field="file")
    if "mapping" not in request.form:
        raise Missing(field="mapping")
    document = document_of(request.form["mapping"].encode("utf-8", "replace"), "mapping")
    name = request.form.get("name") or file.filename or ""
    return cast("BinaryIO", file.stream), document, name.replace("\0", "")


def _before(after: str | None) -> int | None:
    if after is None:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) < 20):
        raise Invalid(field="cursor", expected="the next of a page", got=after[:60])
    return int(after)
