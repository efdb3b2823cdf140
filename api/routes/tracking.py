"""KPIs over time: values, baseline, preview, forecast, pace, annotations."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import Response
from marshmallow import RAISE

from api import tracking
from api.answers import TAGGED, seen_revision, tagged
from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.runtime import runtime
from api.schemas.kpis import KpiAmong, KpiSchema
from api.schemas.tracking import (
    AdoptionSchema,
    AnnotationDraftSchema,
    AnnotationListSchema,
    AnnotationQuerySchema,
    AnnotationSchema,
    BaselineQuerySchema,
    ForecastSchema,
    KpiPreviewRequestSchema,
    KpiPreviewSchema,
    KpiStandingSchema,
    OutlookQuerySchema,
    ValuesQuerySchema,
    ValuesSchema,
)
from experiments.errors import Conflict
from experiments.kpis import store
from experiments.kpis.catalog import every_document
from experiments.kpis.document import KpiDocument
from experiments.kpis.known_names import by_name
from experiments.kpis.preview import Preview, PreviewRequest
from experiments.tracking.annotations import AnnotationDraft, annotate, annotations_of, remove

blueprint = Blueprint("tracking", __name__, url_prefix="/api/v1")
# As many digits of a baseline as anybody reads.
_DIGITS = 12


class NoBaseline(Conflict):
    """The past has no whole period with a value."""

    template = "there is no baseline yet: no whole period of the last {months} months has a value"


@blueprint.get("/kpis/<key>/values")
@allow(scope="read", role="viewer")
@blueprint.arguments(ValuesQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, ValuesSchema)
def values(query: dict[str, Any], key: str) -> Any:
    """The values of a KPI by day, week, month or quarter, as JSON or CSV.

    404 if the project has none of that key; 422 if ``as_of`` is still to come, the days are in
    the wrong order or too many, or the segment or split is none.
    """
    kpi = tracking.kpi_of(key)
    found = tracking.values_of(kpi, query)
    if query["format"] == "csv":
        return tracking.values_file(kpi, found)
    return tracking.values_body(kpi, found)


@blueprint.get("/kpis/<key>/forecast")
@allow(scope="read", role="viewer")
@blueprint.arguments(OutlookQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, ForecastSchema)
def forecast(query: dict[str, Any], key: str) -> dict[str, Any]:
    """What may come, with a range, the method, and how it would have done in the past.

    Without enough past a stated gap. 404 if the project has none of that key.
    """
    kpi = tracking.kpi_of(key)
    found = tracking.outlook_of(kpi, query["as_of"], query["until"])
    moment = {"as_of": found.past.as_of, "position": found.past.position}
    return vars(found.forecast) | moment | {"kpi": key}


@blueprint.get("/kpis/<key>/pace")
@allow(scope="read", role="viewer")
@blueprint.arguments(OutlookQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, KpiStandingSchema)
def pace(query: dict[str, Any], key: str) -> dict[str, Any]:
    """A KPI against its target: actual, pace, what is reached, and whether it will hold.

    404 if the project has none of that key. Without a target no levels and no pace.
    """
    kpi = tracking.kpi_of(key)
    found = tracking.outlook_of(kpi, query["as_of"], query["until"])
    facts = {} if found.standing is None else vars(found.standing)
    last = found.series.complete[-1].value if found.series.complete else None
    moment = {"as_of": found.series.as_of, "position": found.series.position}
    none = {"actual": last, "between": None, "pace": None, "levels": ()}
    return none | facts | moment | {"kpi": key, "period": found.series.period}


@blueprint.get("/kpis/<key>/baseline")
@allow(scope="read", role="viewer")
@blueprint.arguments(BaselineQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, KpiPreviewSchema)
def baseline(query: dict[str, Any], key: str) -> dict[str, Any]:
    """What the last 3 to 6 months say: a baseline, with its pattern by weekday and month.

    404 if the project has none of that key.
    """
    document = tracking.kpi_of(key).document
    asked = _asked(document, query["months"], query["period"])
    asked = replace(asked, as_of=tracking.moment(query["as_of"]))
    return _told(asked, runtime().tracker.preview(caller().project, asked))


@blueprint.post("/kpis/<key>/baseline")
@allow(scope="admin", role="marketer")
@blueprint.arguments(AdoptionSchema)
@blueprint.response(200, KpiSchema, headers=TAGGED)
def adopt(body: dict[str, Any], key: str) -> Response:
    """Write the baseline of the last 3 to 6 months into the document.

    404 if the project has none of that key; 409 if there is none yet; 412 if the KPI changed
    meanwhile; 422 if the target would be on the wrong side of it.
    """
    me = caller()
    changed = adopted_baseline(tracking.kpi_of(key).document, body["months"], body["period"])
    with transaction() as db:
        kpi = store.replace_kpi(
            db,
            me.project,
            key,
            changed,
            expected_revision=seen_revision(),
            actor=me.actor,
            now=runtime().clock(),
        )
        names = by_name(every_document(db, me.project))
    return tagged(KpiSchema().dump(KpiAmong(kpi, names)), kpi.revision)


@blueprint.post("/kpis/preview")
@allow(scope="read", role="viewer")
@blueprint.arguments(KpiPreviewRequestSchema)
@blueprint.response(200, KpiPreviewSchema)
def preview(body: dict[str, Any]) -> dict[str, Any]:
    """The value and past of a document before it is used; nothing is kept.

    422 naming the field that does not fit.
    """
    asked = _asked(body["document"], body["months"], body["period"])
    asked = replace(asked, segment=body["segment"], channel=body["channel"])
    return _told(asked, runtime().tracker.preview(caller().project, asked))


@blueprint.get("/kpis/<key>/annotations")
@allow(scope="read", role="viewer")
@blueprint.arguments(AnnotationQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, AnnotationListSchema)
def annotations(query: dict[str, date], key: str) -> dict[str, Any]:
    """What happened on the days of a chart: notes, tests that began or ended, holidays.

    404 if the project has none of that key.
    """
    with reading() as db:
        found = annotations_of(db, caller().project, key, query["from_"], query["to"])
    return {"items": found}


@blueprint.post("/kpis/<key>/annotations")
@allow(scope="admin", role="marketer")
@blueprint.arguments(AnnotationDraftSchema)
@blueprint.response(201, AnnotationSchema)
def add_annotation(body: dict[str, Any], key: str) -> Any:
    """Note what happened, for this KPI or for every one of the project.

    404 if the project has none of that key; 422 naming the field that does not fit.
    """
    everywhere = body.pop("everywhere")
    draft = AnnotationDraft(**body)
    tracking.kpi_of(key)
    with transaction() as db:
        return annotate(db, draft, None if everywhere else key, edit())


@blueprint.delete("/kpis/<key>/annotations/<int:annotation_id>")
@allow(scope="admin", role="marketer")
@blueprint.response(200, AnnotationSchema)
def remove_annotation(key: str, annotation_id: int) -> Any:
    """Take a note back; 404 if the KPI's chart has no such note."""
    with transaction() as db:
        return remove(db, key, annotation_id, edit())


def adopted_baseline(document: KpiDocument, months: int, period: str | None) -> KpiDocument:
    """The document with the baseline of its past.

    Raises:
        NoBaseline: If there is none.
        Invalid: If its target would be on the wrong side of it.
    """
    found = runtime().tracker.preview(caller().project, _asked(document, months, period))
    if found.baseline is None:
        raise NoBaseline(months=months)
    return replace(document, baseline=rounded(found.baseline))


def rounded(value: Decimal) -> Decimal:
    """A baseline as a document states it.

    Examples:
        >>> rounded(Decimal(2) / Decimal(3))
        Decimal('0.666666666667')
    """
    return +Decimal(f"{value:.{_DIGITS}g}")


def _asked(document: KpiDocument, months: int, period: str | None) -> PreviewRequest:
    return PreviewRequest(
        project_id=caller().project.id,
        document=document,
        as_of=tracking.moment(None),
        months=months,
        period=period or document.aggregation_period or "week",
    )


def _told(asked: PreviewRequest, found: Preview) -> dict[str, Any]:
    return vars(found) | {"as_of": asked.as_of, "period": asked.period}
