"""Funnels, cohorts, changes and correlation over HTTP."""

from collections.abc import Callable
from datetime import datetime, timedelta
from fractions import Fraction
from typing import Any

import pytest
from flask.testing import FlaskClient

from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import kpi_body

EVENTS, CHANGE = "/api/v1/events", "/api/v1/kpis/buyers/change"
STEPS = [{"event": "visit"}, {"event": "cart"}, {"event": "purchase"}]
FUNNEL = {
    "steps": STEPS, "window_hours": 24, "from": "2025-02-01", "to": "2025-02-28",
}  # fmt: skip
IN_MARCH = "before=2025-02-01&after=2025-03-01&period=month"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def made(source_id: str, unit: str, kind: str, at: datetime, **other: Any) -> dict[str, Any]:
    return {
        "source_id": source_id, "unit_id": unit, "type": kind, "occurred_at": at.isoformat(),
    } | other  # fmt: skip


@pytest.fixture
def shop(api: Api, clock: Clock) -> Api:
    """Visits of February and March by two channels, of which one buys twice as often."""
    buyers = {
        "key": "buyers", "name": "방문 대비 구매", "kind": "proportion", "unit_of_measure": "rate",
        "formula": {"event": "purchase", "value": "occurrence", "window_hours": 24},
        "tracking": {"by": "cohort", "base": {"event": "visit"}},
    }  # fmt: skip
    for body in (kpi_body(**buyers, target=None, baseline=None), {"from": "total-revenue"}):
        answer = api.post("/api/v1/kpis", json=body)
        assert answer.status_code == 201, answer.text
    facts, number = [], 0
    for month, by_email, by_push in ((2, 40, 40), (3, 20, 60)):
        for channel, customers, often in (("email", by_email, 5), ("app_push", by_push, 10)):
            for place in range(customers):
                number += 1
                at = clock.at.replace(month=month, day=1 + place % 20, hour=3)
                unit = f"u{number}"
                facts.append(made(f"v{number}", unit, "visit", at, channel=channel))
                if place % 2 == 0:
                    cart = at + timedelta(hours=1)
                    facts.append(made(f"c{number}", unit, "cart", cart, channel="web"))
                if place % often == 0:
                    bought = at + timedelta(hours=2)
                    facts.append(
                        made(f"p{number}", unit, "purchase", bought, value=1000, channel="web")
                    )
    clock.at = clock.at.replace(month=4, day=10)
    assert api.post(EVENTS, json=facts).get_json()["accepted"] == len(facts)
    return api


def test_the_weakest_step_of_a_funnel_is_named(shop: Api) -> None:
    found = shop.post("/api/v1/funnels", json=FUNNEL | {"by": "channel"}).get_json()
    assert found["whole"]["reached"] == [80, 40, 8]
    assert (found["whole"]["weakest"], found["whole"]["passed"]) == (2, [0.5, 0.2])
    assert {each["name"]: each["reached"] for each in found["groups"]} == {
        "email": [40, 20, 4], "app_push": [40, 20, 4],
    }  # fmt: skip
    assert "events" in found["sql"]


def test_a_kpi_of_the_kind_funnel_has_one(shop: Api) -> None:
    formula = {"event": "visit", "value": "occurrence", "window_hours": 24, "then": STEPS[1:]}
    body = kpi_body(key="path", name="길", kind="funnel", formula=formula, target=None,
                    baseline=None)  # fmt: skip
    assert shop.post("/api/v1/kpis", json=body).status_code == 201
    path = "/api/v1/kpis/{}/funnel?from=2025-02-01&to=2025-02-28"
    assert shop.get(path.format("path")).get_json()["whole"]["reached"] == [80, 40, 8]
    refused = shop.get(path.format("buyers"))
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "key")
    assert shop.get(path.format("none")).status_code == 404


def test_a_table_of_cohorts_leaves_young_cells_blank(shop: Api) -> None:
    path = "/api/v1/cohorts?base=visit&back=purchase&cohort=month&from=2025-02-01&to=2025-03-31"
    found = shop.get(f"{path}&numbers=0,30").get_json()
    assert [row["starts_on"] for row in found["rows"]] == ["2025-02-01", "2025-03-01"]
    day0, day30 = found["rows"][0]["cells"]
    assert (day0["rate"], day30["rate"]) == (0.15, 0.0)
    young = shop.get(f"{path}&numbers=40").get_json()["rows"][1]["cells"][0]
    assert (young["rate"], young["gap"], young["whole_on"]) == (None, "immature", "2025-04-30")
    months = shop.get(f"{path}&unit=month").get_json()
    assert [cell["number"] for cell in months["whole"]["cells"]] == [1, 2, 3, 4, 5, 6]
    refused = shop.get(f"{path}&numbers=one")
    assert (refused.status_code, refused.get_json()["errors"][0]["field"]) == (422, "numbers")


def test_a_change_is_split_exactly(shop: Api) -> None:
    found = shop.get(f"{CHANGE}?{IN_MARCH}").get_json()
    exact = {name: Fraction(text) for name, text in found["exact"].items()}
    assert (exact["before"], exact["after"]) == (Fraction(12, 80), Fraction(10, 80))
    assert exact["volume"] + exact["rate"] + exact["mix"] + exact["rest"] == exact["difference"]
    assert (exact["rate"], exact["mix"]) == (Fraction(0), Fraction(-1, 40))
    assert {each["name"] for each in found["groups"]} == {"app_push", "email"}
    assert found["complete"] is True
    assert "not why" in found["says"]


def test_a_total_has_a_volume_and_a_segment_two_sides(shop: Api) -> None:
    path = f"/api/v1/kpis/total-revenue/change?{IN_MARCH}&by=segment:active"
    answer = shop.get(path)
    assert answer.status_code == 200, answer.text
    found = answer.get_json()
    exact = {name: Fraction(text) for name, text in found["exact"].items()}
    assert (found["total"], exact["difference"]) == (True, Fraction(-2000))
    assert exact["volume"] + exact["rate"] + exact["mix"] + exact["rest"] == -2000


@pytest.mark.parametrize(
    ("query", "status", "field"),
    [
        ("before=2025-02-01&after=2025-02-20&period=month", 422, "after"),
        ("before=2024-02-01&after=2025-02-20&period=month", 409, None),
        (f"{IN_MARCH}&by=mood", 422, "by"),
        (f"{IN_MARCH}&by=segment:rich", 422, "segment"),
        ("before=2025-02-01", 422, "after"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    shop: Api, query: str, status: int, field: str | None
) -> None:
    answer = shop.get(f"{CHANGE}?{query}")
    assert answer.status_code == status, answer.text
    if field is not None:
        assert answer.get_json()["errors"][0]["field"] == field


def test_correlation_is_said_to_be_one_and_gaps_are_stated(shop: Api) -> None:
    path = "/api/v1/kpis/buyers/correlation?with=total-revenue&period=day&lags=2"
    found = shop.get(path).get_json()
    assert "correlation" in found["says"]
    assert found["gap"] in {None, "too_few_periods"}
    assert shop.get("/api/v1/kpis/buyers/correlation?with=buyers").status_code == 422
    assert shop.get("/api/v1/kpis/buyers/correlation?with=none").status_code == 404
    past = shop.get("/api/v1/kpis/buyers/foretells?lagging=total-revenue").get_json()
    assert (past["gap"], past["tests"]) == ("too_few_tests", [])


def test_a_viewer_may_look(shop: Api, browser_for: Callable[[str], FlaskClient]) -> None:
    assert browser_for("viewer").get(f"{CHANGE}?{IN_MARCH}").status_code == 200
