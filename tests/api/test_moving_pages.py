"""The pages of what moves together, in both languages: a sentence, a picture, the caveat."""

import math
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from importlib import import_module
from threading import Event
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.pages.figures import Figures
from api.pages.moving_words import past_said, together_said
from experiments.storage.database import Database
from experiments.tracking.correlations import (
    Correlation,
    Foretelling,
    LagCorrelation,
    LeftOut,
    LiftsOfTest,
)
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import kpi_body
from tests.api.test_exploring import made
from tests.experiments.kpis.documents import open_rate, revenue

TOGETHER = "/kpis/explore/together?kpi=visits&with={}&lang={}"
PAST = "/kpis/explore/past-tests?leading={}&lagging={}&lang={}"
NO_CAUSE = {"ko": "원인이라는 뜻은 아닙니다", "en": "one is the cause of the other"}
DAYS = 44


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def total(key: str, event: str) -> dict[str, Any]:
    return kpi_body(
        key=key, name={"ko": f"{event} 수", "en": f"Number of {event}"}, kind="mean",
        unit_of_measure="count", formula={"event": event, "value": "count", "window_hours": 24},
        tracking={"by": "period", "aggregate": "total"}, target=None, baseline=None,
    )  # fmt: skip


@pytest.fixture
def shop(api: Api, clock: Clock) -> Api:
    """Visits that wander up and down, and as many purchases two days later."""
    for key, event in (("visits", "visit"), ("purchases", "purchase"), ("never", "renewal")):
        answer = api.post("/api/v1/kpis", json=total(key, event))
        assert answer.status_code == 201, answer.text
    facts, first = [], clock.at - timedelta(days=DAYS + 2)
    for day in range(DAYS):
        at = first + timedelta(days=day)
        for number in range(round(8 + 5 * math.sin(day * day))):
            unit = f"u{day}-{number}"
            facts.append(made(f"v-{unit}", unit, "visit", at))
            facts.append(made(f"p-{unit}", unit, "purchase", at + timedelta(days=2)))
    assert api.post("/api/v1/events", json=facts).get_json()["accepted"] == len(facts)
    return api


