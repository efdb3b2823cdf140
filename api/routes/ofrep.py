"""OpenFeature's remote evaluation protocol (OFREP 0.3): tests as feature flags.

Refusals are in the protocol's own form, ``errorCode`` and ``errorDetails`` always both,
since clients in use fail without either.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import HTTPException
from werkzeug.http import quote_etag

from api.auth import allow, caller
from api.contract import Blueprint, json_body
from api.errors import RETRY_AFTER_SECONDS, localised, logged
from api.runtime import runtime
from experiments.assignment.evaluation import AssignableExperiment
from experiments.assignment.flags import evaluate_flag, evaluate_flags
from experiments.errors import TrueliftError, Unavailable
from experiments.units import check_unit_id

blueprint = Blueprint("ofrep", __name__, url_prefix="/ofrep/v1")

TARGETING_KEY = "targetingKey"
DIGEST_LENGTH = 32


class FlagRefused(Exception):
    """A question that the protocol has a code for.

    Attributes:
        status: HTTP status.
        code: The protocol's error code.
        details: A sentence.
    """

    def __init__(self, status: int, code: str, details: str) -> None:
        super().__init__(details)
        self.status = status
        self.code = code
        self.details = details


@blueprint.post("/evaluate/flags/<key>")
@allow(scope="assign", role="viewer")
@blueprint.alt_response(200, description="The flag; without `value` the app's default applies.")
def evaluate(key: str) -> Response:
    """Evaluate one test; 400 without a usable targeting key, 404 FLAG_NOT_FOUND."""
    unit_id, attributes = _context()
    experiment = runtime().keeper.current.experiments.get((caller().project.id, key))
    if experiment is None:
        raise FlagRefused(404, "FLAG_NOT_FOUND", f"no test {key!r} in this project")
    return _with_age(jsonify(evaluate_flag(experiment, unit_id, attributes).document()))


@blueprint.post("/evaluate/flags")
@allow(scope="assign", role="viewer")
@blueprint.alt_response(200, description="Every test that gives variants now, with an ETag.")
def evaluate_all() -> Response:
    """Evaluate every running test; 304 where nothing changed for this context."""
    unit_id, attributes = _context()
    flags = evaluate_flags(_experiments(), unit_id, attributes)
    answer = jsonify({"flags": [flag.document() for flag in flags], "metadata": {}})
    return _with_age(_tagged(answer, unit_id, attributes))


def _tagged(answer: Response, unit_id: str, attributes: Mapping[str, Any]) -> Response:
    """The answer with a tag of project, context and content; 304 where the caller holds it."""
    context = json.dumps([caller().project.id, unit_id, attributes], default=str, sort_keys=True)
    digest = hashlib.sha256(context.encode() + answer.get_data()).hexdigest()[:DIGEST_LENGTH]
    if digest in request.if_none_match:
        answer = Response(status=304)
    answer.headers["ETag"] = quote_etag(digest)
    return answer


def _context() -> tuple[str, Mapping[str, Any]]:
    """The targeting key and everything else that the caller knows.

    Raises:
        FlagRefused: If there is no context, or no key in it that could be a unit's.
    """
    body = json_body()
    context = body.get("context", {}) if isinstance(body, dict) else None
    if not isinstance(context, dict):
        raise FlagRefused(400, "INVALID_CONTEXT", "expected an object under context")
    unit_id = context.get(TARGETING_KEY)
    if unit_id is None or unit_id == "":
        raise FlagRefused(
            400, "TARGETING_KEY_MISSING", f"expected a {TARGETING_KEY} in the context"
        )
    if not isinstance(unit_id, str):
        raise FlagRefused(400, "INVALID_CONTEXT", f"expected a string as {TARGETING_KEY}")
    try:
        check_unit_id(unit_id)
    except TrueliftError as refusal:
        raise FlagRefused(400, "INVALID_CONTEXT", localised(refusal)) from refusal
    return unit_id, {name: value for name, value in context.items() if name != TARGETING_KEY}


def _experiments() -> Iterator[AssignableExperiment]:
    """The project's tests."""
    project_id = caller().project.id
    found = runtime().keeper.current.experiments
    return (experiment for (owner, _), experiment in found.items() if owner == project_id)


def _with_age(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Config-Age"] = f"{runtime().keeper.age_seconds or 0:.1f}"
    return answer


@blueprint.errorhandler(FlagRefused)
def refused(error: FlagRefused) -> Response:
    """A refusal with the protocol's code for it."""
    return _error(error.status, error.code, error.details)


@blueprint.errorhandler(TrueliftError)
def unavailable(error: TrueliftError) -> Response:
    """No configuration to answer from."""
    answer = _error(503 if isinstance(error, Unavailable) else 400, "GENERAL", localised(error))
    if isinstance(error, Unavailable):
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


@blueprint.errorhandler(HTTPException)
def http_error(error: HTTPException) -> Response:
    """A body that is no JSON, a key that may not; the error's own headers are kept."""
    status = error.code or 500
    code = "PARSE_ERROR" if status in {400, 415} else "GENERAL"
    answer = _error(400 if status == 415 else status, code, error.description or error.name)
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


@blueprint.errorhandler(Exception)
def fault(error: Exception) -> Response:
    """A fault of ours."""
    return _error(500, "GENERAL", logged(error))


def _error(status: int, code: str, details: str) -> Response:
    """The protocol's error body; with the flag's key where one was asked for."""
    body = {"errorCode": code, "errorDetails": details}
    if key := (request.view_args or {}).get("key"):
        body["key"] = key
    answer = jsonify(body)
    answer.status_code = status
    return answer
