"""Batches: shares that sum to 1 and keep the floor, stored as they are assigned, opened once."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment.buckets import allocate, bucket_counts
from experiments.assignment.propensities import propensities
from experiments.assignment.reallocation import Allocation, moves_between, reallocate
from experiments.errors import StaleRevision
from experiments.operations.audit import Actor
from experiments.registry.adaptive import Adaptive
from experiments.registry.batches import (
    BatchesNeedRunning,
    BatchNotDue,
    Shares,
    SharesStay,
    batches_of,
    open_batch,
)
from experiments.registry.catalog import get_experiment
from experiments.registry.experiment import Experiment, ExperimentDraft, KpiGoal
from experiments.registry.keyed import Edit
from experiments.registry.moves import move
from experiments.registry.plan import Plan
from experiments.registry.registration import register
from experiments.storage.database import Database
from experiments.storage.projects import Project
from stats.thompson import thompson_weights
from tests.conftest import make_project
from tests.experiments.registry.drafts import subject_line
from tests.experiments.registry.test_races import make_kpis

FLOOR = Decimal("0.1")
KEY = "subject-line"
DRAFT = subject_line(
    shape="triggered",
    anchor="trigger",
    goals=(KpiGoal("unsubscribe", "primary"),),
    plan=Plan(units_planned=1000),
    adaptive=Adaptive(),
)
NEXT = {"a": Decimal("0.1644"), "b": Decimal("0.8356")}


@st.composite
def chances(draw: st.DrawFn, variants: int) -> dict[str, float]:
    """Chances to be the best, as integrals give them: fractions that sum to 1."""
    parts = [draw(st.floats(0, 1)) for _ in range(variants)]
    parts = parts if sum(parts) else [1.0] * variants
    whole = sum(parts)
    return {"abcdefgh"[place]: part / whole for place, part in enumerate(parts)}


@settings(max_examples=12)
@given(data=st.data(), variants=st.integers(2, 5), coverage=st.sampled_from(["1", "0.37"]))
def test_chances_become_the_shares_that_are_assigned(
    data: st.DataObject, variants: int, coverage: str
) -> None:
    keys = "abcdefgh"[:variants]
    even = {key: Decimal(1) / variants for key in keys}
    before = Allocation(even, Decimal(coverage))
    phases = [allocate(even, before.coverage)]
    for _ in range(3):
        weights = thompson_weights(data.draw(chances(variants)), floor=FLOOR)
        after = Allocation(weights, before.coverage)
        phases.append(reallocate(phases, before, after))
        found = propensities(phases[-1], keys)
        counts = bucket_counts(phases[-1])
        covered = sum(counts.values())
        assert sum(found.values()) == 1
        assert covered == sum(bucket_counts(phases[0]).values())
        for key in keys:
            assert found[key] == pytest.approx(Decimal(counts[key]) / covered, abs=Decimal("1e-11"))
            # Whole buckets of those covered: all of them give the share to the last digit.
            if coverage == "1":
                assert found[key] == weights[key] >= FLOOR
            else:
                assert abs(counts[key] - weights[key] * covered) < 1
        moved = moves_between(phases[-2], phases[-1]).buckets_moved
        given_up = [max(0, bucket_counts(phases[-2])[key] - counts[key]) for key in keys]
        assert moved == sum(given_up)
        before = after


@pytest.mark.parametrize(
    ("batch", "at", "opens"),
    [
        ("day", "2025-03-10T01:00+00:00", "2025-03-10T15:00+00:00"),
        ("week", "2025-03-10T01:00+00:00", "2025-03-16T15:00+00:00"),
        ("week", "2025-03-16T16:00+00:00", "2025-03-23T15:00+00:00"),
    ],
)
def test_a_batch_ends_at_a_local_midnight(batch: str, at: str, opens: str) -> None:
    found = Adaptive(batch=batch).opens_after(datetime.fromisoformat(at), ZoneInfo("Asia/Seoul"))
    assert found == datetime.fromisoformat(opens)


def test_the_day_that_clocks_change_is_a_batch_too() -> None:
    new_york = ZoneInfo("America/New_York")
    at = datetime(2025, 3, 9, 12, tzinfo=UTC)
    assert Adaptive().opens_after(at, new_york) == datetime(2025, 3, 10, 4, tzinfo=UTC)
    assert Adaptive().opens_after(at - timedelta(days=1), new_york) == datetime(
        2025, 3, 9, 5, tzinfo=UTC
    )


@pytest.fixture
def running(
    database: Database, project: Project, actor: Actor, now: datetime
) -> Callable[[ExperimentDraft], Experiment]:
    """Registers a draft and starts it."""
    make_kpis(database, project, actor, now)

    def begin(draft: ExperimentDraft = DRAFT) -> Experiment:
        with database.transaction() as db:
            register(db, project, draft, actor=actor, now=now)
            return move(db, project, KEY, "start", actor=actor, now=now)

    return begin


def shares(at: datetime) -> Shares:
    return Shares(NEXT, {"a": 0.1644, "b": 0.8356}, {"a": 500, "b": 480}, None, at, 1234)


def test_a_batch_is_kept_as_it_is_assigned(
    database: Database,
    project: Project,
    actor: Actor,
    now: datetime,
    running: Callable[..., Experiment],
) -> None:
    running()
    later = now + timedelta(days=1)
    with database.transaction() as db:
        after, batch, moves = open_batch(db, KEY, shares(later), Edit(project, actor, later))
    with database.reading() as db:
        found = get_experiment(db, project, KEY)
        first, kept = batches_of(db, found)
    assert kept == batch
    assert (kept.number, kept.ledger_position, kept.as_of) == (2, 1234, later)
    assert first.propensities == {"a": Decimal("0.5"), "b": Decimal("0.5")}
    assert dict(kept.propensities) == NEXT == propensities(found.phases[1].ranges, "ab")
    assert found.phases[0].ended_at == found.phases[1].started_at == later
    assert (moves.buckets_moved, after.revision) == (3356, 3)


def test_of_two_that_try_at_once_one_opens_it(
    database: Database,
    project: Project,
    actor: Actor,
    now: datetime,
    running: Callable[..., Experiment],
) -> None:
    began = running()
    later = now + timedelta(days=1)
    edit = Edit(project, actor, later, expected_revision=began.revision)
    with database.transaction() as db:
        open_batch(db, KEY, shares(later), edit)
    with database.transaction() as db, pytest.raises(StaleRevision):
        open_batch(db, KEY, shares(later), edit)
    with database.transaction() as db, pytest.raises(BatchNotDue):
        open_batch(db, KEY, shares(later), replace(edit, expected_revision=None))
    with database.reading() as db:
        assert len(batches_of(db, get_experiment(db, project, KEY))) == 2


def test_what_has_no_batches_or_does_not_run_is_refused(
    sqlite_database: Database, now: datetime, actor: Actor
) -> None:
    project = make_project(sqlite_database, now)
    make_kpis(sqlite_database, project, actor, now)
    later = now + timedelta(days=1)
    with sqlite_database.transaction() as db:
        register(db, project, DRAFT, actor=actor, now=now)
        register(db, project, replace(DRAFT, key="steady", adaptive=None), actor=actor, now=now)
        move(db, project, "steady", "start", actor=actor, now=now)
    for key, refusal in ((KEY, BatchesNeedRunning), ("steady", SharesStay)):
        with sqlite_database.transaction() as db, pytest.raises(refusal):
            open_batch(db, key, shares(later), Edit(project, actor, later))