@pytest.mark.slow  # What correlates takes seconds to load.
def test_a_relation_is_said_with_its_lag_a_picture_and_the_caveat(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("viewer")
    said = {
        "en": "When “Number of visit” rose more than usual, “Number of purchase” tended to rise "
        "too, 2 days later.",
        "ko": "‘visit 수’ 값이 평소보다 오르면, 2일 뒤 ‘purchase 수’ 값도 함께 오르는 편이었",
    }
    for language, sentence in said.items():
        page = browser.get(TOGETHER.format("purchases", language)).text
        assert sentence in page
        assert NO_CAUSE[language] in page
        assert page.count('<svg class="wide"') == page.count('<svg class="narrow"') == 1
        assert ("As of" if language == "en" else "기준") in page
    told = shop.get("/api/v1/kpis/visits/correlation?with=purchases&lags=3").get_json()
    assert (told["strongest"]["lag"], told["gap"]) == (2, None)
    assert told["as_of"].startswith("2025-03-10")
    assert told["position"] > 0


@pytest.mark.slow  # What correlates takes seconds to load.
def test_what_happens_later_is_not_seen(shop: Api, clock: Clock) -> None:
    early = (clock.at - timedelta(days=20)).isoformat().replace("+00:00", "Z")
    path = f"/api/v1/kpis/visits/correlation?with=purchases&lags=3&as_of={early}"
    told = shop.get(path).get_json()
    assert told["as_of"].startswith("2025-02-18")
    assert told["pairs"] < 24
    past = shop.get(f"/api/v1/kpis/visits/foretells?lagging=purchases&as_of={early}").get_json()
    assert past["as_of"].startswith("2025-02-18")


@pytest.mark.slow  # What correlates takes seconds to load.
def test_gaps_and_refusals_are_said(shop: Api, browser_for: Callable[[str], FlaskClient]) -> None:
    browser = browser_for("viewer")
    page = browser.get(TOGETHER.format("never", "en")).text
    assert "at least 20 days are needed" in page
    assert "<svg class=" not in page
    assert NO_CAUSE["en"] in page
    few = browser.get(PAST.format("visits", "purchases", "ko")).text
    assert "끝난 테스트는 0개입니다" in few
    for path in (TOGETHER.format("visits", "en"), PAST.format("visits", "visits", "en")):
        assert 'role="alert"' in browser.get(path).text
    assert 'role="alert"' in browser.get(TOGETHER.format("purchases", "en") + "&from=x").text


@pytest.mark.parametrize("place", ["together", "past-tests"])
@pytest.mark.parametrize("language", ["ko", "en"])
def test_an_empty_page_says_what_to_give(
    api: Api, browser_for: Callable[[str], FlaskClient], place: str, language: str
) -> None:
    api.post("/api/v1/kpis", json=total("visits", "visit"))
    page = browser_for("viewer").get(f"/kpis/explore/{place}?lang={language}")
    assert page.status_code == 200
    assert ("지표 두 개를 고르세요." if language == "ko" else "Choose two KPIs.") in page.text


def lag(number: int, correlation: float, *, shown: bool = True) -> LagCorrelation:
    ends = (correlation - 0.1, correlation + 0.1)
    return LagCorrelation(number, 60, correlation, ends, 0.001, 0.01 if shown else 1.0)


def over_time(*lags: LagCorrelation) -> Correlation:
    return Correlation("week", 60, 1, lags, None)


@pytest.mark.parametrize(
    ("lags", "said"),
    [
        ([lag(-3, 0.6)], "When “Revenue per recipient” rose more than usual, “Open rate” tended "
         "to rise too, 3 weeks later."),
        ([lag(0, -0.6)], "When “Open rate” rose more than usual, “Revenue per recipient” tended "
         "to fall, in the same week."),
        ([lag(0, 0.1, shown=False), lag(1, 0.2, shown=False)], "No relation is shown: up to 1 "
         "week apart, the two went together no more than chance would have it."),
    ],
)  # fmt: skip
def test_the_one_that_comes_first_is_named_first(
    app: Flask, lags: Sequence[LagCorrelation], said: str
) -> None:
    with app.test_request_context("/?lang=en"):
        assert together_said(open_rate(), revenue(), over_time(*lags))[0] == said


def past(slope: float, p_value: float) -> Foretelling:
    tests = tuple(
        LiftsOfTest(f"t{number}", "b", number / 100, 0.005, slope * number / 100, 1.0)
        for number in range(1, 7)
    )
    between = (slope - 100, slope + 100)
    left = (LeftOut("t0", "withheld"),)
    return Foretelling(tests, left, slope, between, p_value, 6, 0.5, None, 0.0)


@pytest.mark.parametrize(
    ("found", "language", "said"),
    [
        (past(2000, 0.01), "en", "In 6 past tests, a larger lift of “Open rate” went with a larger "
         "lift of “Revenue per recipient”: for +2.0 percentage points of the one, +₩40"),
        (past(-2000, 0.01), "en", "a smaller lift of “Revenue per recipient”"),
        (past(50, 0.4), "en", "is not shown to have foretold that of “Revenue per recipient”"),
        (past(2000, 0.01), "ko", "지난 테스트 6개에서 ‘오픈율’ 효과가 클수록 ‘수신자당 매출’ "
         "효과도 컸습니다."),
    ],
)  # fmt: skip
def test_past_tests_are_said_in_the_units_of_both(
    app: Flask, found: Foretelling, language: str, said: str
) -> None:
    with app.test_request_context(f"/?lang={language}"):
        told = past_said(open_rate(), revenue(), found, Figures(language, "Asia/Seoul"))
    assert said in told[0]
    assert len(told) == 3
    assert "50" in told[2]


@pytest.mark.slow  # What foretells takes seconds to load.
def test_past_tests_that_take_long_are_waited_for_elsewhere(
    app: Flask, api: Api, browser_for: Callable[[str], FlaskClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    for key in ("visits", "purchases"):
        api.post("/api/v1/kpis", json=total(key, key))
    monkeypatch.setattr(app.extensions["truelift"].soon, "_patience", 1e-6)
    past_tests, seen = import_module("experiments.tracking.past_tests"), Event()
    foretelling = past_tests.foretelling

    def once_seen(*asked: Any) -> Any:
        assert seen.wait(timeout=60)
        return foretelling(*asked)

    monkeypatch.setattr(past_tests, "foretelling", once_seen)
    browser, path = browser_for("viewer"), PAST.format("visits", "purchases", "en")
    first = browser.get(path).text
    seen.set()
    assert "data-working" in first
    assert "being computed" in first
    assert 'role="alert"' not in first
    until = time.monotonic() + 60
    while "data-working" in (page := browser.get(path).text):
        assert time.monotonic() < until
        time.sleep(0.05)
    assert "can tell of both KPIs: 0" in page
