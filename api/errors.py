"""Errors as RFC 9457 problem documents: the one place that knows status codes.

``field`` is a path with dots (``variants.0.weight``); a marshmallow refusal of several
fields lists them all under ``errors``.
"""

import secrets
from collections.abc import Iterator
from errno import EDQUOT, ENOSPC
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from api.client_keys import TooManyRequests
from api.contract import BodyRefused
from api.i18n import gettext
from api.told import told
from experiments.access.users import SignInRefused
from experiments.errors import (
    Conflict,
    Invalid,
    NotFound,
    StaleRevision,
    TrueliftError,
    Unavailable,
)
from experiments.korean.particles import filled
from experiments.ledger.identity.kept import WrongIdentityKey
from experiments.ledger.inbound.signing import DeliveryRefused

log = structlog.get_logger()


class DiskFull(Unavailable):
    """A file could not be written: uploads and reports wait for room."""

    template = "the disk of the service is full"


RETRY_AFTER_SECONDS = 2
STATUS_OF: tuple[tuple[type[TrueliftError], int], ...] = (
    (NotFound, 404),
    (StaleRevision, 412),
    (Conflict, 409),
    (Invalid, 422),
    (Unavailable, 503),
    (WrongIdentityKey, 503),
    (SignInRefused, 401),
    (DeliveryRefused, 401),
    (TooManyRequests, 429),
)
TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    409: "Does not fit the present state",
    412: "Changed in the meantime",
    413: "Too large",
    415: "Unsupported media type",
    422: "Not acceptable as it stands",
    428: "If-Match is missing",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "Not available right now",
}


def register(app: Flask) -> None:
    """Teach the application to answer every error in one form."""
    app.register_error_handler(TrueliftError, _refusal)
    app.register_error_handler(BodyRefused, _body)
    app.register_error_handler(HTTPException, http_problem)
    app.register_error_handler(OSError, _disk)
    app.register_error_handler(Exception, _fault)


def retry_after() -> str:
    """Seconds after which to come again, spread so that not everybody comes back at once."""
    return str(RETRY_AFTER_SECONDS - 1 + secrets.randbelow(3))


def problem(status: int, detail: str, code: str, errors: list[dict[str, str]]) -> Response:
    """A problem document, or a page where a person is looking."""
    title = gettext(TITLES.get(status, "Refused"))
    if _for_a_person():
        page = render_template("error.html", status=status, title=title, detail=detail)
        return Response(page, status, mimetype="text/html")
    body = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": detail,
        "instance": request.path,
        "request_id": g.get("request_id"),
    }
    answer = jsonify({**body, "errors": errors} if errors else body)
    answer.status_code = status
    answer.mimetype = "application/problem+json"
    return answer


def localised(error: TrueliftError) -> str:
    """The error's sentence in the reader's language."""
    return filled(gettext(error.template), error.params)


def listed(error: TrueliftError) -> list[dict[str, str]]:
    """The error as an entry of ``errors``; empty where no field is to blame."""
    if error.field is None:
        return []
    return [{"field": error.field, "code": error.code, "message": localised(error)}]


def _refusal(error: TrueliftError) -> Response:
    status = status_of(error)
    answer = problem(status, _detail(error), error.code, listed(error))
    if status == 503:
        answer.headers["Retry-After"] = retry_after()
    if isinstance(error, TooManyRequests):
        answer.headers["Retry-After"] = str(error.params["seconds"])
    return answer


def status_of(error: TrueliftError) -> int:
    """The status that says what kind of refusal it is."""
    return next((status for kind, status in STATUS_OF if isinstance(error, kind)), 400)


def _detail(error: TrueliftError) -> str:
    sentence = localised(error)
    return f"{error.field}: {sentence}" if error.field else sentence


def _body(error: BodyRefused) -> Response:
    errors = [
        {"field": field, "code": "invalid", "message": told(message)}
        for field, message in flattened(error.messages)
    ]
    detail = "; ".join(f"{entry['field']}: {entry['message']}" for entry in errors[:5])
    return problem(422, detail, "invalid", errors)


def flattened(messages: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, str]]:
    """Marshmallow's nested messages as (path, message); the location (json, query) is left out."""
    if isinstance(messages, dict):
        for name, inner in messages.items():
            yield from flattened(inner, (*path, str(name)))
    elif isinstance(messages, list):
        for inner in messages:
            yield from flattened(inner, path)
    else:
        parts = path[1:] if path and path[0] in {"json", "query", "form", "files"} else path
        yield ".".join(part for part in parts if part != "_schema"), str(messages)


def http_problem(error: HTTPException) -> Response:
    """An HTTP error of Flask's or werkzeug's, its headers kept (Allow, Retry-After)."""
    if error.response is not None:
        return error.get_response()  # type: ignore[return-value] # flask's own, made by abort
    status = error.code or 500
    code = error.name.lower().replace(" ", "_")
    answer = problem(status, gettext(error.description or error.name), code, [])
    for name, value in error.get_headers():
        if name.lower() not in {"content-type", "content-length"}:
            answer.headers[name] = value
    return answer


def _disk(error: OSError) -> Response:
    return _refusal(DiskFull()) if error.errno in {ENOSPC, EDQUOT} else _fault(error)


def _fault(error: Exception) -> Response:
    return problem(500, logged(error), "fault", [])


def logged(error: Exception) -> str:
    """Log a fault of ours; in tests it is raised.

    Returns:
        A sentence for the caller.
    """
    if current_app.testing:
        raise error
    # An address may hold a token, which no log is to hold.
    is_secret = "token" in (request.view_args or {})
    path = str(request.url_rule) if is_secret else request.path
    log.error("unexpected error", path=path, request_id=g.get("request_id"), exc_info=error)
    return gettext("The fault has been logged.")


def _for_a_person() -> bool:
    if request.path.startswith(("/api/", "/ofrep/", "/v1/", "/openapi")):
        return False
    best = request.accept_mimetypes.best_match(["application/json", "text/html"])
    return best == "text/html"
