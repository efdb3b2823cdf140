"""Send-time tests over HTTP: registered, assigned with the instant, checked by the rules."""

import csv
import io
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from experiments.registry.catalog import get_experiment
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import experiments
from tests.api.conftest import Api
from tests.api.registry_bodies import create_kpis, experiment_body

EXPERIMENTS = "/api/v1/experiments"
ONE = f"{EXPERIMENTS}/send-time"
# The clock stands at 2025-03-10 10:00 in Seoul.
VARIANTS = [
    {
        "key": "a",
        "name": "10시",
        "weight": 0.5,
        "control": True,
        "send_at": {"local_time": "10:00"},
    },
    {"key": "b", "name": "18시", "weight": 0.5, "send_at": {"local_time": "18:00"}},
]


def body(**changes: Any) -> dict[str, Any]:
    """A push that goes out at 10:00 or at 18:00, wherever the customer is."""
    values = {
        "key": "send-time",
        "anchor": "planned_send",
        "channels": ["app_push"],
        "element": "send_time",
        "variants": VARIANTS,
        "time_zone_attribute": "tz",
    }
    return experiment_body(**(values | changes))


def with_times(*times: Any) -> list[dict[str, Any]]:
    return [{**each, "send_at": at} for each, at in zip(VARIANTS, times, strict=True)]


@pytest.fixture
def kpis(api: Api) -> Api:
    create_kpis(api)
    return api


@pytest.fixture
def running(kpis: Api) -> Api:
    assert kpis.post(EXPERIMENTS, json=body()).status_code == 201
    answer = kpis.post(f"{ONE}/start")
    assert answer.status_code == 200, answer.text
    return kpis


def fields_of(answer: TestResponse) -> list[str]:
    return [each["field"] for each in answer.get_json()["errors"]]


def test_a_send_time_is_read_back_as_it_can_be_sent_again(kpis: Api) -> None:
    times = [
        {"local_time": "10:00", "weekday": 4},
        {"local_time": "18:00", "weekday": "Fri"},
    ]
    made = kpis.post(EXPERIMENTS, json=body(variants=with_times(*times)))
    assert made.status_code == 201, made.text
    variants = made.get_json()["variants"]
    assert [each["send_at"] for each in variants] == [
        {"local_time": "10:00", "weekday": "friday", "on": None},
        {"local_time": "18:00", "weekday": "friday", "on": None},
    ]
    again = kpis.put(ONE, json=body(variants=variants), headers={"If-Match": "*"})
    assert again.status_code == 200, again.text
    assert again.get_json()["variants"] == variants
    assert again.get_json()["time_zone_attribute"] == "tz"


@pytest.mark.parametrize(
    ("send_at", "field"),
    [
        ({"local_time": "24:00"}, "variants.1.send_at.local_time"),
        ({"local_time": "9:00"}, "variants.1.send_at.local_time"),
        ({"local_time": "10:00:00"}, "variants.1.send_at.local_time"),
        ({}, "variants.1.send_at.local_time"),
        ({"local_time": "10:00", "weekday": 7}, "variants.1.send_at.weekday"),
        ({"local_time": "10:00", "weekday": True}, "variants.1.send_at.weekday"),
        ({"local_time": "10:00", "weekday": "금"}, "variants.1.send_at.weekday"),
        ({"local_time": "10:00", "on": "2025-02-29"}, "variants.1.send_at.on"),
        ({"local_time": "10:00", "on": "1999-01-01"}, "variants.1.send_at.on"),
        (
            {"local_time": "10:00", "on": "2025-03-14", "weekday": "fri"},
            "variants.1.send_at.on",
        ),
        ({"local_time": "10:00", "zone": "Asia/Seoul"}, "variants.1.send_at.zone"),
    ],
)
def test_a_send_time_that_does_not_fit_is_refused_by_field(
    kpis: Api, send_at: dict[str, Any], field: str
) -> None:
    answer = kpis.post(EXPERIMENTS, json=body(variants=with_times(None, send_at)))
    assert answer.status_code == 422, answer.text
    assert fields_of(answer) == [field]


@pytest.mark.parametrize("name", ["", " tz", "id", "x" * 65])
def test_no_attribute_of_that_name_can_hold_a_zone(kpis: Api, name: str) -> None:
    answer = kpis.post(EXPERIMENTS, json=body() | {"time_zone_attribute": name})
    assert answer.status_code == 422
    assert fields_of(answer) == ["time_zone_attribute"]


def assigned(api: Api, unit_id: str, **attributes: Any) -> dict[str, Any]:
    question = {"experiment": "send-time", "unit_id": unit_id, "attributes": attributes}
    answer = api.post("/api/v1/assign", json=question)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_an_assignment_says_when_to_send_in_the_customers_zone(running: Api) -> None:
    # It is 10:00 in Seoul already: the next 10:00 there is tomorrow's.
    due = {
        ("a", ""): "2025-03-11T01:00:00Z",
        ("b", ""): "2025-03-10T09:00:00Z",
        ("a", "America/New_York"): "2025-03-10T14:00:00Z",
        ("b", "America/New_York"): "2025-03-10T22:00:00Z",
    }
    met = set()
    for number in range(20):
        for zone in ("", "America/New_York"):
            found = assigned(running, f"c{number}", tz=zone)
            assert found["send_at"] == due[found["variant"], zone]
            met.add((found["variant"], zone))
    assert met == set(due)


