"""OpenFeature's protocol: through the test client, and with the real Python provider."""

import threading
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from openfeature import api as openfeature
from openfeature.client import OpenFeatureClient
from openfeature.contrib.provider.ofrep import OFREPProvider
from openfeature.evaluation_context import EvaluationContext
from openfeature.exception import ErrorCode
from werkzeug.serving import make_server

from experiments.storage.database import Database
from tests.api.conftest import Api
from tests.api.registry_bodies import experiment_body, kpi_body
from tests.conftest import make_project

ONE, ALL = "/ofrep/v1/evaluate/flags/banner", "/ofrep/v1/evaluate/flags"
PAYLOADS: dict[str, tuple[Any, Any]] = {
    "banner": ("짧은 제목", "긴 제목"),
    "show-badge": (False, True),
    "page-size": (10, 25),
    "discount": (1.0, 2.5),
    "layout": ({"columns": 2, "이름": "가"}, {"columns": 3, "이름": "나"}),
    "by-key": (None, None),
}
UNITS = [f"c{number:04d}" for number in range(40)] + ["홍길동", "😀", "user-é"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind of database will do: what is asked comes from memory."""
    return sqlite_database


@pytest.fixture
def admin(key_for: Callable[..., Api]) -> Api:
    """A client that may do everything, in a project with the KPI of all tests."""
    client = key_for(["admin"])
    assert client.post("/api/v1/kpis", json=kpi_body()).status_code == 201
    return client


@pytest.fixture
def make(admin: Api) -> Callable[..., None]:
    """Registers a test with the payloads of its key, and takes actions: start unless told."""

    def one(key: str, *actions: str, **changes: Any) -> None:
        a, b = ({} if each is None else {"payload": each} for each in PAYLOADS[key])
        variants = [
            {"key": "a", "name": "A안", "weight": 0.5, "control": True, **a},
            {"key": "b", "name": "B안", "weight": 0.5, **b},
        ]
        goals = [{"kpi": "open", "role": "primary"}]
        body = experiment_body(key=key, variants=variants, goals=goals) | changes
        assert admin.post("/api/v1/experiments", json=body).status_code == 201
        for action in actions or ("start",):
            answer = admin.post(f"/api/v1/experiments/{key}/{action}")
            assert answer.status_code == 200, answer.text

    return one


@pytest.fixture
def assigner(key_for: Callable[..., Api]) -> Api:
    return key_for(["assign"])


def asked(unit_id: object = "홍길동", **attributes: object) -> dict[str, Any]:
    return {"json": {"context": {"targetingKey": unit_id, **attributes}}}


def test_a_flag_is_the_assignment(make: Callable[..., None], assigner: Api) -> None:
    make("banner")
    for unit_id in UNITS:
        flag = assigner.post(ONE, **asked(unit_id)).json
        body = {"experiment": "banner", "unit_id": unit_id}
        assignment = assigner.post("/api/v1/assign", json=body).json
        assert flag is not None
        assert assignment is not None
        assert flag["variant"] == assignment["variant"]
        assert flag["value"] == assignment["payload"]
        assert flag["reason"] == "SPLIT"
        assert flag["metadata"] == {
            "reason": "assigned",
            "phase": 1,
            "bucket": assignment["bucket"],
        }


def test_who_gets_no_variant_is_left_to_the_apps_default(
    make: Callable[..., None], assigner: Api
) -> None:
    make("banner", coverage=0.01)
    make("by-key", "start", "pause")
    uncovered = assigner.post(ONE, **asked()).json
    paused = assigner.post(f"{ALL}/by-key", **asked()).json
    assert uncovered is not None
    assert paused is not None
    assert "value" not in uncovered
    assert uncovered["variant"] is None
    assert (uncovered["reason"], paused["reason"]) == ("UNKNOWN", "DISABLED")
    assert uncovered["metadata"]["reason"] == "not_covered"
    assert paused["metadata"]["reason"] == "paused"


def test_all_flags_come_at_once_with_a_tag(make: Callable[..., None], assigner: Api) -> None:
    for key in ("layout", "banner"):
        make(key)
    make("by-key", "start", "stop")
    answer = assigner.post(ALL, **asked())
    assert answer.json is not None
    assert [flag["key"] for flag in answer.json["flags"]] == ["banner", "layout"]
    tag = answer.headers["ETag"]
    known = {"If-None-Match": tag}
    again = assigner.post(ALL, **asked(), headers=known)
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    assert assigner.post(ALL, **asked("c0001"), headers=known).status_code == 200
    make("page-size")
    assert assigner.post(ALL, **asked(), headers=known).status_code == 200


def test_the_tag_of_another_project_is_no_use(
    make: Callable[..., None],
    assigner: Api,
    key_for: Callable[..., Api],
    database: Database,
    now: datetime,
) -> None:
    make("banner", "start", "stop")
    elsewhere = key_for(["assign"], make_project(database, now, "other"))
    mine, theirs = assigner.post(ALL, **asked()), elsewhere.post(ALL, **asked())
    assert mine.json == theirs.json
    assert mine.headers["ETag"] != theirs.headers["ETag"]
    known = {"If-None-Match": mine.headers["ETag"]}
    assert elsewhere.post(ALL, **asked(), headers=known).status_code == 200


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({}, "TARGETING_KEY_MISSING"),
        ({"context": {}}, "TARGETING_KEY_MISSING"),
        ({"context": {"targetingKey": ""}}, "TARGETING_KEY_MISSING"),
        ({"context": {"targetingKey": None}}, "TARGETING_KEY_MISSING"),
        ({"context": {"targetingKey": 7}}, "INVALID_CONTEXT"),
        ({"context": {"targetingKey": True}}, "INVALID_CONTEXT"),
        ({"context": {"targetingKey": ["u1"]}}, "INVALID_CONTEXT"),
        ({"context": {"targetingKey": "x" * 1025}}, "INVALID_CONTEXT"),
        ({"context": []}, "INVALID_CONTEXT"),
        ([], "INVALID_CONTEXT"),
    ],
)
@pytest.mark.parametrize("address", [ONE, ALL])
def test_a_context_without_a_unit_is_refused(
    make: Callable[..., None], assigner: Api, address: str, body: object, code: str
) -> None:
    make("banner")
    answer = assigner.post(address, json=body)
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errorCode"] == code
    assert answer.json["errorDetails"]
    assert answer.json.get("key") == ("banner" if address == ONE else None)


@pytest.mark.parametrize("body", [b"{", b"\xff", b'{"context": {"targetingKey": NaN}}', b""])
def test_a_body_that_is_no_json_is_refused(assigner: Api, body: bytes) -> None:
    answer = assigner.post(ONE, data=body, content_type="application/json; charset=utf-8")
    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["errorCode"] == "PARSE_ERROR"


def test_an_unknown_flag_is_not_found(assigner: Api) -> None:
    answer = assigner.post(f"{ALL}/nothing", **asked())
    assert (answer.status_code, answer.json and answer.json["errorCode"]) == (404, "FLAG_NOT_FOUND")


def test_a_test_of_another_project_is_not_found(
    make: Callable[..., None], key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    make("banner")
    elsewhere = key_for(["assign"], make_project(database, now, "other"))
    assert elsewhere.post(ONE, **asked()).status_code == 404
    found = elsewhere.post(ALL, **asked()).json
    assert found == {"flags": [], "metadata": {}}


def test_who_may_not_ask_is_told_in_the_protocols_form(
    app: Flask, key_for: Callable[..., Api]
) -> None:
    nobody = app.test_client().post(ONE, **asked())
    reader = key_for(["read"]).post(ONE, **asked())
    assert (nobody.status_code, reader.status_code) == (401, 403)
    assert nobody.headers["WWW-Authenticate"].lower().startswith("bearer")
    for answer in (nobody, reader):
        assert answer.json is not None
        assert answer.json["errorCode"] == "GENERAL"
        assert answer.json["errorDetails"]


@pytest.fixture
def provider(app: Flask, assigner: Api) -> Iterator[OpenFeatureClient]:
    """OpenFeature's client on the real provider, on a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    headers = {"Authorization": f"Bearer {assigner.key}"}
    made = OFREPProvider(f"http://127.0.0.1:{server.port}", headers_factory=lambda: headers)
    openfeature.set_provider(made)
    yield openfeature.get_client()
    openfeature.clear_providers()
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_real_provider_gets_values_of_every_type(
    make: Callable[..., None], provider: OpenFeatureClient, assigner: Api
) -> None:
    for key in PAYLOADS:
        make(key)
    ask: dict[str, tuple[Callable[..., Any], Any]] = {
        "banner": (provider.get_string_details, "?"),
        "show-badge": (provider.get_boolean_details, None),
        "page-size": (provider.get_integer_details, -1),
        "discount": (provider.get_float_details, -1.0),
        "layout": (provider.get_object_details, {}),
        "by-key": (provider.get_string_details, "?"),
    }
    for unit_id in UNITS[-6:]:
        context = EvaluationContext(targeting_key=unit_id, attributes={"country": "KR", "n": 1})
        for key, (question, default) in ask.items():
            found = question(key, default, context)
            body = {"experiment": key, "unit_id": unit_id}
            mine = assigner.post("/api/v1/assign", json=body).json
            assert mine is not None
            assert found.error_code is None, found
            assert found.variant == mine["variant"]
            assert found.value == (mine["variant"] if key == "by-key" else mine["payload"])


def test_the_real_provider_falls_back_to_the_apps_default(
    make: Callable[..., None], provider: OpenFeatureClient
) -> None:
    make("banner", coverage=0.01)
    context = EvaluationContext(targeting_key="홍길동")
    uncovered = provider.get_string_details("banner", "default", context)
    unknown = provider.get_string_details("nothing", "default", context)
    nobody = provider.get_string_details("banner", "default", EvaluationContext())
    assert [each.value for each in (uncovered, unknown, nobody)] == ["default"] * 3
    assert uncovered.error_code is None
    assert unknown.error_code is ErrorCode.FLAG_NOT_FOUND
    assert nobody.error_code is ErrorCode.TARGETING_KEY_MISSING
