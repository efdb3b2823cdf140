"""The page of a KPI over time, and the past of a KPI of the catalogue."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.test_pages import LANGUAGES, in_korean, looked_over
from tests.api.test_tracking import KPI, NOON, _event, _send


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Pages do not differ by database."""
    return sqlite_database


@pytest.fixture
def shop(api: Api, clock: Clock) -> Api:
    """Ten weeks of orders, more at the weekend, with a target."""
    clock.at = NOON
    target = {"value": 14, "bold": 30, "due_on": "2025-07-05"}
    made = api.post("/api/v1/kpis", json=KPI | {"baseline": 9, "target": target})
    assert made.status_code == 201, made.text
    days = [NOON - timedelta(days=day) for day in range(1, 71)]
    orders = [
        _event(f"{at:%m-%d}-{n}", at + timedelta(minutes=n), f"u{n}")
        for at in days
        for n in range((20 if at.weekday() >= 5 else 10) + at.day % 3)
    ]
    _send(api, orders)
    return api


def test_everything_is_said_in_both_languages(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("marketer")
    note = {"kind": "outage", "starts_on": "2025-06-10", "text": "결제 장애", "everywhere": "1"}
    assert browser.post("/kpis/orders/annotations", data=note).status_code == 302
    said = {"ko": ("실적", "예측", "진도", "장애"), "en": ("Actual", "Forecast", "Pace", "Outage")}
    for language in LANGUAGES:
        if language == "ko":
            in_korean(browser)
        else:
            browser.post("/language", data={"language": "en"})
        answer = browser.get("/kpis/orders")
        text = " ".join(looked_over(answer, language).text)
        assert [word for word in said[language] if word not in text] == []
        assert answer.text.count('<svg class="wide"') == 1
        assert answer.text.count('<svg class="narrow"') == 1
        assert "f-target" in answer.text
        assert "f-always" in answer.text


def test_notes_are_taken_back_and_nonsense_is_said(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("marketer")
    wrong = {"kind": "campaign", "starts_on": "soon", "text": "세일"}
    browser.post("/kpis/orders/annotations", data=wrong)
    assert "2025-06-01" in browser.get("/kpis/orders").text
    browser.post("/kpis/orders/annotations", data=wrong | {"starts_on": "2025-06-01"})
    assert "세일" in browser.get("/kpis/orders").text
    assert browser.post("/kpis/orders/annotations/1/remove").status_code == 302
    assert "세일" not in browser.get("/kpis/orders").text


def test_the_baseline_is_adopted_from_the_page(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("marketer")
    assert browser.post("/kpis/orders/baseline", data={"revision": "1"}).status_code == 302
    answer = shop.get("/api/v1/kpis/orders")
    assert answer.json is not None
    assert 13 < answer.json["baseline"] < 14
    viewer = browser_for("viewer")
    assert viewer.post("/kpis/orders/baseline").status_code == 403


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_kpi_of_the_catalogue_shows_its_past(
    shop: Api, browser_for: Callable[[str], FlaskClient], language: str
) -> None:
    browser = browser_for("viewer")
    browser.post("/language", data={"language": language})
    page = looked_over(browser.get("/kpis/catalogue/aov?past=1"), language)
    assert page is not None
    bought = browser.get("/kpis/catalogue/purchase-conversion?past=1")
    looked_over(bought, language)


def test_a_kpi_that_nothing_arrived_for_says_so(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    shop.post("/api/v1/kpis", json={"from": "nps"})
    text = " ".join(looked_over(in_korean(browser_for("viewer")).get("/kpis/nps"), "ko").text)
    assert "아직 값이 있는 온전한 기간이 없습니다" in text
