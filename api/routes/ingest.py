"""Recording: exposures and events, one or many per request."""

from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request

from api.auth import allow, caller
from api.contract import Blueprint, json_body
from api.db import transaction
from api.runtime import runtime
from api.schemas.ingest import (
    BatchResultSchema,
    EventSchema,
    ExposureSchema,
    one_or_many,
    told,
)
from experiments.ledger.batch import read_batch, record
from experiments.ledger.facts import Fact, read_event, read_exposure

blueprint = Blueprint("ingest", __name__, url_prefix="/api/v1")

LARGEST_BODY_BYTES = 16 * 1024 * 1024


@blueprint.post("/exposures")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=one_or_many(ExposureSchema, "One exposure, or up to 10,000."))
@blueprint.response(200, BatchResultSchema)
def add_exposures() -> Response:
    """Record that customers met a variant, or were meant to.

    A list is answered item by item and never fails whole. 422 if a single exposure cannot be
    kept, naming the field, or if a list has more than 10,000; 413 beyond 16 MB.
    """
    return _record(read_exposure)


@blueprint.post("/events")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=one_or_many(EventSchema, "One event, or up to 10,000."))
@blueprint.response(200, BatchResultSchema)
def add_events() -> Response:
    """Record what customers did.

    A list is answered item by item and never fails whole. 422 if a single event cannot be
    kept, naming the field, or if a list has more than 10,000; 413 beyond 16 MB.
    """
    return _record(read_event)


def _record(read: Callable[[object], Fact]) -> Response:
    request.max_content_length = LARGEST_BODY_BYTES
    body: Any = json_body()
    batch = read_batch(body if isinstance(body, list) else [body], read)
    with transaction() as db:
        result = record(db, caller().project, batch, now=runtime().clock())
    if result.rejected and not isinstance(body, list):
        raise result.rejected[0].error
    return jsonify(told(result))
