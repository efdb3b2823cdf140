"""KPI documents: create, read, replace, versions, status, the tree."""

from typing import Any

from flask import Response, url_for
from marshmallow import RAISE
from sqlalchemy import Connection

from api.answers import IF_MATCH, TAGGED, required_revision, seen_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.paging import Page, PageSchema, paged
from api.runtime import runtime
from api.schemas.kpis import (
    KpiAmong,
    KpiDocumentSchema,
    KpiDraftSchema,
    KpiListSchema,
    KpiSchema,
    KpiStatusSchema,
    KpiTreeSchema,
)
from experiments.kpis import store
from experiments.kpis.adoption import below_its_parent
from experiments.kpis.catalog import Kpi, every_document
from experiments.kpis.document import KpiDocument
from experiments.kpis.known_names import by_name
from experiments.kpis.tree import grow

blueprint = Blueprint("kpis", __name__, url_prefix="/api/v1")


@blueprint.post("/kpis")
@allow(scope="admin", role="marketer")
@blueprint.arguments(KpiDraftSchema)
@blueprint.response(201, KpiSchema, headers=TAGGED)
def create(document: KpiDocument) -> Response:
    """Create a KPI, whole or `from` an entry of the catalogue with what differs.

    409 if its key is taken; 422 naming the field that does not fit.
    """
    me = caller()
    with transaction() as db:
        placed = below_its_parent(db, me.project, document)
        made = store.create_kpi(db, me.project, placed, actor=me.actor, now=runtime().clock())
        body = _body(db, made)
    return tagged(
        body, made.revision, status=201, location=url_for("kpis.one", key=made.document.key)
    )


@blueprint.get("/kpis")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, KpiListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's KPIs by key, each in its latest version."""
    with reading() as db:
        found = store.list_kpis(db, caller().project, page.after, page.limit + 1)
        documents = by_name(every_document(db, caller().project))
    shown = [KpiAmong(kpi, documents) for kpi in found]
    return paged(shown, page.limit, lambda each: each.kpi.document.key)


@blueprint.get("/kpis/tree")
@allow(scope="read", role="viewer")
@blueprint.response(200, KpiTreeSchema)
def tree() -> dict[str, Any]:
    """Give the KPIs that serve no other, each with those that serve it."""
    with reading() as db:
        return {"trees": grow(every_document(db, caller().project))}


@blueprint.get("/kpis/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, KpiSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one KPI in its latest version; 404 if the project has none of that key."""
    with reading() as db:
        kpi = store.get_kpi(db, caller().project, key)
        return tagged(_body(db, kpi), kpi.revision)


@blueprint.put("/kpis/<key>")
@allow(scope="admin", role="marketer")
@blueprint.arguments(KpiDocumentSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, KpiSchema, headers=TAGGED)
def replace(document: KpiDocument, key: str) -> Response:
    """Replace a KPI's document, as a new version where a started test uses the last.

    404 if the project has none of that key; 409 if it would count something else while a test
    is under way or while it is official, or take a status that it cannot; 412 if it changed
    meanwhile; 422 naming the field that does not fit; 428 without If-Match.
    """
    me, seen = caller(), required_revision()
    with transaction() as db:
        kpi = store.replace_kpi(
            db,
            me.project,
            key,
            document,
            expected_revision=seen,
            actor=me.actor,
            now=runtime().clock(),
        )
        return tagged(_body(db, kpi), kpi.revision)


@blueprint.post("/kpis/<key>/status")
@allow(scope="admin", role="marketer")
@blueprint.arguments(KpiStatusSchema)
@blueprint.response(200, KpiSchema, headers=TAGGED)
def set_status(wanted: dict[str, Any], key: str) -> Response:
    """Take a KPI to another status; whoever makes it official has approved it.

    404 if the project has none of that key; 409 if there is no way to that status; 412 if it
    changed meanwhile; 422 naming the field that does not fit.
    """
    me = caller()
    with transaction() as db:
        kpi = store.set_status(
            db,
            me.project,
            key,
            wanted["status"],
            successor=wanted.get("successor"),
            expected_revision=seen_revision(),
            actor=me.actor,
            now=runtime().clock(),
        )
        return tagged(_body(db, kpi), kpi.revision)


@blueprint.get("/kpis/<key>/versions")
@allow(scope="read", role="viewer")
@blueprint.response(200, KpiListSchema)
def versions(key: str) -> dict[str, Any]:
    """List every version of a KPI, the first one first; 404 if there is none of that key."""
    with reading() as db:
        found = store.kpi_versions(db, caller().project, key)
        documents = by_name(every_document(db, caller().project))
    return {"items": [KpiAmong(kpi, documents) for kpi in found], "next": None}


def _body(db: Connection, kpi: Kpi) -> dict[str, Any]:
    """The KPI as answered, its name held against the others of the project."""
    documents = by_name(every_document(db, caller().project))
    body: dict[str, Any] = KpiSchema().dump(KpiAmong(kpi, documents))
    return body
