"""The kept reports on a test's page: the list, keeping one, verifying one."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from experiments.storage.database import Database
from experiments.storage.tables import reports
from tests.api.conftest import Api, Clock
from tests.api.loaded import database, loaded_file, project

__all__ = ["database", "loaded_file", "project"]
TEST = "/experiments/subject-line"
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def browser(browser_for: Callable[[str], FlaskClient], clock: Clock) -> FlaskClient:
    """A marketer's, an hour after the mails went out: a report is quick."""
    clock.at += timedelta(hours=1)
    return browser_for("marketer")


def test_a_report_is_kept_listed_and_verified(browser: FlaskClient, api: Api) -> None:
    empty = browser.get(TEST, headers=ENGLISH).text
    assert "No report of this test is kept yet." in empty
    kept = browser.post(f"{TEST}/reports", headers=ENGLISH, follow_redirects=True).text
    assert "The report is kept." in kept
    [one] = (api.get(f"/api/v1{TEST}/reports").json or {})["items"]
    for page in (kept, browser.get(TEST, headers=ENGLISH).text):
        assert one["headline"]["en"] in page
        assert f"/api/v1/reports/{one['id']}" in page
    for language, said in (("en", "byte for byte"), ("ko", "완전히 같습니다")):
        verified = browser.get(
            f"{TEST}/reports/{one['id']}/verification", headers={"Accept-Language": language}
        )
        assert said in verified.text
        assert verified.text.count(one["digest"]) == 2


def test_what_differs_is_listed_by_field(
    browser: FlaskClient, api: Api, database: Database
) -> None:
    kept = api.post(f"/api/v1{TEST}/reports", json={}).json or {}
    with database.transaction() as db:
        db.execute(update(reports).values(digest="0" * 64))
    damaged = browser.get(f"{TEST}/reports/{kept['id']}/verification", headers=ENGLISH).text
    assert "What was kept is damaged." in damaged


def test_a_report_of_another_test_or_of_none_is_not_found(browser: FlaskClient, api: Api) -> None:
    kept = api.post(f"/api/v1{TEST}/reports", json={}).json or {}
    assert browser.get(f"/experiments/other/reports/{kept['id']}/verification").status_code == 404
    assert browser.get(f"{TEST}/reports/none/verification").status_code == 404
    assert browser.get("/experiments/other/reports").status_code == 404


def test_a_viewer_verifies_and_keeps_nothing(
    browser: FlaskClient, browser_for: Callable[[str], FlaskClient]
) -> None:
    viewer = browser_for("viewer")
    assert viewer.get(f"{TEST}/reports").status_code == 200
    assert "Keep the report" not in viewer.get(f"{TEST}/reports", headers=ENGLISH).text
    assert viewer.post(f"{TEST}/reports").status_code == 403
