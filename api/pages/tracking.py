"""What a KPI's page says of its time: actual, pace, forecast, what happened."""

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from flask import Blueprint, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from api import tracking
from api.auth import allow, caller
from api.db import transaction
from api.edits import edit
from api.errors import localised
from api.i18n import current_language, gettext
from api.pages.figures import Figures, reader_figures
from api.pages.tracking_words import (
    HAPPENED,
    PERIOD_NAMES,
    between_said,
    forecast_said,
    level_rows,
    pace_said,
    when,
)
from api.runtime import runtime
from api.soon import StillComputing
from experiments.errors import Invalid, TrueliftError, Unavailable
from experiments.kpis import store
from experiments.kpis.catalog import Kpi
from experiments.kpis.document import KpiDocument
from experiments.kpis.preview import MOST_MONTHS, Preview, PreviewRequest
from experiments.tracking.annotations import KINDS, Annotation, AnnotationDraft, annotate, remove

if TYPE_CHECKING:
    from experiments.reporting.pictures.canvas import Drawing
    from experiments.tracking.tracked import Outlook

tracking_pages = Blueprint("tracking_pages", __name__)
HOLIDAY = "holiday"
MOST_SHOWN = {"day": 180, "week": 104, "month": 36, "quarter": 20}


def tracking_context(kpi: Kpi) -> dict[str, Any]:
    """Everything that the part of the page on time shows; the reason where there is nothing."""
    try:
        found = tracking.outlook_soon(kpi)
    except StillComputing as wait:
        return {"outlook": None, "unknown_because": localised(wait), "computing": True}
    except (Invalid, Unavailable) as refusal:
        return {"outlook": None, "unknown_because": localised(refusal)}
    figures = reader_figures()
    notes = [each for each in found.annotations if each.kind != HOLIDAY]
    return {
        "outlook": found,
        "unknown_because": None,
        "last": found.series.complete[-1] if found.series.complete else None,
        "last_between": between_said(kpi.document, found, figures),
        "rows": [*level_rows(kpi.document, found, figures)],
        "pace_said": pace_said(kpi.document, found, figures),
        "drawings": _drawings(kpi.document, found, notes, figures),
        "forecast_said": [*forecast_said(kpi.document, found.forecast, figures)],
        "notes": [*enumerate(notes, start=1)],
        "happened": lambda kind: gettext(HAPPENED[kind]),
        "kinds": KINDS,
        "by": lambda period: gettext(PERIOD_NAMES[period]),
        "period_of": lambda value: when(value.starts_on, found.series.period, figures),
    }


def _drawings(
    document: KpiDocument, found: "Outlook", notes: Sequence[Annotation], figures: Figures
) -> "list[Drawing]":
    values = found.past.values[-MOST_SHOWN[found.past.period] :]
    levels = [] if found.standing is None else [float(e.value) for e in found.standing.levels]
    same = found.past.period == found.series.period
    return drawn(
        document,
        values,
        found.past.period,
        figures,
        ahead=found.forecast.points,
        levels=levels if same or document.unit_of_measure not in {"count", "money"} else [],
        notes=notes,
        quiet=[each.starts_on for each in found.annotations if each.kind == HOLIDAY],
    )


def drawn(
    document: KpiDocument,
    values: Sequence[Any],
    period: str,
    figures: Figures,
    *,
    ahead: Sequence[Any] = (),
    levels: Sequence[float] = (),
    notes: Sequence[Annotation] = (),
    quiet: Sequence[date] = (),
) -> "list[Drawing]":
    """The picture for a wide page and for a phone; nothing before there are two values."""
    from experiments.reporting.pictures.layout import LAYOUTS  # noqa: PLC0415 - only with a picture
    from experiments.tracking.chart import ChartFacts, Mark, chart  # noqa: PLC0415 - only with a picture

    name = (document.short_name or document.name).in_language(current_language())
    facts = ChartFacts(
        title=f"{name}, {gettext(PERIOD_NAMES[period])}",
        description=_described(document, values, period, figures),
        values=values,
        ahead=ahead,
        levels=levels,
        marks=[Mark(each.starts_on, str(number)) for number, each in enumerate(notes, start=1)],
        quiet=quiet,
        legend={
            "line": gettext("value"),
            "band": gettext("range of the forecast"),
            "target": gettext("target"),
            "marks": gettext("what happened (listed below)"),
        },
        period=period,
    )
    pictures = (chart(facts, figures.scale(document), layout) for layout in LAYOUTS)
    return [each for each in pictures if each is not None]


