"""Which KPIs move together: over time, and across past tests. Correlation, never a cause."""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from flask import Blueprint, render_template, request

from api import tracking
from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.exploring import Together, correlation_of, foretelling_soon
from api.i18n import gettext
from api.pages.figures import reader_figures
from api.pages.moving_words import (
    LEFT_OUT,
    lag_said,
    name_of,
    past_said,
    together_said,
    written,
)
from api.routes.changes import check_other, no_cause
from api.soon import StillComputing
from experiments.errors import Invalid, TrueliftError
from experiments.kpis.catalog import Kpi, every_document
from experiments.kpis.document import PERIODS, KpiDocument
from experiments.registry.catalog import get_experiment
from experiments.tracking.correlations import Foretelling
from experiments.tracking.reported import read_day

if TYPE_CHECKING:
    from experiments.reporting.pictures.canvas import Drawing

moving_pages = Blueprint("moving", __name__)
# How far apart is looked, in periods.
LAGS = {"day": 14, "week": 8, "month": 3, "quarter": 2}


@moving_pages.get("/kpis/explore/together")
@allow(role="viewer")
def together() -> str:
    """Whether two KPIs moved together over time, and which one first."""
    period = request.args.get("period")
    asked = {
        "kpi": request.args.get("kpi", ""),
        "with": request.args.get("with", ""),
        "period": period if period in LAGS else "day",
        "from": request.args.get("from", ""),
        "to": request.args.get("to", ""),
    }
    shown: dict[str, Any] = {}
    if asked["kpi"] and asked["with"]:
        try:
            first, second = _pair(asked["kpi"], asked["with"], "with")
            both = correlation_of(first, second, _query(asked))
            shown = _together_shown(first.document, second.document, both)
        except TrueliftError as refusal:
            shown = {"refused": localised(refusal)}
    return render_template(
        "explore_together.html", asked=asked, documents=_documents(), periods=PERIODS, **shown
    )


@moving_pages.get("/kpis/explore/past-tests")
@allow(role="viewer")
def past_tests() -> str:
    """Whether, in past tests, the lift of one KPI foretold that of another."""
    asked = {name: request.args.get(name, "") for name in ("leading", "lagging")}
    shown: dict[str, Any] = {}
    if asked["leading"] and asked["lagging"]:
        try:
            first, second = _pair(asked["leading"], asked["lagging"], "lagging")
            found, as_of = foretelling_soon(first, second)
            shown = _past_shown(first.document, second.document, found) | {"as_of": as_of}
        except StillComputing:
            shown = {"computing": True}
        except TrueliftError as refusal:
            shown = {"refused": localised(refusal)}
    return render_template("explore_past_tests.html", asked=asked, documents=_documents(), **shown)


def _pair(first: str, second: str, field: str) -> tuple[Kpi, Kpi]:
    kpis = tracking.kpi_of(first), tracking.kpi_of(second)
    check_other(first, second, field)
    return kpis


def _query(asked: dict[str, str]) -> dict[str, Any]:
    return {
        "period": asked["period"],
        "lags": LAGS[asked["period"]],
        "as_of": None,
        "from_": _day("from", asked["from"]),
        "to": _day("to", asked["to"]),
    }


def _day(field: str, text: str) -> date | None:
    """A day of the form, if one is given.

    Raises:
        Invalid: Naming its field.
    """
    try:
        return read_day(text, field) if text else None
    except Invalid as refusal:
        refusal.field = field
        raise


def _together_shown(first: KpiDocument, second: KpiDocument, both: Together) -> dict[str, Any]:
    said = together_said(first, second, both.found)
    return {
        "both": both,
        "said": said,
        "first": name_of(first),
        "second": name_of(second),
        "drawings": _lags_drawn(first, second, both, said),
        "written": written,
        "lag_said": lambda lag: lag_said(lag, both.found.period),
        "caveat": no_cause(),
    }


def _lags_drawn(
    first: KpiDocument, second: KpiDocument, both: Together, said: Sequence[str]
) -> "list[Drawing]":
    from experiments.reporting.pictures.layout import LAYOUTS  # noqa: PLC0415 - only with a picture
    from experiments.tracking.together_chart import LagFacts, lag_chart  # noqa: PLC0415 - only with a picture

    axes = {
        "day": gettext("days by which “%(second)s” is later"),
        "week": gettext("weeks by which “%(second)s” is later"),
        "month": gettext("months by which “%(second)s” is later"),
        "quarter": gettext("quarters by which “%(second)s” is later"),
    }
    facts = LagFacts(
        title=f"{name_of(first)}, {name_of(second)}",
        description=" ".join(said),
        axis=axes[both.found.period] % {"second": name_of(second)},
        lags=both.found.lags,
        legend={
            "value": gettext("correlation, with its range"),
            "shown": gettext("more than chance"),
        },
    )
    drawn = (lag_chart(facts, layout) for layout in LAYOUTS)
    return [each for each in drawn if each is not None]


def _past_shown(leading: KpiDocument, lagging: KpiDocument, found: Foretelling) -> dict[str, Any]:
    figures = reader_figures()
    said = past_said(leading, lagging, found, figures)
    scales = [figures.scale(document).of_differences for document in (leading, lagging)]
    return {
        "found": found,
        "said": said,
        "leading": name_of(leading),
        "lagging": name_of(lagging),
        **_names_of_tests(found),
        "rows": zip(
            found.tests,
            scales[0].signed(*(each.leading for each in found.tests)),
            scales[1].signed(*(each.lagging for each in found.tests)),
            strict=True,
        ),
        "drawings": _tests_drawn(leading, lagging, found, said),
        "why": lambda reason: gettext(LEFT_OUT[reason]),
        "caveat": no_cause(),
    }


def _names_of_tests(found: Foretelling) -> dict[str, Any]:
    """What the tests and their variants are called, by their keys."""
    keys = {each.experiment for each in found.tests} | {each.experiment for each in found.left_out}
    with reading() as db:
        drafts = [get_experiment(db, caller().project, key).draft for key in sorted(keys)]
    return {
        "tests": {draft.key: draft.name for draft in drafts},
        "variants": {
            (draft.key, each.key): each.name for draft in drafts for each in draft.variants
        },
    }


def _tests_drawn(
    leading: KpiDocument, lagging: KpiDocument, found: Foretelling, said: Sequence[str]
) -> "list[Drawing]":
    from experiments.reporting.pictures.layout import LAYOUTS  # noqa: PLC0415 - only with a picture
    from experiments.tracking.past_tests_chart import PastFacts, past_chart  # noqa: PLC0415 - only with a picture

    figures, names = reader_figures(), (name_of(leading), name_of(lagging))
    facts = PastFacts(
        title=", ".join(names),
        description=" ".join(said),
        names=(_axis(leading), _axis(lagging)),
        scales=(figures.scale(leading).of_differences, figures.scale(lagging).of_differences),
        found=found,
        legend={
            "value": gettext("a past test, with its ranges"),
            "line": gettext("the line through them"),
        },
    )
    drawn = (past_chart(facts, layout) for layout in LAYOUTS)
    return [each for each in drawn if each is not None]


def _axis(document: KpiDocument) -> str:
    """What stands along an axis; its ticks are numbers without the unit of rates."""
    in_points = document.unit_of_measure == "rate"
    plain, points = gettext("lift of “%(kpi)s”"), gettext("lift of “%(kpi)s”, percentage points")
    return (points if in_points else plain) % {"kpi": name_of(document)}


def _documents() -> list[KpiDocument]:
    with reading() as db:
        return sorted(every_document(db, caller().project), key=lambda each: each.key)
