"""Where customers are lost, who comes back, where a KPI changed: three pages under KPIs."""

from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from flask import Blueprint, render_template, request

from api import tracking
from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.exploring import change_of, cohorts_of, funnel_of
from api.i18n import gettext
from api.pages.figures import reader_figures
from api.pages.labels import marked
from api.routes.changes import where_not_why
from api.routes.cohorts import numbers_of
from experiments.errors import Invalid, TrueliftError
from experiments.kpis.catalog import every_document
from experiments.kpis.document import KpiDocument
from experiments.kpis.terms import Events
from experiments.ledger.fields import EVENT_TYPES
from experiments.tracking.changes import Change
from experiments.tracking.cohorts import COHORTS, UNITS
from experiments.tracking.periods import first_day
from experiments.tracking.reported import read_day

exploring_pages = Blueprint("explore", __name__)
STEPS, HOURS_A_DAY = 5, 24
WINDOWS = (1, 3, 7, 14, 30)
SPAN = timedelta(days=90)
GAPS = {
    "immature": marked("not known yet"),
    "nobody": marked("nobody"),
    "too_few_customers": marked("Too few customers to name the weakest step."),
}
GROUPS = {
    "rest": marked("without one of these channels"),
    "inside": marked("in the segment"),
    "outside": marked("everybody else"),
}


@exploring_pages.get("/kpis/explore/funnel")
@allow(role="viewer")
def funnel() -> str:
    """How far customers came through steps in order."""
    asked = _dates() | {
        "steps": [request.args.get(f"step{place}", "").strip() for place in range(STEPS)],
        "days": request.args.get("days", type=int) or 7,
        "by": request.args.get("by") or "",
    }
    found = refused = None
    names = [name for name in asked["steps"] if name]
    if names:
        try:
            found = funnel_of(
                tuple(Events(name) for name in names),
                since=_day("from", asked["from"]),
                until=_day("to", asked["to"]),
                window_hours=asked["days"] * HOURS_A_DAY,
                by=asked["by"] or None,
            )
        except TrueliftError as refusal:
            refused = localised(refusal)
    return render_template(
        "explore_funnel.html",
        asked=asked,
        found=found,
        refused=refused,
        types=_types(),
        windows=WINDOWS,
        **_words(),
    )


@exploring_pages.get("/kpis/explore/cohorts")
@allow(role="viewer")
def cohorts() -> str:
    """Of those who began in a period, who came back when."""
    given = request.args
    asked = _dates() | {
        "base": given.get("base", "").strip(),
        "back": given.get("back", "").strip(),
        "cohort": given.get("cohort") if given.get("cohort") in COHORTS else "week",
        "unit": given.get("unit") if given.get("unit") in UNITS else "day",
        "numbers": given.get("numbers", "").strip(),
    }
    found = refused = None
    if asked["base"] and asked["back"]:
        try:
            days = {"from_": _day("from", asked["from"]), "to": _day("to", asked["to"])}
            found = cohorts_of(asked | days | {"numbers": numbers_of(asked["numbers"])})
        except TrueliftError as refusal:
            refused = localised(refusal)
    return render_template(
        "explore_cohorts.html",
        asked=asked,
        found=found,
        refused=refused,
        types=_types(),
        **_words(),
    )


@exploring_pages.get("/kpis/explore/change")
@allow(role="viewer")
def change() -> str:
    """The change of a KPI between two periods, split."""
    from experiments.measurement.ready_segments import READY  # noqa: PLC0415 - slow to import

    with reading() as db:
        documents = sorted(every_document(db, caller().project), key=lambda each: each.key)
    asked: dict[str, Any] = _periods() | {
        "kpi": request.args.get("kpi", ""),
        "by": request.args.get("by") or "channel",
    }
    found = refused = document = None
    if asked["kpi"]:
        try:
            kpi = tracking.kpi_of(asked["kpi"])
            document = kpi.document
            before, after = _day("before", asked["before"]), _day("after", asked["after"])
            found = change_of(kpi, asked["period"], before, after, asked["by"])
        except TrueliftError as refusal:
            refused = localised(refusal)
    return render_template(
        "explore_change.html",
        asked=asked,
        found=found,
        refused=refused,
        document=document,
        documents=documents,
        as_of=tracking.moment(None),
        segments=READY,
        says=where_not_why(),
        amounts=_amounts(document, found.change) if found and document else None,
        share=_share,
        value=_value,
        **_words(),
    )


def _words() -> dict[str, Any]:
    return {
        "percent": _percent,
        "why_blank": _why_blank,
        "group_name": lambda name: gettext(GROUPS[name]) if name in GROUPS else name,
    }


def _why_blank(gap: str | None) -> str:
    return "" if gap is None else gettext(GAPS.get(gap, gap))


def _percent(share: Fraction | None) -> str:
    return "–" if share is None else f"{float(share) * 100:.1f}%"


def _share(share: Fraction) -> str:
    return f"{float(share) * 100:.0f}%"


def _value(document: KpiDocument, value: Fraction | None) -> str:
    return "–" if value is None else reader_figures().value(document, float(value))


def _amounts(document: KpiDocument, change: Change) -> dict[str, list[str]]:
    """Parts with their signs, written alike: of the whole, and of each group."""
    whole = [change.difference, change.volume, change.rate, change.mix, change.rest]
    parts = [part for each in change.groups for part in (each.volume, each.rate, each.mix)]
    said = reader_figures().scale(document).of_differences.signed(*map(float, whole + parts))
    return {"whole": list(said[: len(whole)]), "groups": list(said[len(whole) :])}


def _dates() -> dict[str, Any]:
    """The days asked for, as they stand in the form; else the last 90."""
    today = tracking.moment(None).astimezone(caller().project.zone).date()
    return {
        "from": request.args.get("from") or (today - SPAN).isoformat(),
        "to": request.args.get("to") or today.isoformat(),
    }


def _periods() -> dict[str, Any]:
    """The two periods asked for; else the two last whole months."""
    today = tracking.moment(None).astimezone(caller().project.zone).date()
    last = first_day(first_day(today, "month") - timedelta(days=1), "month")
    before = first_day(last - timedelta(days=1), "month")
    period = request.args.get("period")
    return {
        "period": period if period in {"day", "week", "month", "quarter"} else "month",
        "before": request.args.get("before") or before.isoformat(),
        "after": request.args.get("after") or last.isoformat(),
    }


def _day(field: str, text: str) -> date:
    """A day of the form.

    Raises:
        Invalid: Naming its field.
    """
    try:
        return read_day(text, field)
    except Invalid as refusal:
        refusal.field = field
        raise


def _types() -> list[str]:
    """Types of events to choose from: those that KPIs of the project count, and the usual ones."""
    with reading() as db:
        documents = every_document(db, caller().project)
    known = {name for each in documents for name in each.formula.event_types}
    return sorted({*EVENT_TYPES, *known} - {"custom"})
