"""The KPIs of a project: every document, what it lacks to be SMART, its status, the tree."""

import json
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading, transaction
from api.errors import localised
from api.i18n import current_language, gettext
from api.pages.exploring import exploring_pages
from api.pages.formula_words import (
    counted,
    details,
    not_measured_yet,
    tracked,
    why_descriptive,
    within,
)
from api.pages.kpi_catalogue import catalogue_pages
from api.pages.labels import SMART, marked
from api.pages.moving import moving_pages
from api.pages.tracking import tracking_context
from api.runtime import runtime
from experiments.errors import TrueliftError
from experiments.korean.particles import filled
from experiments.kpis import catalog, store
from experiments.kpis.catalogue import BY_KEY
from experiments.kpis.document import KpiDocument
from experiments.kpis.known_names import NameWarning, by_name, name_warnings
from experiments.kpis.smart import Criterion, smart_check
from experiments.kpis.status import STEPS
from experiments.kpis.tree import grow
from experiments.storage.codec import to_document

kpi_pages = Blueprint("kpi_pages", __name__)
kpi_pages.register_blueprint(catalogue_pages)
kpi_pages.register_blueprint(exploring_pages)
kpi_pages.register_blueprint(moving_pages)
MOST = 500
DIFFERENCES = {
    "kind": marked("kind"),
    "formula.event": marked("event"),
    "formula.value": marked("what is taken of events"),
    "formula.at_least": marked("how many events there must be"),
    "formula.machine": marked("events made by mail apps"),
    "formula.days": marked("days"),
    "formula.plus": marked("further terms"),
    "formula.denominator": marked("denominator"),
    "formula.requires": marked("who counts"),
    "formula.quantile": marked("quantile"),
    "formula.since": marked("start"),
    "formula.then": marked("steps"),
}
STEPS_SAID = {
    "official": marked("Make it official"),
    "under_review": marked("Put under review"),
    "draft": marked("Back to a draft"),
    "retired": marked("Retire"),
}


@kpi_pages.app_context_processor
def formula_words() -> dict[str, Any]:
    """What templates say of formulas."""
    return {
        "counted": counted,
        "within": within,
        "formula_details": details,
        "tracked": tracked,
        "why_descriptive": why_descriptive,
        "not_measured_yet": not_measured_yet,
        "lights": lights,
    }


@kpi_pages.get("/kpis")
@allow(role="viewer")
def listing() -> str:
    """All KPIs of the project."""
    with reading() as db:
        kpis = catalog.list_kpis(db, caller().project, limit=MOST)
    documents = [kpi.document for kpi in kpis]
    names = by_name(documents)
    doubtful = {each.key for each in documents if name_warnings(each, names)}
    return render_template("kpis.html", kpis=kpis, doubtful=doubtful)


@kpi_pages.get("/kpis/tree")
@allow(role="viewer")
def tree() -> str:
    """Every KPI below the one that it serves."""
    with reading() as db:
        documents = catalog.every_document(db, caller().project)
    return render_template("kpi_tree.html", trees=grow(documents))


@kpi_pages.get("/kpis/<key>")
@allow(role="viewer")
def one(key: str) -> str:
    """One KPI: its document, its versions."""
    with reading() as db:
        versions = catalog.kpi_versions(db, caller().project, key)
        documents = catalog.every_document(db, caller().project)
    kpi = versions[-1]
    return render_template(
        "kpi.html",
        kpi=kpi,
        versions=versions[::-1],
        text=_text,
        warnings=[_said(found) for found in name_warnings(kpi.document, by_name(documents))],
        steps={to: gettext(STEPS_SAID[to]) for to in STEPS[kpi.document.status]},
        others=sorted(each.key for each in documents if each.key != key),
        serving=sorted(each.key for each in documents if each.parent == key),
        **tracking_context(kpi),
    )


@kpi_pages.post("/kpis/<key>/status")
@allow(role="marketer")
def set_status(key: str) -> Response:
    """Take the KPI to another status, and come back to its page with what came of it."""
    me = caller()
    status = request.form.get("status", "")
    try:
        with transaction() as db:
            store.set_status(
                db,
                me.project,
                key,
                status,
                successor=(request.form.get("successor") or None) if status == "retired" else None,
                expected_revision=request.form.get("revision", type=int),
                actor=me.actor,
                now=runtime().clock(),
            )
        flash(gettext("The status of the KPI has changed."), "good")
    except TrueliftError as refusal:
        flash(localised(refusal), "bad")
    return redirect(url_for("kpi_pages.one", key=key))


def lights(document: KpiDocument) -> list[tuple[str, str, Criterion]]:
    """The five letters: letter, word and whether it is met."""
    check = smart_check(document)
    return [(letter, word, getattr(check, name)) for name, (word, letter) in SMART.items()]


def _said(found: NameWarning) -> str:
    params = dict(found.params)
    if "difference" in params:
        paths = str(params["difference"]).split(", ")
        params["difference"] = ", ".join(gettext(DIFFERENCES[path]) for path in paths)
    if "known" in params:
        known = BY_KEY[str(params["known"])]
        params["known"] = known.short_name.in_language(current_language())
    if found.code == "many_meanings":
        params["meanings"] = "; ".join(
            BY_KEY[key].short_name.in_language(current_language()) for key in found.keys
        )
    return filled(gettext(found.template), params)


def _text(document: KpiDocument) -> str:
    """The document as written, for reading."""
    return json.dumps(to_document(document), ensure_ascii=False, indent=2)
