"""Client keys: how often one address may use one."""

from dataclasses import replace
from typing import NamedTuple

import pytest
from flask import Flask

import api.client_keys
from api.app import create_app
from api.client_keys import BURST_SECONDS, RateLimit, TooManyRequests, address_of
from api.settings import Settings, SettingsRefused
from experiments.access import keys
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import Clock

ROUTES = [
    ("GET", "/api/features/{key}"),
    ("POST", "/api/eval/{key}"),
    ("POST", "/track?client_key={key}"),
    ("GET", "/sub/{key}"),
]


class Seconds:
    """A clock of seconds that tests set."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def taken(limit: RateLimit, key: str, address: str, tries: int) -> int:
    """How many of the requests were let through."""
    through = 0
    for _ in range(tries):
        try:
            limit.take(key, address)
        except TooManyRequests:
            continue
        through += 1
    return through


def test_a_bucket_holds_ten_seconds_worth_and_fills_up_steadily() -> None:
    clock = Seconds()
    limit = RateLimit(5, clock)
    assert taken(limit, "k", "a", 100) == 5 * BURST_SECONDS
    clock.now += 2
    assert taken(limit, "k", "a", 100) == 10
    clock.now += 3600
    assert taken(limit, "k", "a", 100) == 5 * BURST_SECONDS


def test_whoever_is_refused_is_told_when_to_come_again() -> None:
    clock = Seconds()
    limit = RateLimit(0.25, clock)
    taken(limit, "k", "a", 100)
    with pytest.raises(TooManyRequests) as refused:
        limit.take("k", "a")
    clock.now += int(str(refused.value.params["seconds"]))
    limit.take("k", "a")


def test_a_rate_below_one_in_ten_seconds_lets_one_through() -> None:
    assert taken(RateLimit(0.01, Seconds()), "k", "a", 10) == 1


def test_addresses_and_keys_have_buckets_of_their_own() -> None:
    limit = RateLimit(1, Seconds())
    assert taken(limit, "k", "a", 100) == 10
    assert taken(limit, "k", "b", 100) == 10
    assert taken(limit, "l", "a", 100) == 10


def test_no_rate_is_no_limit() -> None:
    assert taken(RateLimit(0), "k", "a", 5000) == 5000


def test_the_buckets_do_not_grow_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api.client_keys, "MOST_BUCKETS", 3)
    limit = RateLimit(1, Seconds())
    for address in ("a", "b", "a", "c", "d"):
        taken(limit, "k", address, 10)
    assert len(limit._full_at) == 3
    # The bucket of b was used longest ago.
    assert [taken(limit, "k", address, 1) for address in "acdb"] == [0, 0, 0, 1]


@pytest.mark.parametrize(
    ("forwarded", "proxies", "expected"),
    [
        ("", 0, "192.0.2.1"),
        ("203.0.113.7", 0, "192.0.2.1"),
        ("203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7", 1, "203.0.113.7"),
        ("6.6.6.6, 203.0.113.7, 10.0.0.2", 2, "203.0.113.7"),
        ("203.0.113.7", 2, "192.0.2.1"),
        ("", 1, "192.0.2.1"),
        ("2001:db8:1:2::7", 1, "2001:db8:1:2::"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
        ("x" * 1000, 1, "x" * 64),
    ],
)
def test_only_our_own_proxies_are_believed(forwarded: str, proxies: int, expected: str) -> None:
    assert address_of("192.0.2.1", forwarded, proxies) == expected


class Limited(NamedTuple):
    """An application that allows one request in ten seconds, and a client key of it."""

    app: Flask
    key: str


@pytest.fixture
def limited(
    app: Flask, sqlite_database: Database, project: Project, actor: Actor, clock: Clock
) -> Limited:
    with sqlite_database.transaction() as db:
        key = keys.create_client_key(db, project, name="app", actor=actor, now=clock.at)
    settings: Settings = app.extensions["truelift"].settings
    return Limited(create_app(replace(settings, client_rate=0.1, proxies=1), clock), key)


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.mark.parametrize(("method", "path"), ROUTES)
def test_an_address_that_asks_too_often_is_asked_to_wait(
    limited: Limited, method: str, path: str
) -> None:
    client, path = limited.app.test_client(), path.format(key=limited.key)
    for address in ("203.0.113.7", "203.0.113.8"):
        headers = {"X-Forwarded-For": f"6.6.6.6, {address}"}
        first = client.open(path, method=method, json=[], headers=headers)
        assert first.status_code != 429
        again = client.open(path, method=method, json=[], headers=headers)
        assert again.status_code == 429
        assert 0 < int(again.headers["Retry-After"]) <= 10
        assert again.headers["Access-Control-Allow-Origin"] == "*"
        assert again.json is not None
        assert set(again.json) == {"status", "error"}
    korean = client.open(path, method=method, json=[], headers={**headers, "Accept-Language": "ko"})
    assert "초" in korean.json["error"]  # type: ignore[index] # an object


def test_an_unknown_key_and_a_preflight_use_nothing_up(limited: Limited) -> None:
    client, path = limited.app.test_client(), f"/api/features/{limited.key}"
    for _ in range(3):
        assert client.get("/api/features/tlc_nobody").status_code == 400
        assert client.options(path).status_code == 200
    assert client.get(path).status_code == 200


@pytest.mark.parametrize(
    "name", ["TRUELIFT_CLIENT_RATE", "TRUELIFT_PROXIES", "TRUELIFT_STREAM_URL"]
)
@pytest.mark.parametrize("value", ["-1", "many", "nan", "inf", "ftp://x", "https://", "http://a?b"])
def test_a_setting_that_cannot_be_used_is_named(name: str, value: str, tmp_path: object) -> None:
    with pytest.raises(SettingsRefused, match=name):
        Settings.from_environment({"TRUELIFT_HOME": str(tmp_path), name: value})


def test_settings_are_read_from_the_environment(tmp_path: object) -> None:
    home = {"TRUELIFT_HOME": str(tmp_path)}
    plain = Settings.from_environment(home)
    assert (plain.stream_url, plain.client_rate, plain.proxies) == (None, 100, 0)
    given = Settings.from_environment(
        home | {
            "TRUELIFT_CLIENT_RATE": "0.5", "TRUELIFT_PROXIES": "2",
            "TRUELIFT_STREAM_URL": "https://ab.example.com/",
        }
    )  # fmt: skip
    assert (given.stream_url, given.client_rate, given.proxies) == (
        "https://ab.example.com", 0.5, 2,
    )  # fmt: skip
