"""Scenario (f): nine months of a shop, by month, by day and by cohort."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.catalogue import BY_KEY
from sample_data import kpi_history_lives
from sample_data.generate import generate
from tests.acceptance.server import own_server
from tests.scenarios.shop import Shop

AT_ONCE = 5_000
MONTHS = "period=month&from=2025-01-01&to=2025-09-30"
TOTALS = ("mau", "total-revenue", "new-customers", *kpi_history_lives.TOTALS)
QUOTIENTS = (
    "aov", "arppu", "arpu", "purchase-conversion", "human-open-rate", "retention-d1",
    "retention-d3", "retention-d7", "retention-d30", *kpi_history_lives.QUOTIENTS,
)  # fmt: skip
OF_MEDIA = ("roas", "roi", "cac", "cpa")
# What this scenario tells nothing of: no clicks, coupons, prices of messages, sessions, and so on.
UNTOLD = {
    "delivery-rate", "bounce-rate", "social-mentions", "social-sentiment", "cpc", "click-rate",
    "click-to-open", "activation", "key-feature-completion", "first-login-rate", "sessions",
    "pages-per-session", "coupon-redemption", "profit", "upsell", "cross-sell", "message-cost",
    "cancellation", "renewal", "unsubscribe-rate", "complaint-rate", "push-opt-out",
    "review-rate",
}  # fmt: skip


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder: Path = tmp_path_factory.mktemp("kpi_history")
    generate("kpi_history", folder / "files")
    with own_server(folder / "home") as client:
        found = Shop(client, folder / "files")
        for document in found.read("kpis"):
            client.post("/api/v1/kpis", document)
        for step in found.read("imports"):
            found.load(step["file"], step["mapping"])
        send(found, "/api/v1/events", found.read("facts"))
        send(found, "/api/v1/notes", found.read("notes"))
        costs = found.folder / "reported_values.csv"
        answer = client.upload("/api/v1/reported-values/file", costs, {})
        assert answer["rejected"] == [], answer
        yield found


def send(shop: Shop, path: str, items: list[Any]) -> None:
    """Post them all, each batch once."""
    for start in range(0, len(items), AT_ONCE):
        answer = shop.client.post(path, items[start : start + AT_ONCE])
        assert answer["rejected"] == [], answer


def values(shop: Shop, kpi: str, query: str = MONTHS) -> list[Any]:
    found: list[Any] = shop.client.get(f"/api/v1/kpis/{kpi}/values?{query}")["items"]
    return found


@pytest.mark.parametrize("kpi", TOTALS)
def test_totals_of_every_month_are_exact(shop: Shop, kpi: str) -> None:
    told = [month["total"] for month in shop.truth["by_month"][kpi]]
    assert [each["value"] for each in values(shop, kpi)] == told


@pytest.mark.parametrize("kpi", [*QUOTIENTS, *OF_MEDIA])
def test_quotients_of_every_month_are_exact(shop: Shop, kpi: str) -> None:
    found = [
        {"numerator": each["numerator"], "denominator": each["denominator"]}
        for each in values(shop, kpi)
    ]
    assert found == shop.truth["by_month"][kpi]


def test_the_score_of_every_month_is_exact(shop: Shop) -> None:
    for each, told in zip(values(shop, "nps"), shop.truth["by_month"]["nps"], strict=True):
        points = 100 * (told["promoters"] - told["detractors"]) / told["answered"]
        assert float(each["value"]) == pytest.approx(points, abs=1e-9)


def test_the_truth_knows_every_kpi_that_the_facts_can_answer(shop: Shop) -> None:
    told = {*shop.truth["by_month"], *shop.truth["by_day"]}
    assert told - {"welcome-funnel"} == BY_KEY.keys() - UNTOLD


@pytest.mark.parametrize("kpi", kpi_history_lives.TIMES)
def test_times_until_something_happens_are_exact(shop: Shop, kpi: str) -> None:
    for each, told in zip(values(shop, kpi), shop.truth["by_month"][kpi], strict=True):
        assert each["units"] == told["customers"]
        assert float(each["value"]) == pytest.approx(told["days"] / told["customers"], rel=1e-12)


def test_the_middle_of_what_was_spent_is_exact(shop: Shop) -> None:
    for each, told in zip(
        values(shop, "median-spend"), shop.truth["by_month"]["median-spend"], strict=True
    ):
        assert each["value"] == (told["low"] + told["high"]) / 2


def test_every_day_is_exact_in_seoul(shop: Shop) -> None:
    found = values(shop, "dau", "period=day&from=2025-01-01&to=2025-09-30")
    assert [each["value"] for each in found] == shop.truth["by_day"]["dau"]


def test_sign_ups_are_split_by_source_exactly(shop: Shop) -> None:
    for source in ("organic", "search_ad", "social_ad", "referral"):
        found = values(shop, "sign-ups", f"{MONTHS}&split=source:{source}")
        told = [month[source] for month in shop.truth["sign_ups_by_source"]]
        assert [each["value"] for each in found] == told


@pytest.mark.parametrize("kpi", ["welcome-funnel", "purchase-funnel"])
def test_the_steps_of_the_funnels_are_exact(shop: Shop, kpi: str) -> None:
    found = values(shop, kpi)
    for each, told in zip(found, shop.truth["by_month"][kpi], strict=True):
        steps = [told["visited"], told["put_in_cart"], told["ordered"]]
        assert (each["units"], each["steps"]) == (told.get("signed_up", told["visited"]), steps)


def test_who_came_back_on_which_day_is_exact(shop: Shop) -> None:
    question = "base=sign_up&back=visit&cohort=month&unit=day&numbers=1,3,7,30"
    table = shop.client.get(f"/api/v1/cohorts?{question}&from=2025-01-01&to=2025-09-30")
    rows = [row for row in table["rows"] if row["starts_on"] is not None]
    for place, after in enumerate((1, 3, 7, 30)):
        cells = [row["cells"][place] for row in rows]
        assert {
            "numerator": sum(cell["returned"] for cell in cells),
            "denominator": sum(cell["customers"] for cell in cells),
        } == shop.truth["returned_on_day"][after - 1]


def test_who_is_still_active_months_later_is_exact(shop: Shop) -> None:
    question = "base=sign_up&back=visit&cohort=month&unit=month&numbers=0,1,2,3,4,5,6,7,8"
    table = shop.client.get(f"/api/v1/cohorts?{question}&from=2025-01-01&to=2025-09-30")
    rows = [row for row in table["rows"] if row["starts_on"] is not None]
    for row, told in zip(rows, shop.truth["active_by_cohort"], strict=True):
        assert [cell["returned"] for cell in row["cells"]][: len(told)] == told


def test_the_baseline_is_the_mean_of_six_months_and_knows_the_weekdays(shop: Shop) -> None:
    told, moment = shop.truth["baseline"], "2025-10-01T00:00:00%2B09:00"
    path = f"/api/v1/kpis/dau/baseline?months=6&period=day&as_of={moment}"
    found = shop.client.get(path)
    assert float(found["baseline"]) == pytest.approx(told["sum"] / told["days"], rel=1e-9)
    factors = list(shop.truth["population"]["weekdays"].values())
    mean = sum(factors) / len(factors)
    assert [float(each) for each in found["weekdays"]] == pytest.approx(
        [factor / mean for factor in factors], abs=0.04
    )


def test_a_forecast_of_a_month_brackets_what_came(shop: Shop) -> None:
    told = shop.truth["forecast"]
    moment = told["as_of"].replace("+", "%2B")
    found = shop.client.get(f"/api/v1/kpis/dau/forecast?as_of={moment}&until={told['until']}")
    assert found["gap"] is None
    points = found["points"]
    assert (points[0]["starts_on"], points[-1]["starts_on"]) == ("2025-09-01", told["until"])
    inside = [
        float(point["lower"]) <= came <= float(point["upper"])
        for point, came in zip(points, told["dau"], strict=True)
    ]
    assert inside[-1]
    assert sum(inside) >= 0.9 * len(inside)


def test_what_customers_wrote_stands_beside_the_score(shop: Shop) -> None:
    found, after = [], ""
    while True:
        page = shop.client.get(f"/api/v1/notes?kpi=nps&limit=200{after}")
        found += page["items"]
        if page["next"] is None:
            break
        after = f"&cursor={page['next']}"
    assert len(found) == shop.truth["rows"]["comments"]
