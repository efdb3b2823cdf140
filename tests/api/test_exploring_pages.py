"""The pages of exploring and of what customers said, in both languages."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient

from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis, experiment_body, kpi_body
from tests.api.test_exploring import made

PLACES = ("funnel", "cohorts", "change")
BUYERS = {
    "key": "buyers", "name": {"ko": "방문 대비 구매", "en": "Buyers per visitor"},
    "formula": {"event": "purchase", "value": "occurrence", "window_hours": 24},
    "tracking": {"by": "cohort", "base": {"event": "visit"}}, "target": None, "baseline": None,
}  # fmt: skip


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def shop(api: Api, clock: Clock) -> Api:
    """Forty visits by e-mail in each of two months; a test of which three customers spoke."""
    create_kpis(api)
    api.post("/api/v1/kpis", json=kpi_body(**BUYERS))
    api.post("/api/v1/experiments", json=experiment_body(allocation="external"))
    assert api.post("/api/v1/experiments/subject-line/start").status_code == 200
    sent = {"source_id": "x-1", "unit_id": "minji", "experiment": "subject-line", "type": "sent",
            "variant": "b", "occurred_at": clock.at.isoformat(), "channel": "email"}  # fmt: skip
    assert api.post("/api/v1/exposures", json=sent).get_json()["accepted"] == 1
    facts = []
    for month in (1, 2):
        for number in range(40):
            at = clock.at.replace(month=month, day=1 + number % 20)
            unit = f"u{month}-{number}"
            facts.append(made(f"v-{unit}", unit, "visit", at, channel="email"))
            if number % (2 * month) == 0:
                later = at + timedelta(hours=1)
                facts.append(made(f"p-{unit}", unit, "purchase", later, value=1000))
    assert api.post("/api/v1/events", json=facts).get_json()["accepted"] == len(facts)
    clock.at += timedelta(days=1)
    said = [
        {"text": "제목이 광고 같아요", "unit_id": "minji", "kpi": "open", "tags": ["제목"]},
        {"text": "이미지가 깨졌어요", "experiment": "subject-line", "variant": "b"},
    ]
    assert api.post("/api/v1/notes", json=said).get_json()["accepted"] == 2
    return api


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("place", PLACES)
def test_an_empty_page_says_what_to_give(
    shop: Api, browser_for: Callable[[str], FlaskClient], place: str, language: str
) -> None:
    page = browser_for("viewer").get(
        f"/kpis/explore/{place}", headers={"Accept-Language": language}
    )
    assert page.status_code == 200
    assert 'class="empty"' in page.text
    assert f'lang="{language}"' in page.text


def test_the_funnel_names_its_weakest_step(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    query = "step0=visit&step1=purchase&from=2025-01-01&to=2025-02-28&days=1&by=channel"
    page = browser_for("viewer").get(f"/kpis/explore/funnel?{query}").text
    assert "37.5%" in page
    assert "weakest step" in page
    refused = browser_for("analyst").get("/kpis/explore/funnel?step0=visit").text
    assert 'role="alert"' in refused


def test_cohorts_leave_young_cells_blank(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    query = "base=visit&back=purchase&cohort=month&from=2025-01-01&to=2025-02-28&numbers=0,30"
    page = browser_for("viewer").get(f"/kpis/explore/cohorts?{query}").text
    assert "D+30" in page
    assert "50.0%" in page
    young = "base=visit&back=purchase&cohort=month&from=2025-02-01&to=2025-02-28&numbers=60"
    assert "not known yet" in browser_for("analyst").get(f"/kpis/explore/cohorts?{young}").text


def test_a_change_says_where_and_not_why(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    query = "kpi=buyers&period=month&before=2025-01-01&after=2025-02-01&by=channel"
    page = browser_for("viewer").get(f"/kpis/explore/change?{query}").text
    assert "50.0%" in page
    assert "25.0%" in page
    assert "They say where it happened, not why." in page
    wrong = browser_for("analyst").get(f"/kpis/explore/change?{query}&before=x").text
    assert 'role="alert"' not in wrong
    refused = browser_for("marketer").get("/kpis/explore/change?kpi=buyers&before=x").text
    assert 'role="alert"' in refused


def test_what_customers_said_stands_beside_the_test(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    analyst, viewer = browser_for("analyst"), browser_for("viewer")
    page = analyst.get("/experiments/subject-line/notes").text
    assert "제목이 광고 같아요" in page
    assert "이미지가 깨졌어요" in page
    hidden = viewer.get("/experiments/subject-line/notes").text
    assert "광고 같아요" not in hidden
    assert "제목 · 1" in hidden
    assert "/experiments/subject-line/notes" in viewer.get("/experiments/subject-line").text


@pytest.mark.slow  # A KPI's page forecasts.
def test_what_customers_said_stands_beside_the_kpi(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    assert "제목이 광고 같아요" in browser_for("analyst").get("/kpis/open").text
    assert "광고 같아요" not in browser_for("viewer").get("/kpis/open").text


def test_a_shared_link_repeats_nobodys_words(
    shop: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    made = shop.post("/api/v1/experiments/subject-line/shares", json={}).get_json()
    page = browser_for("viewer").get("/share/" + made["url"].rpartition("/")[2])
    assert page.status_code == 200
    assert "깨졌어요" not in page.text
