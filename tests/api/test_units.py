"""One customer in all tests, and tests beside each other, over HTTP."""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest

from experiments.assignment.hashing import bucket
from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis
from tests.api.test_layers import act, created, refused, register, slots
from tests.conftest import make_project


@pytest.fixture
def busy(api: Api) -> Api:
    """A client of a project with tests of several kinds and states."""
    create_kpis(api)
    created(api.post("/api/v1/layers", json={"key": "crm", "name": "CRM"}))
    created(register(api, "draft"))
    created(register(api, "everybody"))
    created(register(api, "vip", audience={"conditions": {"grade": "vip"}}))
    created(register(api, "first", layer=slots(0, 5000)))
    created(register(api, "second", layer=slots(5000, 10_000)))
    created(register(api, "by-hand", allocation="external"))
    created(register(api, "over"))
    for key in ("everybody", "vip", "first", "second", "by-hand", "over"):
        assert act(api, key, "start").status_code == 200
    act(api, "over", "stop")
    return api


def look_up(api: Api, unit_id: str, **query: Any) -> dict[str, Any]:
    answer = api.get(f"/api/v1/units/{quote(unit_id, safe='')}/experiments", query_string=query)
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def reasons(body: dict[str, Any]) -> dict[str, str]:
    return {each["experiment"]: each["reason"] for each in body["experiments"]}


@pytest.mark.parametrize("unit_id", ["c000001", "홍길동", "a/b?c#d", "😀"])
def test_a_customer_is_found_in_every_test_with_the_reason(busy: Api, unit_id: str) -> None:
    body = look_up(busy, unit_id)
    assert body["unit_id"] == unit_id
    inside = bucket("layer:crm", unit_id) < 5000
    assert reasons(body) == {
        "by-hand": "external",
        "draft": "not_started",
        "everybody": "assigned",
        "first": "assigned" if inside else "other_test",
        "over": "stopped",
        "second": "other_test" if inside else "assigned",
        "vip": "not_targeted",
    }
    everybody = next(each for each in body["experiments"] if each["experiment"] == "everybody")
    place = bucket("everybody", unit_id)
    variant = "a" if place < 5000 else "b"
    assert everybody == {
        "experiment": "everybody", "state": "running", "phase": 1, "variant": variant,
        "reason": "assigned", "bucket": place,
    }  # fmt: skip


def test_what_is_known_of_the_customer_is_asked(busy: Api) -> None:
    known = json.dumps({"grade": "vip", "age": 31.5})
    assert reasons(look_up(busy, "u1", attributes=known))["vip"] == "assigned"


def test_only_tests_in_some_states_are_told(busy: Api) -> None:
    found = look_up(busy, "u1", state=["stopped", "draft"])
    assert reasons(found) == {"draft": "not_started", "over": "stopped"}


def test_exposures_met_so_far_are_told_the_newest_first(busy: Api, clock: Clock) -> None:
    sent = {"unit_id": "u1", "type": "sent", "channel": "email", "experiment": "everybody"}
    early = clock.at.isoformat()
    facts = [
        sent | {"source_id": "1", "occurred_at": early},
        sent | {"source_id": "2", "occurred_at": early, "experiment": "by-hand", "variant": "b"},
        sent | {"source_id": "3", "occurred_at": early, "unit_id": "u2"},
    ]
    assert busy.post("/api/v1/exposures", json=facts).get_json()["accepted"] == 3
    met = look_up(busy, "u1")["exposures"]
    variant = "a" if bucket("everybody", "u1") < 5000 else "b"
    assert met == [
        {
            "experiment": key, "variant": given, "type": "sent", "channel": "email",
            "suppressed_reason": None, "occurred_at": clock.at.isoformat(),
        }
        for key, given in (("by-hand", "b"), ("everybody", variant))
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"attributes": "[]"}, "attributes"),
        ({"attributes": "{"}, "attributes"),
        ({"attributes": '{"a": 1, "a": 2}'}, "attributes"),
        ({"state": "gone"}, "state.0"),
        ({"who": "u1"}, "who"),
    ],
)
def test_a_question_that_does_not_fit_is_refused(busy: Api, query: Any, field: str) -> None:
    refused(busy.get("/api/v1/units/u1/experiments", query_string=query), 422, field)


def test_an_id_that_is_no_utf8_is_refused(busy: Api) -> None:
    raw = b"/api/v1/units/" + "홍길동".encode("cp949") + b"/experiments"
    as_sent = {"PATH_INFO": raw.decode("latin-1")}
    refused(busy.get("/api/v1/units/u1/experiments", environ_overrides=as_sent), 422, "unit_id")


def test_another_project_has_its_own_tests(
    busy: Api, database: Database, now: datetime, key_for: Callable[..., Api]
) -> None:
    stranger = key_for(["read"], make_project(database, now, "other"))
    body = look_up(stranger, "u1")
    assert (body["experiments"], body["exposures"]) == ([], [])
    assert stranger.get("/api/v1/overlap").get_json()["experiments"] == []
    assert key_for(["assign"]).get("/api/v1/overlap").status_code == 403


def test_running_tests_stand_beside_each_other(busy: Api) -> None:
    body = busy.get("/api/v1/overlap").get_json()
    assert (body["method"], body["external"]) == ("analytic", ["by-hand"])
    assert body["experiments"] == [
        {"experiment": "everybody", "share": 1.0, "at_most": False},
        {"experiment": "first", "share": 0.5, "at_most": False},
        {"experiment": "second", "share": 0.5, "at_most": False},
        {"experiment": "vip", "share": 1.0, "at_most": True},
    ]
    pairs = {(each["first"], each["second"]): each for each in body["overlaps"]}
    assert len(pairs) == 6
    assert pairs["first", "second"] == {
        "first": "first", "second": "second", "share": 0.0, "of_first": 0.0, "of_second": 0.0,
        "at_most": False,
    }  # fmt: skip
    both = pairs["everybody", "first"]
    assert (both["share"], both["of_first"], both["of_second"]) == (0.5, 0.5, 1.0)
