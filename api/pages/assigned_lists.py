"""A list of customers: upload it, look at the counts, take the same rows with their variants."""

from flask import Blueprint, render_template, request
from werkzeug.wrappers import Response

from api.assigned_lists import answer_upload
from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.pages.labels import label
from api.routes.assigned_lists import told
from experiments.assignment.lists.presets import PRESETS
from experiments.assignment.lists.run import ListSummary
from experiments.errors import TrueliftError
from experiments.registry import catalog

list_pages = Blueprint("list_pages", __name__)
MOST_REJECTS_SHOWN = 20


@list_pages.get("/experiments/<key>/list")
@allow(role="marketer")
def form(key: str) -> str:
    """The form for a list; 404 if the project has no such test."""
    return _page(key)


@list_pages.post("/experiments/<key>/list")
@allow(role="marketer")
def answer(key: str) -> Response | str | tuple[str, int]:
    """The counts, or the file itself; the form again with what does not fit."""
    try:
        answered = answer_upload(key)
    except TrueliftError as refusal:
        return _page(key, refusal=refusal), 422
    if request.form.get("answer") == "file":
        return answered.response()
    answered.file.close()
    return _page(key, summary=answered.summary)


def _page(
    key: str, *, summary: ListSummary | None = None, refusal: TrueliftError | None = None
) -> str:
    with reading() as db:
        experiment = catalog.get_experiment(db, caller().project, key)
    names = {variant.key: variant.name for variant in experiment.draft.variants}
    document = None if summary is None else told(summary)
    if document is not None:
        document["rejects"] = document["rejects"][:MOST_REJECTS_SHOWN]
    return render_template(
        "assigned_list.html",
        experiment=experiment,
        names=names,
        presets=PRESETS.values(),
        answers=request.form,
        found=document,
        reasons=_reasons(summary),
        refusal=None if refusal is None else localised(refusal),
        wrong=None if refusal is None else refusal.field,
    )


def _reasons(summary: ListSummary | None) -> list[tuple[str, int]]:
    """Why customers got no variant, with how many."""
    if summary is None:
        return []
    return [
        (label("assignment_reason", reason), count)
        for reason, count in summary.reasons.items()
        if reason not in ("assigned", "override")
    ]
