"""The short way to an assignment answers as the long one does, and takes nothing unusual."""

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from api.hot import LARGEST_BODY_BYTES, HotAssign
from experiments.access import keys
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import Api, Clock
from tests.api.test_assignment import Move, act, running

__all__ = ["act", "running"]

PATH = "/api/v1/assign"
GOOD: dict[str, Any] = {"experiment": "subject-line", "unit_id": "u1"}
Told = tuple[str, list[tuple[str, str]], str]


def request_of(key: str, body: bytes, **changes: str) -> dict[str, Any]:
    """A WSGI environment."""
    return {
        "REQUEST_METHOD": "POST",
        "SCRIPT_NAME": "",
        "PATH_INFO": PATH,
        "QUERY_STRING": "",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "CONTENT_TYPE": "application/json",
        "CONTENT_LENGTH": str(len(body)),
        "HTTP_HOST": "localhost",
        "HTTP_AUTHORIZATION": f"Bearer {key}",
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        **changes,
    }


def answered(application: Any, environ: dict[str, Any]) -> Told:
    """Status, headers and body; the request's own number is left out."""
    said: list[Any] = []
    chunks = application(environ, lambda status, headers, *_: said.extend((status, headers)))
    body = b"".join(chunks).decode()
    return said[0], sorted(said[1]), re.sub(r'"request_id":"\w+"', "", body)


def never(*_: object) -> Any:
    raise AssertionError("the long way was taken")


@pytest.fixture
def hot(app: Flask) -> HotAssign:
    found = app.wsgi_app
    assert isinstance(found, HotAssign)
    return found


@pytest.fixture
def assigner(key_for: Callable[..., Api]) -> Api:
    return key_for(["assign"])


def body(**changes: object) -> bytes:
    return json.dumps(GOOD | changes, ensure_ascii=False).encode()


PLAIN = [
    body(),
    body(unit_id="홍길동"),
    body(unit_id="😀"),
    body(attributes={}),
    body(attributes={"grade": "VIP", "age": 31, "score": 0.5, "tags": ["a", None, True]}),
    json.dumps(GOOD | {"unit_id": "홍길동"}).encode(),
    b'{\n "unit_id" : "u1",\t"experiment":"subject-line" }',
    body(unit_id='a"b\\c\x7f/</script>'),
    body(unit_id="x" * 1024),
]
UNUSUAL = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"u1"',
    b"\xff",
    body()[:-1],
    body(unit_id=None),
    body(unit_id=7),
    body(unit_id=""),
    body(unit_id="x" * 1025),
    body(experiment=""),
    body(experiment="x" * 65),
    body(experiment="nothing"),
    body(experiment=["subject-line"]),
    body(attributes=None),
    body(attributes=[]),
    body(more=1),
    b'{"experiment":"subject-line","unit_id":"u1","unit_id":"u2"}',
    b'{"experiment":"subject-line","unit_id":"\\ud83d"}',
    b'{"experiment":"subject-line","unit_id":"a\\u0000"}',
    b'{"experiment":"subject-line","unit_id":"u1","attributes":{"n":NaN}}',
    b'{"experiment":"subject-line","unit_id":"u1","attributes":' + b'{"a":' * 40 + b"1" + b"}" * 41,
    body(attributes={"long": "x" * LARGEST_BODY_BYTES}),
]


