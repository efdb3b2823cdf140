"""KPIs over time, through the interface."""

import csv
import io
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from werkzeug.test import TestResponse

from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import experiment_body

# A Wednesday, 09:00 in Seoul.
NOON = datetime(2025, 6, 25, 0, 0, tzinfo=UTC)
KPI: dict[str, Any] = {
    "key": "orders",
    "name": "주문 수",
    "kind": "mean",
    "formula": {"event": "purchase", "value": "count", "window_hours": 24},
    "unit_of_measure": "count",
    "aggregation_period": "day",
    "source": "the shop",
    "tracking": {"by": "period", "aggregate": "total"},
}


@pytest.fixture
def api(api: Api, clock: Clock) -> Api:
    """A shop with twelve weeks of orders: ten a day, twenty at the weekend, none on one day."""
    clock.at = NOON
    made = api.post("/api/v1/kpis", json=KPI)
    assert made.status_code == 201, made.text
    days = [NOON - timedelta(days=day) for day in range(1, 85)]
    _send(
        api,
        [
            _event(f"{at:%m-%d}-{n}", at + timedelta(minutes=n), f"u{n}")
            for at in days
            for n in range(20 if at.weekday() >= 5 else 10)
        ],
    )
    return api


def body(answer: TestResponse) -> Any:
    assert answer.is_json, answer.text
    return answer.json


def _event(source_id: str, at: datetime, unit: str, type_: str = "purchase") -> dict[str, Any]:
    return {
        "source_id": source_id, "unit_id": unit, "type": type_, "occurred_at": at.isoformat(),
    }  # fmt: skip


def _send(api: Api, events: list[dict[str, Any]]) -> None:
    answer = api.post("/api/v1/events", json=events)
    assert (answer.status_code, body(answer)["rejected"]) == (200, []), answer.text


def _unsteady(api: Api) -> None:
    """One order more on some days: what repeats to the last digit is no past to learn from."""
    days = [NOON - timedelta(days=day, hours=1) for day in range(3, 80, 4)]
    _send(api, [_event(f"more-{day:%m-%d}", day, "u99") for day in days])


def _get(api: Api, path: str) -> Any:
    answer = api.get(f"/api/v1/kpis/orders/{path}")
    assert answer.status_code == 200, answer.text
    return answer.json


def test_a_value_for_each_day(api: Api) -> None:
    found = _get(api, "values?from=2025-06-19&to=2025-06-25")
    assert [(each["starts_on"], each["value"]) for each in found["items"]] == [
        ("2025-06-19", 10), ("2025-06-20", 10), ("2025-06-21", 20), ("2025-06-22", 20),
        ("2025-06-23", 10), ("2025-06-24", 10), ("2025-06-25", None),
    ]  # fmt: skip
    assert [each["complete"] for each in found["items"]] == [True] * 6 + [False]
    assert found["items"][-1]["gap"] == "no_facts"
    assert found["received"] == found["used"] + sum(found["excluded"].values())
    assert found["as_of"] == NOON.isoformat()
    assert found["position"] > 0
    assert "SELECT" in found["sql"]


def test_an_accepted_event_is_in_the_values_at_once(api: Api, clock: Clock) -> None:
    today = "values?from=2025-06-25&to=2025-06-25"
    assert _get(api, today)["items"][0]["value"] is None
    _send(api, [_event("now", NOON, "u1")])
    clock.at = NOON + timedelta(seconds=60)
    [value] = _get(api, today)["items"]
    assert (value["value"], value["complete"]) == (1, False)


def test_weeks_begin_on_monday_and_the_first_is_not_whole(api: Api) -> None:
    items = _get(api, "values?period=week")["items"]
    assert {each["starts_on"] for each in items} >= {"2025-06-16"}
    assert [each["complete"] for each in items] == [False, *[True] * (len(items) - 2), False]
    assert {each["value"] for each in items if each["complete"]} == {90}