def _described(document: KpiDocument, values: Sequence[Any], period: str, figures: Figures) -> str:
    known = [each for each in values if each.value is not None][-12:]
    return "; ".join(
        f"{when(each.starts_on, period, figures)}: {figures.value(document, each.value)}"
        for each in known
    )


def previewed(document: KpiDocument) -> dict[str, Any]:
    """The past of a document that is not used yet, for its page."""
    figures = reader_figures()
    try:
        asked, found = _preview_soon(document)
    except StillComputing as wait:
        return {"past": None, "unknown_because": localised(wait), "computing": True}
    except (Invalid, Unavailable) as refusal:
        return {"past": None, "unknown_because": localised(refusal)}
    return {
        "past": found,
        "unknown_because": None,
        "past_drawings": drawn(document, found.points, asked.period, figures),
        "past_at": asked.as_of,
        "weekdays": _weekdays(found.weekdays, figures),
    }


def _preview_soon(document: KpiDocument) -> tuple[PreviewRequest, Preview]:
    """What was asked, and the past of it.

    Raises:
        StillComputing: If it is not there in time; the next look may find it.
        Invalid, Unavailable: As the tracker says.
    """
    held, project = runtime(), caller().project
    asked = PreviewRequest(project.id, document, tracking.moment(None), MOST_MONTHS)

    def make() -> tuple[PreviewRequest, Preview]:
        return asked, held.tracker.preview(project, asked)

    name = ("preview", project.id, document.key, document.currency)
    return held.soon.get(name, make, held.soon.until())


def _weekdays(pattern: tuple[Decimal, ...] | None, figures: Figures) -> list[tuple[str, str]]:
    names = [
        gettext("Mon"), gettext("Tue"), gettext("Wed"), gettext("Thu"), gettext("Fri"),
        gettext("Sat"), gettext("Sun"),
    ]  # fmt: skip
    if pattern is None:
        return []
    return [
        (name, figures.relative(float(each) - 1)) for name, each in zip(names, pattern, strict=True)
    ]


@tracking_pages.post("/kpis/<key>/baseline")
@allow(role="marketer")
def adopt_baseline(key: str) -> Response:
    """Take the last six months as the baseline, and come back to the KPI's page."""
    from api.routes.tracking import adopted_baseline  # noqa: PLC0415 - routes load after pages

    try:
        document = adopted_baseline(tracking.kpi_of(key).document, MOST_MONTHS, None)
        with transaction() as db:
            store.replace_kpi(
                db,
                caller().project,
                key,
                document,
                expected_revision=request.form.get("revision", type=int),
                actor=caller().actor,
                now=runtime().clock(),
            )
        flash(gettext("The baseline is that of the last six months now."), "good")
    except TrueliftError as refusal:
        flash(localised(refusal), "bad")
    return redirect(url_for("kpi_pages.one", key=key))


@tracking_pages.post("/kpis/<key>/annotations")
@allow(role="marketer")
def note(key: str) -> Response:
    """Note what happened, and come back to the KPI's page."""
    form = request.form
    try:
        starts = _day(form.get("starts_on", ""), "starts_on")
        ends = _day(form["ends_on"], "ends_on") if form.get("ends_on") else None
        draft = AnnotationDraft(form.get("kind", ""), starts, form.get("text", "").strip(), ends)
        tracking.kpi_of(key)
        with transaction() as db:
            annotate(db, draft, None if form.get("everywhere") else key, edit())
        flash(gettext("It is noted."), "good")
    except TrueliftError as refusal:
        flash(localised(refusal), "bad")
    return redirect(url_for("kpi_pages.one", key=key) + "#notes")


@tracking_pages.post("/kpis/<key>/annotations/<int:annotation_id>/remove")
@allow(role="marketer")
def take_back(key: str, annotation_id: int) -> Response:
    """Take a note back, and come back to the KPI's page."""
    with transaction() as db:
        remove(db, key, annotation_id, edit())
    flash(gettext("The note is gone."), "good")
    return redirect(url_for("kpi_pages.one", key=key) + "#notes")


def _day(text: str, field: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Invalid(field=field, expected="a day such as 2025-06-01", got=text) from error
