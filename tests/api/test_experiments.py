import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from experiments.storage.database import Database
from experiments.storage.tables import audit
from tests.api.conftest import Api
from tests.api.registry_bodies import create_kpis, experiment_body, kpi_body, unsubscribe_body
from tests.api.test_kpis import errors_of
from tests.conftest import make_project

EXPERIMENTS = "/api/v1/experiments"
ONE = "/api/v1/experiments/subject-line"
LINES = {"saw": "B opened more", "why": "the deadline", "next": "test the offer"}
ARMS = experiment_body()["variants"]
GOALS = experiment_body()["goals"]
ROOT = Path(__file__).resolve().parents[2]
SAMPLES = [path.parent for path in sorted(ROOT.glob("sample_data/*/experiment.json"))]


@pytest.fixture
def registered(api: Api) -> Api:
    """A client in whose project the subject-line test is a draft."""
    create_kpis(api)
    answer = api.post(EXPERIMENTS, json=experiment_body())
    assert answer.status_code == 201, answer.text
    return api


def test_a_draft_is_registered_and_read_back(registered: Api) -> None:
    read = registered.get(ONE)
    assert read.status_code == 200
    body = experiment_body()
    assert {
        name: read.get_json()[name] for name in ("key", "name", "anchor", "channels", "owner")
    } == {name: body[name] for name in ("key", "name", "anchor", "channels", "owner")}
    assert read.get_json()["variants"][1] == {
        "key": "b",
        "name": "B안",
        "weight": 0.5,
        "control": False,
        "no_message": False,
        "payload": {"off": [0.1, 5]},
        "send_at": None,
    }
    assert read.get_json()["goals"][1] == {
        "kpi": "unsubscribe",
        "role": "guardrail",
        "minimum_effect": None,
        "target": None,
        "margin": 0.001,
    }
    assert (read.get_json()["state"], read.get_json()["revision"], read.get_json()["coverage"]) == (
        "draft",
        1,
        1,
    )
    assert (read.get_json()["phases"], read.get_json()["kpi_versions"]) == ([], None)
    assert read.get_json()["warnings"] == []


def test_a_registration_says_where_the_experiment_is(api: Api) -> None:
    create_kpis(api)
    answer = api.post(EXPERIMENTS, json=experiment_body())
    assert answer.headers["Location"] == ONE
    read = api.get(ONE)
    assert read.headers["ETag"] == answer.headers["ETag"]
    assert read.json == answer.get_json()


def test_what_is_amber_is_said_in_the_language_asked_for(api: Api) -> None:
    create_kpis(api)
    answer = api.post(EXPERIMENTS, json=experiment_body(owner=None))
    assert answer.get_json()["warnings"] == [
        {
            "code": "no_owner",
            "field": "owner",
            "message": "nobody is named as owner of this test",
        }
    ]


def test_a_second_reading_of_the_same_is_not_sent_again(registered: Api) -> None:
    tag = registered.get(ONE).headers["ETag"]
    assert registered.get(ONE, headers={"If-None-Match": tag}).status_code == 304


def test_a_reading_is_sent_again_once_a_warning_is_new(registered: Api) -> None:
    tag = registered.get(ONE).headers["ETag"]
    body = kpi_body(owner=None)
    registered.put("/api/v1/kpis/open", json=body, headers={"If-Match": "*"})
    again = registered.get(ONE, headers={"If-None-Match": tag})
    assert again.status_code == 200
    assert [each["code"] for each in again.get_json()["warnings"]] == ["target_not_smart"]
    # The experiment itself is what it was: an edit that has seen the old answer still fits.
    assert registered.put(ONE, json=experiment_body(), headers={"If-Match": tag}).status_code == 200


def test_thirds_written_with_seven_digits_pass_and_come_back_as_written(api: Api) -> None:
    create_kpis(api)
    arms = [{"key": key, "name": key, "weight": 0.3333333, "control": key == "a"} for key in "abc"]
    answer = api.post(EXPERIMENTS, json=experiment_body(variants=arms))
    assert answer.status_code == 201
    assert [each["weight"] for each in answer.get_json()["variants"]] == [0.3333333] * 3


