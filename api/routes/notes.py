"""Notes: survey answers, comments and what people noticed, beside the KPI that they explain."""

from collections.abc import Sequence
from typing import Any

from flask import Response, jsonify
from marshmallow import RAISE

from api.auth import allow, caller
from api.bodies import plain_json
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.paging import Page, paged
from api.runtime import runtime
from api.schemas.ingest import one_or_many
from api.schemas.notes import (
    AddedSchema,
    CustomerNoteSchema,
    NoteListSchema,
    NoteQuerySchema,
    ReadingsSchema,
    SaidQuerySchema,
    StoredNoteSchema,
    TagsSchema,
    told_added,
    told_note,
    told_readings,
)
from api.small_files import FORM, LARGEST_BYTES, number_of, rows_of_upload
from experiments.errors import Invalid
from experiments.notes import kept, store
from experiments.notes.kept import WantedNotes
from experiments.notes.note import FIELDS, read_notes
from experiments.notes.said import Readings
from experiments.notes.store import Added

blueprint = Blueprint("notes", __name__, url_prefix="/api/v1")
_DEFAULTS = ("experiment", "kpi", "kind")


@blueprint.post("/notes")
@allow(scope="ingest", role="analyst")
@blueprint.doc(requestBody=one_or_many(CustomerNoteSchema, "One note, or up to 10,000."))
@blueprint.response(200, AddedSchema)
def add() -> Response:
    """Keep what was said of a customer, a test, one of its variants, or a KPI.

    A list is answered item by item and never fails whole. 422 if a single note cannot be kept,
    naming the field, or if a list has more than 10,000; 413 beyond 16 MB.
    """
    body = plain_json(LARGEST_BYTES)
    done = _added(body if isinstance(body, list) else [body])
    if done.rejected and not isinstance(body, list):
        raise done.rejected[0].error
    return jsonify(told_added(done))


@blueprint.post("/notes/file")
@allow(scope="ingest", role="analyst")
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, AddedSchema)
def add_file() -> Response:
    """Keep the notes of a CSV file, each as by `POST /notes`; tags with commas between.

    `experiment`, `kpi` and `kind` of the form hold for rows that say none. 422 if it cannot be
    read or has other columns; 413 beyond 16 MB; 415 unless it is multipart/form-data.
    """
    rows, given = rows_of_upload(FIELDS, *_DEFAULTS)
    every = {name: given[name] for name in _DEFAULTS if given.get(name)}
    return jsonify(told_added(_added([every | _row(row) for row in rows])))


@blueprint.get("/notes")
@allow(scope="read", role="viewer")
@blueprint.arguments(NoteQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, NoteListSchema)
def index(page: Page) -> Response:
    """List notes, those kept last first; people below analyst see no text and no customer."""
    wanted = WantedNotes(**page.filters)
    with reading() as db:
        found = kept.list_notes(db, caller().project, wanted, _before(page.after), page.limit + 1)
    listed = paged(found, page.limit, lambda each: str(each.id))
    return jsonify(listed | {"items": [told_note(each) for each in listed["items"]]})


@blueprint.put("/notes/<int:note_id>/tags")
@allow(scope="ingest", role="analyst")
@blueprint.arguments(TagsSchema)
@blueprint.response(200, StoredNoteSchema)
def tag(body: dict[str, Any], note_id: int) -> Response:
    """Give a note these tags and no others; 404 if there is none of that number."""
    with transaction() as db:
        return jsonify(told_note(store.set_tags(db, note_id, body["tags"], edit())))


@blueprint.delete("/notes/<int:note_id>")
@allow(scope="ingest", role="analyst")
@blueprint.response(204)
def remove(note_id: int) -> None:
    """Take a note away; 404 if there is none of that number."""
    with transaction() as db:
        store.remove_note(db, note_id, edit())


@blueprint.get("/experiments/<key>/notes")
@allow(scope="read", role="viewer")
@blueprint.arguments(SaidQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, ReadingsSchema)
def in_test(query: dict[str, Any], key: str) -> Response:
    """Say what was said in each variant of a test: counts, tags, the newest 50.

    Notes of the test and of its customers, and events with a property `comment`; of customers
    from their anchor on. 404 if there is no such test.
    """
    return jsonify(told_readings(key, readings(key, query.get("kpi"))))


def readings(key: str, kpi: str | None = None) -> Readings:
    """What was said in a test of the caller's project, as of now."""
    from experiments.notes.in_test import said_in_test  # noqa: PLC0415 - slow to import

    now = runtime()
    return said_in_test(now.database, now.replica, caller().project, key, kpi=kpi, now=now.clock())


def _added(items: Sequence[object]) -> Added:
    read = read_notes(items, runtime().clock())
    hasher = runtime().identity.hasher(caller().project)
    with transaction() as db:
        return store.add_notes(db, read, edit(), hasher)


def _row(row: dict[str, Any]) -> dict[str, Any]:
    given = number_of(row, "score")
    if "tags" in given:
        given["tags"] = [tag.strip() for tag in given["tags"].split(",") if tag.strip()]
    return given


def _before(after: str | None) -> int | None:
    if after is None:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise Invalid(field="cursor", expected="the next of a page", got=after[:60])
    return int(after)