@pytest.mark.parametrize("sent", PLAIN)
def test_the_short_way_is_taken_and_answers_as_the_long_one(
    hot: HotAssign, assigner: Api, running: None, sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = answered(hot._long_way, request_of(assigner.key, sent))
    assert long[0] == "200 OK"
    monkeypatch.setattr(hot, "_long_way", never)
    assert answered(hot, request_of(assigner.key, sent)) == long


@pytest.mark.parametrize("state", [[], ["start", "pause"], ["start", "stop"]])
def test_whatever_the_state_of_the_test(
    hot: HotAssign, assigner: Api, act: Move, state: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for action in state:
        act(action)
    long = answered(hot._long_way, request_of(assigner.key, body()))
    monkeypatch.setattr(hot, "_long_way", never)
    assert answered(hot, request_of(assigner.key, body())) == long


@pytest.mark.parametrize("sent", UNUSUAL)
def test_what_does_not_fit_is_answered_by_the_long_way(
    hot: HotAssign, assigner: Api, running: None, sent: bytes
) -> None:
    assert hot._answer(request_of(assigner.key, sent)) is None or len(sent) > LARGEST_BODY_BYTES
    long = answered(hot._long_way, request_of(assigner.key, sent))
    assert answered(hot, request_of(assigner.key, sent)) == long


CHANGES = [
    {"HTTP_AUTHORIZATION": ""},
    {"HTTP_AUTHORIZATION": "Bearer "},
    {"HTTP_AUTHORIZATION": "Bearer tls_nobody_nothing"},
    {"HTTP_AUTHORIZATION": "Bearer 열쇠".encode().decode("latin-1")},
    {"HTTP_X_TRUELIFT_PROJECT": "shop"},
    {"HTTP_X_TRUELIFT_PROJECT": "other"},
    {"CONTENT_TYPE": "text/plain"},
    {"CONTENT_TYPE": "application/json;charset=UTF-8"},
    {"CONTENT_LENGTH": ""},
    {"CONTENT_LENGTH": "-1"},
    {"CONTENT_LENGTH": "10"},
    {"REQUEST_METHOD": "PUT"},
    {"PATH_INFO": "/api/v1/assign/"},
    {"PATH_INFO": "//api/v1/assign"},
    {"QUERY_STRING": "lang=ko"},
    {"HTTP_ACCEPT_LANGUAGE": "ko"},
]


@pytest.mark.parametrize("changes", CHANGES, ids=str)
def test_an_unusual_request_is_answered_alike(
    hot: HotAssign, assigner: Api, running: None, changes: dict[str, str]
) -> None:
    long = answered(hot._long_way, request_of(assigner.key, body(), **changes))
    assert answered(hot, request_of(assigner.key, body(), **changes)) == long


@pytest.mark.parametrize("scopes", [["ingest"], ["read"], ["admin"], ["assign", "ingest"]])
def test_scopes_are_asked_for(
    hot: HotAssign, key_for: Callable[..., Api], running: None, scopes: list[str]
) -> None:
    key = key_for(scopes).key
    may = bool({"assign", "admin"} & set(scopes))
    assert (hot._answer(request_of(key, body())) is not None) is may
    assert answered(hot, request_of(key, body()))[0] == ("200 OK" if may else "403 FORBIDDEN")


def test_a_wrong_secret_a_revoked_key_and_an_expired_one_are_refused(
    hot: HotAssign, app: Flask, database: Database, project: Project, actor: Actor, clock: Clock,
    running: None,
) -> None:  # fmt: skip
    with database.transaction() as db:
        made = [
            keys.create_secret_key(
                db,
                project,
                name="k",
                scopes=["assign"],
                actor=actor,
                now=clock.at,
                expires_at=until,
            )
            for until in (None, clock.at + timedelta(hours=1))
        ]
    keeper = app.extensions["truelift"].keeper
    keeper.refresh()
    assert [answered(hot, request_of(key, body()))[0] for key in made] == ["200 OK"] * 2
    with database.transaction() as db:
        keys.revoke_key(db, project, made[0].split("_")[1], actor=actor, now=clock.at)
    keeper.refresh()
    clock.at += timedelta(hours=1)
    swapped = f"{made[0].rpartition('_')[0]}_{made[1].split('_', 2)[2]}"
    for key in (*made, swapped):
        assert hot._answer(request_of(key, body())) is None
        assert answered(hot, request_of(key, body()))[0] == "401 UNAUTHORIZED"