def test_times_come_back_with_their_zone(api: Api) -> None:
    create_kpis(api)
    schedule = {"starts_at": "2025-03-12T10:00:00+09:00", "ends_at": None}
    answer = api.post(EXPERIMENTS, json=experiment_body(schedule=schedule))
    assert answer.get_json()["schedule"] == schedule


def test_a_list_comes_in_pages_and_by_state(registered: Api) -> None:
    for key in ("b", "a"):
        assert registered.post(EXPERIMENTS, json=experiment_body(key=key)).status_code == 201
    registered.post(f"{EXPERIMENTS}/b/start")
    first = registered.get(f"{EXPERIMENTS}?limit=2").get_json()
    rest = registered.get(f"{EXPERIMENTS}?limit=2&cursor={first['next']}").get_json()
    assert [each["key"] for each in first["items"] + rest["items"]] == ["a", "b", "subject-line"]
    assert rest["next"] is None
    running = registered.get(f"{EXPERIMENTS}?state=running&state=paused").get_json()["items"]
    assert [each["key"] for each in running] == ["b"]
    assert registered.get(f"{EXPERIMENTS}?state=lost").status_code == 422


def test_the_whole_life_of_a_test(registered: Api, now: datetime) -> None:
    started = registered.post(f"{ONE}/start").get_json()
    assert (started["state"], started["started_at"]) == ("running", now.isoformat())
    assert started["kpi_versions"] == {"open": 1, "unsubscribe": 1}
    assert started["phases"] == [
        {
            "number": 1,
            "seed": "subject-line",
            "ranges": [
                {"variant": "a", "start": 0, "end": 5000},
                {"variant": "b", "start": 5000, "end": 10000},
            ],
            "weights": {"a": 0.5, "b": 0.5},
            "coverage": 1,
            "started_at": now.isoformat(),
            "ended_at": None,
        }
    ]
    states = [
        registered.post(f"{ONE}/{action}").get_json()["state"]
        for action in ("pause", "resume", "stop")
    ]
    assert states == ["paused", "running", "stopped"]
    decided = registered.post(f"{ONE}/decide", json={"variant": "b", **LINES}).get_json()
    assert decided["state"] == "decided"
    assert decided["decision"]["decided_by"].startswith("key:")
    assert {name: decided["decision"][name] for name in ("variant", *LINES)} == {
        "variant": "b",
        **LINES,
    }
    assert registered.post(f"{ONE}/archive").get_json()["state"] == "archived"


def test_a_draft_is_scheduled_and_taken_back(api: Api) -> None:
    create_kpis(api)
    schedule = {"starts_at": "2025-03-12T10:00:00+09:00"}
    api.post(EXPERIMENTS, json=experiment_body(schedule=schedule))
    assert api.post(f"{ONE}/schedule").get_json()["state"] == "scheduled"
    assert api.post(f"{ONE}/unschedule").get_json()["state"] == "draft"


@pytest.mark.parametrize("action", ["unschedule", "pause", "resume", "stop"])
def test_an_illegal_move_is_a_conflict_that_says_what_is_legal(
    registered: Api, action: str
) -> None:
    before = registered.get(ONE).get_json()
    answer = registered.post(f"{ONE}/{action}")
    assert answer.status_code == 409
    assert answer.get_json()["type"] == "/problems/illegal_move"
    assert f"cannot take the action '{action}', only: schedule, start, archive" in answer.text
    assert registered.get(ONE).json == before


def test_a_decision_comes_after_the_stop(registered: Api) -> None:
    answer = registered.post(f"{ONE}/decide", json={"variant": "b", **LINES})
    assert answer.status_code == 409


