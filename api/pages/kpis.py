"""The KPI catalogue: every document, and what it lacks to be SMART."""

import json

from flask import Blueprint, render_template

from api.auth import allow, caller
from api.db import reading
from api.pages.labels import SMART
from experiments.kpis import catalog
from experiments.kpis.document import KpiDocument
from experiments.kpis.smart import Criterion, smart_check
from experiments.storage.codec import to_document

kpi_pages = Blueprint("kpi_pages", __name__)
MOST = 500


@kpi_pages.get("/kpis")
@allow(role="viewer")
def listing() -> str:
    """All KPIs of the project."""
    with reading() as db:
        kpis = catalog.list_kpis(db, caller().project, limit=MOST)
    return render_template("kpis.html", kpis=kpis, lights=lights)


@kpi_pages.get("/kpis/<key>")
@allow(role="viewer")
def one(key: str) -> str:
    """One KPI: its document, its versions."""
    with reading() as db:
        versions = catalog.kpi_versions(db, caller().project, key)
    return render_template(
        "kpi.html", kpi=versions[-1], versions=versions[::-1], lights=lights, text=_text
    )


def lights(document: KpiDocument) -> list[tuple[str, str, Criterion]]:
    """The five letters: letter, word and whether it is met."""
    check = smart_check(document)
    return [(letter, word, getattr(check, name)) for name, (word, letter) in SMART.items()]


def _text(document: KpiDocument) -> str:
    """The document as written, for reading."""
    return json.dumps(to_document(document), ensure_ascii=False, indent=2)
