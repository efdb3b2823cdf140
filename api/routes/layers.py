"""Layers: tests that share no customer."""

from typing import Any

from flask import Response, url_for
from marshmallow import RAISE
from sqlalchemy import Connection

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.paging import Page, PageSchema, paged
from api.schemas.layers import LayerDraftSchema, LayerListSchema, LayerSchema, NameSchema
from experiments.registry import keyed
from experiments.registry.layers import (
    LAYER,
    LayerDraft,
    StoredLayer,
    create_layer,
    rename_layer,
    slot_owners,
)

blueprint = Blueprint("layers", __name__, url_prefix="/api/v1")


@blueprint.post("/layers")
@allow(scope="admin", role="marketer")
@blueprint.arguments(LayerDraftSchema)
@blueprint.response(201, LayerSchema, headers=TAGGED)
def create(draft: LayerDraft) -> Response:
    """Create a layer; 409 if its key or its seed is taken, 422 naming what does not fit."""
    with transaction() as db:
        made = create_layer(db, draft, edit())
        body = _told(db, made)
    location = url_for("layers.one", key=made.key)
    return tagged(body, made.revision, status=201, location=location)


@blueprint.get("/layers")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, LayerListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's layers by key, with who owns which slots."""
    project = caller().project
    with reading() as db:
        found = keyed.page(db, LAYER, project, page.after, page.limit + 1)
        owners = slot_owners(db, project)
    listed = paged(found, page.limit, lambda layer: layer.key)
    items = [vars(each) | {"slots": owners.get(each.key, [])} for each in listed["items"]]
    return {**listed, "items": items}


@blueprint.get("/layers/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, LayerSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one layer, with who owns which slots; 404 if there is none of that key."""
    with reading() as db:
        found = keyed.get(db, LAYER, caller().project, key)
        return tagged(_told(db, found), found.revision)


@blueprint.put("/layers/<key>")
@allow(scope="admin", role="marketer")
@blueprint.arguments(NameSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, LayerSchema, headers=TAGGED)
def rename(body: dict[str, str], key: str) -> Response:
    """Give a layer another name; nothing else of it ever changes.

    404 if there is none of that key; 412 if it changed meanwhile; 428 without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        after = rename_layer(db, key, body["name"], edit(seen))
        return tagged(_told(db, after), after.revision)


def _told(db: Connection, layer: StoredLayer) -> dict[str, Any]:
    owners = slot_owners(db, caller().project).get(layer.key, [])
    body: dict[str, Any] = LayerSchema().dump(vars(layer) | {"slots": owners})
    return body
