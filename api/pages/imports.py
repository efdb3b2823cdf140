"""Imports: files that are read into the ledger, how far they have come, and the upload."""

from dataclasses import dataclass
from typing import BinaryIO, cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.contract import document_of
from api.db import reading, transaction
from api.errors import localised
from api.i18n import gettext
from api.runtime import runtime
from experiments.errors import Invalid, TrueliftError
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import OPEN_STATES, ImportJob, list_imports, submit_import
from experiments.registry.catalog import list_experiments

import_pages = Blueprint("import_pages", __name__)
PER_PAGE = 30
MOST_REJECTS_SHOWN = 20
EXAMPLE = """{
  "form": "wide",
  "experiment": "spring-subject",
  "unit_id": {"column": "customer_id"},
  "variant": {"column": "segment", "values": {"A": "a", "B": "b"}},
  "exposure": "sent",
  "at": "2025-03-10T10:00:00+09:00",
  "channel": "email",
  "events": [
    {"column": "opened", "type": "open"},
    {"column": "spend", "type": "purchase", "amount": true, "currency": "KRW"}
  ]
}"""


class NoFile(Invalid):
    """The form was sent without a file."""

    template = "choose a file"


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
    return _page(EXAMPLE, None)


@import_pages.post("/imports")
@allow(role="marketer")
def upload() -> Response | tuple[str, int]:
    """Take a file, or show the form again with what does not fit."""
    mapping = request.form.get("mapping", "")
    try:
        job = _submitted(mapping)
    except TrueliftError as refusal:
        return _page(mapping, refusal), 422
    flash(gettext("The file is here; it is being read.") + f" ({job.name})", "good")
    return redirect(url_for("import_pages.listing"))


def _submitted(mapping: str) -> ImportJob:
    me, upload = caller(), request.files.get("file")
    if upload is None or not upload.filename:
        raise NoFile(field="file")
    document = document_of(mapping.encode("utf-8", "replace"), "mapping")
    folder = ImportFolder(runtime().imports.folder)
    file = folder.receive(cast("BinaryIO", upload.stream))
    try:
        with transaction() as db:
            job = submit_import(
                db,
                me.project,
                name=upload.filename,
                file=file,
                document=document,
                actor=me.actor,
                now=runtime().clock(),
            )
            folder.keep(file, job.id)
    finally:
        file.path.unlink(missing_ok=True)
    return job


def _page(mapping: str, refusal: TrueliftError | None) -> str:
    project = caller().project
    with reading() as db:
        jobs = list_imports(db, project, request.args.get("before", type=int), PER_PAGE + 1)
        experiments = list_experiments(db, project)
    shown = jobs[:PER_PAGE]
    return render_template(
        "imports.html",
        jobs=shown,
        failures={job.id: gettext(job.failure) if job.failure else None for job in shown},
        rejects={job.id: _rejects(job) for job in shown},
        working=any(job.state in OPEN_STATES for job in shown),
        older=shown[-1].id if len(jobs) > PER_PAGE else None,
        experiments=experiments,
        mapping=mapping,
        refusal=localised(refusal) if refusal else None,
        wrong=refusal.field if refusal else None,
    )


def _rejects(job: ImportJob) -> list[Said]:
    return [
        Said(reject.line, reject.field, gettext(reject.template).format(**reject.params))
        for reject in job.rejects[:MOST_REJECTS_SHOWN]
    ]
