"""KPI documents: create, read, replace, versions."""

from typing import Any

from flask import Response, url_for
from marshmallow import RAISE

from api.answers import IF_MATCH, TAGGED, required_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.paging import Page, PageSchema, paged
from api.runtime import runtime
from api.schemas.kpis import KpiDocumentSchema, KpiListSchema, KpiSchema
from experiments.kpis import store
from experiments.kpis.document import KpiDocument

blueprint = Blueprint("kpis", __name__, url_prefix="/api/v1")


@blueprint.post("/kpis")
@allow(scope="admin", role="marketer")
@blueprint.arguments(KpiDocumentSchema)
@blueprint.response(201, KpiSchema, headers=TAGGED)
def create(document: KpiDocument) -> Response:
    """Create a KPI; 409 if its key is taken, 422 naming the field that does not fit."""
    me = caller()
    with transaction() as db:
        made = store.create_kpi(db, me.project, document, actor=me.actor, now=runtime().clock())
    location = url_for("kpis.one", key=document.key)
    return tagged(KpiSchema().dump(made), made.revision, status=201, location=location)


@blueprint.get("/kpis")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, KpiListSchema)
def index(page: Page) -> dict[str, Any]:
    """List the project's KPIs by key, each in its latest version."""
    with reading() as db:
        found = store.list_kpis(db, caller().project, page.after, page.limit + 1)
    return paged(found, page.limit, lambda kpi: kpi.document.key)


@blueprint.get("/kpis/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, KpiSchema, headers=TAGGED)
def one(key: str) -> Response:
    """Give one KPI in its latest version; 404 if the project has none of that key."""
    with reading() as db:
        kpi = store.get_kpi(db, caller().project, key)
    return tagged(KpiSchema().dump(kpi), kpi.revision)


@blueprint.put("/kpis/<key>")
@allow(scope="admin", role="marketer")
@blueprint.arguments(KpiDocumentSchema)
@blueprint.doc(parameters=[IF_MATCH])
@blueprint.response(200, KpiSchema, headers=TAGGED)
def replace(document: KpiDocument, key: str) -> Response:
    """Replace a KPI's document, as a new version where a started test uses the last.

    404 if the project has none of that key; 412 if it changed meanwhile; 422 naming the field
    that does not fit; 428 without If-Match.
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
    return tagged(KpiSchema().dump(kpi), kpi.revision)


@blueprint.get("/kpis/<key>/versions")
@allow(scope="read", role="viewer")
@blueprint.response(200, KpiListSchema)
def versions(key: str) -> dict[str, Any]:
    """List every version of a KPI, the first one first; 404 if there is none of that key."""
    with reading() as db:
        found = store.kpi_versions(db, caller().project, key)
    return {"items": found, "next": None}
