"""Segment's and RudderStack's batches: 200 with one result per call, refusals as they read them."""

import gzip
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from experiments.storage.database import Database
from experiments.storage.tables import ledger
from tests.api.conftest import Api, Clock
from tests.experiments.ledger.sources.test_recorded import recorded

BOMB = gzip.compress(b" " * 20_000_000)
TRACK = {
    "type": "track", "messageId": "m-1", "userId": "u-1", "event": "Cart Viewed",
    "timestamp": "2025-03-10T00:59:00.000Z",
}  # fmt: skip


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def client(key_for: Callable[..., Api]) -> Api:
    return key_for(["ingest"])


def post(
    api: Api, body: object, *, headers: dict[str, str] | None = None, key: str | None = None
) -> TestResponse:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    client: FlaskClient = api.client
    return client.post("/v1/batch", data=data, headers=headers or {}, auth=(key or api.key, ""))


def batch(*items: dict[str, Any], sent_at: str = "2025-03-10T01:00:00.000Z") -> dict[str, Any]:
    return {"batch": list(items), "sentAt": sent_at, "writeKey": "somebody"}


def rows(database: Database) -> list[Any]:
    with database.reading() as db:
        return list(db.execute(select(ledger).order_by(ledger.c.source_id)))


def test_the_recorded_batch_is_kept_and_what_is_not_is_listed(
    client: Api, database: Database
) -> None:
    answer = post(client, recorded("segment")["body"])
    assert answer.status_code == 200
    assert answer.json is not None
    assert answer.json["success"] is True
    assert (answer.json["accepted"], answer.json["ignored"]) == (11, 2)
    # No test of that name is registered: the exposure is listed, the tagged click is kept.
    refused = {each["index"]: each["code"] for each in answer.json["rejected"]}
    assert refused == {0: "unknown_experiment"}
    events = [row for row in rows(database) if row.fact == "event"]
    assert [row.type for row in events] == ["click", "purchase", "refund", "Product Added", "open"]
    assert [row.value for row in events][1:3] == [42000, -42000]
    assert '"experiment":"spring-mail"' in json.dumps(events[0].properties).replace(" ", "")
    said = sorted(row.type for row in rows(database) if row.fact == "alias")
    assert said == ["anonymous", "anonymous", "anonymous", "email", "phone", "unit"]


def test_a_retry_has_another_time_of_sending_and_counts_once(client: Api, clock: Clock) -> None:
    assert post(client, batch(TRACK)).json["accepted"] == 1  # type: ignore[index] # there is a body
    again = post(client, batch(TRACK, sent_at="2025-03-10T01:00:30.000Z")).json
    assert again is not None
    assert (again["accepted"], again["duplicates"], again["conflicts"]) == (0, 1, [])
    other = post(client, batch({**TRACK, "event": "Cart Left"})).json
    assert other is not None
    assert [each["id"] for each in other["conflicts"]] == ["m-1"]


def test_a_wrong_clock_is_set_right_and_a_retry_stays_one(client: Api, database: Database) -> None:
    ahead = {**TRACK, "timestamp": "2025-03-11T01:59:00.000Z"}
    assert post(client, batch(ahead, sent_at="2025-03-11T02:00:00.000Z")).status_code == 200
    answer = post(client, batch(ahead, sent_at="2025-03-11T02:00:07.000Z")).json
    assert answer is not None
    assert (answer["duplicates"], answer["conflicts"]) == (1, [])
    assert rows(database)[0].occurred_at == 1741568340_000000  # 00:59, as it was


@pytest.mark.parametrize("sent_at", ["yesterday", "", "2199-01-01T00:00:00Z"])
def test_an_odd_time_of_sending_loses_no_event(client: Api, sent_at: str) -> None:
    answer = post(client, batch({**TRACK, "timestamp": "2199-12-31T00:00:00Z"}, sent_at=sent_at))
    assert answer.status_code == 200


def test_gzip_and_any_content_type_are_read(client: Api) -> None:
    packed = gzip.compress(json.dumps(batch(TRACK)).encode())
    headers = {
        "Content-Encoding": "gzip",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    answer = post(client, packed, headers=headers)
    assert answer.json is not None
    assert answer.json["accepted"] == 1


@pytest.mark.parametrize(
    ("body", "headers", "status", "code"),
    [
        (b"{", {}, 400, "bad_request"),
        (b"\xff", {}, 400, "bad_request"),
        (b"[]", {}, 422, "invalid"),
        (b'{"batch": {}}', {}, 422, "invalid"),
        (b"[" * 100_000, {}, 400, "bad_request"),
        (b"not gzip", {"Content-Encoding": "gzip"}, 400, "bad_request"),
        (gzip.compress(b"{}" * 99, mtime=0)[:-9], {"Content-Encoding": "gzip"}, 400, "bad_request"),
        (BOMB, {"Content-Encoding": "gzip"}, 413, "request_entity_too_large"),
        (b"{}", {"Content-Encoding": "br"}, 415, "unsupported_media_type"),
    ],
)  # fmt: skip
def test_a_body_that_is_no_batch_is_refused_as_the_libraries_read_it(
    client: Api, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = post(client, body, headers=headers)
    assert (answer.status_code, answer.mimetype) == (status, "application/json")
    assert answer.json is not None
    assert answer.json["code"] == code
    assert answer.json["message"]


def test_a_wrong_key_is_401_and_one_without_the_scope_403(
    client: Api, key_for: Callable[..., Api]
) -> None:
    wrong = post(client, batch(TRACK), key="somebody")
    assert wrong.status_code == 401
    assert wrong.json is not None
    assert wrong.json["code"] == "unauthorized"
    assert "WWW-Authenticate" in wrong.headers
    assert post(key_for(["read"]), batch(TRACK)).status_code == 403


def test_texts_that_no_database_keeps_cost_their_item_only(client: Api) -> None:
    bad = {**TRACK, "messageId": "m-2", "properties": {"a": "\ud800"}}
    worse = {**TRACK, "messageId": "\0"}
    answer = post(client, batch(bad, worse, TRACK)).json
    assert answer is not None
    assert answer["accepted"] == 1
    assert [each["code"] for each in answer["rejected"]] == ["unstorable", "unstorable"]
