"""The catalogue of KPIs: look for one, read it, adopt it."""

from collections.abc import Mapping

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading, transaction
from api.errors import localised
from api.i18n import current_language, gettext
from api.pages.tracking import previewed
from api.runtime import runtime
from experiments.errors import NotFound, TrueliftError
from experiments.kpis import store
from experiments.kpis.adoption import adopted, below_its_parent
from experiments.kpis.catalog import every_document
from experiments.kpis.catalogue import BY_KEY, Entry, found
from experiments.kpis.document import STAGES, KpiDocument
from experiments.registry.channels import CHANNELS
from experiments.storage.codec import from_document

catalogue_pages = Blueprint("catalogue", __name__)


@catalogue_pages.get("/kpis/catalogue")
@allow(role="viewer")
def search() -> str:
    """Entries by stage, or by what was looked for."""
    stage, channel = request.args.get("stage"), request.args.get("channel")
    entries = found(
        request.args.get("q", ""),
        stage=stage if stage in STAGES else None,
        channel=channel if channel in CHANNELS else None,
    )
    with reading() as db:
        adopted_keys = _adopted(every_document(db, caller().project))
    return render_template(
        "kpi_catalogue.html",
        entries=entries,
        adopted=adopted_keys,
        stages=STAGES,
        channels=CHANNELS,
        asked=request.args,
    )


@catalogue_pages.get("/kpis/catalogue/<key>")
@allow(role="viewer")
def one(key: str) -> str:
    """One entry, with the form that adopts it."""
    return _page(_entry(key), {}, None)


@catalogue_pages.post("/kpis/catalogue/<key>")
@allow(role="marketer")
def adopt(key: str) -> Response | tuple[str, int]:
    """Make it a KPI of the project, or show what does not fit."""
    me, entry, answers = caller(), _entry(key), request.form
    try:
        document = _document(entry, answers)
        with transaction() as db:
            placed = below_its_parent(db, me.project, document)
            store.create_kpi(db, me.project, placed, actor=me.actor, now=runtime().clock())
    except TrueliftError as refusal:
        return _page(entry, answers, refusal), 422
    flash(gettext("The KPI is part of the project now, as a draft."), "good")
    return redirect(url_for("kpi_pages.one", key=document.key))


def _document(entry: Entry, answers: Mapping[str, str]) -> KpiDocument:
    project = caller().project
    given = {
        name: text for name in ("key", "owner", "source") if (text := answers.get(name, "").strip())
    }
    body = adopted(given, key=entry.key, language=current_language(), currency=project.currency)
    return from_document(KpiDocument, body)


def _page(entry: Entry, answers: Mapping[str, str], refusal: TrueliftError | None) -> str:
    document = entry.document(current_language(), caller().project.currency)
    with reading() as db:
        mine = _adopted(every_document(db, caller().project)).get(entry.key)
    return render_template(
        "kpi_entry.html",
        entry=entry,
        document=document,
        **(previewed(document) if "past" in request.args else {}),
        known=BY_KEY,
        mine=mine,
        answers=answers,
        refusal=localised(refusal) if refusal else None,
        wrong=refusal.field if refusal else None,
    )


def _adopted(documents: list[KpiDocument]) -> dict[str, str]:
    """Keys of the project's KPIs by the entry that they were made from."""
    return {each.catalogue: each.key for each in documents if each.catalogue is not None}


def _entry(key: str) -> Entry:
    if key not in BY_KEY:
        raise NotFound(field="key", what="KPI of the catalogue", key=key)
    return BY_KEY[key]
