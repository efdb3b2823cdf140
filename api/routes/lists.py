"""Lists of units: who is left out of tests, and who must have agreed."""

from typing import Any

from flask import Response, request, url_for
from marshmallow import RAISE

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.paging import Page, PageSchema, paged
from api.schemas.lists import (
    ListDraftSchema,
    ListListSchema,
    ListSchema,
    MembersChangeSchema,
    MembershipQuestionSchema,
    MembershipSchema,
    MembersSchema,
)
from experiments.registry import keyed
from experiments.registry.unit_lists import (
    LIST,
    ListDraft,
    MembersChange,
    change_members,
    create_list,
    delete_list,
    members_of,
)
from experiments.units import check_unit_id

blueprint = Blueprint("lists", __name__, url_prefix="/api/v1")

LARGEST_BODY_BYTES = 128 * 1024 * 1024


@blueprint.post("/lists")
@allow(scope="admin", role="marketer")
@blueprint.arguments(ListDraftSchema)
@blueprint.response(201, ListSchema, headers=TAGGED)
def create(draft: ListDraft) -> Response:
    """Create an empty list; 409 if its key is taken, 422 naming the field that does not fit."""
    with transaction() as db:
        made = create_list(db, draft, edit())
    location = url_for("lists.one", key=made.key)
    return tagged(ListSchema().dump(made), made.revision, status=201, location=location)


@blueprint.get("/lists")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, ListListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's lists of units by key."""
    with reading() as db:
        found = keyed.page(db, LIST, caller().project, page.after, page.limit + 1)
    return paged(found, page.limit, lambda each: each.key)


@blueprint.get("/lists/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, ListSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one list; its members are counted and never told. 404 if there is none of that key."""
    with reading() as db:
        found = keyed.get(db, LIST, caller().project, key)
    return tagged(ListSchema().dump(found), found.revision)


@blueprint.delete("/lists/<key>")
@allow(scope="admin", role="marketer")
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(204)
def remove(key: str) -> None:
    """Take a list away with its members.

    404 if there is none of that key; 409 if a test that is not archived names it; 412 if it
    changed meanwhile; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        delete_list(db, key, edit(seen))


@blueprint.post("/lists/<key>/members")
@allow(scope="admin", role="marketer")
@blueprint.arguments(MembersSchema)
@blueprint.response(200, MembersChangeSchema)
def change(body: dict[str, list[Any]], key: str) -> MembersChange:
    """Put customers on a list and take others off it, up to 100,000 together.

    Sent twice, it changes nothing the second time. 404 if there is no list of that key; 422
    naming the place of what is no unit id: nothing is changed then.
    """
    request.max_content_length = LARGEST_BODY_BYTES
    with transaction() as db:
        return change_members(db, key, add=body["add"], remove=body["remove"], edit=edit())


@blueprint.post("/lists/<key>/members/check")
@allow(scope="read", role="viewer")
@blueprint.arguments(MembershipQuestionSchema)
@blueprint.response(200, MembershipSchema)
def check(body: dict[str, list[Any]], key: str) -> dict[str, list[str]]:
    """Say which of these customers are on a list; 404 if there is none of that key."""
    asked = [
        check_unit_id(each, f"unit_ids.{index}") for index, each in enumerate(body["unit_ids"])
    ]
    with reading() as db:
        kept = members_of(db, caller().project, key)
    return {"members": [unit_id for unit_id in asked if unit_id in kept]}
