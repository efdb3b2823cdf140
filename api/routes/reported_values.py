"""Figures that arrive added up: media cost, impressions, reach, brand searches, mentions."""

from collections.abc import Sequence

from flask import Response, jsonify
from marshmallow import RAISE

from api.auth import allow, caller
from api.bodies import plain_json
from api.contract import Blueprint
from api.db import reading, transaction
from api.edits import edit
from api.paging import Page, paged
from api.schemas.ingest import one_or_many
from api.schemas.reported_values import (
    DeliverySchema,
    ReportedQuerySchema,
    ReportedValueSchema,
    StoredValueListSchema,
    StoredValueSchema,
    told,
    told_value,
)
from api.small_files import FORM, LARGEST_BYTES, number_of, rows_of_upload
from experiments.errors import Invalid
from experiments.tracking import reported, reported_store
from experiments.tracking.reported_store import Delivery, Wanted

blueprint = Blueprint("reported_values", __name__, url_prefix="/api/v1")


@blueprint.post("/reported-values")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=one_or_many(ReportedValueSchema, "One figure, or up to 10,000."))
@blueprint.response(200, DeliverySchema)
def add() -> Response:
    """Take figures in; one for the same series, day, channel, dimension and source is replaced.

    A list is answered item by item and never fails whole. 422 if a single figure cannot be
    kept, naming the field, or if a list has more than 10,000; 413 beyond 16 MB.
    """
    body = plain_json(LARGEST_BYTES)
    done = _delivered(body if isinstance(body, list) else [body])
    if done.rejected and not isinstance(body, list):
        raise done.rejected[0].error
    return jsonify(told(done))


@blueprint.post("/reported-values/file")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=FORM)
@blueprint.response(200, DeliverySchema)
def add_file() -> Response:
    """Take the figures of a CSV file in, each as by `POST /reported-values`.

    422 if it cannot be read or has other columns; 413 beyond 16 MB; 415 unless the request is
    multipart/form-data.
    """
    rows, given = rows_of_upload(reported.FIELDS, "source")
    source = {"source": given["source"]} if given.get("source") else {}
    return jsonify(told(_delivered([source | number_of(row, "value") for row in rows])))


@blueprint.get("/reported-values")
@allow(scope="read", role="viewer")
@blueprint.arguments(ReportedQuerySchema, location="query", unknown=RAISE)
@blueprint.response(200, StoredValueListSchema)
def index(page: Page) -> Response:
    """List figures in the order in which they came; with `history`, the replaced ones too."""
    after = _number(page.after)
    with reading() as db:
        found = reported_store.list_values(
            db, caller().project, Wanted(**page.filters), after, page.limit + 1
        )
    listed = paged(found, page.limit, lambda each: str(each.id))
    return jsonify(listed | {"items": [told_value(each) for each in listed["items"]]})


@blueprint.delete("/reported-values/<int:value_id>")
@allow(scope="ingest", role="marketer")
@blueprint.response(200, StoredValueSchema)
def take_back(value_id: int) -> Response:
    """Take a figure back that should not be there; its history stays. 404 if there is none."""
    with transaction() as db:
        return jsonify(told_value(reported_store.take_back(db, value_id, edit())))


def _delivered(items: Sequence[object]) -> Delivery:
    read = reported.read_delivery(items)
    with transaction() as db:
        return reported_store.deliver(db, read, edit())


def _number(after: str | None) -> int:
    if after is None:
        return 0
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise Invalid(field="cursor", expected="the next of a page", got=after[:60])
    return int(after)
