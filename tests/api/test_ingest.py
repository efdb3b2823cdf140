"""Recording over HTTP: one and many, good and bad, and who may."""

import json
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import Api
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT, event_item, exposure_item, register, stored

NOTHING = {"accepted": 0, "duplicates": 0, "conflicts": [], "rejected": []}
ONE = NOTHING | {"accepted": 1}


@pytest.fixture
def source(key_for: Callable[..., Api]) -> Api:
    """A client whose key may report, and nothing else."""
    return key_for(["ingest"])


def test_one_event_is_recorded(source: Api, database: Database, project: Project) -> None:
    answer = source.post("/api/v1/events", json=event_item(type="purchase", value=42000))
    assert (answer.status_code, answer.json) == (200, ONE)
    [row] = stored(database)
    assert (row["project_id"], row["value"], row["currency"]) == (project.id, 42000, "KRW")


def test_one_exposure_is_recorded(source: Api, database: Database, project: Project) -> None:
    register(database, project)
    answer = source.post("/api/v1/exposures", json=exposure_item(channel="alimtalk"))
    assert (answer.status_code, answer.json) == (200, ONE)
    assert stored(database)[0]["variant"] == "a"


def test_a_list_is_answered_item_by_item(source: Api, database: Database) -> None:
    source.post("/api/v1/events", json=event_item(source_id="known"))
    answer = source.post(
        "/api/v1/events",
        json=[
            event_item(source_id="new"),
            event_item(source_id="known"),
            event_item(source_id="known", type="click"),
            event_item(source_id="bad", occurred_at="2025-03-10 10:00"),
            {"unit_id": "1"},
            event_item(source_id="new"),
            "event",
            event_item(source_id="lost", experiment="autumn"),
        ],
    )
    assert answer.status_code == 200
    assert answer.json is not None
    assert (answer.json["accepted"], answer.json["duplicates"]) == (1, 2)
    assert answer.json["conflicts"] == [{"index": 2, "id": "known"}]
    told = [
        (each["index"], each["id"], each["field"], each["code"]) for each in answer.json["rejected"]
    ]
    assert told == [
        (3, "bad", "occurred_at", "invalid"),
        (4, None, "source_id", "missing"),
        (6, None, None, "invalid"),
        (7, "lost", "experiment", "unknown_experiment"),
    ]
    assert "no experiment 'autumn'" in answer.json["rejected"][3]["message"]
    assert [row["source_id"] for row in stored(database)] == ["known", "new"]


@pytest.mark.parametrize(
    ("path", "item", "field"),
    [
        ("events", event_item(unit_id=None), "unit_id"),
        ("events", event_item(source_id=None), "source_id"),
        ("events", event_item(occurred_at="2025-03-10T10:00:00"), "occurred_at"),
        ("events", event_item(user="1"), "user"),
        ("events", event_item(value="12"), "value"),
        ("events", event_item(type="purchase", value=0.5), "value"),
        ("events", event_item(properties={"a": {"b": "x" * 20_000}}), "properties"),
        ("exposures", exposure_item(variant="zebra"), "variant"),
        ("exposures", exposure_item(experiment="autumn"), "experiment"),
        ("exposures", exposure_item(type="mailed"), "type"),
    ],
)
def test_a_single_bad_item_is_refused_naming_the_field(
    source: Api, database: Database, project: Project, path: str, item: dict[str, Any], field: str
) -> None:
    register(database, project)
    answer = source.post(f"/api/v1/{path}", json=item)
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert [each["field"] for each in answer.json["errors"]] == [field]
    assert stored(database) == []


@pytest.mark.parametrize("body", ["7", '"event"', "null"])
def test_a_body_that_is_no_item_is_refused(source: Api, body: str) -> None:
    answer = source.post("/api/v1/events", data=body, content_type="application/json")
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[1,]",
        b'{"a":1,"a":2}',
        b'{"value":NaN}',
        b"[" * 100_000,
        b"\xff",
        b'["\\ud800"]',
    ],
)
def test_a_body_that_is_not_json_is_refused_whole(source: Api, body: bytes) -> None:
    answer = source.post("/api/v1/events", data=body, content_type="application/json")
    assert answer.status_code == 400


