"""Recording: exposures and events, one or many per request."""

from collections.abc import Callable

from flask import Response, jsonify

from api.auth import allow, caller
from api.bodies import plain_json
from api.contract import Blueprint
from api.db import keeps_to_one, transaction
from api.runtime import runtime
from api.schemas.ingest import (
    BatchResultSchema,
    EventSchema,
    ExposureSchema,
    one_or_many,
    told,
)
from experiments.ledger.batch import Batch, BatchResult, read_batch
from experiments.ledger.facts import Fact, read_exposure
from experiments.ledger.quick import event_reader
from experiments.ledger.resolve import Resolved

blueprint = Blueprint("ingest", __name__, url_prefix="/api/v1")

LARGEST_BODY_BYTES = 16 * 1024 * 1024


@blueprint.post("/exposures")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=one_or_many(ExposureSchema, "One exposure, or up to 10,000."))
@blueprint.response(200, BatchResultSchema)
def add_exposures() -> Response:
    """Record that customers met a variant, or were meant to.

    A list is answered item by item and never fails whole. 422 if a single exposure cannot be
    kept, naming the field, or if a list has more than 10,000; 413 beyond 16 MB, also once
    inflated; 503 if too much waits to be written.
    """
    return take_in(read_exposure)


@blueprint.post("/events")
@allow(scope="ingest", role="marketer")
@blueprint.doc(requestBody=one_or_many(EventSchema, "One event, or up to 10,000."))
@blueprint.response(200, BatchResultSchema)
def add_events() -> Response:
    """Record what customers did.

    A list is answered item by item and never fails whole. 422 if a single event cannot be
    kept, naming the field, or if a list has more than 10,000; 413 beyond 16 MB, also once
    inflated; 503 if too much waits to be written.
    """
    return take_in(event_reader(caller().project.currency))


def take_in(read: Callable[[object], Fact | Resolved]) -> Response:
    """Record the item of the body, or its items, and say what became of each."""
    runtime().recorder.writer.check_room()
    body = plain_json(LARGEST_BODY_BYTES)
    batch = read_batch(body if isinstance(body, list) else [body], read)
    result = _recorded(batch)
    if result.rejected and not isinstance(body, list):
        raise result.rejected[0].error
    return jsonify(told(result))


def _recorded(batch: Batch) -> BatchResult:
    recorder, project, now = runtime().recorder, caller().project, runtime().clock()
    if keeps_to_one():
        with transaction() as db:
            return recorder.record_within(db, project, batch, now=now)
    return recorder.record(project, batch, now=now)
