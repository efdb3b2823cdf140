"""Settings: the project and its keys; a secret key is shown once, when it is made."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.auth import allow, caller
from api.db import reading, transaction
from api.i18n import gettext
from api.runtime import runtime
from experiments.access import keys
from experiments.access.roles import SCOPES
from experiments.errors import Invalid

settings_pages = Blueprint("settings_pages", __name__)
LONGEST_NAME = 200


@settings_pages.get("/settings")
@allow(role="admin")
def settings() -> str:
    """The project and its keys."""
    return _page(secret=None)


@settings_pages.post("/settings/keys")
@allow(role="admin")
def create_key() -> str:
    """Make a secret key and show it, this once."""
    me, name = caller(), request.form.get("name", "").strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise Invalid(field="name", expected=f"1 to {LONGEST_NAME} characters", got=name[:50])
    with transaction() as db:
        secret = keys.create_secret_key(
            db,
            me.project,
            name=name,
            scopes=request.form.getlist("scope"),
            actor=me.actor,
            now=runtime().clock(),
        )
    return _page(secret=secret)


@settings_pages.post("/settings/keys/<public_id>/revoke")
@allow(role="admin")
def revoke_key(public_id: str) -> Response:
    """Make a key worthless from now on."""
    me = caller()
    with transaction() as db:
        keys.revoke_key(db, me.project, public_id, actor=me.actor, now=runtime().clock())
    flash(gettext("The key is revoked. Whoever still uses it is refused from now on."), "good")
    return redirect(url_for("settings_pages.settings"))


def _page(secret: str | None) -> str:
    with reading() as db:
        found = keys.list_keys(db, caller().project)
    return render_template(
        "settings.html",
        keys=found[::-1],
        scopes=SCOPES,
        secret=secret,
        now=runtime().clock(),
    )
