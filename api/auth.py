"""The guard: every route says who may use it, and what says nothing is closed.

Keys are looked up in the configuration held in memory, so that an assignment never
waits for the database; people are looked up by the token in their session.
"""

from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import Any, TypeVar

from flask import Flask, Response, current_app, g, redirect, request, session, url_for
from flask_wtf.csrf import CSRFProtect
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from api.client_keys import opened_by
from api.runtime import runtime
from api.settings import Settings
from experiments.access import users
from experiments.access.keys import CLIENT_PREFIX, PresentedKey, StoredKey
from experiments.access.roles import role_reaches, scopes_reach
from experiments.assignment.snapshot import Snapshot
from experiments.errors import NotFound
from experiments.operations.audit import Actor
from experiments.storage.projects import Project, get_project

View = TypeVar("View", bound=Callable[..., Any])

# The routes that need nobody: everything else is closed until it says who may use it.
OPEN_ROUTES = frozenset(
    {
        "static",
        "bootstrap.static",
        "operations.healthz",
        "operations.readyz",
        "pages.choose_language",
        "pages.sign_in",
        "pages.sign_in_form",
        "documentation.openapi",
        "documentation.page",
        "documentation.asset",
    }
)
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
csrf = CSRFProtect()
CHALLENGE = WWWAuthenticate("bearer", {"realm": "truelift"})


@dataclass(frozen=True)
class Access:
    """Who may use a route.

    Attributes:
        scope: What a secret key needs; None where keys have no business.
        role: What a person needs at least; None where people have none.
    """

    scope: str | None
    role: str | None


@dataclass(frozen=True)
class ClientAccess:
    """Only whoever shows a client key, in the address or as ``client_key`` in the query."""


@dataclass(frozen=True)
class TokenAccess:
    """Only whoever knows the token in the address; the view looks it up."""


@dataclass(frozen=True)
class Caller:
    """Who is calling, in which project."""

    project: Project
    actor: Actor
    role: str | None = None
    scopes: frozenset[str] = frozenset()
    user: users.User | None = None

    def may(self, access: Access) -> bool:
        """Whether the route's rule lets this caller through."""
        if self.role is not None:
            return access.role is not None and role_reaches(self.role, access.role)
        return access.scope is not None and scopes_reach(self.scopes, access.scope)


def allow(*, scope: str | None = None, role: str | None = None) -> Callable[[View], View]:
    """Say who may use the view: keys with a scope, people with a role."""

    def mark(view: View) -> View:
        view.access = Access(scope, role)  # type: ignore[attr-defined] # read by the guard
        return view

    return mark


def allow_client(view: View) -> View:
    """Say that the view is for client keys, which stand in apps, and for nobody else."""
    view.access = ClientAccess()  # type: ignore[attr-defined] # read by the guard
    return view


def allow_token(view: View) -> View:
    """Say that the view is for whoever knows the token in the address, and looks it up."""
    view.access = TokenAccess()  # type: ignore[attr-defined] # read by the guard
    return view


def caller() -> Caller:
    """The caller of this request, past the guard."""
    found: Caller = g.caller
    return found


def register(app: Flask) -> None:
    """Put the guard in front of every route."""
    csrf.init_app(app)
    app.config["WTF_CSRF_CHECK_DEFAULT"] = False
    app.before_request(guard)


def guard() -> AnyResponse | None:
    """Let the request through, send a person to sign in, or refuse."""
    if request.endpoint is None:
        return None
    if request.endpoint in OPEN_ROUTES:
        if request.method not in SAFE_METHODS:
            _check_form()
        return None
    access = getattr(current_app.view_functions[request.endpoint], "access", None)
    if access is None:
        raise Forbidden("this route is closed")
    if isinstance(access, ClientAccess):
        # A browser asks beforehand what it may send, and shows no key then.
        if request.method != "OPTIONS":
            g.caller = _by_client_key()
        return None
    if isinstance(access, TokenAccess):
        return None
    presented = _presented()
    found = _by_session() if presented is None else _by_key(presented)
    if found is None:
        return _sign_in_first(access)
    if not found.may(access):
        raise Forbidden("this key or role may not do that")
    g.caller = found
    return None


