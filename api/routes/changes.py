"""Changes of KPIs: split into volume, rate and mix; beside other KPIs, and across past tests."""

from typing import Any

from marshmallow import RAISE

from api import tracking
from api.auth import allow
from api.contract import Blueprint
from api.exploring import change_of, correlation_of, foretelling_of
from api.i18n import gettext
from api.schemas.changes import (
    ChangeQuerySchema,
    ChangeSchema,
    CorrelationQuerySchema,
    CorrelationSchema,
    ForetellingSchema,
    ForetellsQuerySchema,
)
from api.schemas.explored import told_change, told_correlation, told_foretelling
from experiments.errors import Invalid

blueprint = Blueprint("changes", __name__, url_prefix="/api/v1")


@blueprint.get("/kpis/<key>/change")
@allow(scope="read", role="viewer")
@blueprint.arguments(ChangeQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, ChangeSchema)
def change(query: dict[str, Any], key: str) -> dict[str, Any]:
    """Split a KPI's change between two periods exactly into volume, rate and mix, by group.

    404 if the project has none of that key; 409 if it has no value in one of them; 422 if it
    cannot be split, or a parameter does not fit.
    """
    kpi = tracking.kpi_of(key)
    period = query["period"] or kpi.document.aggregation_period or "week"
    found = change_of(kpi, period, query["before"], query["after"], query["by"], query["as_of"])
    return told_change(key, found, where_not_why()) | {"as_of": tracking.moment(query["as_of"])}


@blueprint.get("/kpis/<key>/correlation")
@allow(scope="read", role="viewer")
@blueprint.arguments(CorrelationQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, CorrelationSchema)
def correlation(query: dict[str, Any], key: str) -> dict[str, Any]:
    """Say whether two KPIs moved together, at which lag: correlation, never a cause.

    Both are differenced and filtered first, so that a common trend does not fool. With too few
    periods a stated gap. 404 if the project has none of either key.
    """
    first, second = tracking.kpi_of(key), tracking.kpi_of(query["with_"])
    check_other(key, query["with_"], "with")
    both = correlation_of(first, second, query)
    told = told_correlation(key, query["with_"], both.found, no_cause())
    return told | {"as_of": both.as_of, "position": both.position}


@blueprint.get("/kpis/<key>/foretells")
@allow(scope="read", role="viewer")
@blueprint.arguments(ForetellsQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, ForetellingSchema)
def foretells(query: dict[str, Any], key: str) -> dict[str, Any]:
    """Say whether, in past tests, this KPI's lift foretold that of a lagging one.

    One point for each test that measured both to its end; with fewer than five a stated gap.
    404 if the project has none of either key.
    """
    leading, lagging = tracking.kpi_of(key), tracking.kpi_of(query["lagging"])
    check_other(key, query["lagging"], "lagging")
    found, as_of = foretelling_of(leading, lagging, query["as_of"])
    return told_foretelling(key, query["lagging"], found, no_cause()) | {"as_of": as_of}


def check_other(key: str, other: str, field: str) -> None:
    """Refuse a KPI held against itself.

    Raises:
        Invalid: Naming ``field``.
    """
    if key == other:
        raise Invalid(field=field, expected="another KPI", got=other)


def where_not_why() -> str:
    """What a split of a change is, and is not."""
    return gettext("The parts add up to the change exactly. They say where it happened, not why.")


def no_cause() -> str:
    """What a correlation is not."""
    return gettext("This is correlation. It does not say that one is the cause of the other.")
