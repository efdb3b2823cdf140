"""A holdout held against a KPI: who counts, what comes on top, what the money brought."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from experiments.assignment.gates import COMPARED, HELD_OUT, Holdout
from experiments.errors import Invalid
from experiments.kpis.store import create_kpi
from experiments.measurement.held_out import groups_of
from experiments.measurement.replica import Replica
from experiments.operations.audit import SYSTEM
from experiments.registry.holdouts import HoldoutDraft, create_holdout
from experiments.registry.keyed import Edit
from experiments.registry.message_costs import MessageCost, replace_message_costs
from experiments.reporting.holdout_facts import HoldoutReport
from experiments.reporting.holdout_report import Question, holdout_report
from experiments.reporting.wording.holdouts import say_holdout
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import ledger
from tests.conftest import make_project
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    add_experiment,
    event,
    exposure,
)
from tests.experiments.reporting.test_depth_flow import BOUGHT, SPENT

NOW = SENT_AT + timedelta(days=30)
HELD = Holdout("quiet", "holdout:quiet", 2_500)
CUSTOMERS = [f"u{n:04d}" for n in range(2_000)]


def facts(experiment_id: int) -> Iterator[Row]:
    """Everybody was known before; those who get messages buy more, and new ones most of all."""
    for n, (unit, group) in enumerate(zip(CUSTOMERS, groups_of(HELD, CUSTOMERS), strict=True)):
        yield event(f"k{n}", unit, "login", occurred_at=SENT - 48 * HOUR)
        if group != HELD_OUT:
            yield exposure(
                f"s{n}", unit, "a", experiment_id=experiment_id, occurred_at=SENT + 24 * HOUR
            )
        if n % 10 < (2 if group == HELD_OUT else 4):
            yield event(
                f"p{n}", unit, "purchase", value=10_000, currency="KRW",
                occurred_at=SENT + 50 * HOUR,
            )  # fmt: skip
    for n in range(50):
        yield event(
            f"new{n}", f"new{n}", "purchase", value=10_000, currency="KRW",
            occurred_at=SENT + 60 * HOUR,
        )  # fmt: skip


@pytest.fixture
def shop(sqlite_database: Database) -> Project:
    project = make_project(sqlite_database, SENT_AT - timedelta(days=40))
    edit = Edit(project, SYSTEM, SENT_AT)
    with sqlite_database.transaction() as db:
        create_kpi(db, project, BOUGHT, actor=SYSTEM, now=SENT_AT)
        create_kpi(db, project, SPENT, actor=SYSTEM, now=SENT_AT)
        create_holdout(db, HoldoutDraft("quiet", "조용히", Decimal("0.25")), edit)
        cost = MessageCost("email", Decimal(20), "KRW", SENT_AT - timedelta(days=9))
        replace_message_costs(db, (cost,), edit)
    test = add_experiment(sqlite_database)
    with sqlite_database.transaction() as db:
        db.execute(
            insert(ledger),
            [row | {"received_at": row["occurred_at"] + HOUR} for row in facts(test)],
        )
    return project


@pytest.fixture
def ask(sqlite_database: Database, shop: Project, tmp_path: Path) -> Any:
    replica = Replica(tmp_path / "replica", sqlite_database)

    def asked(kpi: str, **when: Any) -> HoldoutReport:
        question = Question(kpi, **when)
        return holdout_report(sqlite_database, replica, shop, "quiet", question, now=NOW)

    return asked


def test_conversions_and_revenue_are_those_of_the_groups_that_were_drawn(ask: Any) -> None:
    drawn = groups_of(HELD, CUSTOMERS)
    assert drawn == [
        HELD_OUT if HELD.holds(unit) else group
        for unit, group in zip(CUSTOMERS, drawn, strict=True)
    ]
    found = ask("bought")
    sizes = {each.group: each.customers for each in found.groups}
    assert sizes == {group: drawn.count(group) for group in (HELD_OUT, COMPARED)}
    assert found.incremental is not None
    assert found.incremental.shown
    assert found.incremental.per_customer == pytest.approx(0.2, abs=0.05)
    assert found.incremental.in_group == pytest.approx(
        found.incremental.per_customer * sizes[COMPARED]
    )
    assert found.returns is None
    spent = ask("spent")
    assert spent.returns is not None
    assert spent.returns.cost == pytest.approx(20 * sizes[COMPARED])
    assert spent.incremental is not None
    assert spent.returns.ratio == pytest.approx(spent.incremental.per_customer / 20)
    for language in ("ko", "en"):
        assert len(say_holdout(spent, language)) == 4
        assert not any("{" in line for line in say_holdout(spent, language))


def test_only_the_time_that_is_asked_for_counts(ask: Any) -> None:
    before = ask("bought", until=SENT_AT + timedelta(days=2))
    assert [each.total for each in before.groups] == [0, 0]
    late = ask("bought", since=SENT_AT + timedelta(days=3))
    assert [each.total for each in late.groups] == [0, 0]


def test_what_cannot_be_asked_is_refused(
    ask: Any, sqlite_database: Database, shop: Project
) -> None:
    for field, when in (
        ("since", {"since": SENT_AT - timedelta(days=1)}),
        ("until", {"until": NOW + timedelta(days=1)}),
        ("until", {"until": SENT_AT + timedelta(hours=5)}),
    ):
        with pytest.raises(Invalid) as refusal:
            ask("bought", **when)
        assert refusal.value.field == field
    absent = replace(BOUGHT, key="stayed", formula=replace(BOUGHT.formula, value="absence"))
    with sqlite_database.transaction() as db:
        create_kpi(db, shop, replace(absent, credit="any"), actor=SYSTEM, now=SENT_AT)
    with pytest.raises(Invalid):
        ask("stayed")
