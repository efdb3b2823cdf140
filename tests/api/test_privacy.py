"""Erasure and retention over HTTP: nothing of the erased is left, in the database or in files."""

import io
import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from experiments.operations.housekeeping import MARK
from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis, experiment_body
from tests.experiments.ledger.imports.factories import long_mapping

RETENTION, TOTALS = "/api/v1/retention", "/api/v1/retention/totals"
AT = "2025-03-10T09:00:00+09:00"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def erase(api: Api, unit_id: str, **query: str) -> TestResponse:
    return api.delete(f"/api/v1/units/{quote(unit_id, safe='')}", query_string=query)


def ok(answer: TestResponse) -> TestResponse:
    assert answer.status_code < 300, answer.text
    return answer


def plant(app: Flask, api: Api, ids: list[str]) -> None:
    """Customers wherever the service may keep one."""
    create_kpis(api)
    ok(api.post("/api/v1/lists", json={"key": "staff", "name": "S", "kind": "suppression"}))
    ok(api.post("/api/v1/lists/staff/members", json={"add": ids}))
    ok(api.post("/api/v1/experiments", json=experiment_body()))
    ok(api.post("/api/v1/experiments/subject-line/start"))
    given = {"overrides": dict.fromkeys(ids[:1000], "a")}
    path = "/api/v1/experiments/subject-line/overrides"
    ok(api.put(path, json=given, headers={"If-Match": "*", "Idempotency-Key": "o"}))
    sends = [
        {"source_id": f"send-{each}", "experiment": "subject-line", "unit_id": each,
         "variant": "a", "type": "sent", "occurred_at": AT}
        for each in ids
    ]  # fmt: skip
    events = [
        {"source_id": f"open-{each}", "unit_id": each, "type": "open", "occurred_at": AT,
         "properties": {"who": each}}
        for each in ids
    ]  # fmt: skip
    aliases = [{"kind": "unit", "value": f"old {each}", "unit_id": each} for each in ids]
    keyed = {"Idempotency-Key": "e"}
    ok(api.post("/api/v1/exposures", json=sends))
    ok(api.post("/api/v1/events", json=[*events, *events], headers=keyed))
    ok(api.post("/api/v1/events", json=[{"source_id": each, "unit_id": each} for each in ids]))
    ok(api.post("/api/v1/aliases", json=aliases))
    rows = "".join(f"row-{each},{each},click,yesterday,,\n" for each in ids)
    file = io.BytesIO(f"event_id,user_id,type,time,amount,currency\n{rows}".encode())
    form = {"file": (file, "f.csv"), "mapping": json.dumps(long_mapping())}
    ok(api.post("/api/v1/imports", data=form, content_type="multipart/form-data"))
    runtime = app.extensions["truelift"]
    runtime.imports.run_waiting()
    runtime.replica.refresh()


def places(home: Path, database: Database, words: list[str]) -> Iterator[str]:
    """Where a word still stands: any file of the folder, byte by byte."""
    for path in [*home.rglob("*"), Path(database.engine.url.database or "")]:
        if path.is_file():
            content = path.read_bytes()
            for word in words:
                if word.encode() in content:
                    yield f"{path.name}: {word}"


@pytest.mark.parametrize("count", [10, pytest.param(1000, marks=pytest.mark.release)])
def test_nothing_is_left_of_the_erased(
    app: Flask, api: Api, database: Database, tmp_path: Path, count: int
) -> None:
    ids = [f"planted-{number:04}-Ω" for number in range(count)]
    plant(app, api, [*ids, "stays-0001"])
    before = {each.partition(":")[0] for each in places(tmp_path, database, ids)}
    assert {"truelift.db-wal", "configuration.snapshot", "1.rejects"} <= before
    assert any(name.endswith(".parquet") for name in before)
    for each in ids:
        told = ok(erase(api, each)).get_json()
        assert (told["rows"], told["lists"], told["overrides"]) == (3, 1, 1)
        assert told["rejects"] >= 1
    housekeeping = app.extensions["truelift"].housekeeping
    assert (tmp_path / MARK).exists()
    assert housekeeping.tidy()
    assert not (tmp_path / MARK).exists()
    assert list(places(tmp_path, database, ids)) == []
    left = {each.partition(":")[0] for each in places(tmp_path, database, ["stays-0001"])}
    assert "truelift.db" in left
    assert any(name.endswith(".parquet") for name in left)
    event = {"source_id": "n", "unit_id": ids[0], "type": "open", "occurred_at": AT}
    answer = api.post("/api/v1/events", json=event)
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "customer_erased")


