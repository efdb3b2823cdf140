"""Kept reports: keep one, read the very bytes, make it again and compare."""

from datetime import UTC, datetime
from typing import Any

from flask import Response, request, url_for
from marshmallow import RAISE

from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.paging import Page, paged
from api.runtime import runtime
from api.schemas.stored_reports import (
    KeepRequestSchema,
    StoredReportListSchema,
    StoredReportPageSchema,
    StoredReportSchema,
    VerificationSchema,
)
from experiments.errors import Invalid
from experiments.reporting.stored.kept import StoredReport, content_of, list_stored

blueprint = Blueprint("stored_reports", __name__, url_prefix="/api/v1")
MOST_DIFFERENCES = 500


@blueprint.post("/experiments/<key>/reports")
@allow(scope="admin", role="marketer")
@blueprint.arguments(KeepRequestSchema)
@blueprint.response(201, StoredReportSchema)
def keep(body: dict[str, Any], key: str) -> Any:
    """Keep the report of a test; 404 if there is none, 422 if ``as_of`` is still to come.

    503 while the facts cannot be measured: the same request may succeed later.
    """
    kept = kept_report(key, "asked", as_of=body["as_of"])
    return kept, 201, {"Location": url_for("stored_reports.one", public_id=kept.public_id)}


@blueprint.get("/experiments/<key>/reports")
@allow(scope="read", role="viewer")
@blueprint.arguments(StoredReportPageSchema, location="query", unknown=RAISE)
@blueprint.response(200, StoredReportListSchema)
def index(page: Page, key: str) -> dict[str, Any]:
    """The kept reports of a test, the newest first; 404 if there is no such test."""
    before = None if page.after is None else _number(page.after)
    with reading() as db:
        found = list_stored(db, caller().project, key, before=before, limit=page.limit + 1)
    return paged(found, page.limit, lambda each: str(each.number))


@blueprint.get("/reports/<public_id>")
@allow(scope="read", role="viewer")
@blueprint.alt_response(200, description="The JSON document, byte for byte as it was kept.")
def one(public_id: str) -> Response:
    """A kept report, the very bytes; 404 if there is none. The ETag is their SHA-256."""
    with reading() as db:
        stored, content = content_of(db, caller().project, public_id)
    answer = Response(content, mimetype="application/json")
    answer.set_etag(stored.digest)
    answer.make_conditional(request)
    return answer


@blueprint.get("/reports/<public_id>/verification")
@allow(scope="read", role="viewer")
@blueprint.response(200, VerificationSchema)
def verification(public_id: str) -> dict[str, Any]:
    """Make a kept report again from its ledger position, KPI versions and configuration.

    ``outcome`` is equal, different (``differences`` names the fields) or not_comparable
    (``changed`` says why). 404 if there is no such report, 503 while nothing can be measured.
    """
    from experiments.reporting.stored.verify import verify  # noqa: PLC0415 - slow to import
    from experiments.reporting.stored.wording import say_verification  # noqa: PLC0415 - slow to import

    held = runtime()
    found = verify(held.database, held.replica, caller().project, public_id)
    return vars(found) | {
        "differences": found.differences[:MOST_DIFFERENCES],
        "differences_in_all": len(found.differences),
        "said": {language: say_verification(found, language) for language in ("ko", "en")},
    }


def kept_report(key: str, occasion: str, as_of: datetime | None = None) -> StoredReport:
    """Make the report of a test of the caller's project, and keep it."""
    from experiments.reporting.stored import store  # noqa: PLC0415 - slow to import
    from experiments.reporting.stored.making import make_report  # noqa: PLC0415 - slow to import

    me, held = caller(), runtime()
    now = held.clock().astimezone(UTC)
    made = make_report(
        held.database,
        held.replica,
        me.project,
        key,
        now=now,
        as_of=None if as_of is None else as_of.astimezone(UTC),
    )
    with transaction() as db:
        return store.keep(db, me.project, made, occasion=occasion, actor=me.actor, now=now)


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Invalid(field="cursor", expected="the next of a page", got=text[:60])
    return int(text)
