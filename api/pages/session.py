"""Signing in and out, and choosing the language."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response

from api.auth import allow
from api.db import transaction
from api.i18n import LANGUAGES, gettext
from api.runtime import runtime
from experiments.access import users

pages = Blueprint("pages", __name__)


@pages.get("/sign-in")
def sign_in_form() -> str:
    """The form."""
    return render_template("sign_in.html", email="", refusal=None)


@pages.post("/sign-in")
def sign_in() -> Response | tuple[str, int]:
    """Check the password, keep the sign-in in the browser's session."""
    email, password = request.form.get("email", ""), request.form.get("password", "")
    try:
        with transaction() as db:
            token = users.sign_in(db, email, password, now=runtime().clock())
    except users.SignInRefused as refusal:
        sentence = gettext(refusal.template)
        return render_template("sign_in.html", email=email, refusal=sentence), 401
    language = session.get("language")
    session.clear()
    session.permanent = True
    session["sign_in"] = token
    if language:
        session["language"] = language
    return redirect(_within(request.args.get("next")))


@pages.post("/sign-out")
@allow(role="viewer")
def sign_out() -> Response:
    """End the sign-in here and on the server."""
    with transaction() as db:
        users.sign_out(db, session.get("sign_in", ""))
    session.clear()
    return redirect(url_for("pages.sign_in_form"))


@pages.post("/language")
def choose_language() -> Response:
    """Keep the chosen language in the session; before the sign-in, too."""
    wish = request.form.get("language")
    if wish in LANGUAGES:
        session["language"] = wish
    return redirect(_within(request.form.get("next")))


def _within(address: str | None) -> str:
    """The address if it is one of ours, else the first page."""
    parts = urlsplit(address or "")
    ours = not parts.scheme and not parts.netloc and parts.path.startswith("/")
    return address if address and ours and not address.startswith(("//", "/\\")) else "/"