def test_as_csv(api: Api) -> None:
    answer = api.get("/api/v1/kpis/orders/values?from=2025-06-21&to=2025-06-22&format=csv")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(io.StringIO(answer.text.removeprefix("\ufeff"))))
    assert [(row["starts_on"], row["value"], row["complete"]) for row in rows] == [
        ("2025-06-21", "20", "true"), ("2025-06-22", "20", "true"),
    ]  # fmt: skip
    assert rows[0]["as_of"] == NOON.isoformat()


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("from=2025-06-25&to=2025-06-20", "to"),
        ("segment=nobody", "segment"),
        ("split=reason:a", "split"),
        ("split=reason", "split"),
        ("as_of=2025-07-25T00:00:00Z", "as_of"),
        ("period=year", "period"),
        ("period=day&from=2015-01-01", "from"),
    ],
)
def test_what_cannot_be_asked_names_its_field(api: Api, query: str, field: str) -> None:
    answer = api.get(f"/api/v1/kpis/orders/values?{query}")
    assert answer.status_code == 422, answer.text
    assert body(answer)["errors"][0]["field"] == field


def test_there_is_no_such_kpi(api: Api) -> None:
    for path in (
        "values",
        "forecast",
        "pace",
        "baseline",
        "annotations?from=2025-06-01&to=2025-06-02",
    ):
        assert api.get(f"/api/v1/kpis/nothing/{path}").status_code == 404


def test_the_baseline_has_a_pattern_of_weekdays_and_is_adopted(api: Api) -> None:
    found = _get(api, "baseline?months=3&period=day")
    assert found["baseline"] == pytest.approx(90 / 7, rel=0.01)
    weekdays = found["weekdays"]
    assert weekdays[5] == weekdays[6] == pytest.approx(2 * weekdays[0])
    assert set(found["months"]) == {"5"}
    adopted = api.post("/api/v1/kpis/orders/baseline", json={"months": 3, "period": "day"})
    assert adopted.status_code == 200, adopted.text
    assert body(adopted)["baseline"] == pytest.approx(found["baseline"])
    assert body(adopted)["revision"] == 2


def test_a_kpi_without_a_past_has_no_baseline(api: Api) -> None:
    api.post(
        "/api/v1/kpis",
        json={**KPI, "key": "unseen", "formula": {**KPI["formula"], "event": "sign_up"}},
    )
    refused = api.post("/api/v1/kpis/unseen/baseline", json={})
    assert (refused.status_code, body(refused)["type"]) == (409, "/problems/no_baseline")
    found = body(api.get("/api/v1/kpis/unseen/forecast"))
    assert (found["gap"], found["points"]) == ("too_little_history", [])
    assert body(api.get("/api/v1/kpis/unseen/values"))["items"] == []


def test_a_document_is_previewed_before_it_is_used(api: Api) -> None:
    buyers = {**KPI, "key": "buyers", "formula": {**KPI["formula"], "value": "occurrence"}}
    answer = api.post("/api/v1/kpis/preview", json={"document": buyers, "months": 3})
    assert answer.status_code == 200, answer.text
    assert {each["value"] for each in body(answer)["points"] if each["complete"]} == {20}
    assert body(answer)["baseline"] == 20
    assert api.get("/api/v1/kpis/buyers").status_code == 404


def test_the_forecast_knows_weekdays_and_how_it_did(api: Api) -> None:
    _unsteady(api)
    found = _get(api, "forecast?until=2025-07-06")
    assert found["gap"] is None
    assert found["period"] == "day"
    assert "weekday" in found["method"]
    assert [each["starts_on"] for each in found["points"]][:2] == ["2025-06-25", "2025-06-26"]
    by_day = {each["starts_on"]: each for each in found["points"]}
    assert by_day["2025-06-28"]["lower"] < 20 < by_day["2025-06-28"]["upper"] + 1
    assert by_day["2025-06-28"]["value"] > 1.6 * by_day["2025-06-26"]["value"]
    assert found["back_test"]["coverage"] >= 0.8
    assert found["back_test"]["error"] < 2


def test_against_its_target(api: Api) -> None:
    target = {
        "value": 14, "bold": 30, "due_on": "2025-07-25",
        "milestones": [{"due_on": "2025-07-05", "value": 12}],
    }  # fmt: skip
    tag = api.get("/api/v1/kpis/orders").headers["ETag"]
    changed = {**KPI, "baseline": 9, "target": target}
    done = api.put("/api/v1/kpis/orders", json=changed, headers={"If-Match": tag})
    assert done.status_code == 200, done.text
    _unsteady(api)
    found = _get(api, "pace")
    assert found["actual"] == 10
    assert [(each["level"], each["reached"]) for each in found["levels"]] == [
        ("milestone", False), ("realistic", False), ("bold", False),
    ]  # fmt: skip
    assert found["levels"][1]["to_go"] == 4
    assert found["pace"]["expected"] == 9
    assert found["pace"]["on_pace"] is True
    assert found["levels"][2]["expected"] == "no"


