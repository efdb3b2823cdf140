"""Changing a running test over HTTP: who gets what, and who is a tester."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from experiments.assignment.buckets import BucketRange, variant_at
from experiments.assignment.hashing import bucket
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis
from tests.api.test_layers import act, created, refused, register

ONE = "/api/v1/experiments/subject-line"
UNITS = [f"고객-{number}" for number in range(200)]


@pytest.fixture
def running(api: Api) -> Api:
    """A client of a project with a test of 40 % of the customers."""
    create_kpis(api)
    created(register(api, "subject-line", coverage=0.4))
    assert act(api, "subject-line", "start").status_code == 200
    return api


def reallocate(api: Api, seen: str | None = "*", **body: Any) -> TestResponse:
    headers = {} if seen is None else {"If-Match": seen}
    return api.post(f"{ONE}/reallocate", json=body, headers=headers)


def done(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def variants(api: Api, units: list[str] = UNITS) -> dict[str, str | None]:
    question = {"experiment": "subject-line", "units": [{"unit_id": each} for each in units]}
    answer = api.post("/api/v1/assign/batch", json=question).get_json()
    return {each["unit_id"]: each["variant"] for each in answer["assignments"]}


def expose(api: Api, at: datetime, units: list[str] = UNITS) -> None:
    facts = [
        {
            "source_id": f"{unit_id}-{at.isoformat()}",
            "experiment": "subject-line",
            "unit_id": unit_id,
            "type": "sent",
            "occurred_at": at.isoformat(),
        }
        for unit_id, variant in variants(api, units).items()
        if variant is not None
    ]
    assert done(api.post("/api/v1/exposures", json=facts))["accepted"] == len(facts)


def test_more_coverage_adds_customers_and_moves_nobody(running: Api) -> None:
    before = variants(running)
    body = done(reallocate(running, coverage=1))
    assert (body["phase"], body["coverage"], body["buckets_moved"]) == (2, 1, 0)
    assert (body["buckets_added"], body["dry_run"]) == (6000, False)
    after = variants(running)
    assert all(after[unit] == variant for unit, variant in before.items() if variant)
    assert None not in after.values()


def test_other_weights_move_no_more_than_they_must(running: Api) -> None:
    body = done(reallocate(running, weights={"a": 0.7, "b": 0.3}))
    assert (body["buckets_moved"], body["share_moved"]) == (800, 0.08)
    assert body["variants"] == [
        {"variant": "a", "before": 2000, "after": 2800, "gained": 800, "lost": 0},
        {"variant": "b", "before": 2000, "after": 1200, "gained": 0, "lost": 800},
    ]
    assert body["weights"] == {"a": 0.7, "b": 0.3}
    one = running.get(ONE).get_json()
    first, second = one["phases"]
    assert first["ended_at"] == second["started_at"]
    assert (second["number"], second["seed"]) == (2, "subject-line")
    assert second["ranges"] == body["ranges"]
    assert [each["variant"] for each in body["ranges"]] == ["a", "b", "a"]


def test_a_dry_run_says_who_would_move_and_changes_nothing(running: Api, clock: Clock) -> None:
    expose(running, clock.at)
    before = running.get(ONE).get_json()
    planned = done(reallocate(running, seen=None, weights={"a": 0.7, "b": 0.3}, dry_run=True))
    assert running.get(ONE).get_json() == before
    ranges = [BucketRange(**each) for each in planned["ranges"]]
    moving = {
        unit: (variant, now)
        for unit, variant in variants(running).items()
        if variant and variant != (now := variant_at(ranges, bucket("subject-line", unit)))
    }
    exposed = sum(1 for variant in variants(running).values() if variant)
    assert (planned["dry_run"], planned["exposed"]) == (True, exposed)
    assert planned["exposed_moving"] == len(moving) > 0
    assert planned["exposed_moves"] == [{"before": "b", "after": "a", "units": len(moving)}]
    made = done(reallocate(running, weights={"a": 0.7, "b": 0.3}))
    assert made == planned | {"dry_run": False}
    assert {unit: pair[1] for unit, pair in moving.items()} == variants(running, list(moving))


def test_a_report_holds_each_phase_against_its_own_weights(running: Api, clock: Clock) -> None:
    expose(running, clock.at, [f"이전-{number}" for number in range(1500)])
    clock.at += timedelta(hours=1)
    done(reallocate(running, weights={"a": 0.9, "b": 0.1}, coverage=0.5))
    expose(running, clock.at, [f"이후-{number}" for number in range(1500)])
    (split,) = running.get(f"{ONE}/report").get_json()["health"]["splits"]
    assert split["broken"] is False
    assert split["expected"]["b"] == pytest.approx((0.4 * 0.5 + 0.5 * 0.1) / 0.9, abs=0.02)


def test_a_change_shows_what_it_has_seen(running: Api) -> None:
    assert reallocate(running, seen=None, coverage=1).status_code == 428
    tag = running.get(ONE).headers["ETag"]
    answer = reallocate(running, seen=tag, coverage=0.5)
    assert answer.status_code == 200
    assert reallocate(running, seen=tag, coverage=0.6).status_code == 412
    assert reallocate(running, seen=answer.headers["ETag"], coverage=0.6).status_code == 200


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"coverage": 0.39}, "coverage"),
        ({"coverage": 0}, "coverage"),
        ({"coverage": 1.1}, "coverage"),
        ({"coverage": "all"}, "coverage"),
        ({"weights": {"a": 1}}, "weights"),
        ({"weights": {"a": 0.5, "b": 0.5, "c": 0}}, "weights"),
        ({"weights": {"a": 0.5, "b": 0.4}}, "weights"),
        ({"weights": {"a": 0, "b": 1}}, "weights"),
        ({"weights": {"a": 1, "b": 0}}, "weights"),
        ({"weights": {"a": 1.2, "b": -0.2}}, "weights.a"),
        ({"weights": {"a": 0.99995, "b": 0.00005}}, "weights.b"),
        ({"seed": "other"}, "seed"),
    ],
)
def test_a_change_that_does_not_fit_is_refused_by_field(
    running: Api, body: dict[str, Any], field: str
) -> None:
    refused(reallocate(running, **body), 422, field)
    assert len(running.get(ONE).get_json()["phases"]) == 1


def test_what_is_so_already_is_no_change(running: Api) -> None:
    refused(reallocate(running), 409, "weights")
    refused(reallocate(running, coverage=0.4, weights={"a": 0.5, "b": 0.5}), 409, "weights")


def test_only_an_open_test_of_ours_is_allocated_anew(api: Api) -> None:
    create_kpis(api)
    created(register(api, "subject-line"))
    refused(reallocate(api, weights={"a": 0.9, "b": 0.1}), 409, "state")
    for action, status in (("start", 200), ("pause", 200), ("stop", 409)):
        act(api, "subject-line", action)
        weights = {"a": 0.9, "b": 0.1} if action == "start" else {"a": 0.8, "b": 0.2}
        assert reallocate(api, weights=weights).status_code == status
    created(register(api, "by-hand", allocation="external"))
    act(api, "by-hand", "start")
    path = "/api/v1/experiments/by-hand/reallocate"
    answer = api.post(path, json={"weights": {"a": 0.9, "b": 0.1}}, headers={"If-Match": "*"})
    refused(answer, 409, "state")
    assert (
        api.post("/api/v1/experiments/none/reallocate", json={"dry_run": True}).status_code == 404
    )


def test_testers_get_the_variant_given_by_hand(running: Api) -> None:
    path = f"{ONE}/overrides"
    assert running.get(path).get_json() == {"overrides": {}}
    given = {"overrides": {"홍길동": "b", "minji": "a"}}
    assert running.put(path, json=given).status_code == 428
    tag = running.get(path).headers["ETag"]
    answer = running.put(path, json=given, headers={"If-Match": tag})
    assert done(answer) == given == running.get(path).get_json()
    assert running.put(path, json=given, headers={"If-Match": tag}).status_code == 412
    assert variants(running, ["홍길동", "minji"]) == {"홍길동": "b", "minji": "a"}
    emptied = running.put(path, json={"overrides": {}}, headers={"If-Match": "*"})
    assert done(emptied) == {"overrides": {}}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"홍길동": "c"}, "overrides.홍길동"),
        ({"": "a"}, "overrides"),
        ({f"u{n}": "a" for n in range(1001)}, "overrides"),
        (["홍길동"], "overrides"),
    ],
)
def test_a_tester_gets_a_variant_of_the_test(running: Api, given: Any, field: str) -> None:
    answer = running.put(f"{ONE}/overrides", json={"overrides": given}, headers={"If-Match": "*"})
    refused(answer, 422, field)
