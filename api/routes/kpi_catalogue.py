"""The catalogue of KPIs: search it, read an entry."""

from typing import Any

from flask import Response, jsonify
from marshmallow import RAISE

from api.auth import allow
from api.contract import Blueprint
from api.schemas.kpi_catalogue import CatalogueQuerySchema, EntryListSchema, EntrySchema
from experiments.errors import NotFound
from experiments.kpis.catalogue import BY_KEY, Entry, found

blueprint = Blueprint("kpi_catalogue", __name__, url_prefix="/api/v1")


@blueprint.get("/kpi-catalogue")
@allow(scope="read", role="viewer")
@blueprint.arguments(CatalogueQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, EntryListSchema)
def index(query: dict[str, Any]) -> dict[str, list[Entry]]:
    """Search the catalogue by name, synonym, stage and channel; without words, give it all."""
    entries = found(query["q"], query.get("language"), query.get("stage"), query.get("channel"))
    return {"items": entries}


@blueprint.get("/kpi-catalogue/<key>")
@allow(scope="read", role="viewer")
@blueprint.response(200, EntrySchema)
def one(key: str) -> Response:
    """Give one entry of the catalogue; 404 if there is none of that key."""
    if key not in BY_KEY:
        raise NotFound(field="key", what="KPI of the catalogue", key=key)
    return jsonify(EntrySchema().dump(BY_KEY[key]))
