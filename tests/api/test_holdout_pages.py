"""Pages of holdouts: the list, and one held against a KPI, in both languages."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient
from sqlalchemy import update

from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.storage.codec import to_document
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import experiments
from tests.experiments.measurement.ledger import SENT_AT
from tests.experiments.reporting.test_holdout_report import NOW, shop

__all__ = ["shop"]
ENGLISH = {"Accept-Language": "en"}


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def project(database: Database, shop: Project) -> Project:
    """The shop; its test as somebody would have registered it."""
    half = Decimal("0.5")
    draft = ExperimentDraft(
        key="subject-line", name="제목", anchor="sent", shape="one_blast", channels=("email",),
        variants=(Variant("a", "A안", half, True), Variant("b", "B안", half, False)),
        goals=(KpiGoal("bought", "primary"),), allocation="external",
    )  # fmt: skip
    with database.transaction() as db:
        db.execute(update(experiments).values(draft=to_document(draft), kpi_versions={"bought": 1}))
    return shop


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def browser(browser_for: Callable[[str], FlaskClient]) -> FlaskClient:
    return browser_for("viewer")


def test_a_holdout_is_found_from_the_list_of_tests(browser: FlaskClient) -> None:
    assert 'href="/holdouts"' in browser.get("/experiments").text
    listed = browser.get("/holdouts", headers=ENGLISH).text
    assert 'href="/holdouts/quiet"' in listed
    assert "25" in listed
    asked = browser.get("/holdouts/quiet", headers=ENGLISH).text
    assert "Choose a KPI" in asked
    assert 'value="spent"' in asked
    assert browser.get("/holdouts/none").status_code == 404


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", ("allowing for error", "times the cost", "No test at all")),
     ("ko", ("오차를 고려하면", "메시지를 받지 않", "두 그룹"))],
)  # fmt: skip
def test_what_all_messages_bring_is_said(
    browser: FlaskClient, language: str, said: tuple[str, ...]
) -> None:
    page = browser.get("/holdouts/quiet?kpi=spent", headers={"Accept-Language": language}).text
    for each in said[:2] if language == "en" else said[:1]:
        assert each in page
    assert said[2] in page
    assert "{" not in page.split("<main", 1)[1]


def test_days_are_those_of_the_project_and_of_the_holdout(browser: FlaskClient) -> None:
    first, last = (each.date().isoformat() for each in (SENT_AT, NOW))
    page = browser.get(f"/holdouts/quiet?kpi=bought&since={first}&until={last}", headers=ENGLISH)
    assert 'role="alert"' not in page.text
    before = (SENT_AT - timedelta(days=3)).date().isoformat()
    for wrong in (f"since={before}", "until=2099-01-01", "since=soon", "kpi=none"):
        refused = browser.get(
            f"/holdouts/quiet?kpi=bought&{wrong}".replace("kpi=bought&kpi", "kpi")
        )
        assert 'role="alert"' in refused.text