def test_a_schedule_needs_a_time_to_come(registered: Api) -> None:
    answer = registered.post(f"{ONE}/schedule")
    assert answer.status_code == 409
    assert set(errors_of(answer)) == {"schedule.starts_at"}


def test_without_a_primary_kpi_nothing_starts(api: Api) -> None:
    create_kpis(api)
    api.post(EXPERIMENTS, json=experiment_body(goals=GOALS[1:]))
    answer = api.post(f"{ONE}/start")
    assert (answer.status_code, set(errors_of(answer))) == (409, {"goals"})


def test_without_a_source_of_its_events_nothing_starts(api: Api) -> None:
    for body in (kpi_body(source=None), unsubscribe_body()):
        api.post("/api/v1/kpis", json=body)
    api.post(EXPERIMENTS, json=experiment_body())
    answer = api.post(f"{ONE}/start")
    assert (answer.status_code, set(errors_of(answer))) == (409, {"goals.0.kpi"})
    assert answer.get_json()["type"] == "/problems/no_event_source"


def test_a_draft_is_revised_by_whoever_has_seen_it(registered: Api) -> None:
    tag = registered.get(ONE).headers["ETag"]
    body = experiment_body(coverage=0.5)
    answer = registered.put(ONE, json=body, headers={"If-Match": tag})
    assert (answer.status_code, answer.get_json()["coverage"], answer.get_json()["revision"]) == (
        200,
        0.5,
        2,
    )
    assert registered.put(ONE, json=body, headers={"If-Match": tag}).status_code == 412
    assert registered.put(ONE, json=body).status_code == 428


