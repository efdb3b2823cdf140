"""The application, put together."""

import secrets
from datetime import timedelta

from flask import Flask, g
from flask_bootstrap import Bootstrap5

from api import auth, errors, i18n, idempotency, inbound_limits, pages, routes
from api.contract import ExactJsonProvider
from api.hot import HotAssign
from api.openapi import DocumentedApi
from api.runtime import Clock, Runtime, utc_now
from api.settings import Settings

SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "A secret key."},
    "header": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "basic": {"type": "http", "scheme": "basic", "description": "The key as user name."},
}
LARGEST_BODY_BYTES = 512 * 1024 * 1024


def create_app(settings: Settings, clock: Clock = utc_now) -> Flask:
    """The WSGI application for these settings.

    Background work (refreshing the configuration, running imports) begins at once where
    ``settings.background`` says so.
    """
    app = routed_app()
    equip(app, settings, clock)
    if settings.background:
        app.extensions["truelift"].start()
    return app


def routed_app() -> Flask:
    """The application with all its routes and pages, and nothing yet to answer from."""
    app = Flask("api")
    app.json = ExactJsonProvider(app)
    app.config.update(
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        WTF_CSRF_TIME_LIMIT=None,
        MAX_CONTENT_LENGTH=LARGEST_BODY_BYTES,
        BOOTSTRAP_SERVE_LOCAL=True,
        API_TITLE="Truelift",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        API_SPEC_OPTIONS={
            "components": {"securitySchemes": SECURITY_SCHEMES},
            "security": [{name: []} for name in SECURITY_SCHEMES],
        },
    )
    app.before_request(_name_request)
    errors.register(app)
    auth.register(app)
    Bootstrap5(app)
    _speak_both_languages(app)
    documented = DocumentedApi(app)
    for blueprint in routes.BLUEPRINTS:
        documented.register_blueprint(blueprint)
    pages.register(app, documented)
    idempotency.register(app)
    app.after_request(auth.security_headers)
    return app


def equip(app: Flask, settings: Settings, clock: Clock = utc_now) -> None:
    """Let the application answer from what these settings name, with counts from nothing."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_NAME="__Host-truelift" if settings.secure_cookies else "truelift",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
    )
    app.extensions["truelift"] = Runtime.build(settings, clock)
    app.extensions["truelift.under_way"] = idempotency.UnderWay()
    inbound_limits.register(app, settings.inbound_rate)
    app.wsgi_app = HotAssign(app)  # type: ignore[method-assign] # as Flask's manual does it


def _name_request() -> None:
    g.request_id = secrets.token_hex(8)


def _speak_both_languages(app: Flask) -> None:
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined] # of that extension
        i18n.gettext, i18n.ngettext, newstyle=True
    )
    app.jinja_env.globals["language"] = i18n.current_language
