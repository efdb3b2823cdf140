"""The pages of KPIs: every kind in words, the catalogue, adoption, status, the tree."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from api.auth import Caller
from api.pages.formula_words import DESCRIPTIVE, counted, details, tracked, why_descriptive, within
from api.pages.kpis import DIFFERENCES
from experiments.kpis.catalogue import ENTRIES, entry
from experiments.kpis.descriptive import REASONS
from experiments.kpis.document import (
    Cap,
    DayWindow,
    Events,
    Filter,
    Formula,
    KpiDocument,
    Tracking,
)
from experiments.kpis.meaning import _signature
from experiments.operations.audit import Actor
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import Api
from tests.api.registry_bodies import kpi_body
from tests.api.test_pages import LANGUAGES, in_korean, looked_over
from tests.experiments.kpis.documents import open_rate, revenue
from tests.experiments.kpis.test_formula import WHOLE


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """Pages do not differ by database."""
    return sqlite_database


@pytest.fixture
def read_in(app: Flask, project: Project) -> Callable[[str, Callable[[], Any]], Any]:
    """What words come out in a language."""

    def said(language: str, words: Callable[[], Any]) -> Any:
        with app.test_request_context(f"/?lang={language}"):
            g.caller = Caller(project, Actor("minji"), role="viewer")
            return words()

    return said


Reader = Callable[[str, Callable[[], Any]], Any]


def _words(document: KpiDocument) -> list[Any]:
    return [counted(document), within(document.formula), *details(document), tracked(document)]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_entry_has_words(read_in: Reader, language: str) -> None:
    for each in ENTRIES:
        document = each.document()
        words = read_in(language, partial(_words, document))
        assert words[0], each.key
        assert "%(" not in str(words), each.key
        assert (words[1] == "") is bool(each.formula.series), each.key


def test_a_formula_reads_as_it_counts(read_in: Reader) -> None:
    said = {
        "profit": "sum of the amounts of “purchase” + sum of the amounts of “refund” "
        "− sum of the amounts of “coupon_used” − cost of the messages, per customer",
        "aov": "sum of the amounts of “purchase” ÷ number of “purchase”",
        "roi": "sum of the amounts of “purchase” + sum of the amounts of “refund” "
        "− the series “media_cost” ÷ the series “media_cost”",
        "purchase-funnel": "visit → cart_add → purchase",
        "repeat-purchase": "customers with at least 2 “purchase”",
        "stickiness": "days with “visit” ÷ customers with “visit” × 30",
    }
    for key, words in said.items():
        document = entry(key).document()
        found = read_in("en", partial(counted, document))
        assert found.replace("(", "").replace(")", "") == words


def test_everything_a_formula_says_is_shown(read_in: Reader) -> None:
    document = revenue(
        kind="ratio", formula=WHOLE, credit="last_message", covariate_days=28, status="draft"
    )
    pairs = read_in("en", lambda: list(details(document)))
    assert ("Only if", "category = shoes, bags") in pairs
    assert ("Only if", "quantity at least 2, quantity below 10.5") in pairs
    assert ("Only if", "coupon is missing") in pairs
    assert ("Channels", "Web") in pairs
    assert ("Who counts", "had at least 1 “purchase” in the 90 days before") in pairs
    assert ("Who counts", "had fewer than 1 “cancel” before") in pairs
    assert ("At most, per customer", "300,000 (99.9 % of the buyers of 2024)") in pairs
    assert ("Sharpened by", "the same over 28 days before") in pairs
    assert "Two messages, one event" in dict(pairs)
    there = Formula("open", "occurrence", 72, filters=(Filter("link", present=True),))
    words = read_in("en", lambda: list(details(open_rate(formula=there))))
    assert words == [("Only if", "link is there")]


def test_windows_and_tracking_have_words(read_in: Reader) -> None:
    days = Formula("visit", "occurrence", days=DayWindow(1, 3))
    assert read_in("en", lambda: within(days)) == "from day D+1 to D+3"
    assert read_in("ko", lambda: within(entry("retention-d7").formula)) == "D+7 하루 동안"
    rolling = Tracking(by="period", base=Events("visit"), rolling_days=30, split_by=("reason",))
    document = open_rate(tracking=rolling)
    assert read_in("en", lambda: tracked(document)) == (
        "customers with “visit” in the period · the last 30 days · split by reason"
    )


def test_a_kpi_without_tracking_says_nothing_of_it(read_in: Reader) -> None:
    assert read_in("en", lambda: tracked(open_rate())) == ""
    everybody = open_rate(tracking=Tracking(by="period"))
    assert read_in("en", lambda: tracked(everybody)) == "all customers of the period"


def test_every_reason_of_a_descriptive_kpi_has_its_sentence(read_in: Reader) -> None:
    assert set(DESCRIPTIVE) == set(REASONS)
    assert read_in("en", lambda: why_descriptive(open_rate())) is None
    assert read_in("ko", lambda: why_descriptive(open_rate(descriptive=True)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pages_of_kpis_are_in_order(
    api: Api, browser_for: Callable[[str], FlaskClient], language: str
) -> None:
    browser = browser_for("marketer")
    for key in ("conversion", "click-rate", "aov", "retention-d7", "nps", "purchase-funnel", "cac"):
        assert api.post("/api/v1/kpis", json={"from": key}).status_code == 201
    paths = [
        "/kpis", "/kpis/tree", "/kpis/catalogue", "/kpis/catalogue?q=LTV", "/kpis/catalogue?q=zzz",
        "/kpis/catalogue/profit", "/kpis/catalogue/cac", "/kpis/conversion", "/kpis/aov",
        "/kpis/nps", "/kpis/purchase-funnel", "/kpis/cac", "/experiments/new",
    ]  # fmt: skip
    for path in paths:
        joint = "&" if "?" in path else "?"
        looked_over(browser.get(f"{path}{joint}lang={language}"), language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_kpis_the_catalogue_is_pointed_to(
    browser_for: Callable[[str], FlaskClient], language: str
) -> None:
    browser = browser_for("viewer")
    for path in ("/kpis", "/kpis/tree"):
        answer = browser.get(f"{path}?lang={language}")
        looked_over(answer, language)
        assert "/kpis/catalogue" in answer.text
    html = {"Accept": "text/html"}
    looked_over(browser.get(f"/kpis/catalogue/none?lang={language}", headers=html), language, 404)


def test_an_entry_is_found_and_adopted(api: Api, browser_for: Callable[[str], FlaskClient]) -> None:
    browser = in_korean(browser_for("marketer"))
    page = browser.get("/kpis/catalogue?q=%EC%9E%AC%EA%B5%AC%EB%A7%A4&lang=ko")
    assert "대상 고객 대비 재구매율" in page.text
    answers = {"key": "repeat", "owner": "민지", "source": "주문 서버"}
    answer = browser.post(
        "/kpis/catalogue/repeat-purchase?lang=ko", data=answers, follow_redirects=True
    )
    assert "합의 전 상태로 넣었습니다" in " ".join(looked_over(answer, "ko").text)
    made = api.get("/api/v1/kpis/repeat").get_json()
    assert (made["owner"], made["source"], made["catalogue"]) == (
        "민지", "주문 서버", "repeat-purchase",
    )  # fmt: skip
    assert 'href="/kpis/repeat"' in browser.get("/kpis/catalogue/repeat-purchase").text


@pytest.mark.parametrize(
    ("answers", "blamed"), [({"key": "Not A Key"}, "key"), ({"owner": "x" * 201}, "owner")]
)
def test_what_does_not_fit_is_said_beside_its_field(
    browser_for: Callable[[str], FlaskClient], answers: dict[str, str], blamed: str
) -> None:
    answer = browser_for("marketer").post("/kpis/catalogue/aov?lang=ko", data=answers)
    looked_over(answer, "ko", status=422)
    assert f'id="{blamed}-wrong"' in answer.text


def test_a_key_that_is_taken_is_said(api: Api, browser_for: Callable[[str], FlaskClient]) -> None:
    api.post("/api/v1/kpis", json={"from": "aov"})
    answer = browser_for("marketer").post("/kpis/catalogue/aov?lang=ko", data={})
    assert "key-wrong" in looked_over(answer, "ko", status=422).ids


def test_a_status_is_changed_with_a_click(
    api: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    api.post("/api/v1/kpis", json=kpi_body())
    browser = browser_for("marketer")
    answer = browser.post(
        "/kpis/open/status?lang=ko", data={"status": "official", "revision": "1"},
        follow_redirects=True,
    )  # fmt: skip
    assert "marketer@example.com" in " ".join(looked_over(answer, "en").text)
    stale = browser.post(
        "/kpis/open/status", data={"status": "retired", "revision": "1"}, follow_redirects=True
    )
    assert "changed in the meantime" in stale.text
    api.post("/api/v1/kpis", json=kpi_body(key="open-2"))
    browser.post("/kpis/open/status", data={"status": "retired", "successor": "open-2"})
    assert api.get("/api/v1/kpis/open").get_json()["successor"] == "open-2"


def test_a_viewer_reads_and_changes_nothing(
    api: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    api.post("/api/v1/kpis", json=kpi_body())
    viewer = browser_for("viewer")
    assert "/kpis/open/status" not in viewer.get("/kpis/open").text
    assert '<form class="form-t"' not in viewer.get("/kpis/catalogue/aov").text
    assert viewer.post("/kpis/open/status", data={"status": "official"}).status_code == 403
    assert viewer.post("/kpis/catalogue/aov").status_code == 403


def test_a_doubtful_name_is_pointed_out(
    api: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    api.post("/api/v1/kpis", json=kpi_body(name="객단가"))
    browser = browser_for("viewer")
    assert "look at its name" in browser.get("/kpis?lang=en").text
    assert "카탈로그" in browser.get("/kpis/open?lang=ko").text


def test_every_difference_has_its_word() -> None:
    assert set(DIFFERENCES) == set(_signature(open_rate()))


def test_only_what_can_decide_is_offered_to_a_new_test(
    api: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    for body in (kpi_body(), {"from": "aov"}, {"from": "human-open-rate"}):
        assert api.post("/api/v1/kpis", json=body).status_code == 201
    page = browser_for("marketer").get("/experiments/new").text
    assert 'value="open"' in page
    assert 'value="human-open-rate"' in page
    assert 'value="aov"' not in page


def test_a_cap_is_written_plainly(read_in: Reader) -> None:
    capped = revenue(formula=Formula("purchase", "amount", 72, cap=Cap(WHOLE.cap.at, "x")))  # type: ignore[union-attr] # it has one
    assert ("At most, per customer", "300,000 (x)") in read_in("en", lambda: list(details(capped)))
