"""Bodies that come compressed or in pieces, and a service with enough to do."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from experiments.storage.database import Database
from tests.api.conftest import Api
from tests.experiments.ledger.factories import event_item, exposure_item, register, stored

GZIP = {"Content-Encoding": "gzip"}
ONE = {"accepted": 1, "duplicates": 0, "conflicts": [], "rejected": []}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One database will do: bodies are read before it is asked."""
    return sqlite_database


@pytest.fixture
def source(key_for: Callable[..., Api]) -> Api:
    return key_for(["ingest"])


def post(source: Api, body: bytes, path: str = "/api/v1/events", **headers: str) -> Any:
    return source.post(path, data=body, content_type="application/json", headers=GZIP | headers)


def test_compressed_facts_are_recorded(source: Api, database: Database, project: Any) -> None:
    register(database, project)
    assert post(source, gzip.compress(json.dumps([event_item()]).encode())).json == ONE
    body = gzip.compress(json.dumps(exposure_item(unit_id="홍길동")).encode())
    assert post(source, body, "/api/v1/exposures").json == ONE
    assert [row["unit_id"] for row in stored(database)] == ["1", "홍길동"]


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/exposures"])
def test_a_bomb_is_refused_and_nothing_is_kept(source: Api, database: Database, path: str) -> None:
    bomb = gzip.compress(b"[" + b" " * (17 * 1024 * 1024) + b"]")
    assert len(bomb) < 100_000
    assert post(source, bomb, path).status_code == 413
    assert stored(database) == []


@pytest.mark.parametrize(
    "cut",
    [lambda body: body[:-1], lambda body: body[: len(body) // 2], lambda _: b"", lambda _: b"{}"],
)
def test_what_was_cut_short_or_is_no_gzip_is_refused(
    source: Api, database: Database, cut: Callable[[bytes], bytes]
) -> None:
    body = gzip.compress(json.dumps([event_item()]).encode())
    answer = post(source, cut(body))
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert stored(database) == []


def test_another_compression_is_refused(source: Api) -> None:
    answer = source.post("/api/v1/events", json=[], headers={"Content-Encoding": "br"})
    assert answer.status_code == 415


@pytest.mark.parametrize("path", ["/api/v1/events", "/api/v1/exposures", "/v1/batch"])
def test_a_service_that_has_enough_to_do_says_when_to_come_again(
    source: Api, app: Flask, database: Database, path: str
) -> None:
    writer = app.extensions["truelift"].recorder.writer
    writer._waiting_rows = writer._most_rows
    answers = [source.post(path, json=[event_item()]) for _ in range(20)]
    assert {answer.status_code for answer in answers} == {503}
    waits = {int(answer.headers["Retry-After"]) for answer in answers}
    assert waits <= {1, 2, 3}
    assert len(waits) > 1, "not everybody at the same moment"
    told = answers[0].json
    assert told is not None
    if path == "/v1/batch":
        assert told["code"] == "ledger_busy"
    else:
        assert answers[0].mimetype == "application/problem+json"
        assert told["type"] == "/problems/ledger_busy"
    writer._waiting_rows = 0
    assert stored(database) == []
    if path == "/api/v1/events":
        assert source.post(path, json=[event_item()]).json == ONE
