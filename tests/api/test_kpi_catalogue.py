"""The catalogue, adoption, status and tree of KPIs over HTTP."""

from collections.abc import Callable
from typing import Any

import pytest

from api.schemas.kpis import KpiDocumentSchema
from experiments.kpis.adoption import adopted
from experiments.kpis.catalogue import ENTRIES
from experiments.storage.database import Database
from tests.api.conftest import Api
from tests.api.registry_bodies import create_kpis, experiment_body, kpi_body


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """None of this differs by database."""
    return sqlite_database


def keys(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [item["key"] for item in answer.get_json()["items"]]


def fields_of(answer: Any) -> list[str]:
    return [each["field"] for each in answer.get_json()["errors"]]


def test_the_catalogue_is_searched_in_both_languages(key_for: Callable[..., Api]) -> None:
    reader = key_for(["read"])
    assert keys(reader.get("/api/v1/kpi-catalogue?q=재구매&language=ko"))[:3] == [
        "repeat-purchase", "repeat-purchase-of-buyers", "repeat-purchase-of-new",
    ]  # fmt: skip
    assert keys(reader.get("/api/v1/kpi-catalogue?q=repeat+rate&language=en"))[0].startswith(
        "repeat-purchase"
    )
    assert keys(reader.get("/api/v1/kpi-catalogue?q=재구매&language=en")) == []
    assert keys(reader.get("/api/v1/kpi-catalogue")) == [each.key for each in ENTRIES]
    assert keys(reader.get("/api/v1/kpi-catalogue?stage=referral")) == [
        "nps", "review-rate", "referral-share",
    ]  # fmt: skip
    assert "open-rate" not in keys(reader.get("/api/v1/kpi-catalogue?channel=sms"))


def test_an_entry_is_a_whole_document(api: Api) -> None:
    body = api.get("/api/v1/kpi-catalogue/profit").get_json()
    assert body["name"]["ko"] == "쿠폰·메시지 비용을 뺀 매출"
    assert body["formula"] == {
        "event": "purchase", "value": "amount", "machine": "exclude", "where": {},
        "window_hours": 720,
        "plus": [{"event": "refund", "value": "amount", "machine": "exclude", "where": {}}],
        "minus": [
            {"event": "coupon_used", "value": "amount", "machine": "exclude", "where": {}},
            {"event": "sent", "value": "message_cost", "machine": "exclude", "where": {}},
        ],
    }  # fmt: skip
    assert body["synonyms"]["ko"]
    assert body["confused_with"][0]["key"] == "total-revenue"
    assert body["source"]["ko"]
    aov = api.get("/api/v1/kpi-catalogue/aov").get_json()
    assert aov["descriptive_because"] == "denominator"


@pytest.mark.parametrize(
    ("query", "field"),
    [("language=fr", "language"), ("stage=love", "stage"), ("channel=x", "channel"), ("p=1", "p")],
)
def test_a_search_refuses_what_it_does_not_know(api: Api, query: str, field: str) -> None:
    answer = api.get(f"/api/v1/kpi-catalogue?{query}")
    assert (answer.status_code, fields_of(answer)) == (422, [field])


def test_an_entry_that_is_not_there_is_not_found(api: Api) -> None:
    assert api.get("/api/v1/kpi-catalogue/none").status_code == 404


def test_a_kpi_is_made_from_an_entry(api: Api) -> None:
    made = api.post("/api/v1/kpis", json={"from": "repeat-purchase"})
    assert made.status_code == 201, made.text
    body = made.get_json()
    assert (body["key"], body["catalogue"], body["parent"]) == (
        "repeat-purchase", "repeat-purchase", None,
    )  # fmt: skip
    assert body["formula"]["at_least"] == 2
    assert body["purpose"]["ko"]
    assert body["warnings"] == []
    assert body["smart"]["specific"]["missing"] == ["owner"]
    assert api.get("/api/v1/kpis/repeat-purchase").get_json() == body


def test_every_entry_can_be_adopted() -> None:
    for entry in ENTRIES:
        body = adopted({}, key=entry.key, language="ko", currency="JPY")
        assert KpiDocumentSchema().load(body) == entry.document("ko", "JPY")


def test_what_is_answered_can_be_sent_back(api: Api) -> None:
    for key in ("ltv-90", "purchase-funnel", "nps"):
        body = api.post("/api/v1/kpis", json={"from": key, "owner": "minji"}).get_json()
        own = {name: body[name] for name in KpiDocumentSchema().fields}
        again = api.put(f"/api/v1/kpis/{key}", json=own, headers={"If-Match": "*"})
        assert again.status_code == 200, again.text
        assert {name: again.get_json()[name] for name in own} == own


def test_what_differs_from_the_entry_is_given_beside_it(api: Api) -> None:
    body = api.post(
        "/api/v1/kpis",
        json={
            "from": "retention-d1", "key": "back-in-a-week", "name": "일주일 안 재방문",
            "short_name": None, "formula": {"window_hours": 168, "channels": ["email"]},
            "tracking": {"by": "period"}, "baseline": 0.12,
        },
    ).get_json()  # fmt: skip
    assert body["key"] == "back-in-a-week"
    assert body["formula"] == {
        "event": "visit", "value": "occurrence", "machine": "exclude", "where": {},
        "window_hours": 168, "channels": ["email"],
    }  # fmt: skip
    assert body["tracking"]["by"] == "period"
    assert body["stage"] == "retention"
    dollars = api.post("/api/v1/kpis", json={"from": "arpu", "currency": "USD"}).get_json()
    assert dollars["currency"] == "USD"


def test_an_unknown_entry_is_refused_with_the_nearest(api: Api) -> None:
    answer = api.post("/api/v1/kpis", json={"from": "repeat-purchas"})
    assert (answer.status_code, fields_of(answer)) == (422, ["from"])
    assert "repeat-purchase" in answer.get_json()["errors"][0]["message"]
    for wrong in (7, None, ["aov"]):
        answer = api.post("/api/v1/kpis", json=kpi_body() | {"from": wrong})
        assert (answer.status_code, fields_of(answer)) == (422, ["from"])
    assert fields_of(api.put("/api/v1/kpis/x", json=kpi_body() | {"from": "aov"})) == ["from"]


def test_a_known_name_for_something_else_is_pointed_out(api: Api) -> None:
    body = api.post("/api/v1/kpis", json=kpi_body(name="객단가")).get_json()
    [warning] = body["warnings"]
    assert (warning["code"], warning["field"]) == ("known_name", "name")
    assert "aov" in warning["message"]
    korean = api.get("/api/v1/kpis/open", headers={"Accept-Language": "ko"}).get_json()
    assert "카탈로그" in korean["warnings"][0]["message"]


def test_the_same_name_for_something_else_in_the_project_is_pointed_out(api: Api) -> None:
    api.post("/api/v1/kpis", json=kpi_body(name="우리 지표"))
    clicks = {"event": "click", "value": "occurrence", "window_hours": 72}
    body = api.post("/api/v1/kpis", json=kpi_body(key="k2", name="우리 지표", formula=clicks))
    assert [each["code"] for each in body.get_json()["warnings"]] == ["same_name"]
    for item in api.get("/api/v1/kpis").get_json()["items"]:
        assert [each["code"] for each in item["warnings"]] == ["same_name"]


def test_a_status_is_taken_step_by_step(api: Api) -> None:
    tag = api.post("/api/v1/kpis", json=kpi_body()).headers["ETag"]
    official = api.post(
        "/api/v1/kpis/open/status", json={"status": "official"}, headers={"If-Match": tag}
    )
    body = official.get_json()
    assert (official.status_code, body["status"], body["revision"]) == (200, "official", 2)
    assert body["approved_by"].startswith("key:")
    assert body["approved_at"]
    back = api.post("/api/v1/kpis/open/status", json={"status": "draft"})
    assert (back.status_code, fields_of(back)) == (409, ["status"])
    stale = api.post(
        "/api/v1/kpis/open/status", json={"status": "retired"}, headers={"If-Match": tag}
    )
    assert stale.status_code == 412
    clicks = {"event": "click", "value": "occurrence", "window_hours": 72}
    changed = kpi_body(status="official", formula=clicks)
    answer = api.put("/api/v1/kpis/open", json=changed, headers={"If-Match": "*"})
    assert (answer.status_code, fields_of(answer)) == (409, ["formula"])
    api.post("/api/v1/kpis", json=kpi_body(key="open-2"))
    retired = api.post(
        "/api/v1/kpis/open/status", json={"status": "retired", "successor": "open-2"}
    ).get_json()
    assert (retired["status"], retired["successor"], retired["approved_by"]) == (
        "retired", "open-2", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"status": "gone"}, "status"),
        ({"status": "retired", "successor": "nobody"}, "successor"),
        ({"status": "official", "successor": "click"}, "successor"),
        ({}, "status"),
        ({"status": "retired", "why": "x"}, "why"),
    ],
)
def test_a_status_that_does_not_fit_is_named(api: Api, body: dict[str, Any], field: str) -> None:
    api.post("/api/v1/kpis", json=kpi_body())
    answer = api.post("/api/v1/kpis/open/status", json=body)
    assert (answer.status_code, fields_of(answer)) == (422, [field])


