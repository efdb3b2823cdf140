"""Pages of holdouts: the list, and one held against a KPI."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, render_template, request

from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language
from api.runtime import runtime
from experiments.assignment.gates import HELD_OUT
from experiments.errors import TrueliftError
from experiments.kpis.catalog import every_document
from experiments.kpis.document import KpiDocument
from experiments.registry import keyed
from experiments.registry.holdouts import HOLDOUT, StoredHoldout, layer_keys
from experiments.tracking.reported import read_day

holdout_pages = Blueprint("holdout_pages", __name__)
PER_PAGE = 100


@holdout_pages.get("/holdouts")
@allow(role="viewer")
def listing() -> str:
    """The project's holdouts by key, ended ones too."""
    project = caller().project
    with reading() as db:
        found = keyed.page(db, HOLDOUT, project, request.args.get("after"), PER_PAGE + 1)
        layers = layer_keys(db, project)
    shown = found[:PER_PAGE]
    more = shown[-1].key if len(found) > PER_PAGE else None
    return render_template("holdouts.html", holdouts=shown, layers=layers, more=more)


@holdout_pages.get("/holdouts/<key>")
@allow(role="viewer")
def one(key: str) -> str:
    """One holdout, held against a KPI if one is asked for; 404 if there is none of that key."""
    project = caller().project
    with reading() as db:
        holdout = keyed.get(db, HOLDOUT, project, key)
        documents = [each for each in every_document(db, project) if _fits(each)]
    asked = {name: request.args.get(name, "").strip() for name in ("kpi", "since", "until")}
    found = refused = None
    if asked["kpi"]:
        try:
            found = _report(holdout, asked)
        except TrueliftError as refusal:
            refused = localised(refusal)
    return render_template(
        "holdout.html",
        holdout=holdout,
        documents=sorted(documents, key=lambda each: each.key),
        asked=asked,
        found=found,
        refused=refused,
        said=_said(found) if found else (),
        held_out=HELD_OUT,
    )


def _fits(document: KpiDocument) -> bool:
    absent = any(term.value == "absence" for _, term in document.formula.terms)
    return document.kind in {"proportion", "mean"} and not absent


def _report(holdout: StoredHoldout, asked: dict[str, str]) -> Any:
    from experiments.reporting.holdout_report import Question, holdout_report  # noqa: PLC0415 - slow to import

    me, held = caller(), runtime()
    now = held.clock().astimezone(UTC)
    since = _since(asked["since"], holdout.created_at) if asked["since"] else None
    until = _until(asked["until"], now) if asked["until"] else None
    question = Question(asked["kpi"], since, until)
    return holdout_report(held.database, held.replica, me.project, holdout.key, question, now=now)


def _since(text: str, began: datetime) -> datetime:
    """When a day begins; of the day on which the holdout began, that moment."""
    first, end = _day(text, "since")
    return began if first < began < end else first


def _until(text: str, now: datetime) -> datetime:
    """When a day ends; of today, now."""
    first, end = _day(text, "until")
    return now if first < now < end else end


def _day(text: str, field: str) -> tuple[datetime, datetime]:
    """A day of the project's time zone, from midnight to midnight."""
    zone, day = ZoneInfo(caller().project.time_zone), read_day(text, field)
    first, end = (datetime.combine(each, time(), zone) for each in (day, day + timedelta(days=1)))
    return first.astimezone(UTC), end.astimezone(UTC)


def _said(found: Any) -> tuple[str, ...]:
    from experiments.reporting.wording.holdouts import say_holdout  # noqa: PLC0415 - slow to import

    return say_holdout(found, current_language())
