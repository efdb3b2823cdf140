"""Layers and holdouts over HTTP: created, answered, refused; tests that keep to them."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from experiments.assignment.hashing import bucket
from tests.api.conftest import Api
from tests.api.registry_bodies import create_kpis, experiment_body

LAYERS, HOLDOUTS, EXPERIMENTS = "/api/v1/layers", "/api/v1/holdouts", "/api/v1/experiments"
CRM = {"key": "crm", "name": "CRM 메일"}
EVERYWHERE = {"key": "all", "name": "전체 미발송 그룹", "share": 0.05}


def created(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code == 201, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def refused(answer: TestResponse, status: int, field: str | None) -> None:
    assert answer.status_code == status, answer.text
    fields = [entry["field"] for entry in answer.get_json().get("errors", [])]
    assert fields == ([field] if field else [])


def register(api: Api, key: str, **changes: Any) -> TestResponse:
    return api.post(EXPERIMENTS, json=experiment_body(key=key, **changes))


def slots(start: int, end: int, layer: str = "crm") -> dict[str, Any]:
    return {"key": layer, "start": start, "end": end}


@pytest.fixture
def crm(api: Api) -> Api:
    """A client of a project with a layer and the KPIs of a test."""
    create_kpis(api)
    created(api.post(LAYERS, json=CRM))
    return api


def act(api: Api, key: str, action: str, **body: Any) -> TestResponse:
    path = f"{EXPERIMENTS}/{key}/{action}"
    return api.post(path, json=body) if body else api.post(path)


def test_a_layer_draws_with_a_seed_that_no_test_has_by_chance(api: Api) -> None:
    made = created(api.post(LAYERS, json=CRM))
    assert (made["seed"], made["hash_attribute"], made["slots"]) == ("layer:crm", "id", [])
    assert api.get(f"{LAYERS}/crm").get_json() == made
    assert api.get(LAYERS).get_json() == {"items": [made], "next": None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "CRM"}, "key"),
        ({"name": ""}, "name"),
        ({"seed": ""}, "seed"),
        ({"hash_attribute": ""}, "hash_attribute"),
        ({"hash_attribute": " id"}, "hash_attribute"),
        ({"slots": 5}, "slots"),
    ],
)
def test_a_layer_that_does_not_fit_is_refused_by_field(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    refused(api.post(LAYERS, json=CRM | changes), 422, field)


def test_a_layers_key_and_seed_are_taken_once(api: Api) -> None:
    created(api.post(LAYERS, json=CRM | {"seed": "봄"}))
    refused(api.post(LAYERS, json=CRM | {"seed": "여름"}), 409, "key")
    refused(api.post(LAYERS, json=CRM | {"key": "web", "seed": "봄"}), 409, "seed")
    refused(api.post(HOLDOUTS, json=EVERYWHERE | {"seed": "봄"}), 409, "seed")


def test_a_layer_is_renamed_by_whoever_saw_it(crm: Api) -> None:
    path, other = f"{LAYERS}/crm", {"name": "모든 메일"}
    assert crm.put(path, json=other).status_code == 428
    tag = crm.get(path).headers["ETag"]
    renamed = crm.put(path, json=other, headers={"If-Match": tag})
    assert (renamed.status_code, renamed.get_json()["name"]) == (200, "모든 메일")
    assert crm.put(path, json=other, headers={"If-Match": tag}).status_code == 412
    assert crm.put(f"{LAYERS}/none", json=other, headers={"If-Match": "*"}).status_code == 404


def test_tests_of_a_layer_own_slots_that_do_not_overlap(crm: Api) -> None:
    created(register(crm, "first", layer=slots(0, 5000)))
    created(register(crm, "second", layer=slots(4999, 6000)))
    assert act(crm, "first", "start").status_code == 200
    answer = act(crm, "second", "start")
    refused(answer, 409, "layer")
    assert "overlap those of the test 'first'" in answer.get_json()["detail"]
    owned = crm.get(f"{LAYERS}/crm").get_json()["slots"]
    assert owned == [{"experiment": "first", "state": "running", "start": 0, "end": 5000}]


def test_a_stopped_test_keeps_its_slots_until_it_gives_them_back(crm: Api) -> None:
    created(register(crm, "first", layer=slots(0, 5000)))
    created(register(crm, "second", layer=slots(0, 5000)))
    act(crm, "first", "start")
    assert act(crm, "first", "release-slots").status_code == 409
    act(crm, "first", "stop")
    refused(act(crm, "second", "start"), 409, "layer")
    released = act(crm, "first", "release-slots")
    assert released.status_code == 200
    assert released.get_json()["slots_released_at"] is not None
    assert act(crm, "first", "release-slots").status_code == 409
    assert act(crm, "second", "start").status_code == 200


def test_an_archived_test_has_no_slots(crm: Api) -> None:
    for key in ("first", "second"):
        created(register(crm, key, layer=slots(0, 5000)))
    act(crm, "first", "start")
    act(crm, "first", "stop")
    act(crm, "first", "decide", variant=None, saw="nothing", why="too few", next="again")
    act(crm, "first", "archive")
    assert act(crm, "second", "start").status_code == 200


def test_a_scheduled_test_reserves_its_slots(crm: Api) -> None:
    later = {"starts_at": "2025-03-12T10:00:00+09:00"}
    created(register(crm, "first", layer=slots(0, 10_000), schedule=later))
    created(register(crm, "second", layer=slots(9_999, 10_000)))
    assert act(crm, "first", "schedule").status_code == 200
    refused(act(crm, "second", "start"), 409, "layer")
    act(crm, "first", "unschedule")
    assert act(crm, "second", "start").status_code == 200


@pytest.mark.parametrize(
    ("layer", "field"),
    [
        (slots(0, 0), "layer"),
        (slots(-1, 5), "layer"),
        (slots(0, 10_001), "layer"),
        (slots(0, 5, "none"), "layer.key"),
        ({"key": "crm", "start": 0}, "layer.end"),
        ({"key": "crm", "start": 0.5, "end": 5}, "layer.start"),
    ],
)
def test_slots_that_are_none_are_refused(crm: Api, layer: Any, field: str) -> None:
    refused(register(crm, "first", layer=layer), 422, field)


def test_a_test_goes_by_the_attribute_of_its_layer(crm: Api) -> None:
    refused(register(crm, "first", layer=slots(0, 5), hash_attribute="household"), 422, "layer.key")
    created(crm.post(LAYERS, json={"key": "h", "name": "h", "hash_attribute": "household"}))
    created(register(crm, "first", layer=slots(0, 5, "h"), hash_attribute="household"))


def test_a_test_does_not_draw_with_the_seed_of_a_layer(crm: Api) -> None:
    refused(register(crm, "first", seed="layer:crm"), 409, "seed")


def test_units_meet_one_test_of_a_layer(crm: Api) -> None:
    for key, start in (("first", 0), ("second", 5000)):
        created(register(crm, key, layer=slots(start, start + 5000)))
        assert act(crm, key, "start").status_code == 200
    for number in range(50):
        unit_id = f"고객-{number}"
        reasons = {}
        for key in ("first", "second"):
            question = {"experiment": key, "unit_id": unit_id}
            reasons[key] = crm.post("/api/v1/assign", json=question).get_json()["reason"]
        slot = bucket("layer:crm", unit_id)
        inside, outside = ("first", "second") if slot < 5000 else ("second", "first")
        assert reasons == {inside: "assigned", outside: "other_test"}


def test_a_holdout_holds_a_share_and_compares_as_many(api: Api) -> None:
    made = created(api.post(HOLDOUTS, json=EVERYWHERE))
    assert (made["share"], made["layer"], made["seed"]) == (0.05, None, "holdout:all")
    assert made["groups"] == [
        {"group": "holdoutcontrol", "start": 0, "end": 500},
        {"group": "holdouttreatment", "start": 5000, "end": 5500},
    ]
    assert api.get(f"{HOLDOUTS}/all").get_json() == made
    assert api.get(HOLDOUTS).get_json() == {"items": [made], "next": None}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"share": 0}, "share"),
        ({"share": 0.51}, "share"),
        ({"share": 0.00005}, "share"),
        ({"share": "half"}, "share"),
        ({"layer": "none"}, "layer"),
        ({"key": "-"}, "key"),
    ],
)
def test_a_holdout_that_does_not_fit_is_refused_by_field(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    refused(api.post(HOLDOUTS, json=EVERYWHERE | changes), 422, field)


def held(api: Api, experiment: str) -> set[str]:
    """Who of fifty customers is held out of a test."""
    found = set()
    for number in range(50):
        question = {"experiment": experiment, "unit_id": f"c{number}"}
        if api.post("/api/v1/assign", json=question).get_json()["reason"] == "holdout":
            found.add(f"c{number}")
    return found


def test_tests_that_start_later_keep_to_a_holdout_until_it_ends(crm: Api) -> None:
    created(register(crm, "before"))
    act(crm, "before", "start")
    made = crm.post(HOLDOUTS, json=EVERYWHERE | {"share": 0.4})
    created(made)
    created(register(crm, "after"))
    act(crm, "after", "start")
    expected = {f"c{n}" for n in range(50) if bucket("holdout:all", f"c{n}") < 4000}
    assert held(crm, "before") == set()
    assert held(crm, "after") == expected
    path = f"{HOLDOUTS}/all/end"
    assert crm.post(path).status_code == 428
    ended = crm.post(path, headers={"If-Match": made.headers["ETag"]})
    assert ended.get_json()["ended_at"] is not None
    assert crm.post(path, headers={"If-Match": made.headers["ETag"]}).status_code == 412
    assert crm.post(path, headers={"If-Match": "*"}).status_code == 409
    assert held(crm, "after") == set()


def test_a_holdout_of_a_layer_is_kept_by_its_tests_alone(crm: Api) -> None:
    created(crm.post(HOLDOUTS, json=EVERYWHERE | {"share": 0.4, "layer": "crm"}))
    for key, layer in (("inside", slots(0, 10_000)), ("outside", None)):
        created(register(crm, key, layer=layer))
        act(crm, key, "start")
    assert held(crm, "inside") != set()
    assert held(crm, "outside") == set()


@pytest.mark.parametrize("path", [LAYERS, HOLDOUTS, "/api/v1/segments", "/api/v1/lists"])
def test_only_marketers_change_and_only_readers_read(
    key_for: Callable[..., Api], browser_for: Callable[[str], FlaskClient], path: str
) -> None:
    assert key_for(["read"]).post(path, json={}).status_code == 403
    assert key_for(["assign"]).get(path).status_code == 403
    viewer = browser_for("viewer")
    assert viewer.get(path).status_code == 200
    assert viewer.post(path, json={}).status_code == 403
