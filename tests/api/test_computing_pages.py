"""Pages whose figures take longer than a page waits, and what is made ready before."""

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.runtime import Runtime
from api.settings import Settings
from api.soon import Soon
from experiments.measurement.replica import Replica, ReplicaState
from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.loaded import LATER, database, loaded_file, project, reader
from tests.api.markup import look_over

__all__ = ["database", "loaded_file", "project", "reader"]
TEST = "/experiments/subject-line"
WORDS = {"ko": "수치를 계산하고 있습니다.", "en": "The figures are being computed."}


@pytest.fixture
def app(database: Database, clock: Clock, tmp_path: Path) -> Iterator[Flask]:
    """The application; its pages do not wait."""
    url = database.engine.url.render_as_string(hide_password=False)
    settings = Settings(tmp_path, url, "k" * 32, background=False)
    made = create_app(settings, clock)
    runtime: Runtime = made.extensions["truelift"]
    impatient = replace(runtime, soon=Soon(1e-9))
    made.extensions["truelift"] = impatient
    made.testing = True
    yield made
    impatient.stop()


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Opened by the test: until then nothing can be measured."""
    opened, refresh = threading.Event(), Replica.refresh

    def wait(replica: Replica) -> ReplicaState:
        assert opened.wait(60)
        return refresh(replica)

    monkeypatch.setattr(Replica, "refresh", wait)
    yield opened
    opened.set()


def looked_at_until(browser: FlaskClient, path: str, is_there: Callable[[str], bool]) -> str:
    """The page once it is as it should be."""
    until = time.monotonic() + 60
    while time.monotonic() < until:
        page = browser.get(path).text
        if is_there(page):
            return page
        time.sleep(0.02)
    pytest.fail(f"{path} is never there")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_a_report_that_takes_long_is_said_to_be_computed_and_appears(
    gate: threading.Event,
    browser_for: Callable[[str], FlaskClient],
    clock: Clock,
    language: str,
) -> None:
    clock.at += LATER
    browser, path = browser_for("viewer"), f"{TEST}?lang={language}"
    page = browser.get(path)
    assert page.status_code == 200
    assert WORDS[language] in page.text
    assert 'http-equiv="refresh"' in page.text
    assert look_over(page.text).faults == []
    gate.set()
    shown = looked_at_until(browser, path, lambda text: 'class="verdict' in text)
    assert WORDS[language] not in shown


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_first_page_does_not_wait_for_its_reports(
    gate: threading.Event,
    browser_for: Callable[[str], FlaskClient],
    clock: Clock,
    language: str,
) -> None:
    clock.at += LATER
    browser, path = browser_for("viewer"), f"/?lang={language}"
    page = browser.get(path).text
    assert WORDS[language] in page
    assert "data-working" in page
    assert "progress.js" in page
    assert look_over(page).faults == []
    gate.set()
    shown = looked_at_until(browser, path, lambda text: "data-working" not in text)
    assert WORDS[language] not in shown
    assert "progress.js" not in shown


@pytest.mark.parametrize(
    ("language", "words"),
    [("ko", "3시간 전의 결론입니다. 새 결론을"), ("en", "This verdict is 3 hours old")],
)
def test_meanwhile_the_last_kept_verdict_is_shown_with_its_age(
    reader: Api,
    browser_for: Callable[[str], FlaskClient],
    clock: Clock,
    request: pytest.FixtureRequest,
    language: str,
    words: str,
) -> None:
    kept = reader.post(f"/api/v1{TEST}/reports", json={}).json
    assert kept is not None
    clock.at += timedelta(hours=3)
    request.getfixturevalue("gate")
    browser = browser_for("viewer")
    page = browser.get(f"/?lang={language}").text
    assert words in page
    assert kept["headline"][language] in page
    report = browser.get(f"{TEST}?lang={language}").text
    assert 'class="verdict' in report
    assert {"ko": "새 보고서 보기", "en": "Show the new one"}[language] in report


def test_a_kpi_over_time_appears_once_it_is_measured(
    gate: threading.Event, browser_for: Callable[[str], FlaskClient], clock: Clock
) -> None:
    clock.at += LATER
    browser, path = browser_for("viewer"), "/kpis/conversion?lang=en"
    page = browser.get(path)
    assert page.status_code == 200
    assert WORDS["en"] in page.text
    assert "data-working" in page.text
    assert look_over(page.text).faults == []
    gate.set()
    shown = looked_at_until(browser, path, lambda text: "data-working" not in text)
    assert WORDS["en"] not in shown
    assert "Forecast" in shown


def test_other_tests_with_the_same_customers_appear_once_they_are_counted(
    gate: threading.Event, browser_for: Callable[[str], FlaskClient], clock: Clock
) -> None:
    clock.at += LATER
    browser, path = browser_for("viewer"), f"{TEST}/overlaps?lang=en"
    page = browser.get(path).text
    assert WORDS["en"] in page
    assert "data-working" in page
    assert look_over(page).faults == []
    gate.set()
    shown = looked_at_until(browser, path, lambda text: "data-working" not in text)
    assert "No other test met customers of this one." in shown


def test_the_past_of_a_kpi_that_is_not_used_yet_appears_once_it_is_measured(
    gate: threading.Event, browser_for: Callable[[str], FlaskClient], clock: Clock
) -> None:
    clock.at += LATER
    browser, path = browser_for("viewer"), "/kpis/catalogue/purchase-conversion?past=1&lang=en"
    page = browser.get(path).text
    assert WORDS["en"] in page
    assert "data-working" in page
    assert look_over(page).faults == []
    gate.set()
    shown = looked_at_until(browser, path, lambda text: "data-working" not in text)
    assert WORDS["en"] not in shown
    assert 'aria-labelledby="past"' in shown


def test_what_the_first_page_shows_is_made_ready(app: Flask, clock: Clock) -> None:
    clock.at += LATER
    runtime: Runtime = app.extensions["truelift"]
    assert runtime.warming.make_ready() == 1
    assert len(runtime.reports._kept) == 1


def test_it_is_begun_once_and_by_a_page_only(
    app: Flask, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []
    runtime: Runtime = app.extensions["truelift"]
    ahead = replace(runtime, settings=replace(runtime.settings, background=True))
    app.extensions["truelift"] = ahead
    monkeypatch.setattr(ahead.warming, "_work", lambda: begun.append(1))
    api.get("/api/v1/experiments")
    app.test_client().get("/healthz")
    assert begun == []
    for _ in range(2):
        app.test_client().get("/sign-in")
    ahead.warming.stop()
    assert begun == [1]


def test_without_background_work_nothing_is_made_ready(app: Flask) -> None:
    app.test_client().get("/sign-in")
    assert "warming" not in app.extensions["truelift"].__dict__
