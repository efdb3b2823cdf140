"""The guard: closed unless a route says otherwise."""

from collections.abc import Callable
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.auth import OPEN_ROUTES, ClientAccess, TokenAccess
from experiments.access.keys import create_client_key, create_secret_key
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import PASSWORD, Api

# What a stranger is told where it is not to sign in or to show a key.
REFUSALS: dict[object, set[int]] = {ClientAccess: {400}, TokenAccess: {404}}


def test_every_route_is_open_by_name_or_says_who_may_use_it(app: Flask) -> None:
    endpoints = {rule.endpoint for rule in app.url_map.iter_rules()}
    closed = {name for name in endpoints if not hasattr(app.view_functions[name], "access")}
    assert closed == OPEN_ROUTES & endpoints
    assert endpoints >= OPEN_ROUTES


def test_a_route_without_a_rule_is_closed(app: Flask, api: Api) -> None:
    own = create_app(app.extensions["truelift"].settings)
    own.add_url_rule("/api/v1/forgotten", "forgotten", lambda: "secrets")
    answer = Api(own.test_client(), api.key).get("/api/v1/forgotten")
    own.extensions["truelift"].stop()
    assert answer.status_code == 403
    assert answer.mimetype == "application/problem+json"


def test_every_closed_route_refuses_a_stranger(app: Flask) -> None:
    stranger = app.test_client()
    for rule in app.url_map.iter_rules():
        if rule.endpoint in OPEN_ROUTES:
            continue
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        refusals = REFUSALS.get(type(access), {302, 401})
        path = rule.rule
        for argument in rule.arguments:
            path = path.replace(f"<{argument}>", "x").replace(f"<int:{argument}>", "1")
        for method in (rule.methods or set()) - {"OPTIONS", "HEAD"}:
            answer = stranger.open(path, method=method)
            assert answer.status_code in refusals, (method, path, answer.text)


def test_an_unknown_key_is_refused(app: Flask) -> None:
    answer = app.test_client().get(
        "/api/v1/kpis", headers={"Authorization": "Bearer tls_aaaaaaaa_nothing"}
    )
    assert answer.status_code == 401
    assert answer.json is not None
    assert answer.json["title"] == "Sign in first"


def test_keys_made_by_another_process_hold_at_once(
    app: Flask, database: Database, project: Project, now: datetime
) -> None:
    actor = Actor("elsewhere")
    with database.transaction() as db:
        client = create_client_key(db, project, name="app", actor=actor, now=now)
    asking = app.test_client()
    assert asking.get(f"/api/features/{client}").status_code == 200
    with database.transaction() as db:
        secret = create_secret_key(db, project, name="new", scopes=["read"], actor=actor, now=now)
    shown = {"Authorization": f"Bearer {secret}"}
    assert asking.get("/api/v1/kpis", headers=shown).status_code == 200


def test_a_key_may_stand_in_three_places(app: Flask, api: Api) -> None:
    client = app.test_client()
    for headers in ({"X-API-Key": api.key}, {"Authorization": f"Bearer {api.key}"}):
        assert client.post("/sign-out", headers=headers).status_code == 403
    assert client.post("/sign-out", auth=(api.key, "")).status_code == 403


def test_a_broken_credential_is_not_passed_over_for_a_session(
    app: Flask, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("viewer")
    assert browser.get("/api/v1/kpis").status_code == 200
    answer = browser.get("/api/v1/kpis", headers={"Authorization": "Basic x"})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_key_does_not_reach_the_project_it_names_in_vain(api: Api) -> None:
    assert api.get("/api/v1/kpis", headers={"X-Truelift-Project": "shop"}).status_code == 200
    assert api.get("/api/v1/kpis", headers={"X-Truelift-Project": "other"}).status_code == 404


def test_the_description_says_how_to_show_a_key(api: Api) -> None:
    described = api.get("/openapi.json").json
    assert described is not None
    assert set(described["components"]["securitySchemes"]) == {"bearer", "header", "basic"}


def test_a_key_without_the_scope_is_refused(key_for: Callable[..., Api]) -> None:
    assert key_for(["assign"]).get("/api/v1/kpis").status_code == 403


def test_signing_in_and_out(app: Flask, browser_for: Callable[[str], FlaskClient]) -> None:
    browser = browser_for("viewer")
    assert browser.post("/sign-out").status_code == 302
    assert browser.post("/sign-out").status_code == 401


def test_a_wrong_password_is_said_on_the_form(
    app: Flask, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser_for("viewer")
    answer = app.test_client().post(
        "/sign-in", data={"email": "viewer@example.com", "password": "wrong"}
    )
    assert answer.status_code == 401
    assert "do not fit together" in answer.text


def test_a_form_without_its_token_is_refused(
    app: Flask, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("viewer")
    app.config["WTF_CSRF_ENABLED"] = True
    assert browser.post("/sign-out").status_code == 400
    fresh = app.test_client()
    answer = fresh.post("/sign-in", data={"email": "viewer@example.com", "password": PASSWORD})
    assert answer.status_code == 400


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example"])
def test_signing_in_leads_nowhere_else(
    app: Flask, browser_for: Callable[[str], FlaskClient], address: str
) -> None:
    browser_for("viewer")
    answer = app.test_client().post(
        "/sign-in",
        query_string={"next": address},
        data={"email": "viewer@example.com", "password": PASSWORD},
    )
    assert answer.headers["Location"] == "/"


def test_every_answer_carries_the_security_headers(app: Flask) -> None:
    client = app.test_client()
    for path in ("/healthz", "/sign-in", "/nowhere", "/api/v1/kpis", "/docs"):
        headers = client.get(path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
