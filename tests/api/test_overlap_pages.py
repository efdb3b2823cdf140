"""The page of tests that met the same customers."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from flask.testing import FlaskClient

from experiments.operations.audit import SYSTEM
from experiments.registry.experiment import ExperimentDraft, Variant
from experiments.registry.goals import KpiGoal
from experiments.registry.moves import move
from experiments.registry.plan import Plan
from experiments.registry.registration import register
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.measurement.ledger import SENT_AT, exposure
from tests.experiments.reporting.test_depth_flow import NOW, facts, filled, registered, shop

__all__ = ["shop"]
pytestmark = pytest.mark.slow  # each page is measured from facts


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def project(shop: Project) -> Project:
    return shop


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def overlapping(database: Database, project: Project) -> None:
    """The test ``cart``, and another whose variants met two thirds of its customers."""
    test = registered(database, project, Plan())
    filled(database, facts(test))
    half, before = Decimal("0.5"), SENT_AT - timedelta(days=1)
    other = ExperimentDraft(
        key="banner", name="배너", anchor="sent", shape="triggered", channels=("email",),
        variants=(Variant("x", "빨강", half, True), Variant("y", "파랑", half, False)),
        goals=(KpiGoal("bought", "primary"),), allocation="external",
    )  # fmt: skip
    with database.transaction() as db:
        made = register(db, project, other, actor=SYSTEM, now=before)
        move(db, project, "banner", "start", actor=SYSTEM, now=before)
    filled(
        database,
        (
            exposure(f"x{n}", f"u{n:04d}", "xy"[n // 4 % 2], experiment_id=made.id)
            for n in range(800)
        ),
    )


def test_who_is_in_both_and_whether_it_matters(
    overlapping: None, database: Database, project: Project,
    browser_for: Callable[[str], FlaskClient],
) -> None:  # fmt: skip
    browser = browser_for("viewer")
    running = browser.get("/experiments/cart/overlaps", headers={"Accept-Language": "en"}).text
    assert "800 customers are in both tests, 67% of this test" in running
    assert "빨강" in running
    assert running.count('data-label="파랑">200<') == 2
    assert "is tested at the planned end" in running or "at the planned end" in running
    with database.transaction() as db:
        move(db, project, "cart", "stop", actor=SYSTEM, now=SENT_AT + timedelta(days=40))
    ended = browser.get("/experiments/cart/overlaps", headers={"Accept-Language": "ko"}).text
    assert "‘배너’ 테스트에서 받은 안에 따라" in ended
    assert "오차를 고려하면" in ended
    assert "/experiments/cart/overlaps" in browser.get("/experiments/cart").text
    assert browser.get("/experiments/none/overlaps").status_code == 404


def test_a_test_that_met_nobody_elses_customers_says_so(
    database: Database, project: Project, browser_for: Callable[[str], FlaskClient]
) -> None:
    filled(database, facts(registered(database, project, Plan()), customers=20))
    page = browser_for("viewer").get(
        "/experiments/cart/overlaps", headers={"Accept-Language": "en"}
    )
    assert "No other test met customers of this one." in page.text
