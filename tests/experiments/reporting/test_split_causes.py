"""A broken split shows where customers are missing, and what may be done."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from experiments.operations.audit import SYSTEM
from experiments.registry.moves import move
from experiments.registry.plan import Plan
from experiments.reporting.health_facts import SplitCause
from experiments.reporting.report import State
from experiments.reporting.wording import say_causes
from experiments.storage.database import Database
from tests.conftest import make_project
from tests.experiments.measurement.ledger import SENT_AT
from tests.experiments.reporting.factories import example
from tests.experiments.reporting.test_depth_flow import facts, filled, registered, reported


def test_the_group_in_which_they_are_missing_is_named(
    sqlite_database: Database, tmp_path: Path
) -> None:
    shop = make_project(sqlite_database, SENT_AT - timedelta(days=40))
    test = registered(sqlite_database, shop, Plan())
    rows = (
        row
        for row in facts(test, customers=800)
        # Nobody of A with a grade of VIP was written to.
        if row["fact"] == "event" or row["variant"] == "b" or row["properties"] == {"grade": "일반"}
    )
    filled(sqlite_database, rows)
    with sqlite_database.transaction() as db:
        move(db, shop, "cart", "stop", actor=SYSTEM, now=SENT_AT + timedelta(days=40))
    report = reported(sqlite_database, shop, tmp_path)
    assert report.verdict.state is State.SPLIT_BROKEN
    first = report.health.causes[0]
    assert (first.dimension, first.group) == ("property:grade", "VIP")
    assert first.counts == {"a": 0, "b": 200}
    assert "property:grade=일반" not in {
        f"{each.dimension}={each.group}" for each in report.health.causes
    }
    [sent] = [split for split in report.health.splits if split.broken]
    assert sent.lost["a"] == pytest.approx(0.5)
    assert "grade VIP" in " ".join(say_causes(report, "en"))


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_way_forward_is_said(language: str) -> None:
    report = example(State.SPLIT_BROKEN)
    nowhere = say_causes(report, language)
    assert len(nowhere) == 3
    cause = SplitCause("sent", "channel", "email", {"a": 10, "b": 90}, {"a": 0.5, "b": 0.5},
                       1e-9, broken=True)  # fmt: skip
    told = replace(report, health=replace(report.health, causes=(cause,)))
    said = say_causes(told, language)
    assert "10:90" in " ".join(said)
    assert say_causes(example(State.WIN), language) == ()
