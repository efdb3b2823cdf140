"""Links to a report: made and ended by who may, opened by whoever has one."""

from datetime import timedelta

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response as AnyResponse

from api.auth import allow, allow_token, caller
from api.db import reading, transaction
from api.i18n import LANGUAGES, current_language, gettext, translations
from api.pages.figures import Figures
from api.pages.labels import marked
from api.pages.report import report_context
from api.routes.reports import address_of
from api.routes.reports import shared as make_link
from api.runtime import runtime
from experiments.errors import Invalid
from experiments.reporting.redaction import REDACTIONS
from experiments.reporting.shares import opened_by, revoke_share

share_pages = Blueprint("share_pages", __name__)
LIVES = (7, 30, 90)
HIDDEN = {
    "names": marked("names of the test and its variants"),
    "revenue": marked("amounts of money"),
    "segments": marked("segments"),
}
ENDED = {
    "expired": marked("This link has expired."),
    "revoked": marked("This link was withdrawn."),
}
WHAT_TO_DO = marked("Ask whoever sent it for a new link, or sign in if you have an account.")
# Nobody keeps it, nobody lists it, and the address is told to nobody.
PRIVATE = {
    "Cache-Control": "private, no-store",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Referrer-Policy": "no-referrer",
}


@share_pages.post("/experiments/<key>/shares")
@allow(role="marketer")
def create(key: str) -> str:
    """Make a link and show it, this once."""
    days = request.form.get("days", type=int)
    if days not in LIVES:
        raise Invalid(field="days", expected="7, 30 or 90", got=request.form.get("days", "")[:20])
    redact = frozenset(request.form.getlist("redact"))
    if not redact <= set(REDACTIONS):
        expected = "some of " + ", ".join(REDACTIONS)
        raise Invalid(field="redact", expected=expected, got=", ".join(sorted(redact))[:60])
    made, token = make_link(key, redact, runtime().clock() + timedelta(days=days))
    return render_template(
        "share.html",
        key=key,
        address=address_of(token),
        expires_at=made.expires_at,
        hidden=hidden(made.redact),
    )


@share_pages.post("/experiments/<key>/shares/<public_id>/revoke")
@allow(role="marketer")
def revoke(key: str, public_id: str) -> AnyResponse:
    """End a link at once."""
    me, now = caller(), runtime().clock()
    with transaction() as db:
        revoke_share(db, me.project, key, public_id, actor=me.actor, now=now)
    flash(gettext("The link no longer opens anything."), "good")
    return redirect(url_for("experiment_pages.one", key=key))


@share_pages.get("/share/<token>")
@allow_token
def shared(token: str) -> Response:
    """The report behind a link; 410 once it has ended, 404 if there is no such link."""
    with reading() as db:
        found = opened_by(db, token)
    if found is None:
        raise NotFound
    share, report = found
    state = share.state(runtime().clock())
    figures = Figures(current_language(), report.provenance.time_zone)
    if state != "open":
        return _private(render_template("share_ended.html", told=_told(state)), 410)
    page = render_template(
        "shared.html",
        **report_context(report, figures),
        share=share,
        hidden=hidden(share.redact),
        other=next(each for each in LANGUAGES if each != current_language()),
    )
    return _private(page)


def hidden(redact: tuple[str, ...]) -> str:
    """What was taken out, in words."""
    return ", ".join(gettext(HIDDEN[each]) for each in redact)


def _told(state: str) -> list[dict[str, str]]:
    """The same in both languages, the reader's first: nobody knows who opens an old link."""
    mine = current_language()
    languages = sorted(LANGUAGES, key=lambda language: language != mine)
    return [
        {
            "language": language,
            "title": translations(language).gettext(ENDED[state]),
            "detail": translations(language).gettext(WHAT_TO_DO),
        }
        for language in languages
    ]


def _private(page: str, status: int = 200) -> Response:
    answer = Response(page, status, mimetype="text/html")
    answer.headers.update(PRIVATE)
    answer.vary.add("Accept-Language")
    return answer
