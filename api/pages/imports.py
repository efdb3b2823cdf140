"""Imports: files that are read into the ledger, how far they have come, and the upload."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import Blueprint, flash, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading, transaction
from api.errors import localised
from api.i18n import gettext
from api.import_form import (
    KINDS,
    ROLES,
    types_of_events,
)
from api.pages.import_upload import Shown, again, looked, submitted, variants_of
from api.rejected_rows import message_of
from api.routes.imports import LARGEST_UPLOAD_BYTES
from api.runtime import runtime
from experiments.errors import TrueliftError
from experiments.ledger.imports import moves
from experiments.ledger.imports.jobs import WORKED_STATES, ImportJob, list_imports
from experiments.ledger.imports.presets import PRESETS
from experiments.registry.catalog import list_experiments
from experiments.registry.experiment import CHANNELS
from experiments.zones import zone_names

import_pages = Blueprint("import_pages", __name__)
PER_PAGE = 30
MOST_REJECTS_SHOWN = 20


@dataclass(frozen=True)
class Said:
    """Why a row was not taken, in the reader's language."""

    line: int
    field: str | None
    message: str


@import_pages.get("/imports")
@allow(role="viewer")
def listing() -> str:
    """The project's imports, and the form for the next one."""
    return _page(Shown())


@import_pages.post("/imports")
@allow(role="marketer")
def upload() -> Response | tuple[str, int]:
    """Take a file, or show the form again with what does not fit."""
    request.max_content_length = LARGEST_UPLOAD_BYTES
    try:
        job = submitted()
    except TrueliftError as refusal:
        return _page(again(refusal)), 422
    flash(gettext("The file is here; it is being read.") + f" ({job.name})", "good")
    return redirect(url_for("import_pages.listing"))


@import_pages.post("/imports/preview")
@allow(role="marketer")
def preview() -> str | tuple[str, int]:
    """Show how the first rows of a file would be read, and the form to change it."""
    request.max_content_length = LARGEST_UPLOAD_BYTES
    try:
        return _page(looked())
    except TrueliftError as refusal:
        return _page(again(refusal)), 422


@import_pages.post("/imports/<int:import_id>/<move>")
@allow(role="marketer")
def act(import_id: int, move: str) -> Response:
    """Pause an import, let it go on, or withdraw it."""
    me = caller()
    asked = moves.Asked(me.project, me.actor, runtime().clock())
    reason = request.form.get("reason", "")
    known: dict[str, tuple[Callable[[Connection], ImportJob], str]] = {
        "pause": (lambda db: moves.pause(db, asked, import_id), gettext("The import is paused.")),
        "resume": (lambda db: moves.resume(db, asked, import_id), gettext("The import goes on.")),
        "withdraw": (
            lambda db: moves.withdraw(db, asked, import_id, reason),
            gettext("The import does not count any more."),
        ),
    }
    if move not in known:
        return redirect(url_for("import_pages.listing"))
    do, done = known[move]
    try:
        with transaction() as db:
            do(db)
        flash(done, "good")
    except TrueliftError as refusal:
        flash(localised(refusal), "bad")
    return redirect(url_for("import_pages.listing"))


def _page(shown: Shown) -> str:
    project = caller().project
    with reading() as db:
        jobs = list_imports(db, project, request.args.get("before", type=int), PER_PAGE + 1)
        experiments = list_experiments(db, project)
    listed = jobs[:PER_PAGE]
    refusal = shown.refusal
    return render_template(
        "imports.html",
        jobs=listed,
        failures={job.id: gettext(job.failure) if job.failure else None for job in listed},
        rejects={job.id: _rejects(job) for job in listed},
        working=any(job.state in WORKED_STATES for job in listed),
        older=listed[-1].id if len(jobs) > PER_PAGE else None,
        experiments=experiments,
        shown=shown,
        kinds=KINDS,
        roles=ROLES[shown.choices.kind] if shown.choices else (),
        arms=variants_of(shown.choices.same.get("experiment", "")) if shown.choices else {},
        channels=CHANNELS,
        types=types_of_events(),
        zones=sorted(zone_names()) if shown.choices else (),
        presets=PRESETS.values(),
        preset_titles={name: preset.title for name, preset in PRESETS.items()},
        refusal=localised(refusal) if refusal else None,
        wrong=refusal.field if refusal else None,
    )


def _rejects(job: ImportJob) -> list[Said]:
    return [
        Said(reject.line, reject.field, message_of(reject))
        for reject in job.rejects[:MOST_REJECTS_SHOWN]
    ]