def test_what_has_started_is_not_revised(registered: Api) -> None:
    registered.post(f"{ONE}/start")
    answer = registered.put(ONE, json=experiment_body(), headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert answer.get_json()["type"] == "/problems/not_editable"


def test_a_move_may_ask_for_what_it_has_seen(registered: Api) -> None:
    tag = registered.get(ONE).headers["ETag"]
    registered.put(ONE, json=experiment_body(name="new"), headers={"If-Match": tag})
    assert registered.post(f"{ONE}/start", headers={"If-Match": tag}).status_code == 412
    tag = registered.get(ONE).headers["ETag"]
    assert registered.post(f"{ONE}/start", headers={"If-Match": tag}).status_code == 200


def test_an_action_takes_no_fields(registered: Api) -> None:
    answer = registered.post(f"{ONE}/start", json={"force": True})
    assert (answer.status_code, set(errors_of(answer))) == (422, {"force"})
    assert registered.post(f"{ONE}/start", json=[1]).status_code == 422
    assert registered.post(f"{ONE}/start", json={}).status_code == 200


def test_a_taken_key_is_a_conflict(registered: Api) -> None:
    answer = registered.post(EXPERIMENTS, json=experiment_body())
    assert answer.status_code == 409
    assert errors_of(answer) == {"key": "the experiment key 'subject-line' is taken"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"state": "running"}, "state"),
        ({"variants": [{**ARMS[0], "size": 1}, ARMS[1]]}, "variants.0.size"),
        ({"variants": [ARMS[0], {"key": "b", "weight": 0.5}]}, "variants.1.name"),
        ({"variants": [ARMS[0], {**ARMS[1], "weight": "half"}]}, "variants.1.weight"),
        ({"variants": [ARMS[0], {**ARMS[1], "weight": "NaN"}]}, "variants.1.weight"),
        ({"variants": [ARMS[0], {**ARMS[1], "weight": True}]}, "variants.1.weight"),
        ({"variants": [ARMS[0], {**ARMS[1], "weight": -0.5}]}, "variants.1.weight"),
        ({"variants": [ARMS[0], {**ARMS[1], "weight": 0.4}]}, "variants"),
        ({"variants": [ARMS[0], {**ARMS[1], "control": True}]}, "variants"),
        ({"variants": [ARMS[0], {**ARMS[1], "control": "no"}]}, "variants.1.control"),
        ({"variants": [ARMS[0], {**ARMS[1], "key": "B"}]}, "variants.1.key"),
        ({"variants": [ARMS[0], {**ARMS[1], "payload": "x" * 20_000}]}, "variants.1.payload"),
        ({"variants": [ARMS[0], 7]}, "variants.1"),
        ({"variants": {"a": 1}}, "variants"),
        ({"variants": []}, "variants"),
        ({"goals": [{"kpi": "visits", "role": "primary"}]}, "goals.0.kpi"),
        ({"goals": [GOALS[0], {"kpi": "unsubscribe", "role": "guardrail"}]}, "goals.1.margin"),
        ({"goals": [GOALS[0], {**GOALS[1], "margin": 0}]}, "goals.1.margin"),
        ({"goals": [GOALS[0], {**GOALS[1], "margin": 2}]}, "goals.1.margin"),
        ({"goals": [{**GOALS[0], "target": {"value": "x"}}]}, "goals.0.target.value"),
        ({"goals": [{**GOALS[0], "target": {"value": "1e30"}}]}, "goals.0.target.value"),
        ({"goals": [{**GOALS[0], "target": {"value": 20}}]}, "goals.0.target.value"),
        ({"goals": [{**GOALS[0], "role": "main"}]}, "goals.0.role"),
        ({"goals": [GOALS[0], {**GOALS[0], "role": "secondary"}]}, "goals"),
        ({"channels": []}, "channels"),
        ({"channels": "email"}, "channels"),
        ({"channels": ["email", "fax"]}, "channels.1"),
        ({"channels": ["sms"]}, "goals.0.kpi"),
        ({"coverage": 0}, "coverage"),
        ({"coverage": "all"}, "coverage"),
        ({"plan": {"alpha": 5}}, "plan.alpha"),
        ({"plan": {"looks": 3}}, "plan.looks"),
        ({"plan": {"looks": 1.0}}, "plan.looks"),
        ({"plan": {"luck": 1}}, "plan.luck"),
        ({"schedule": {"starts_at": "2025-03-12T10:00:00"}}, "schedule.starts_at"),
        ({"schedule": {"starts_at": "tomorrow"}}, "schedule.starts_at"),
        (
            {"schedule": {"starts_at": "2025-03-12T10:00Z", "ends_at": "2025-03-12T10:00+09:00"}},
            "schedule.ends_at",
        ),
        ({"tags": ["ok", 7]}, "tags.1"),
        ({"anchor": "luck"}, "anchor"),
        ({"anchor": None}, "anchor"),
        ({"seed": ""}, "seed"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    create_kpis(api)
    answer = api.post(EXPERIMENTS, json=experiment_body(**changes))
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {field}
    assert api.get(EXPERIMENTS).get_json()["items"] == []


def test_a_nan_weight_is_not_json(api: Api) -> None:
    text = '{"key": "x", "variants": [{"key": "a", "name": "a", "weight": NaN}]}'
    answer = api.post(EXPERIMENTS, data=text, content_type="application/json")
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"variant": "c"}, "variant"),
        ({"variant": 7}, "variant"),
        ({"saw": ""}, "saw"),
        ({"why": " "}, "why"),
        ({"next": None}, "next"),
        ({"because": "x"}, "because"),
    ],
)
def test_a_decision_that_does_not_fit_names_the_field(
    registered: Api, changes: dict[str, Any], field: str
) -> None:
    for action in ("start", "stop"):
        registered.post(f"{ONE}/{action}")
    answer = registered.post(f"{ONE}/decide", json={"variant": "b", **LINES, **changes})
    assert (answer.status_code, set(errors_of(answer))) == (422, {field})