def test_whoever_was_erased_is_in_tests_like_anybody(app: Flask, api: Api) -> None:
    plant(app, api, ["minji"])
    question = {"experiment": "subject-line", "unit_id": "minji"}
    assert api.post("/api/v1/assign", json=question).get_json()["reason"] == "override"
    ok(erase(api, "minji"))
    assert api.post("/api/v1/assign", json=question).get_json()["reason"] == "assigned"
    assert api.get("/api/v1/units/minji/experiments").get_json()["exposures"] == []


def test_what_cannot_be_asked_for_is_refused(api: Api, key_for: Callable[..., Api]) -> None:
    assert erase(key_for(["ingest", "read"]), "minji").status_code == 403
    answer = erase(api, "minji", reason="minji asked")
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == "reason"
    assert erase(api, "minji", because="x").status_code == 422
    raw = {"PATH_INFO": "/api/v1/units/\xff"}
    assert api.delete("/api/v1/units/x", environ_overrides=raw).status_code == 422
    assert erase(api, "a/b/experiments", reason="asked for").status_code == 200


def test_retention_is_set_and_told(api: Api, key_for: Callable[..., Api]) -> None:
    nothing = {"days": None, "refused_before": None, "dropped_before": None}
    assert ok(api.get(RETENTION)).get_json() == nothing
    told = ok(api.put(RETENTION, json={"days": 30})).get_json()
    assert told == {"days": 30, "refused_before": "2025-02-08", "dropped_before": None}
    for days in (29, 36_501, "30", 30.5, True):
        assert api.put(RETENTION, json={"days": days}).status_code == 422
    assert api.put(RETENTION, json={}).status_code == 422
    assert key_for(["read"]).put(RETENTION, json={"days": None}).status_code == 403
    assert key_for(["read"]).get(RETENTION).get_json() == told


def test_old_facts_are_refused_and_their_totals_told(app: Flask, api: Api, clock: Clock) -> None:
    facts = [
        {"source_id": f"o-{number}", "unit_id": "minji", "type": "purchase", "value": 1000,
         "occurred_at": f"2025-03-0{1 + number % 3}T09:00:00+09:00"}
        for number in range(7)
    ]  # fmt: skip
    ok(api.post("/api/v1/events", json=facts))
    ok(api.put(RETENTION, json={"days": 30}))
    clock.at += timedelta(days=40)
    answer = ok(api.post("/api/v1/events", json=facts)).get_json()
    assert {(each["field"], each["code"]) for each in answer["rejected"]} == {
        ("occurred_at", "before_retention")
    }
    assert len(answer["rejected"]) == 7
    ((_, swept),) = app.extensions["truelift"].housekeeping.sweep()
    assert swept.dropped == 7
    first = ok(api.get(f"{TOTALS}?limit=2")).get_json()
    assert first["items"][0] == {
        "day": "2025-03-01", "fact": "event", "type": "purchase", "channel": None,
        "currency": "KRW", "machine": False, "facts": 3, "total": "3000",
    }  # fmt: skip
    rest = ok(api.get(f"{TOTALS}?cursor={first['next']}")).get_json()
    days = [each["day"] for each in [*first["items"], *rest["items"]]]
    assert (days, rest["next"]) == (["2025-03-01", "2025-03-02", "2025-03-03"], None)
    assert api.get(f"{TOTALS}?cursor=eA").status_code == 422
    assert ok(api.get(RETENTION)).get_json()["dropped_before"] == "2025-03-04"