def test_another_content_type_is_refused(source: Api) -> None:
    answer = source.post("/api/v1/events", data=json.dumps(event_item()), content_type="text/plain")
    assert answer.status_code == 415


def test_an_empty_list_records_nothing(source: Api) -> None:
    assert source.post("/api/v1/events", json=[]).json == NOTHING


def test_ten_thousand_fit_and_no_more(source: Api, database: Database) -> None:
    items = [event_item(source_id=f"e-{number}") for number in range(10_001)]
    answer = source.post("/api/v1/events", json=items)
    assert answer.status_code == 422
    assert answer.json is not None
    assert answer.json["type"] == "/problems/batch_too_long"
    answer = source.post("/api/v1/events", json=items[1:])
    assert answer.json == NOTHING | {"accepted": 10_000}
    assert source.post("/api/v1/events", json=items[1:]).json == NOTHING | {"duplicates": 10_000}


def test_a_body_beyond_16_mb_is_refused(source: Api) -> None:
    body = b'{"source_id":"' + b"x" * (16 * 1024 * 1024) + b'"}'
    answer = source.post("/api/v1/events", data=body, content_type="application/json")
    assert answer.status_code == 413


def test_amounts_beyond_a_floats_precision_arrive_exactly(source: Api, database: Database) -> None:
    body = json.dumps(
        [
            event_item(source_id="big", type="purchase", value=9007199254740993, currency="KRW"),
            event_item(source_id="fine", value=0.5),
        ]
    ).replace("0.5", "90071992547.409931")
    source.post("/api/v1/events", data=body, content_type="application/json")
    big, fine = stored(database)
    assert big["value"] == 9007199254740993
    assert Decimal(fine["value"]) == Decimal("90071992547.409931") * 1_000_000


def test_refusals_speak_the_readers_language(source: Api) -> None:
    answer = source.post(
        "/api/v1/events", json=[event_item(unit_id=None)], headers={"Accept-Language": "en"}
    )
    assert answer.json is not None
    assert answer.json["rejected"][0]["message"] == "this field is required"


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/exposures"])
@pytest.mark.parametrize("scope", ["assign", "read"])
def test_other_keys_may_not_report(key_for: Callable[..., Api], path: str, scope: str) -> None:
    assert key_for([scope]).post(path, json=[]).status_code == 403


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 403), ("marketer", 200)])
def test_people_report_from_marketer_up(
    browser_for: Callable[[str], FlaskClient], role: str, status: int
) -> None:
    assert browser_for(role).post("/api/v1/events", json=[]).status_code == status


def test_nobody_reports_without_a_key(app: Flask) -> None:
    assert app.test_client().post("/api/v1/events", json=[]).status_code == 401


def test_a_fact_goes_to_the_project_of_the_key_and_to_no_other(
    key_for: Callable[..., Api], database: Database, project: Project
) -> None:
    register(database, project)
    foreign = key_for(["ingest"], make_project(database, AT, key="other"))
    answer = foreign.post("/api/v1/exposures", json=exposure_item())
    assert answer.status_code == 422
    assert foreign.post("/api/v1/events", json=event_item()).json == ONE
    assert key_for(["ingest"]).post("/api/v1/events", json=event_item(type="click")).json == ONE


def test_the_items_are_described(app: Flask) -> None:
    document = app.test_client().get("/openapi.json").json
    assert document is not None
    body = document["paths"]["/api/v1/events"]["post"]["requestBody"]
    schemas = body["content"]["application/json"]["schema"]["oneOf"]
    assert schemas[0] == {"$ref": "#/components/schemas/Event"}
    assert schemas[1]["items"] == schemas[0]
    assert document["components"]["schemas"]["Exposure"]["required"] == [
        "experiment", "occurred_at", "source_id", "type",
    ]  # fmt: skip
