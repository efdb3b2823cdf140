"""Any order of actions: illegal ones are refused, and a started test never changes silently."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from experiments.decisions.decision import Reason
from experiments.errors import Conflict, StaleRevision
from experiments.kpis.catalog import documents_at
from experiments.kpis.store import create_kpi, replace_kpi
from experiments.operations.audit import Actor
from experiments.registry.experiment import Experiment, Schedule, Variant
from experiments.registry.lifecycle import ACTIONS, EDITABLE, MOVES
from experiments.registry.moves import move
from experiments.registry.registration import get_experiment, register, revise
from experiments.storage.database import Database
from tests.conftest import make_project
from tests.experiments.kpis.documents import open_rate
from tests.experiments.registry.drafts import subject_line

ACTOR = Actor("machine")
START = datetime(2025, 3, 10, tzinfo=UTC)
REASON = Reason("saw", "why", "next")


class Lifecycle(RuleBasedStateMachine):
    """One experiment and its KPI, in a project of their own, under every action in any order."""

    database: Database
    number = 0
    key = "test"
    kpi = "open.rate"

    @initialize(has_primary=st.booleans())
    def register_one(self, has_primary: bool) -> None:
        type(self).number += 1
        self.now = START
        self.project = make_project(self.database, START, f"shop-{self.number}")
        goals = subject_line().goals
        primary = replace(goals[0], kpi=self.kpi)
        draft = subject_line(
            key=self.key,
            goals=(primary,) if has_primary else (),
            schedule=Schedule(START + timedelta(days=1)),
        )
        with self.database.transaction() as db:
            create_kpi(db, self.project, open_rate(key=self.kpi), actor=ACTOR, now=START)
            self.seen = register(db, self.project, draft, actor=ACTOR, now=START)
        self.frozen: dict[str, Any] | None = None

    @rule(action=st.sampled_from(ACTIONS))
    def act(self, action: str) -> None:
        legal = MOVES.get((self.seen.state, action))
        ready = bool(self.seen.draft.goals)
        expected = legal is not None and (ready or not legal.requires or action == "decide")
        try:
            with self.database.transaction() as db:
                after = move(
                    db,
                    self.project,
                    self.key,
                    action,
                    actor=ACTOR,
                    now=self.now,
                    reason=REASON,
                    variant="b",
                )
        except Conflict:
            assert not expected
            return
        assert expected
        assert legal is not None
        assert after.state == legal.to
        self._see(after)

    @rule(share=st.integers(1, 99))
    def reweigh(self, share: int) -> None:
        weight = Decimal(share) / 100
        variants = (
            Variant("a", "A", weight, control=True),
            Variant("b", "B", 1 - weight),
        )
        draft = replace(self.seen.draft, variants=variants)
        try:
            with self.database.transaction() as db:
                after = revise(
                    db,
                    self.project,
                    self.key,
                    draft,
                    expected_revision=self.seen.revision,
                    actor=ACTOR,
                    now=self.now,
                )
        except Conflict:
            assert self.seen.state not in EDITABLE
            return
        assert self.seen.state in EDITABLE
        self._see(after)

    @rule(baseline=st.decimals("0.01", "0.19", places=3))
    def rewrite_the_kpi(self, baseline: Decimal) -> None:
        document = open_rate(key=self.kpi, baseline=baseline)
        with self.database.transaction() as db:
            replace_kpi(
                db,
                self.project,
                self.kpi,
                document,
                expected_revision=None,
                actor=ACTOR,
                now=self.now,
            )

    @rule(behind=st.integers(1, 3))
    def act_on_what_is_stale(self, behind: int) -> None:
        with pytest.raises(StaleRevision), self.database.transaction() as db:
            move(
                db,
                self.project,
                self.key,
                "start",
                actor=ACTOR,
                now=self.now,
                expected_revision=self.seen.revision - behind,
            )

    @invariant()
    def what_is_stored_is_what_was_answered(self) -> None:
        with self.database.reading() as db:
            assert get_experiment(db, self.project, self.key) == self.seen

    @invariant()
    def a_started_test_keeps_its_salt_weights_and_kpis(self) -> None:
        if self.seen.started_at is None:
            assert self.seen.phases == ()
            assert self.seen.kpi_versions is None
            return
        fixed = self._fixed()
        self.frozen = self.frozen or fixed
        assert fixed == self.frozen

    def _see(self, after: Experiment) -> None:
        assert after.revision == self.seen.revision + 1
        self.seen = after
        self.now += timedelta(minutes=1)

    def _fixed(self) -> dict[str, Any]:
        (phase,) = self.seen.phases
        assert self.seen.kpi_versions is not None
        with self.database.reading() as db:
            documents = documents_at(db, self.project, self.seen.kpi_versions)
        assert set(documents) == {goal.kpi for goal in self.seen.draft.goals}
        return {
            "draft": self.seen.draft,
            "seed": phase.seed,
            "ranges": phase.ranges,
            "versions": self.seen.kpi_versions,
            "documents": documents,
        }


def _run(database: Database, examples: int, steps: int) -> None:
    machine = type("Machine", (Lifecycle,), {"database": database})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            derandomize=True,
        ),
    )


def test_any_order_of_actions_obeys_the_table(database: Database) -> None:
    _run(database, examples=12, steps=25)


@pytest.mark.release
def test_a_thousand_lives_obey_the_table(database: Database) -> None:
    _run(database, examples=1_000, steps=50)
