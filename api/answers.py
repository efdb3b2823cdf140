"""Answers that carry an entity tag, and edits that must show one.

A tag is the thing's revision and a digest of the answer: ``"3-9f86d081884c"``. The digest
lets a reader be told 304 only if every byte is the same (its language too); an edit is
held against the revision.
"""

import hashlib
from typing import Any

from flask import Response, jsonify, request
from werkzeug.exceptions import PreconditionRequired

from experiments.errors import StaleRevision

DIGEST_LENGTH = 12
TAGGED = {
    "ETag": {
        "description": "The revision; send it back as If-Match.",
        "schema": {"type": "string"},
    }
}
IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the answer that the change is based on.",
    "schema": {"type": "string"},
}


def tagged(
    body: dict[str, Any], revision: int, *, status: int = 200, location: str | None = None
) -> Response:
    """The body with its tag; 304 without it where the reader holds the same already."""
    answer = jsonify(body)
    answer.status_code = status
    digest = hashlib.sha256(answer.get_data()).hexdigest()[:DIGEST_LENGTH]
    answer.set_etag(f"{revision}-{digest}")
    answer.vary.add("Accept-Language")
    if location is not None:
        answer.headers["Location"] = location
    answer.make_conditional(request)
    return answer


def required_revision() -> int | None:
    """The revision that the caller says it has seen; None if any will do (``*``).

    Raises:
        PreconditionRequired: If there is no If-Match.
        StaleRevision: If it is none of our tags.
    """
    if "If-Match" not in request.headers:
        raise PreconditionRequired("send the ETag of what you have read as If-Match")
    return seen_revision()


def seen_revision() -> int | None:
    """As :func:`required_revision`, where If-Match may be left out."""
    tags = request.if_match
    if tags.star_tag or "If-Match" not in request.headers:
        return None
    revisions = {(tag or "").partition("-")[0] for tag in tags.as_set()}
    if len(revisions) != 1 or not (revision := revisions.pop()).isdecimal():
        raise StaleRevision(expected=request.headers["If-Match"][:60], revision="another one")
    return int(revision)
