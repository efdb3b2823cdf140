"""The page before the start: lights of the tracking, test units, the plan as it is fixed."""

from collections.abc import Callable
from decimal import Decimal

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language
from api.pages.figures import reader_figures
from api.routes.preflight import add_test_unit, tracking_of
from experiments.errors import Invalid
from experiments.kpis.document import KpiDocument
from experiments.registry import catalog

preflight_pages = Blueprint("preflight_pages", __name__)


@preflight_pages.get("/experiments/<key>/preflight")
@allow(role="viewer")
def page(key: str) -> str:
    """Every light with its remedy; 404 if the project has no such test."""
    return _page(key)


@preflight_pages.post("/experiments/<key>/test-units")
@allow(role="marketer")
def register(key: str) -> Response | tuple[str, int]:
    """Register a test unit with the form of the page."""
    try:
        add_test_unit(key, request.form.get("unit_id", "").strip(), request.form.get("variant", ""))
    except Invalid as refusal:
        return _page(key, refusal=localised(refusal)), 422
    return redirect(url_for("preflight_pages.page", key=key), 302)


def _page(key: str, refusal: str | None = None) -> str:
    from experiments.reporting.preflight.wording import say_kpi, say_variant  # noqa: PLC0415 - slow to import

    project, language = caller().project, current_language()
    with reading() as db:
        experiment = catalog.get_experiment(db, project, key)
        kpis = catalog.documents_of(db, project, experiment)
    found = tracking_of(key)
    return render_template(
        "preflight.html",
        experiment=experiment,
        found=found,
        kpis=[
            (each, each.name.in_language(language), say_kpi(each, language)) for each in found.kpis
        ],
        variants=[(each, say_variant(each, language)) for each in found.variants],
        kpi_names={
            each: (document.short_name or document.name).in_language(language)
            for each, document in kpis.items()
        },
        windows={each: document.formula.longest_hours for each, document in kpis.items()},
        sizes={each: _size_of(document) for each, document in kpis.items()},
        refusal=refusal,
    )


def _size_of(document: KpiDocument) -> Callable[[Decimal], str]:
    """How a difference of the KPI is written."""
    scale = reader_figures().scale(document).of_differences
    return lambda difference: scale.sizes(float(difference))[0]
