"""The kept reports of a test: a list, and each made again and compared."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading
from api.errors import localised
from api.i18n import current_language, gettext
from api.pages.labels import marked
from api.routes.stored_reports import kept_report
from api.runtime import runtime
from experiments.errors import NotFound, TrueliftError
from experiments.registry.catalog import get_experiment
from experiments.reporting.stored.kept import StoredReport, list_stored, stored_report

kept_pages = Blueprint("kept_pages", __name__)
ON_THE_TEST, PER_PAGE, MOST_DIFFERENCES = 5, 50, 20
OCCASIONS = {
    "asked": marked("asked for"),
    "command": marked("by command"),
    "stopped": marked("at the end of the test"),
    "decided": marked("at the decision"),
}
TONES = {"equal": "good", "different": "bad", "not_comparable": "caution"}


@kept_pages.app_context_processor
def kept_reports() -> dict[str, Any]:
    """For templates of tests: the newest reports that are kept."""
    return {"kept_of_test": _of_test, "kept_shown": ON_THE_TEST, "kept_on": OCCASIONS}


@kept_pages.get("/experiments/<key>/reports")
@allow(role="viewer")
def listing(key: str) -> str:
    """The kept reports of a test, the newest first; 404 if there is no such test."""
    with reading() as db:
        experiment = get_experiment(db, caller().project, key)
    found = _kept(key, PER_PAGE + 1, request.args.get("before", type=int))
    return render_template(
        "kept_reports.html",
        experiment=experiment,
        found=found[:PER_PAGE],
        more=found[PER_PAGE - 1].number if len(found) > PER_PAGE else None,
    )


@kept_pages.post("/experiments/<key>/reports")
@allow(role="marketer")
def keep(key: str) -> Response:
    """Keep the report as it stands now, and come back to the list."""
    try:
        kept_report(key, "asked")
        flash(gettext("The report is kept."), "good")
    except TrueliftError as refusal:
        flash(localised(refusal), "bad")
    return redirect(url_for("kept_pages.listing", key=key))


@kept_pages.get("/experiments/<key>/reports/<public_id>/verification")
@allow(role="viewer")
def verification(key: str, public_id: str) -> str:
    """Make a kept report again and compare; 404 if the test has none of that id."""
    from experiments.reporting.stored.verify import verify  # noqa: PLC0415 - slow to import
    from experiments.reporting.stored.wording import say_verification  # noqa: PLC0415 - slow to import

    me, held = caller(), runtime()
    with reading() as db:
        experiment = get_experiment(db, me.project, key)
        stored = stored_report(db, me.project, public_id)
    if stored.experiment != key:
        raise NotFound(what="report", key=public_id)
    found = refused = None
    try:
        found = verify(held.database, held.replica, me.project, public_id)
    except TrueliftError as refusal:
        refused = localised(refusal)
    return render_template(
        "kept_report.html",
        experiment=experiment,
        stored=stored,
        found=found,
        refused=refused,
        said=() if found is None else say_verification(found, current_language()),
        tones=TONES,
        most=MOST_DIFFERENCES,
    )


def _of_test(key: str) -> list[StoredReport]:
    """One more than are shown; none of a test that is gone by now: its page is being written."""
    try:
        return _kept(key, ON_THE_TEST + 1)
    except NotFound:
        return []


def _kept(key: str, limit: int, before: int | None = None) -> list[StoredReport]:
    with reading() as db:
        return list_stored(db, caller().project, key, before=before, limit=limit)
