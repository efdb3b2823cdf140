"""Segment's and RudderStack's libraries, unmodified: the address they post their batches to."""

from flask import Response, jsonify
from werkzeug.exceptions import HTTPException

from api.auth import allow, caller
from api.bodies import any_json, plain_body
from api.contract import Blueprint
from api.errors import localised, retry_after, status_of
from api.i18n import gettext
from api.routes.ingest import LARGEST_BODY_BYTES
from api.runtime import runtime
from api.schemas.ingest import told
from api.schemas.segment import SegmentBatchSchema, SegmentErrorSchema, SegmentResultSchema
from experiments.errors import TrueliftError
from experiments.ledger.sources.contract import received
from experiments.ledger.sources.segment import SOURCE, place_by_clock_of
from experiments.ledger.sources.settings import SourceSettings

blueprint = Blueprint("segment", __name__)

_USUAL = SourceSettings()


@blueprint.post("/v1/batch")
@allow(scope="ingest")
@blueprint.doc(requestBody={"content": {"application/json": {"schema": SegmentBatchSchema}}})
@blueprint.response(200, SegmentResultSchema)
@blueprint.alt_response(401, schema=SegmentErrorSchema)
def batch() -> Response:
    """Take in a batch of calls; the write key is a secret key with the scope ingest.

    One bad call never refuses the others, since a library throws a refused batch away. 400
    if the body is no batch, 413 beyond 16 MB, also once inflated, 503 if too much waits to be
    written.
    """
    recorder = runtime().recorder
    recorder.writer.check_room()
    body, now = any_json(plain_body(LARGEST_BODY_BYTES)), runtime().clock()
    found = received(SOURCE, body, _USUAL, now)
    place = place_by_clock_of(body, now)
    result = recorder.record(caller().project, found.batch, now=now, place=place)
    return jsonify({"success": True, "ignored": found.ignored, **told(result)})


@blueprint.errorhandler(TrueliftError)
def refused(error: TrueliftError) -> Response:
    """A refusal in the form that the libraries read."""
    field = f"{error.field}: " if error.field else ""
    answer = _told(status_of(error), error.code, field + localised(error))
    if answer.status_code == 503:
        answer.headers["Retry-After"] = retry_after()
    return answer


@blueprint.errorhandler(HTTPException)
def refused_by_http(error: HTTPException) -> Response:
    """The same for a wrong key, or a body that is too long or no JSON."""
    code = error.name.lower().replace(" ", "_")
    answer = _told(error.code or 500, code, gettext(error.description or error.name))
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _told(status: int, code: str, message: str) -> Response:
    answer = jsonify({"code": code, "message": message})
    answer.status_code = status
    return answer
