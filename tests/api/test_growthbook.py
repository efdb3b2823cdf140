"""GrowthBook's routes: what clients get, who may ask, and the forms of refusal."""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from api.app import create_app
from api.settings import Settings
from experiments.access import keys
from experiments.kpis.document import KpiDocument
from experiments.kpis.store import create_kpi
from experiments.operations.audit import Actor
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.storage.codec import from_document
from experiments.storage.database import Database
from experiments.storage.projects import Project
from sample_data.documents import SUBJECTS, experiment_document, kpi_documents
from sample_data.subject_line import SUBJECT_LINE
from tests.api.conftest import Api
from tests.conftest import make_project
from tests.experiments.ledger.factories import stored

Refresh = Callable[[], None]
CACHED = "public, max-age=30, stale-while-revalidate=3600, stale-if-error=36000"
A, B = ({"subject": SUBJECTS[key]} for key in "ab")


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One database is enough: what these routes write is tested on both elsewhere."""
    return sqlite_database


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


@pytest.fixture
def client_key_for(
    app: Flask, database: Database, actor: Actor, now: datetime
) -> Callable[[Project], str]:
    """Makes a client key of a project."""

    def make(in_project: Project) -> str:
        with database.transaction() as db:
            key = keys.create_client_key(db, in_project, name="app", actor=actor, now=now)
        app.extensions["truelift"].keeper.refresh()
        return key

    return make


@pytest.fixture
def key(client_key_for: Callable[[Project], str], project: Project) -> str:
    return client_key_for(project)


@pytest.fixture
def act(
    database: Database, project: Project, actor: Actor, now: datetime, app: Flask
) -> Callable[[str], None]:
    """Registers and starts the sample experiment; the function takes an action on it."""
    with database.transaction() as db:
        for document in kpi_documents():
            create_kpi(db, project, from_document(KpiDocument, document), actor=actor, now=now)
        draft = from_document(ExperimentDraft, experiment_document(SUBJECT_LINE))
        register(db, project, draft, actor=actor, now=now)

    def take(action: str) -> None:
        with database.transaction() as db:
            move(db, project, "subject-line", action, actor=actor, now=now)
        app.extensions["truelift"].keeper.refresh()

    take("start")
    return take


def body_of(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.mimetype == "application/json"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    body: dict[str, Any] = answer.get_json()
    assert body["status"] == status
    return body


def refusal_of(answer: TestResponse, status: int = 400) -> str:
    body = body_of(answer, status)
    assert set(body) == {"status", "error"}
    assert answer.headers["Cache-Control"] == "no-store"
    return str(body["error"])


def test_an_app_gets_the_running_tests(client: FlaskClient, key: str, act: object) -> None:
    answer = client.get(f"/api/features/{key}")
    body = body_of(answer)
    assert set(body) == {
        "status", "dateUpdated", "features", "experiments", "savedGroups", "contextualBandits",
    }  # fmt: skip
    [rule] = body["features"]["subject-line"]["rules"]
    assert (rule["variations"], rule["meta"]) == ([A, B], [{"key": "a"}, {"key": "b"}])
    assert rule["ranges"] == [[0, 0.5], [0.5, 1]]
    assert datetime.fromisoformat(body["dateUpdated"]).tzinfo is not None
    assert answer.headers["Cache-Control"] == CACHED
    assert float(answer.headers["X-Config-Age"]) >= 0


def test_an_app_learns_no_names_hypotheses_kpis_or_targets(
    client: FlaskClient, key: str, act: object
) -> None:
    text = client.get(f"/api/features/{key}").text
    text += client.post(f"/api/eval/{key}", json={"attributes": {"id": "u1"}}).text
    draft = experiment_document(SUBJECT_LINE)
    secrets = [draft["name"], draft["hypothesis"], draft["owner"], "A안", "human_open", "email"]
    assert [secret for secret in secrets if secret and secret in text] == []


def test_what_an_app_holds_already_is_not_sent_again(
    client: FlaskClient, key: str, act: Callable[[str], None]
) -> None:
    tag = client.get(f"/api/features/{key}").headers["ETag"]
    again = client.get(f"/api/features/{key}", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag
    assert again.headers["Cache-Control"] == CACHED
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    act("pause")
    changed = client.get(f"/api/features/{key}", headers={"If-None-Match": tag})
    assert body_of(changed)["features"] == {}
    act("resume")
    assert client.get(f"/api/features/{key}").headers["ETag"] == tag


def test_another_projects_tag_is_not_this_ones(
    client: FlaskClient,
    key: str,
    client_key_for: Callable[[Project], str],
    database: Database,
    now: datetime,
) -> None:
    other = client_key_for(make_project(database, now, "other"))
    tags = [client.get(f"/api/features/{each}").headers["ETag"] for each in (key, other)]
    assert client.get(f"/api/features/{key}").json == {
        **client.get(f"/api/features/{other}").json,  # type: ignore[dict-item] # an object
    }
    assert tags[0] != tags[1]
    crossed = client.get(f"/api/features/{other}", headers={"If-None-Match": tags[0]})
    assert crossed.status_code == 200


def test_another_projects_tests_are_not_told(
    client: FlaskClient,
    act: object,
    client_key_for: Callable[[Project], str],
    database: Database,
    now: datetime,
) -> None:
    other = client_key_for(make_project(database, now, "other"))
    assert body_of(client.get(f"/api/features/{other}"))["features"] == {}
    asked = client.post(f"/api/eval/{other}", json={"attributes": {"id": "u1"}})
    assert body_of(asked)["features"] == {}


def routes(key: str) -> list[tuple[str, str]]:
    return [
        ("GET", f"/api/features/{key}"),
        ("POST", f"/api/eval/{key}"),
        ("POST", f"/track?client_key={key}"),
    ]


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_page_of_any_address_may_ask(client: FlaskClient, key: str, index: int) -> None:
    method, path = routes(key)[index]
    asked = {
        "Origin": "https://shop.example",
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "content-type",
    }
    for known in (path, path.replace(key, "tlc_nobody")):
        answer = client.open(known, method="OPTIONS", headers=asked)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert method in answer.headers["Access-Control-Allow-Methods"]
        assert "Content-Type" in answer.headers["Access-Control-Allow-Headers"]
        assert "Access-Control-Allow-Credentials" not in answer.headers


@pytest.mark.parametrize("index", [0, 1, 2])
def test_a_key_that_opens_nothing_is_refused_for_good(
    client: FlaskClient, api: Api, key: str, database: Database, index: int,
    project: Project, actor: Actor, now: datetime, app: Flask,
) -> None:  # fmt: skip
    with database.transaction() as db:
        keys.revoke_key(db, project, key, actor=actor, now=now - timedelta(seconds=1))
    app.extensions["truelift"].keeper.refresh()
    secret_id = api.key.split("_")[1]
    for unknown in (key, "tlc_nobody", secret_id, api.key, "x"):
        method, path = routes(unknown)[index]
        answer = client.open(path, method=method, json={})
        assert "client key" in refusal_of(answer)
        assert answer.headers["x-unrecoverable"] == "1"
        assert api.key not in answer.text
    if index == 2:
        assert "client key" in refusal_of(client.post("/track", json=[]))


def test_a_client_key_opens_nothing_else(client: FlaskClient, key: str) -> None:
    for headers in ({"Authorization": f"Bearer {key}"}, {"X-API-Key": key}):
        assert client.get("/api/v1/kpis", headers=headers).status_code == 401
    assert client.get("/api/v1/kpis", query_string={"client_key": key}).status_code == 401


def test_a_customer_is_evaluated_here(client: FlaskClient, key: str, act: object) -> None:
    answer = client.post(
        f"/api/eval/{key}",
        json={
            "attributes": {"id": "홍길동"},
            "forcedVariations": {},
            "forcedFeatures": [],
            "url": "",
        },
    )
    [rule] = body_of(answer)["features"]["subject-line"]["rules"]
    assert rule["force"] == A
    [track] = rule["tracks"]
    assert track["experiment"]["key"] == "subject-line"
    assert track["result"]["key"] == "a"
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_developer_may_force_a_value_and_an_unknown_field_does_no_harm(
    client: FlaskClient, key: str, act: object
) -> None:
    asked = {"attributes": {"id": "u1"}, "forcedVariations": {"subject-line": 1}, "news": True}
    body = body_of(client.post(f"/api/eval/{key}", json=asked))
    assert body["features"]["subject-line"]["rules"] == [{"force": B}]
    asked = {"forcedFeatures": [["subject-line", 0.5], ["gone", 1]]}
    body = body_of(client.post(f"/api/eval/{key}", json=asked))
    assert body["features"] == {"subject-line": {"defaultValue": None, "rules": [{"force": 0.5}]}}


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"[]", "an object"),
        (b"{", "JSON"),
        (b'{"attributes": {"id": NaN}}', "JSON"),
        (b'{"attributes": []}', ""),
        (b'{"attributes": [1]}', "attributes"),
        (b'{"attributes": {"id": ""}}', ""),
        (json.dumps({"attributes": {"id": "x" * 1025}}).encode(), "attributes.id"),
        (b'{"forcedVariations": {"subject-line": "b"}}', "forcedVariations.subject-line"),
        (b'{"forcedVariations": {"subject-line": true}}', "forcedVariations.subject-line"),
        (b'{"forcedFeatures": {"subject-line": 1}}', "forcedFeatures"),
        (b'{"forcedFeatures": [["subject-line"]]}', "forcedFeatures"),
    ],
)
def test_a_question_that_does_not_fit_is_refused_by_field(
    client: FlaskClient, key: str, body: bytes, named: str
) -> None:
    answer = client.post(f"/api/eval/{key}", data=body, content_type="application/json")
    if named:
        assert named in refusal_of(answer)
    else:
        body_of(answer)


def test_a_body_without_end_is_refused(client: FlaskClient, key: str) -> None:
    answer = client.post(f"/api/eval/{key}", data=b" " * 300_000)
    refusal_of(answer, 413)


VIEWED = {
    "event_name": "$$experiment_viewed",
    "properties_json": {
        "experiment_id": "subject-line", "variation_id": 1, "variation_key": "b",
        "in_experiment": True, "hash_used": True, "hash_attribute": "id", "hash_value": "u1",
    },
    "sdk_language": "python", "sdk_version": "4.0.0", "url": "", "context_json": {},
    "user_id": None, "device_id": "u1", "page_id": None, "session_id": None,
}  # fmt: skip
BOUGHT = {
    "event_name": "purchase",
    "properties_json": {"value": 42000, "order": "o-1"},
    "device_id": "u1",
}


def track(client: FlaskClient, key: str, body: object) -> TestResponse:
    text = body if isinstance(body, bytes) else json.dumps(body).encode()
    return client.post(f"/track?client_key={key}", data=text, content_type="text/plain")


def test_what_plugins_send_is_recorded_once(
    client: FlaskClient, key: str, act: object, database: Database, clock: Any
) -> None:
    evaluated = {"event_name": "$$feature_evaluated", "properties_json": {}, "device_id": "u1"}
    answer = track(client, key, [VIEWED, BOUGHT, evaluated])
    assert body_of(answer) == {
        "status": 200, "accepted": 2, "duplicates": 0, "ignored": 1, "conflicts": [],
        "rejected": [],
    }  # fmt: skip
    clock.at += timedelta(hours=1)
    again = body_of(track(client, key, [VIEWED]))
    assert (again["accepted"], again["duplicates"]) == (0, 1)
    purchase, exposure = sorted(stored(database), key=lambda row: str(row["fact"]))
    assert (exposure["type"], exposure["variant"]) == ("viewed", "b")
    assert exposure["expected_variant"] in {"a", "b"}
    assert (purchase["type"], purchase["value"], purchase["currency"]) == ("purchase", 42000, "KRW")


def test_one_bad_item_refuses_no_other(client: FlaskClient, key: str, act: object) -> None:
    strange = VIEWED | {"properties_json": VIEWED["properties_json"] | {"variation_key": "z"}}  # type: ignore[operator] # an object
    answer = track(client, key, [7, VIEWED, strange, {"event_name": "click"}])
    body = body_of(answer)
    assert body["accepted"] == 1
    assert [(each["index"], each["field"]) for each in body["rejected"]] == [
        (0, None),
        (2, "variant"),
        (3, "device_id"),
    ]


@pytest.mark.parametrize("body", [b"", b"{", b'{"event_name": "click"}', b"[NaN]", b'"a"', b"\xff"])
def test_a_batch_that_is_none_is_refused(client: FlaskClient, key: str, body: bytes) -> None:
    refusal_of(track(client, key, body))


def test_another_projects_experiment_is_unknown(
    client: FlaskClient,
    act: object,
    client_key_for: Callable[[Project], str],
    database: Database,
    now: datetime,
) -> None:
    other = client_key_for(make_project(database, now, "other"))
    [rejected] = body_of(track(client, other, [VIEWED]))["rejected"]
    assert rejected["code"] == "unknown_experiment"
    assert stored(database) == []


def test_the_database_is_not_asked_for_features(
    client: FlaskClient, key: str, act: object, app: Flask
) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    event.listen(app.extensions["truelift"].database.engine, "before_cursor_execute", note)
    body_of(client.get(f"/api/features/{key}"))
    body_of(client.post(f"/api/eval/{key}", json={"attributes": {"id": "u1"}}))
    assert statements == []


@pytest.mark.parametrize("index", [0, 1, 2])
def test_without_a_configuration_nothing_empty_is_answered(tmp_path: Path, index: int) -> None:
    settings = Settings(
        tmp_path, f"sqlite:///{tmp_path / 'absent' / 'no.db'}", secret_key="k" * 32,
        background=False,
    )  # fmt: skip
    client = create_app(settings).test_client()
    method, path = routes("tlc_somebody")[index]
    answer = client.open(path, method=method, json=[])
    refusal_of(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
