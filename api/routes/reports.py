"""Reports: what the data of a test say, as documents, pictures and links."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for
from marshmallow import RAISE
from werkzeug.exceptions import NotFound as NoSuchAddress

from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.i18n import LANGUAGES
from api.last_reports import answer_of, report_or_last
from api.report_files import FILES, file_of, picture_of
from api.runtime import runtime
from api.schemas.reports import (
    PICTURE_FORMATS,
    NewShareSchema,
    PictureQuerySchema,
    ReportQuerySchema,
    ShareListSchema,
    ShareRequestSchema,
    ShareSchema,
)
from experiments.reporting import shares
from experiments.reporting.asked import EVERYTHING, Asked
from experiments.reporting.report import Report
from experiments.reporting.wording import say_dimension
from experiments.storage.codec import to_document

blueprint = Blueprint("reports", __name__, url_prefix="/api/v1")
ACCEPTED = {"application/json": "json", **{each.mimetype: form for form, each in FILES.items()}}


@blueprint.get("/experiments/<key>/report")
@allow(scope="read", role="viewer")
@blueprint.arguments(ReportQuerySchema, location="query", unknown=RAISE)
@blueprint.alt_response(200, description="The report, in the format that was asked for.")
def report(query: dict[str, Any], key: str) -> Any:
    """The report of a test; 404 if there is none.

    422 if ``as_of`` is still to come, nothing defines the ``segment``, or the test has no such
    ``kpi``.

    By ``format`` or the Accept header: JSON with every value and the sentences in both
    languages, CSV, Excel, HTML in one file, PDF, or plain text. 503 naming what to install
    where this machine cannot write PDF. While nothing can be measured: JSON of the last report
    that was kept, with ``earlier`` saying how old it is and why; the other formats, and JSON
    where none was kept, are refused with 503.
    """
    # What reports need is slow to import, so assignment and ingest never load it.
    from experiments.reporting.document import report_document  # noqa: PLC0415 - slow to import

    wanted = query["format"] or _accepted()
    asked = Asked(query["segment"], query["kpi"])
    newest = query["as_of"] is None and asked == EVERYTHING
    found = report_or_last(key, lambda: build(key, query["as_of"], asked), newest=newest)
    if not isinstance(found, Report):
        return _varying(answer_of(found, wanted))
    answer = report_document(found) if wanted == "json" else file_of(found, wanted)
    return _varying(answer)


@blueprint.get("/experiments/<key>/overlaps")
@allow(scope="read", role="viewer")
@blueprint.alt_response(200, description="Every test that met customers of this one.")
def overlaps(key: str) -> dict[str, Any]:
    """Tests that met the same customers, and whether they change what this one does; 404 if none.

    For each the customers in both by pair of variants, and at the planned end the test of
    interaction on this test's primary KPI.
    """
    from experiments.reporting.overlap_report import overlap_report  # noqa: PLC0415 - slow to import

    found = overlap_report(
        runtime().database,
        runtime().replica,
        caller().project,
        key,
        now=runtime().clock().astimezone(UTC),
    )
    document: dict[str, Any] = to_document(found)
    for test, fact in zip(document["tests"], found.tests, strict=True):
        test["said"] = {
            language: [" ".join(say_dimension(each, language)) for each in fact.interactions]
            for language in LANGUAGES
        }
    return document


@blueprint.get("/experiments/<key>/report/pictures/<name>.<form>")
@allow(scope="read", role="viewer")
@blueprint.arguments(PictureQuerySchema, location="query", unknown=RAISE)
@blueprint.alt_response(200, description="The picture.")
def picture(query: dict[str, Any], key: str, name: str, form: str) -> Response:
    """One picture: forest, rates, timeline, funnel, steps or shares, as svg, png or pdf.

    404 if there is no such picture, 409 while there is nothing to draw, 422 as the report is, 503
    naming what to install where this machine cannot draw it.
    """
    from experiments.reporting.pictures import PICTURES  # noqa: PLC0415 - only here

    if name not in PICTURES or form not in PICTURE_FORMATS:
        raise NoSuchAddress
    asked = Asked(query["segment"], query["kpi"])
    return picture_of(build(key, query["as_of"], asked), name, form, query["layout"])


@blueprint.post("/experiments/<key>/shares")
@allow(scope="admin", role="marketer")
@blueprint.arguments(ShareRequestSchema)
@blueprint.response(201, NewShareSchema)
def share(body: dict[str, Any], key: str) -> dict[str, Any]:
    """Keep the report as of now, and give a link to it, this once.

    404 if there is no such test, 422 if the end is past or more than a year away.
    """
    made, token = shared(key, frozenset(body["redact"]), body["expires_at"])
    return vars(made) | {"state": "open", "url": address_of(token)}


@blueprint.get("/experiments/<key>/shares")
@allow(scope="read", role="viewer")
@blueprint.response(200, ShareListSchema)
def links(key: str) -> dict[str, Any]:
    """The links to reports of a test, the newest first; 404 if there is no such test."""
    with reading() as db:
        found = shares.list_shares(db, caller().project, key)
    now = runtime().clock()
    return {"items": [vars(each) | {"state": each.state(now)} for each in found]}


@blueprint.delete("/experiments/<key>/shares/<public_id>")
@allow(scope="admin", role="marketer")
@blueprint.response(200, ShareSchema)
def revoke(key: str, public_id: str) -> dict[str, Any]:
    """End a link at once; 404 if the test has no such link."""
    me, now = caller(), runtime().clock()
    with transaction() as db:
        ended = shares.revoke_share(db, me.project, key, public_id, actor=me.actor, now=now)
    return vars(ended) | {"state": ended.state(now)}


def shared(
    key: str, redact: frozenset[str], expires_at: datetime | None
) -> tuple[shares.Share, str]:
    """A new link to the report as of now, and its token."""
    me, now = caller(), runtime().clock()
    shares.check_expiry(expires_at, now)
    found = build(key)
    with transaction() as db:
        return shares.create_share(
            db, me.project, found, redact=redact, expires_at=expires_at, actor=me.actor, now=now
        )


def address_of(token: str) -> str:
    """The whole address of a link."""
    path = url_for("share_pages.shared", token=token)
    return runtime().settings.public_url.rstrip("/") + path


def build(key: str, as_of: datetime | None = None, asked: Asked = EVERYTHING) -> Report:
    """The report of a test of the caller's project, as of now or an earlier moment."""
    moment = None if as_of is None else as_of.astimezone(UTC)
    now = runtime().clock().astimezone(UTC)
    return runtime().reports.report(caller().project, key, now=now, as_of=moment, asked=asked)


def _accepted() -> str:
    best = request.accept_mimetypes.best_match([*ACCEPTED], default="application/json")
    return ACCEPTED[best or "application/json"]


def _varying(answer: Any) -> Any:
    if isinstance(answer, Response):
        answer.vary.update(["Accept", "Accept-Language"])
    return answer
