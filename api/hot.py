"""``POST /api/v1/assign`` answered before Flask: the hot route, where nothing is unusual.

Going through Flask, its hooks and marshmallow costs several times what the answer itself does
(``bench/assignment_http.py``). So a question that shows its key as ``Authorization: Bearer``,
fits, and may be asked is answered here, byte for byte as ``routes/assignment.py`` would.
Everything else goes on to that route, which alone knows how to refuse.
"""

from collections.abc import Iterable
from functools import partial
from io import BytesIO
from typing import TYPE_CHECKING, Any

from flask import Flask

from api.auth import known_key, standing_headers
from api.runtime import Runtime
from api.schemas.assignment import LONGEST_KEY, Question, config_age, told
from api.strict_json import JsonRefused, read_json
from experiments.access.keys import StoredKey
from experiments.access.roles import scopes_reach
from experiments.assignment.evaluation import assign
from experiments.assignment.snapshot import Snapshot
from experiments.errors import Invalid
from experiments.units import check_unit_id

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/api/v1/assign"
LARGEST_BODY_BYTES = 64 * 1024
_KINDS = {"application/json", "application/json; charset=utf-8"}
_BEARER = "Bearer "


class HotAssign:
    """The application with a short way to an assignment in front of it.

    Args:
        app: With its runtime; Flask's own way answers what is unusual.
    """

    def __init__(self, app: Flask) -> None:
        self._long_way: WSGIApplication = partial(Flask.wsgi_app, app)
        self._runtime: Runtime = app.extensions["truelift"]
        self._standing = [
            ("Content-Type", "application/json"),
            *standing_headers("application/json", self._runtime.settings).items(),
        ]

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        """Answer the request."""
        if environ["PATH_INFO"] == PATH and environ["REQUEST_METHOD"] == "POST":
            answer = self._answer(environ)
            if answer is not None:
                length, age = str(len(answer)), config_age(self._runtime.keeper)
                headers = [*self._standing, ("Content-Length", length), ("X-Config-Age", age)]
                start_response("200 OK", headers)
                return [answer]
        return self._long_way(environ, start_response)

    def _answer(self, environ: "WSGIEnvironment") -> bytes | None:
        if environ.get("CONTENT_TYPE") not in _KINDS or not self._runtime.keeper.loaded:
            return None
        snapshot = self._runtime.keeper.current
        key = self._key(environ, snapshot)
        question = None if key is None else _question(_body(environ))
        if key is None or question is None:
            return None
        experiment = snapshot.experiments.get((key.project_id, question.experiment))
        if experiment is None or experiment.sends is not None:
            return None
        return told(assign(experiment, question.unit_id, question.attributes))

    def _key(self, environ: "WSGIEnvironment", snapshot: Snapshot) -> StoredKey | None:
        shown: str = environ.get("HTTP_AUTHORIZATION", "")
        if not shown.startswith(_BEARER) or "HTTP_X_TRUELIFT_PROJECT" in environ:
            return None
        key = known_key(shown.removeprefix(_BEARER), snapshot)
        if key is None or not key.holds(self._runtime.clock()):
            return None
        return key if scopes_reach(key.scopes, "assign") else None


def _body(environ: "WSGIEnvironment") -> bytes:
    """The body, which stays there for whoever reads it next; empty where it is unusual."""
    length: str = environ.get("CONTENT_LENGTH", "")
    if not length.isdecimal() or int(length) > LARGEST_BODY_BYTES:
        return b""
    body: bytes = environ["wsgi.input"].read(int(length))
    environ["wsgi.input"] = BytesIO(body)
    return body


def _question(body: bytes) -> Question | None:
    """The question, if it fits as ``QuestionSchema`` would have it."""
    try:
        match read_json(body):
            case {"experiment": str(key), "unit_id": str(unit_id), **rest}:
                attributes: Any = rest.pop("attributes", {})
                if rest or not isinstance(attributes, dict) or not 0 < len(key) <= LONGEST_KEY:
                    return None
                return Question(key, check_unit_id(unit_id), attributes)
    except (JsonRefused, Invalid):
        pass
    return None
