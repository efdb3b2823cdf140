"""Holdouts: customers who get no test at all."""

from typing import Any

from flask import Response, url_for
from marshmallow import RAISE
from sqlalchemy import Connection

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.i18n import LANGUAGES
from api.paging import Page, PageSchema, paged
from api.runtime import runtime
from api.schemas.holdout_reports import HoldoutQuerySchema
from api.schemas.layers import HoldoutDraftSchema, HoldoutListSchema, HoldoutSchema
from experiments.registry import keyed
from experiments.registry.holdouts import (
    HOLDOUT,
    HoldoutDraft,
    StoredHoldout,
    create_holdout,
    end_holdout,
    layer_keys,
)
from experiments.storage.codec import to_document

blueprint = Blueprint("holdouts", __name__, url_prefix="/api/v1")


@blueprint.post("/holdouts")
@allow(scope="admin", role="marketer")
@blueprint.arguments(HoldoutDraftSchema)
@blueprint.response(201, HoldoutSchema, headers=TAGGED)
def create(draft: HoldoutDraft) -> Response:
    """Create a holdout; tests that start from now on keep to it, running ones go on as they are.

    409 if its key or its seed is taken; 422 naming the field that does not fit.
    """
    with transaction() as db:
        made = create_holdout(db, draft, edit())
        body = _told(db, [made])[0]
    location = url_for("holdouts.one", key=made.key)
    return tagged(HoldoutSchema().dump(body), made.revision, status=201, location=location)


@blueprint.get("/holdouts")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, HoldoutListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's holdouts by key, ended ones too."""
    with reading() as db:
        found = keyed.page(db, HOLDOUT, caller().project, page.after, page.limit + 1)
        listed = paged(found, page.limit, lambda holdout: holdout.key)
        return {**listed, "items": _told(db, listed["items"])}


@blueprint.get("/holdouts/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, HoldoutSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one holdout; 404 if there is none of that key."""
    with reading() as db:
        found = keyed.get(db, HOLDOUT, caller().project, key)
        return tagged(HoldoutSchema().dump(_told(db, [found])[0]), found.revision)


@blueprint.post("/holdouts/<key>/end")
@allow(scope="admin", role="marketer")
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, HoldoutSchema, headers=TAGGED)
def end(key: str) -> Response:
    """Hold nobody out by it any more: its customers may enter tests that run.

    404 if there is none of that key; 409 if it has ended; 412 if it changed meanwhile; 428
    without If-Match.
    """
    seen = required_revision()
    with transaction() as db:
        after = end_holdout(db, key, edit(seen))
        return tagged(HoldoutSchema().dump(_told(db, [after])[0]), after.revision)


@blueprint.get("/holdouts/<key>/report")
@allow(scope="read", role="viewer")
@blueprint.arguments(HoldoutQuerySchema, location="query", unknown=RAISE)
@blueprint.alt_response(200, description="Both groups, and what comes on top.")
def report(query: dict[str, Any], key: str) -> dict[str, Any]:
    """Hold those who get no test against as many who do: conversions, revenue, return.

    404 if there is no such holdout or KPI; 422 if the KPI is neither rate nor mean, the time
    begins before the holdout, is less than a day, or has not come.
    """
    # What reports need is slow to import, so assignment and ingest never load it.
    from experiments.reporting.holdout_report import Question, holdout_report  # noqa: PLC0415 - slow to import
    from experiments.reporting.wording.holdouts import say_holdout  # noqa: PLC0415 - slow to import

    found = holdout_report(
        runtime().database,
        runtime().replica,
        caller().project,
        key,
        Question(**query),
        now=runtime().clock(),
    )
    said = {language: list(say_holdout(found, language)) for language in LANGUAGES}
    document: dict[str, Any] = to_document(found)
    return document | {"said": said}


def _told(db: Connection, holdouts: list[StoredHoldout]) -> list[dict[str, Any]]:
    layers = layer_keys(db, caller().project)
    return [
        {
            **vars(each),
            "share": each.share,
            "layer": None if each.layer_id is None else layers[each.layer_id],
            "groups": [
                {"group": group, "start": start, "end": end} for group, start, end in each.ranges
            ],
        }
        for each in holdouts
    ]
