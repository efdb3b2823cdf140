"""GrowthBook's clients, unmodified: features, remote evaluation, tracking."""

from typing import Any

from flask import Response, current_app, jsonify, request
from werkzeug.exceptions import BadRequest, HTTPException

from api.auth import allow_client, caller
from api.client_answers import CROSS_ORIGIN, PREFLIGHT, NotStreamed, headers_of, status_of
from api.client_keys import RateLimit, address_of
from api.contract import Blueprint
from api.errors import localised
from api.i18n import gettext
from api.payloads import PayloadShelf, Served, answer
from api.runtime import runtime
from api.schemas.growthbook import (
    ClientErrorSchema,
    FeaturesSchema,
    RemoteQuestionSchema,
    TrackedItemSchema,
    TrackResultSchema,
    read_question,
)
from api.schemas.ingest import told
from api.strict_json import JsonRefused, read_json
from experiments.assignment.remote import remote_features
from experiments.errors import TrueliftError
from experiments.ledger.sources.growthbook import read_tracked, resolve_once

blueprint = Blueprint("growthbook", __name__)

LARGEST_QUESTION_BYTES = 256 * 1024
LARGEST_TRACKED_BYTES = 4 * 1024 * 1024
CACHED = "public, max-age=30, stale-while-revalidate=3600, stale-if-error=36000"


@blueprint.get("/api/features/<client_key>")
@allow_client
@blueprint.doc(security=[])
@blueprint.response(200, FeaturesSchema)
@blueprint.alt_response(400, schema=ClientErrorSchema)
def features(client_key: str) -> Response:  # noqa: ARG001 - the guard has looked at it
    """Give an app the running tests, to evaluate by itself.

    304 where the app holds the same already. 400 if the client key is not known.
    """
    served = _served()
    given = Response(served.body, mimetype="application/json")
    given.set_etag(served.etag, weak=True)
    given.headers["Cache-Control"] = CACHED
    if runtime().settings.stream_url:
        given.headers["x-sse-support"] = "enabled"
    given.make_conditional(request)
    return _with_age(given)


@blueprint.post("/api/eval/<client_key>")
@allow_client
@blueprint.doc(
    security=[],
    requestBody={"content": {"application/json": {"schema": RemoteQuestionSchema}}},
)
@blueprint.response(200, FeaturesSchema)
@blueprint.alt_response(400, schema=ClientErrorSchema)
def evaluate(client_key: str) -> Response:  # noqa: ARG001 - the guard has looked at it
    """Evaluate the running tests for one customer, so that the app learns no rule.

    400 if the client key is not known, or the body is not as the clients send it.
    """
    question = read_question(_body(LARGEST_QUESTION_BYTES))
    served = _served()
    found = remote_features(served.experiments.values(), question)
    return _with_age(jsonify(answer(found, served.updated_at)))


@blueprint.post("/track")
@allow_client
@blueprint.doc(
    security=[],
    parameters=[
        {"name": "client_key", "in": "query", "required": True, "schema": {"type": "string"}}
    ],
    requestBody={
        "content": {"text/plain": {"schema": {"type": "array", "items": TrackedItemSchema}}}
    },
)
@blueprint.response(200, TrackResultSchema)
@blueprint.alt_response(400, schema=ClientErrorSchema)
def track() -> Response:
    """Record what tracking plugins send: tests met, and an app's own events.

    One bad item never refuses the others. 400 if the client key is not known, or the body is
    no list.
    """
    recorder = runtime().recorder
    recorder.writer.check_room()
    items = _body(LARGEST_TRACKED_BYTES)
    if not isinstance(items, list):
        raise BadRequest("expected a list of events")
    now = runtime().clock()
    tracked = read_tracked(items, _served().experiments, now)
    result = recorder.record(caller().project, tracked.batch, now=now, place=resolve_once)
    return jsonify({"status": 200, "ignored": tracked.ignored, **told(result)})


@blueprint.get("/sub/<client_key>")
@allow_client
@blueprint.doc(
    security=[], responses={307: {"description": "It is streamed at the address in Location."}}
)
@blueprint.alt_response(400, schema=ClientErrorSchema)
@blueprint.alt_response(404, schema=ClientErrorSchema)
def listen(client_key: str) -> Response:
    """Send an app that listens for changes on to the process that streams them.

    Where a proxy leads there, no request comes here. 404 where nothing streams, 400 if the
    client key is not known.
    """
    settings = runtime().settings
    # Not to ourselves: a proxy that should have led to the stream would lead back here.
    if settings.stream_url in {None, settings.public_url, request.host_url.rstrip("/")}:
        raise NotStreamed
    given = Response(status=307)
    given.headers["Location"] = f"{settings.stream_url}/sub/{client_key}"
    return given


@blueprint.before_request
def not_too_often() -> None:
    """Keep one address from using up the service with a key that everybody may know."""
    settings = runtime().settings
    if request.method == "OPTIONS":
        return
    limit: RateLimit = current_app.extensions.setdefault(
        "truelift.client_rate", RateLimit(settings.client_rate)
    )
    forwarded = ",".join(request.headers.getlist("X-Forwarded-For"))
    address = address_of(request.remote_addr or "", forwarded, settings.proxies)
    limit.take(caller().actor.name, address)


@blueprint.after_request
def open_to_other_sites(given: Response) -> Response:
    """Let pages of any address call these routes."""
    given.headers.update(CROSS_ORIGIN)
    if request.method == "OPTIONS":
        given.headers.update(PREFLIGHT)
    return given


@blueprint.errorhandler(TrueliftError)
def refused(error: TrueliftError) -> Response:
    """A refusal in the form that the clients read."""
    field = f"{error.field}: " if error.field else ""
    given = _told_refusal(status_of(error), field + localised(error))
    given.headers.update(headers_of(error))
    return given


@blueprint.errorhandler(HTTPException)
def refused_by_http(error: HTTPException) -> Response:
    """The same for what is not ours to refuse: a body that is too long, or no JSON."""
    return _told_refusal(error.code or 500, gettext(error.description or error.name))


def _told_refusal(status: int, message: str) -> Response:
    given = jsonify({"status": status, "error": message})
    given.status_code = status
    return given


def _body(most_bytes: int) -> Any:
    """The body as JSON, whatever its type is said to be: a beacon can only say text."""
    request.max_content_length = most_bytes
    try:
        return read_json(request.get_data())
    except JsonRefused as refusal:
        raise BadRequest(f"the body is not acceptable JSON: {refusal}") from refusal


def _served() -> Served:
    shelf: PayloadShelf = current_app.extensions.setdefault("truelift.payloads", PayloadShelf())
    return shelf.of(runtime().keeper.current, caller().project.id)


def _with_age(given: Response) -> Response:
    given.headers["X-Config-Age"] = f"{runtime().keeper.age_seconds or 0:.1f}"
    return given