def test_another_projects_experiment_cannot_be_told_from_an_absent_one(
    api: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    other = key_for(["admin"], make_project(database, now, "other"))
    create_kpis(other)
    assert other.post(EXPERIMENTS, json=experiment_body(key="theirs")).status_code == 201
    create_kpis(api)
    calls: list[Callable[[str], Any]] = [
        api.get,
        lambda path: api.put(path, json=experiment_body(), headers={"If-Match": "*"}),
        lambda path: api.post(f"{path}/decide", json={"variant": "b", **LINES}),
        *(
            lambda path, action=action: api.post(f"{path}/{action}")
            for action in ("schedule", "unschedule", "start", "pause", "resume", "stop", "archive")
        ),
    ]
    for call in calls:
        foreign, absent = call(f"{EXPERIMENTS}/theirs"), call(f"{EXPERIMENTS}/absent")
        assert foreign.status_code == absent.status_code == 404
        told = foreign.text.replace(foreign.get_json()["request_id"], "").replace(
            "theirs", "absent"
        )
        assert told == absent.text.replace(absent.get_json()["request_id"], "")
    assert api.get(EXPERIMENTS).get_json()["items"] == []
    assert other.get(f"{EXPERIMENTS}/theirs").get_json()["state"] == "draft"


def test_another_projects_kpi_is_unknown_to_a_goal(
    api: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    create_kpis(key_for(["admin"], make_project(database, now, "other")))
    answer = api.post(EXPERIMENTS, json=experiment_body())
    assert errors_of(answer) == {"goals.0.kpi": "no KPI 'open' in this project"}


@pytest.mark.parametrize("scope", ["read", "assign", "ingest"])
def test_only_an_admin_key_writes(key_for: Callable[..., Api], scope: str) -> None:
    caller = key_for([scope])
    assert caller.post(EXPERIMENTS, json=experiment_body()).status_code == 403
    assert caller.put(ONE, json=experiment_body()).status_code == 403
    assert caller.post(f"{ONE}/start").status_code == 403
    assert caller.get(EXPERIMENTS).status_code == (200 if scope == "read" else 403)


@pytest.mark.parametrize(("role", "status"), [("viewer", 403), ("analyst", 403), ("marketer", 201)])
def test_a_marketer_registers_and_an_analyst_reads(
    registered: Api, browser_for: Callable[[str], Any], role: str, status: int
) -> None:
    browser = browser_for(role)
    assert browser.get(ONE).status_code == 200
    answer = browser.post(EXPERIMENTS, json=experiment_body(key="another"))
    assert answer.status_code == status


def test_a_change_and_its_trace_are_one(registered: Api, database: Database) -> None:
    registered.post(f"{ONE}/start")
    registered.post(f"{ONE}/start")
    with database.reading() as db:
        rows = db.execute(
            select(audit).where(audit.c.object_type == "experiment").order_by(audit.c.id)
        ).all()
    assert [row.action for row in rows] == ["experiment.register", "experiment.start"]
    assert all(row.request_id for row in rows)


def test_a_start_is_known_to_assignment_at_once(registered: Api) -> None:
    question = {"experiment": "subject-line", "unit_id": "u1"}
    assert registered.post("/api/v1/assign", json=question).get_json()["reason"] == "not_started"
    registered.post(f"{ONE}/start")
    assert registered.post("/api/v1/assign", json=question).get_json()["reason"] == "assigned"
    registered.post(f"{ONE}/pause")
    assert registered.post("/api/v1/assign", json=question).get_json()["reason"] == "paused"


@pytest.mark.parametrize("folder", SAMPLES, ids=lambda folder: folder.name)
def test_the_drafts_of_the_samples_register_and_start(api: Api, folder: Path) -> None:
    for body in json.loads((folder / "kpis.json").read_text(encoding="utf-8")):
        answer = api.post("/api/v1/kpis", json=body)
        assert answer.status_code == 201, answer.text
    draft = json.loads((folder / "experiment.json").read_text(encoding="utf-8"))
    answer = api.post(EXPERIMENTS, json=draft)
    assert answer.status_code == 201, answer.text
    assert api.post(f"{EXPERIMENTS}/{draft['key']}/start").status_code == 200