def _sign_in_first(access: Access) -> AnyResponse:
    if access.scope is None and request.method in SAFE_METHODS:
        return redirect(url_for("pages.sign_in_form", next=request.full_path.rstrip("?")))
    raise Unauthorized("a secret key or a signed-in person is needed", www_authenticate=CHALLENGE)


def _presented() -> str | None:
    """The secret key in the headers, None without any; Basic carries it as the user name."""
    authorization = request.authorization
    if authorization and authorization.type == "bearer":
        return authorization.token or ""
    if authorization and authorization.type == "basic":
        return authorization.username or ""
    if "Authorization" in request.headers:
        return ""
    return request.headers.get("X-API-Key")


def _by_key(text: str) -> Caller:
    operator = runtime().settings.operator_token
    if operator and compare_digest(text.encode(), operator.encode()):
        return _operator()
    snapshot = runtime().keeper.current
    stored = known_key(text, snapshot)
    if stored is None and PresentedKey.parse(text):
        # Another process may have made it just now.
        snapshot = runtime().keeper.look_again()
        stored = known_key(text, snapshot)
    if stored is None:
        raise Unauthorized("this key is not known", www_authenticate=CHALLENGE)
    if not stored.holds(runtime().clock()):
        raise Unauthorized("this key is revoked or has expired", www_authenticate=CHALLENGE)
    project = snapshot.projects[stored.project_id]
    if (named := request.headers.get("X-Truelift-Project", project.key)) != project.key:
        raise NotFound(what="project", key=named)
    return Caller(project, _actor(f"key:{stored.public_id}"), scopes=stored.scopes)


def _by_client_key() -> Caller:
    text = (request.view_args or {}).get("client_key") or request.args.get("client_key", "")
    snapshot = runtime().keeper.current
    if text.startswith(CLIENT_PREFIX) and text not in snapshot.keys:
        snapshot = runtime().keeper.look_again()
    stored = opened_by(text, snapshot, runtime().clock())
    return Caller(snapshot.projects[stored.project_id], _actor(f"client:{stored.public_id}"))


def known_key(text: str, snapshot: Snapshot) -> StoredKey | None:
    """The key that this is, whether or not it still holds; None if it is none of ours."""
    presented = PresentedKey.parse(text)
    stored = snapshot.keys.get(presented.public_id) if presented else None
    return stored if stored and presented and presented.opens(stored) else None


def _operator() -> Caller:
    """The command line on this machine, in the project it names."""
    with runtime().database.reading() as db:
        project = get_project(db, request.headers.get("X-Truelift-Project", ""))
    return Caller(project, _actor("operator"), scopes=frozenset({"admin"}))


def _by_session() -> Caller | None:
    token = session.get("sign_in")
    if not isinstance(token, str):
        return None
    with runtime().database.reading() as db:
        user = users.signed_in(db, token, now=runtime().clock())
        if user is None or not user.roles:
            return None
        key = request.headers.get("X-Truelift-Project") or session.get("project")
        key = key or next(iter(user.roles))
        if key not in user.roles:
            raise NotFound(what="project", key=key)
        project = get_project(db, key)
    if request.method not in SAFE_METHODS:
        _check_form()
    return Caller(project, _actor(user.email), role=user.roles[key], user=user)


def _check_form() -> None:
    """Refuse what another site made this browser send."""
    if current_app.config["WTF_CSRF_ENABLED"]:
        csrf.protect()


def _actor(name: str) -> Actor:
    return Actor(name, g.get("request_id"))


def security_headers(response: Response) -> Response:
    """What every answer carries."""
    for name, value in standing_headers(response.mimetype, runtime().settings).items():
        response.headers.setdefault(name, value)
    return response


def standing_headers(mimetype: str | None, settings: Settings) -> dict[str, str]:
    """The headers of every answer of that type, unless it says otherwise."""
    headers = {
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
        "Content-Security-Policy": _policy(mimetype),
    }
    if settings.secure_cookies:
        headers["Strict-Transport-Security"] = "max-age=31536000"
    return headers


def _policy(mimetype: str | None) -> str:
    if mimetype != "text/html":
        return "default-src 'none'; frame-ancestors 'none'"
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
        "font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )
