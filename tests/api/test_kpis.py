import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from experiments.storage.database import Database
from tests.api.conftest import Api
from tests.api.registry_bodies import create_kpis, experiment_body, kpi_body, unsubscribe_body
from tests.conftest import make_project


def errors_of(answer: Any) -> dict[str, str]:
    """Field and message of each error of a problem document."""
    assert answer.mimetype == "application/problem+json"
    return {each["field"]: each["message"] for each in answer.get_json()["errors"]}


def test_a_kpi_is_created_and_read_back(api: Api) -> None:
    created = api.post("/api/v1/kpis", json=kpi_body())
    assert created.status_code == 201
    assert created.headers["Location"] == "/api/v1/kpis/open"
    read = api.get("/api/v1/kpis/open")
    assert read.json == created.get_json()
    assert read.headers["ETag"] == created.headers["ETag"]
    assert {name: read.get_json()[name] for name in ("version", "revision")} == {
        "version": 1,
        "revision": 1,
    }
    assert read.get_json()["baseline"] == 0.177
    assert read.get_json()["target"] == {
        "value": 0.197,
        "relative": False,
        "basis": "trend",
        "basis_source": None,
        "bold": None,
        "milestones": [],
        "due_on": "2025-06-30",
    }
    assert read.get_json()["smart"]["met"] is True


def test_the_smart_check_says_what_is_missing(api: Api) -> None:
    smart = api.post("/api/v1/kpis", json=unsubscribe_body(owner=None)).get_json()["smart"]
    assert smart["met"] is False
    assert smart["specific"] == {"met": False, "missing": ["owner"]}
    assert smart["achievable"] == {"met": False, "missing": ["target"]}


def test_milestones_lead_to_the_target(api: Api) -> None:
    milestones = [{"due_on": "2025-04-30", "value": 0.185}]
    target = {"value": 0.197, "due_on": "2025-06-30", "milestones": milestones}
    created = api.post("/api/v1/kpis", json=kpi_body(target=target))
    assert created.get_json()["target"]["milestones"] == milestones


def test_a_name_may_be_one_string_for_both_languages(api: Api) -> None:
    created = api.post("/api/v1/kpis", json=kpi_body(name="오픈율", short_name="오픈"))
    assert created.get_json()["name"] == {"ko": "오픈율", "en": "오픈율"}
    assert created.get_json()["short_name"] == {"ko": "오픈", "en": "오픈"}


def test_decimals_are_kept_exactly_as_written(api: Api) -> None:
    for key, written, read in [
        ("k1", "0.1770000", 0.177),
        ("k2", '"0.30000000000000004"', 0.30000000000000004),
        ("k3", "1.77e-1", 0.177),
        ("k4", "0", 0),
        ("k5", "1", 1),
    ]:
        text = json.dumps(kpi_body(key=key, target=None)).replace("0.177", written)
        created = api.post("/api/v1/kpis", data=text, content_type="application/json")
        assert created.status_code == 201, created.text
        assert created.get_json()["baseline"] == read


def test_a_second_reading_of_the_same_is_not_sent_again(api: Api) -> None:
    tag = api.post("/api/v1/kpis", json=kpi_body()).headers["ETag"]
    again = api.get("/api/v1/kpis/open", headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["ETag"] == tag


def test_a_list_comes_in_pages(api: Api) -> None:
    keys = [f"k{number}" for number in range(5)]
    for key in keys:
        assert api.post("/api/v1/kpis", json=kpi_body(key=key)).status_code == 201
    seen: list[list[str]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = api.get(f"/api/v1/kpis?limit=2{cursor}").get_json()
        seen.append([item["key"] for item in page["items"]])
        cursor = None if page["next"] is None else f"&cursor={page['next']}"
    assert seen == [["k0", "k1"], ["k2", "k3"], ["k4"]]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=1001", "limit"),
        ("limit=many", "limit"),
        ("cursor=%21", "cursor"),
        ("cursor=AA", "cursor"),
        ("cursor=%ED%99%8D", "cursor"),
        ("order=name", "order"),
    ],
)
def test_a_list_refuses_a_query_it_does_not_know(api: Api, query: str, field: str) -> None:
    answer = api.get(f"/api/v1/kpis?{query}")
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {field}


def test_a_kpi_is_replaced_by_whoever_has_seen_it(api: Api) -> None:
    tag = api.post("/api/v1/kpis", json=kpi_body()).headers["ETag"]
    changed = kpi_body(owner="jisu")
    answer = api.put("/api/v1/kpis/open", json=changed, headers={"If-Match": tag})
    assert answer.status_code == 200
    assert (
        answer.get_json()["owner"],
        answer.get_json()["revision"],
        answer.get_json()["version"],
    ) == ("jisu", 2, 1)
    assert answer.headers["ETag"] != tag
    stale = api.put("/api/v1/kpis/open", json=changed, headers={"If-Match": tag})
    assert stale.status_code == 412
    assert stale.get_json()["detail"] == "changed in the meantime: revision 1 was given, it is at 2"
    any_tag = api.put("/api/v1/kpis/open", json=changed, headers={"If-Match": "*"})
    assert any_tag.status_code == 200


@pytest.mark.parametrize("tag", ['"nonsense"', "1", 'W/"1-abc"', '"1-a", "2-b"', '"²-a"', '""'])
def test_a_tag_that_is_not_ours_is_stale(api: Api, tag: str) -> None:
    api.post("/api/v1/kpis", json=kpi_body())
    answer = api.put("/api/v1/kpis/open", json=kpi_body(), headers={"If-Match": tag})
    assert answer.status_code == (200 if tag == "1" else 412)


def test_without_if_match_nothing_is_replaced(api: Api) -> None:
    api.post("/api/v1/kpis", json=kpi_body())
    answer = api.put("/api/v1/kpis/open", json=kpi_body(owner="jisu"))
    assert answer.status_code == 428
    assert api.get("/api/v1/kpis/open").get_json()["owner"] == "minji"


def test_a_version_that_a_started_test_uses_is_kept(api: Api) -> None:
    create_kpis(api)
    api.post("/api/v1/experiments", json=experiment_body())
    assert api.post("/api/v1/experiments/subject-line/start").status_code == 200
    body = kpi_body(owner="jisu")
    answer = api.put("/api/v1/kpis/open", json=body, headers={"If-Match": "*"})
    assert (answer.get_json()["version"], answer.get_json()["owner"]) == (2, "jisu")
    versions = api.get("/api/v1/kpis/open/versions").get_json()
    assert versions["next"] is None
    assert [(each["version"], each["owner"]) for each in versions["items"]] == [
        (1, "minji"),
        (2, "jisu"),
    ]


def test_a_taken_key_is_a_conflict(api: Api) -> None:
    api.post("/api/v1/kpis", json=kpi_body())
    answer = api.post("/api/v1/kpis", json=kpi_body())
    assert answer.status_code == 409
    assert errors_of(answer) == {"key": "the KPI key 'open' is taken"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"version": 2}, "version"),
        ({"formula": {**kpi_body()["formula"], "sql": "1"}}, "formula.sql"),
        ({"target": {"value": 0.2, "hope": 1}}, "target.hope"),
        ({"target": {"value": 0.2, "milestones": [{"value": 0.1}]}}, "target.milestones.0.due_on"),
        ({"name": 7}, "name"),
        ({"name": {"ko": "오픈율"}}, "name"),
        ({"name": {"ko": "오픈율", "en": 7}}, "name"),
        ({"name": None}, "name"),
        ({"kind": ["proportion"]}, "kind"),
        ({"baseline": "much"}, "baseline"),
        ({"baseline": "NaN"}, "baseline"),
        ({"baseline": "1_0"}, "baseline"),
        ({"baseline": "٠"}, "baseline"),
        ({"baseline": True}, "baseline"),
        ({"baseline": [0.1]}, "baseline"),
        ({"baseline": 17.7}, "baseline"),
        ({"baseline": 1e-40}, "baseline"),
        ({"formula": "opens"}, "formula"),
        ({"formula": {**kpi_body()["formula"], "window_hours": "72"}}, "formula.window_hours"),
        ({"formula": {**kpi_body()["formula"], "window_hours": 72.5}}, "formula.window_hours"),
        ({"formula": {**kpi_body()["formula"], "window_hours": True}}, "formula.window_hours"),
        ({"formula": {**kpi_body()["formula"], "window_hours": 0}}, "formula.window_hours"),
        ({"formula": {**kpi_body()["formula"], "where": {"a": 1}}}, "formula.where.a.value"),
        ({"formula": {**kpi_body()["formula"], "value": "amount"}}, "formula.value"),
        ({"target": {"value": 0.2, "relative": "yes"}}, "target.relative"),
        ({"target": {"value": 0.2, "relative": 1}}, "target.relative"),
        ({"target": {"value": 0.2, "due_on": "June"}}, "target.due_on"),
        ({"target": {"value": 20}}, "target.value"),
        ({"key": "Open Rate"}, "key"),
        ({"parent": "nobody"}, "parent"),
    ],
)
def test_a_body_that_does_not_fit_names_the_field(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = api.post("/api/v1/kpis", json=kpi_body(**changes))
    assert answer.status_code == 422
    assert set(errors_of(answer)) == {field}


@pytest.mark.parametrize("missing", ["key", "name", "kind", "formula", "unit_of_measure"])
def test_what_a_document_cannot_do_without_is_named(api: Api, missing: str) -> None:
    body = kpi_body()
    del body[missing]
    assert set(errors_of(api.post("/api/v1/kpis", json=body))) == {missing}


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"key": "open", "baseline": NaN}', 400),
        ('{"key": "open", "baseline": Infinity}', 400),
        ('{"key": "open", "key": "click"}', 400),
        ('{"key": "open"', 400),
        ('{"key": "a\\u0000"}', 400),
        ('{"key": "a\\ud83d"}', 400),
        ("[" * 100_000, 400),
        ("[]", 422),
        ("null", 422),
        ('"open"', 422),
    ],
)
def test_broken_or_hostile_json_is_refused(api: Api, text: str, status: int) -> None:
    answer = api.post("/api/v1/kpis", data=text, content_type="application/json")
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_another_projects_kpi_cannot_be_told_from_an_absent_one(
    api: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    other = key_for(["admin"], make_project(database, now, "other"))
    assert other.post("/api/v1/kpis", json=kpi_body(key="theirs")).status_code == 201
    calls: list[Callable[[str], Any]] = [
        lambda key: api.get(f"/api/v1/kpis/{key}"),
        lambda key: api.get(f"/api/v1/kpis/{key}/versions"),
        lambda key: api.put(
            f"/api/v1/kpis/{key}", json=kpi_body(key=key), headers={"If-Match": "*"}
        ),
    ]
    for call in calls:
        foreign, absent = call("theirs"), call("absent")
        assert foreign.status_code == absent.status_code == 404
        told = foreign.text.replace(foreign.get_json()["request_id"], "").replace(
            "theirs", "absent"
        )
        assert told == absent.text.replace(absent.get_json()["request_id"], "")
    assert api.get("/api/v1/kpis").json == {"items": [], "next": None}


@pytest.mark.parametrize("scope", ["read", "assign", "ingest"])
def test_only_an_admin_key_writes_and_only_a_reading_one_reads(
    key_for: Callable[..., Api], scope: str
) -> None:
    caller = key_for([scope])
    assert caller.post("/api/v1/kpis", json=kpi_body()).status_code == 403
    assert caller.put("/api/v1/kpis/open", json=kpi_body()).status_code == 403
    assert caller.get("/api/v1/kpis").status_code == (200 if scope == "read" else 403)


def test_a_refusal_speaks_the_language_asked_for(api: Api) -> None:
    answer = api.get("/api/v1/kpis/absent", headers={"Accept-Language": "en"})
    assert answer.get_json()["detail"] == "key: no KPI 'absent' in this project"