def test_what_happened_is_noted_and_taken_back(api: Api) -> None:
    note = {
        "kind": "campaign",
        "starts_on": "2025-06-01",
        "ends_on": "2025-06-03",
        "text": "6월 세일",
    }
    made = api.post("/api/v1/kpis/orders/annotations", json=note)
    assert (made.status_code, body(made)["kpi"]) == (201, "orders"), made.text
    outage = {"kind": "outage", "starts_on": "2025-06-10", "text": "결제 장애", "everywhere": True}
    assert body(api.post("/api/v1/kpis/orders/annotations", json=outage))["kpi"] is None
    listed = _get(api, "annotations?from=2025-06-01&to=2025-06-30")["items"]
    assert [(each["kind"], each["starts_on"], each["text"]) for each in listed] == [
        ("campaign", "2025-06-01", "6월 세일"),
        ("holiday", "2025-06-03", "대통령 선거일"),
        ("holiday", "2025-06-06", "현충일"),
        ("outage", "2025-06-10", "결제 장애"),
    ]
    gone = api.delete(f"/api/v1/kpis/orders/annotations/{body(made)['id']}")
    assert gone.status_code == 200
    assert api.delete(f"/api/v1/kpis/orders/annotations/{body(made)['id']}").status_code == 404
    assert len(_get(api, "annotations?from=2025-06-01&to=2025-06-30")["items"]) == 3


def test_a_note_that_makes_no_sense_names_its_field(api: Api) -> None:
    wrong = {"kind": "party", "starts_on": "2025-06-01", "text": "?"}
    refused = api.post("/api/v1/kpis/orders/annotations", json=wrong)
    assert (refused.status_code, body(refused)["errors"][0]["field"]) == (422, "kind")
    backwards = {"kind": "other", "starts_on": "2025-06-02", "ends_on": "2025-06-01", "text": "?"}
    refused = api.post("/api/v1/kpis/orders/annotations", json=backwards)
    assert (refused.status_code, body(refused)["errors"][0]["field"]) == (422, "ends_on")


def test_figures_that_arrive_added_up_are_divided_by_what_customers_did(api: Api) -> None:
    money = [
        {
            **_event(f"money-{day}", NOON - timedelta(days=day), "u1"),
            "value": 3000,
            "currency": "KRW",
        }
        for day in (1, 2)
    ]
    _send(api, money)
    figure = {
        "series": "media_cost",
        "day": "2025-06-24",
        "value": 1500,
        "currency": "KRW",
        "source": "ads",
    }
    sent = api.post("/api/v1/reported-values", json=figure)
    assert sent.status_code == 200, sent.text
    made = api.post("/api/v1/kpis", json={"from": "roas", "aggregation_period": "day"})
    assert made.status_code == 201, made.text
    found = body(api.get("/api/v1/kpis/roas/values?from=2025-06-23&to=2025-06-24"))
    assert [(each["value"], each["gap"]) for each in found["items"]] == [
        (None, "not_reported"), (2, None),
    ]  # fmt: skip
    assert found["items"][1]["numerator"] == 3000
    assert found["received"] == found["used"] + sum(found["excluded"].values())
    refused = api.get("/api/v1/kpis/roas/values?segment=new")
    assert (refused.status_code, body(refused)["errors"][0]["field"]) == (422, "segment")


def test_tests_say_themselves_when_they_began(api: Api, clock: Clock) -> None:
    goals = [{"kpi": "orders", "role": "primary", "minimum_effect": 1}]
    experiment = experiment_body(goals=goals)
    assert api.post("/api/v1/experiments", json=experiment).status_code == 201
    started = api.post(f"/api/v1/experiments/{experiment['key']}/start", json={})
    assert started.status_code == 200, started.text
    listed = _get(api, "annotations?from=2025-06-25&to=2025-06-25")["items"]
    assert [(each["kind"], each["experiment"]) for each in listed] == [
        ("test_started", experiment["key"])
    ]
