"""Buttons of a test's page: start, stop, decide, and the rest of its life."""

from flask import Blueprint, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import transaction
from api.errors import localised
from api.i18n import gettext
from api.pages.labels import MOVED
from api.runtime import runtime
from experiments.decisions.decision import Reason
from experiments.errors import TrueliftError
from experiments.registry import moves

move_pages = Blueprint("move_pages", __name__)
CLICKS = ("start", "pause", "resume", "stop", "unschedule", "archive")


@move_pages.post("/experiments/<key>/<action>")
@allow(role="marketer")
def move(key: str, action: str) -> Response:
    """Take an action that needs no more than a click; 404 if there is none of that name."""
    if action not in CLICKS:
        abort(404)
    return _moved(key, action, None, None)


@move_pages.post("/experiments/<key>/decide")
@allow(role="marketer")
def decide(key: str) -> Response:
    """Write down which variant goes out, and why."""
    lines = [request.form.get(name, "") for name in ("saw", "why", "next")]
    return _moved(key, "decide", lines, request.form.get("variant") or None)


def _moved(key: str, action: str, lines: list[str] | None, variant: str | None) -> Response:
    """Do it and come back to the test's page, with what came of it."""
    me = caller()
    try:
        reason = Reason(*lines) if lines is not None else None
        with transaction() as db:
            moves.move(
                db,
                me.project,
                key,
                action,
                actor=me.actor,
                now=runtime().clock(),
                expected_revision=request.form.get("revision", type=int),
                reason=reason,
                variant=variant,
            )
        flash(gettext(MOVED[action]), "good")
    except TrueliftError as refusal:
        flash(localised(refusal), "bad")
    return redirect(url_for("experiment_pages.one", key=key))
