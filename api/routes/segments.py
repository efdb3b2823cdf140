"""Saved segments: rules that several tests may name."""

from typing import Any

from flask import Response, url_for
from marshmallow import RAISE

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.paging import Page, PageSchema, paged
from api.schemas.lists import SegmentDraftSchema, SegmentListSchema, SegmentSchema
from experiments.registry import keyed
from experiments.registry.saved_segments import (
    SEGMENT,
    SegmentDraft,
    create_segment,
    delete_segment,
    revise_segment,
)

blueprint = Blueprint("segments", __name__, url_prefix="/api/v1")


@blueprint.post("/segments")
@allow(scope="admin", role="marketer")
@blueprint.arguments(SegmentDraftSchema)
@blueprint.response(201, SegmentSchema, headers=TAGGED)
def create(draft: SegmentDraft) -> Response:
    """Save a segment; 409 if its key is taken, 422 naming the place that does not fit."""
    with transaction() as db:
        made = create_segment(db, draft, edit())
    location = url_for("segments.one", key=made.key)
    return tagged(SegmentSchema().dump(made), made.revision, status=201, location=location)


@blueprint.get("/segments")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, SegmentListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's saved segments by key."""
    with reading() as db:
        found = keyed.page(db, SEGMENT, caller().project, page.after, page.limit + 1)
    return paged(found, page.limit, lambda segment: segment.key)


@blueprint.get("/segments/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, SegmentSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one saved segment; 404 if there is none of that key."""
    with reading() as db:
        found = keyed.get(db, SEGMENT, caller().project, key)
    return tagged(SegmentSchema().dump(found), found.revision)


@blueprint.put("/segments/<key>")
@allow(scope="admin", role="marketer")
@blueprint.arguments(SegmentDraftSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, SegmentSchema, headers=TAGGED)
def revise(draft: SegmentDraft, key: str) -> Response:
    """Replace a segment; tests that have started go on with what it said at their start.

    404 if there is none of that key; 412 if it changed meanwhile; 422 naming the place that
    does not fit; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        after = revise_segment(db, key, draft, edit(seen))
    return tagged(SegmentSchema().dump(after), after.revision)


@blueprint.delete("/segments/<key>")
@allow(scope="admin", role="marketer")
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(204)
def remove(key: str) -> None:
    """Take a segment away.

    404 if there is none of that key; 409 if a test that is not archived names it; 412 if it
    changed meanwhile; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        delete_segment(db, key, edit(seen))
