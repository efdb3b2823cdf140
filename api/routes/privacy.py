"""Erasing customers, and how long facts are kept."""

from typing import Any

from marshmallow import RAISE

from api.auth import allow, caller
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.paging import Page, PageSchema, paged
from api.routes.units import check_encoding
from api.runtime import runtime
from api.schemas.privacy import (
    ErasedSchema,
    ErasureQuestionSchema,
    RetentionEditSchema,
    RetentionSchema,
    TotalListSchema,
)
from experiments.errors import Invalid
from experiments.ledger.erasure import Erased, erase_unit
from experiments.ledger.retained import totals_of
from experiments.ledger.retention import Retention, retention_of, set_retention

blueprint = Blueprint("privacy", __name__, url_prefix="/api/v1")


@blueprint.delete("/units/<path:unit_id>")
@allow(scope="admin", role="admin")
@blueprint.arguments(ErasureQuestionSchema, location="query", unknown=RAISE)
@blueprint.response(200, ErasedSchema)
def erase(question: dict[str, Any], unit_id: str) -> Erased:
    """Erase a customer: facts, aliases, lists, overrides; nothing of them is taken in again.

    May be asked for any number of times; also of a customer of whom nothing is known. 422 if
    it is no unit id, or the reason names the customer; 503 if a long import is being written.
    """
    check_encoding()
    me, now = caller(), runtime()
    now.housekeeping.note_erasure()
    erased = erase_unit(
        now.database,
        unit_id,
        edit(),
        hasher=now.identity.hasher(me.project),
        folder=now.imports.folder,
        reason=question.get("reason"),
    )
    now.keeper.refresh()
    return erased


@blueprint.get("/retention")
@allow(scope="read", role="viewer")
@blueprint.response(200, RetentionSchema)
def retention() -> Retention:
    """Say how long the project keeps facts, which are refused, and which were dropped."""
    with reading() as db:
        return retention_of(db, caller().project, runtime().clock())


@blueprint.put("/retention")
@allow(scope="admin", role="admin")
@blueprint.arguments(RetentionEditSchema)
@blueprint.response(200, RetentionSchema)
def keep(body: dict[str, int | None]) -> Retention:
    """Keep facts for so many days, or for ever; older ones are refused at once, and dropped.

    422 unless it is 30 to 36,500 days, or null.
    """
    with transaction() as db:
        return set_retention(db, body["days"], edit())


@blueprint.get("/retention/totals")
@allow(scope="read", role="viewer")
@blueprint.arguments(PageSchema, location="query", unknown=RAISE)
@blueprint.response(200, TotalListSchema)
def totals(page: Page) -> dict[str, Any]:
    """Give what the facts that were dropped came to, by day, the first one first."""
    with reading() as db:
        found = totals_of(db, caller().project, _place(page.after), page.limit + 1)
    listed = paged(found, page.limit, lambda each: "-".join(map(str, each[0])))
    return listed | {"items": [total for _, total in listed["items"]]}


def _place(after: str | None) -> tuple[int, int] | None:
    if after is None:
        return None
    parts = after.split("-")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 19 for part in parts):
        raise Invalid(field="cursor", expected="the next of a page", got=after[:60])
    return int(parts[0]), int(parts[1])