def test_only_those_who_write_change_a_status(key_for: Callable[..., Api]) -> None:
    assert key_for(["read"]).post("/api/v1/kpis/open/status", json={}).status_code == 403
    assert key_for(["admin"]).post(
        "/api/v1/kpis/none/status", json={"status": "retired"}
    ).status_code == 404  # fmt: skip


def test_a_formula_is_not_changed_under_a_running_test(api: Api) -> None:
    create_kpis(api)
    api.post("/api/v1/experiments", json=experiment_body())
    assert api.post("/api/v1/experiments/subject-line/start").status_code == 200
    longer = {"event": "open", "value": "occurrence", "window_hours": 168}
    answer = api.put("/api/v1/kpis/open", json=kpi_body(formula=longer), headers={"If-Match": "*"})
    assert (answer.status_code, fields_of(answer)) == (409, ["formula"])
    assert "version 1" in answer.get_json()["detail"]


def test_the_tree_hangs_every_kpi_below_the_one_it_serves(api: Api) -> None:
    for key in ("conversion", "click-rate", "human-open-rate", "nps"):
        assert api.post("/api/v1/kpis", json={"from": key}).status_code == 201
    tree = api.get("/api/v1/kpis/tree").get_json()["trees"]
    assert [branch["key"] for branch in tree] == ["nps", "conversion"]
    [click] = tree[1]["children"]
    assert (click["key"], click["children"][0]["key"]) == ("click-rate", "human-open-rate")
    assert click["short_name"]["ko"] == "발송 대비 클릭률"
    assert (click["smart"], click["status"]) == (False, "draft")
    circle = api.post("/api/v1/kpis", json={"from": "aov", "parent": "aov"})
    assert fields_of(circle) == ["parent"]


