"""Funnels outside of tests: who reached each step, and which one is the weakest."""

from typing import Any

from marshmallow import RAISE

from api import tracking
from api.auth import allow
from api.contract import Blueprint
from api.exploring import funnel_of, funnel_of_kpi
from api.schemas.explored import told_funnel
from api.schemas.funnels import (
    FunnelRequestSchema,
    FunnelSchema,
    KpiFunnelQuerySchema,
)
from experiments.errors import Invalid

blueprint = Blueprint("funnels", __name__, url_prefix="/api/v1")


@blueprint.post("/funnels")
@allow(scope="read", role="viewer")
@blueprint.arguments(FunnelRequestSchema)
@blueprint.response(200, FunnelSchema)
def look(body: dict[str, Any]) -> dict[str, Any]:
    """Say how far customers came who took a first step in a time; nothing is kept.

    Customers whose window is open are counted apart. 422 naming the field that does not fit.
    """
    return told_funnel(
        funnel_of(
            tuple(body["steps"]),
            since=body["from_"],
            until=body["to"],
            window_hours=body["window_hours"],
            by=body["by"],
            segment=body["segment"],
            as_of=body["as_of"],
        )
    )


@blueprint.get("/kpis/<key>/funnel")
@allow(scope="read", role="viewer")
@blueprint.arguments(KpiFunnelQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, FunnelSchema)
def of_kpi(query: dict[str, Any], key: str) -> dict[str, Any]:
    """Say the same of the steps of a KPI of the kind funnel; 404 if there is none of that key."""
    kpi = tracking.kpi_of(key)
    if kpi.document.kind != "funnel":
        raise Invalid(field="key", expected="a KPI of the kind funnel", got=kpi.document.kind)
    return told_funnel(
        funnel_of_kpi(
            kpi,
            since=query["from_"],
            until=query["to"],
            by=query["by"],
            segment=query["segment"],
            as_of=query["as_of"],
        )
    )