def test_a_tool_that_asks_by_address_is_answered_in_the_projects_zone(running: Api) -> None:
    answer = running.get("/api/v1/assign?experiment=send-time&unit_id=c0")
    assert answer.get_json() == assigned(running, "c0")


def test_a_batch_is_answered_like_one_by_one_and_unknown_zones_are_listed(running: Api) -> None:
    units = [
        {"unit_id": "c0"},
        {"unit_id": "c1", "attributes": {"tz": "Asia/Busan"}},
        {"unit_id": ""},
        {"unit_id": "c2", "attributes": {"tz": "Europe/Paris"}},
        "c3",
    ]
    answer = running.post(
        "/api/v1/assign/batch", json={"experiment": "send-time", "units": units}
    ).get_json()
    zones = {"c2": "Europe/Paris"}
    for each in answer["assignments"]:
        single = assigned(running, each["unit_id"], tz=zones.get(each["unit_id"]))
        assert {k: v for k, v in each.items() if k != "index"} == {
            k: v for k, v in single.items() if k != "experiment"
        }
    assert [each["index"] for each in answer["assignments"]] == [0, 3, 4]
    assert [(each["index"], each["code"], each["field"]) for each in answer["rejected"]] == [
        (1, "unknown_zone", "units.1.attributes.tz"),
        (2, "invalid", "units.2.unit_id"),
    ]


def test_an_unknown_zone_is_refused_by_name(running: Api) -> None:
    question = {"experiment": "send-time", "unit_id": "c0", "attributes": {"tz": "KST"}}
    answer = running.post("/api/v1/assign", json=question)
    assert answer.status_code == 422
    (refusal,) = answer.get_json()["errors"]
    assert (refusal["field"], refusal["code"]) == ("attributes.tz", "unknown_zone")
    assert "'KST'" in refusal["message"]


def test_a_customer_without_a_variant_has_no_send_time(running: Api) -> None:
    assert running.post(f"{ONE}/pause").status_code == 200
    found = assigned(running, "c0")
    assert (found["variant"], found["reason"], found["send_at"]) == (None, "paused", None)


def test_a_test_without_send_times_answers_as_before(kpis: Api) -> None:
    assert kpis.post(EXPERIMENTS, json=experiment_body(key="send-time")).status_code == 201
    assert kpis.post(f"{ONE}/start").status_code == 200
    assert "send_at" not in assigned(kpis, "c0", tz="KST")


def listed(api: Api, content: str, **form: str) -> TestResponse:
    data = {"unit_column": "id", **form, "file": (io.BytesIO(content.encode()), "list.csv")}
    answer = api.post(f"{ONE}/assignments", data=data)
    assert answer.get_data() is not None
    answer.close()
    return answer


LIST = "id,tz\nc0,\nc1,America/New_York\nc2,Asia/Busan\n"


def test_a_list_carries_the_instants(running: Api) -> None:
    answer = listed(running, LIST, send_on="2025-03-14")
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    hours = {
        ("c0", "a"): "2025-03-14T01:00:00Z", ("c0", "b"): "2025-03-14T09:00:00Z",
        ("c1", "a"): "2025-03-14T14:00:00Z", ("c1", "b"): "2025-03-14T22:00:00Z",
    }  # fmt: skip
    assert [row["send_at"] for row in rows] == [hours[row["id"], row["variant"]] for row in rows]
    assert answer.headers["Truelift-Rejected"] == "1"
    next_due = listed(running, "id\nc0\n", send_at_column="due")
    assert next_due.text.splitlines()[0] == "id,variant,due"
    summary = listed(running, LIST, answer="summary").get_json()
    (row,) = summary["rejects"]
    assert (row["line"], row["field"], row["code"]) == (4, "tz", "unknown_zone")


@pytest.mark.parametrize("send_on", ["tomorrow", "2025-13-01", "1999-01-01", "20250314"])
def test_a_list_is_sent_on_a_date(running: Api, send_on: str) -> None:
    answer = listed(running, LIST, send_on=send_on)
    assert answer.status_code == 422
    assert fields_of(answer) == ["send_on"]


def test_a_draft_of_before_is_read_as_one_without_send_times(
    running: Api, database: Database, project: Project
) -> None:
    with database.transaction() as db:
        draft = db.execute(select(experiments.c.draft)).scalar_one()
        for name in ("advertising", "night_consent", "time_zone_attribute"):
            draft.pop(name)
        for variant in draft["variants"]:
            variant.pop("send_at")
        db.execute(update(experiments).values(draft=draft))
        found = get_experiment(db, project, "send-time").draft
    assert (found.advertising, found.night_consent) == (False, False)
    assert [each.send_at for each in found.variants] == [None, None]
    assert running.get(ONE).status_code == 200
