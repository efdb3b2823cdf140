"""What customers said: by variant of a test, and beside a KPI."""

from typing import Any

from flask import Blueprint, render_template

from api.auth import allow, caller
from api.db import reading
from api.pages.labels import marked
from api.routes.notes import readings
from api.schemas.notes import may_read_text
from experiments.notes.kept import StoredNote, WantedNotes, list_notes
from experiments.notes.said import Said, VariantSaid, counted
from experiments.registry.catalog import get_experiment

note_pages = Blueprint("note_pages", __name__)
SHOWN_OF_KPI = 20
KINDS = {
    "survey": marked("survey answer"),
    "comment": marked("comment"),
    "note": marked("note"),
}


@note_pages.app_context_processor
def what_was_said() -> dict[str, Any]:
    """For templates of tests and KPIs: notes kept of them."""
    return {"notes_of_test": notes_of_test, "notes_of_kpi": notes_of_kpi, "note_kinds": KINDS}


@note_pages.get("/experiments/<key>/notes")
@allow(role="viewer")
def of_test(key: str) -> str:
    """What was said in each variant; 404 if there is no such test."""
    with reading() as db:
        experiment = get_experiment(db, caller().project, key)
    return render_template(
        "notes.html",
        experiment=experiment,
        names={variant.key: variant.name for variant in experiment.draft.variants},
        found=readings(key),
        reads=may_read_text(),
    )


def notes_of_test(key: str) -> VariantSaid:
    """The notes that name a test, counted."""
    return _counted(WantedNotes(experiment=key))


def notes_of_kpi(key: str) -> VariantSaid:
    """The notes that name a KPI, counted."""
    return _counted(WantedNotes(kpi=key))


def _counted(wanted: WantedNotes) -> VariantSaid:
    with reading() as db:
        found: list[StoredNote] = list_notes(db, caller().project, wanted, None, 1_000)
    said = [Said(each.note, each.note.variant, id=each.id) for each in found]
    return counted(said, None)