def test_an_address_is_no_key(api: Api) -> None:
    answer = api.post("/api/v1/kpis", json=kpi_body(key="tree"))
    assert (answer.status_code, fields_of(answer)) == (422, ["key"])


@pytest.mark.parametrize(
    ("formula", "field"),
    [
        ({"value": "count", "window_hours": 72}, "formula.event"),
        ({"event": "purchase", "value": "amount", "window_hours": 72}, "formula.denominator"),
        ({"filters": [{"property": "x", "atleast": 1}]}, "formula.filters.0.atleast"),
        ({"plus": [{"event": "refund"}]}, "formula.plus.0.value"),
        ({"days": {"first": 1}}, "formula.days.last"),
        ({"cap": {"at": 100}}, "formula.cap.source"),
        ({"requires": [{"event": "x", "within_days": "90"}]}, "formula.requires.0.within_days"),
        ({"denominator": {"event": "purchase"}}, "formula.denominator.value"),
        ({"minus": [{"event": "fee", "value": "amount", "currency": "USD"}]},
         "formula.minus.0.currency"),
    ],
)  # fmt: skip
def test_a_part_of_a_formula_that_does_not_fit_is_named(
    api: Api, formula: dict[str, Any], field: str
) -> None:
    whole = {"event": "purchase", "value": "amount", "window_hours": 72}
    orders = {"event": "purchase", "value": "count"}
    complete = (
        formula if {"event", "value"} & set(formula) else whole | {"denominator": orders} | formula
    )
    body = kpi_body(
        kind="ratio", unit_of_measure="money", currency="KRW", formula=complete,
        baseline=None, target=None,
    )  # fmt: skip
    answer = api.post("/api/v1/kpis", json=body)
    assert (answer.status_code, fields_of(answer)) == (422, [field])
