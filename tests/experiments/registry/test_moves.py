from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from experiments.assignment.buckets import BucketRange
from experiments.decisions.decision import Decision, Reason
from experiments.errors import Invalid, StaleRevision
from experiments.kpis.document import Formula
from experiments.kpis.store import create_kpi, replace_kpi
from experiments.operations.audit import Actor
from experiments.registry.channels import NotMeasurable
from experiments.registry.experiment import Experiment, ExperimentDraft, Phase, Schedule
from experiments.registry.lifecycle import IllegalMove
from experiments.registry.moves import move
from experiments.registry.preflight import NoEventSource, NoPrimaryKpi
from experiments.registry.readiness import NoStartingTime
from experiments.registry.registration import get_experiment, register
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.kpis.documents import open_rate, unsubscribe_rate
from tests.experiments.registry.drafts import subject_line

REASON = Reason(saw="B opened more", why="the deadline", next="test the offer")
Take = Callable[..., Experiment]


@pytest.fixture
def take(database: Database, project: Project, actor: Actor, now: datetime) -> Take:
    """Takes an action on the subject-line test, registering it first if it is not there."""
    with database.transaction() as db:
        for document in (open_rate(), unsubscribe_rate()):
            create_kpi(db, project, document, actor=actor, now=now)

    def act(*actions: str, draft: ExperimentDraft | None = None, **kwargs: object) -> Experiment:
        with database.transaction() as db:
            if draft is not None:
                made = register(db, project, draft, actor=actor, now=now)
            for action in actions:
                made = move(
                    db,
                    project,
                    "subject-line",
                    action,
                    actor=actor,
                    **{"now": now, **kwargs},  # type: ignore[arg-type] # what the test varies
                )
            return made

    return act


def test_the_start_opens_the_first_phase_and_fixes_the_kpis(take: Take, now: datetime) -> None:
    started = take("start", draft=subject_line(coverage=Decimal("0.2")))
    ranges = (BucketRange("a", 0, 1000), BucketRange("b", 5000, 6000))
    assert started.state == "running"
    assert started.started_at == now
    assert started.kpi_versions == {"open": 1, "unsubscribe": 1}
    halves = {"a": Decimal("0.5"), "b": Decimal("0.5")}
    assert started.phases == (
        Phase(1, "subject-line", ranges, now, weights=halves, coverage=Decimal("0.2")),
    )


def test_the_phase_is_salted_with_the_seed(take: Take) -> None:
    assert take("start", draft=subject_line(seed="spring")).phases[0].seed == "spring"


def test_an_external_test_starts_without_buckets(take: Take) -> None:
    (phase,) = take("start", draft=subject_line(allocation="external")).phases
    assert phase.ranges == ()


def test_the_start_fixes_the_latest_versions(
    take: Take, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    take("start", draft=subject_line())
    with database.transaction() as db:
        replace_kpi(
            db,
            project,
            "open",
            open_rate(owner="jisu"),
            expected_revision=1,
            actor=actor,
            now=now,
        )
        register(db, project, subject_line(key="second"), actor=actor, now=now)
        second = move(db, project, "second", "start", actor=actor, now=now)
        first = get_experiment(db, project, "subject-line")
    assert second.kpi_versions == {"open": 2, "unsubscribe": 1}
    assert first.kpi_versions == {"open": 1, "unsubscribe": 1}


def test_a_pause_leaves_the_phase_as_it_is(take: Take) -> None:
    started = take("start", draft=subject_line())
    paused = take("pause")
    resumed = take("resume")
    assert [each.state for each in (paused, resumed)] == ["paused", "running"]
    assert paused.phases == resumed.phases == started.phases
    assert [each.revision for each in (started, paused, resumed)] == [2, 3, 4]


@pytest.mark.parametrize("path", [("start", "stop"), ("start", "pause", "stop")])
def test_the_stop_closes_the_phase(take: Take, path: tuple[str, ...], now: datetime) -> None:
    stopped = take(*path, draft=subject_line())
    assert stopped.state == "stopped"
    assert stopped.stopped_at == now
    assert [phase.ended_at for phase in stopped.phases] == [now]


@pytest.mark.parametrize("variant", ["b", None])
def test_a_decision_keeps_its_three_lines(
    take: Take, variant: str | None, actor: Actor, now: datetime
) -> None:
    take("start", "stop", draft=subject_line())
    decided = take("decide", variant=variant, reason=REASON)
    assert decided.decision == Decision(variant, REASON, actor.name, now)
    assert take("archive").decision == decided.decision


def test_a_decision_needs_its_three_lines_and_a_variant_of_the_test(take: Take) -> None:
    take("start", "stop", draft=subject_line())
    with pytest.raises(Invalid) as refusal:
        take("decide", variant="b")
    assert refusal.value.field == "reason"
    with pytest.raises(Invalid) as refusal:
        take("decide", variant="c", reason=REASON)
    assert refusal.value.field == "variant"


@pytest.mark.parametrize("line", ["saw", "why", "next"])
@pytest.mark.parametrize("text", ["", "  \n", "\0", "x" * 2_001])
def test_every_line_of_a_reason_says_something(line: str, text: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(REASON, **{line: text})
    assert refusal.value.field == line


def test_a_schedule_needs_a_time_to_come(take: Take, now: datetime) -> None:
    take(draft=subject_line(schedule=Schedule(now)))
    with pytest.raises(NoStartingTime) as refusal:
        take("schedule")
    assert refusal.value.field == "schedule.starts_at"
    assert take("schedule", now=now - timedelta(hours=1)).state == "scheduled"
    assert take("unschedule").state == "draft"


def test_a_scheduled_test_fixes_nothing_before_its_start(take: Take, now: datetime) -> None:
    scheduled = take("schedule", draft=subject_line(schedule=Schedule(now + timedelta(days=1))))
    assert (scheduled.kpi_versions, scheduled.phases, scheduled.started_at) == (None, (), None)
    assert take("start").kpi_versions == {"open": 1, "unsubscribe": 1}


@pytest.mark.parametrize("action", ["start", "schedule"])
def test_a_result_that_would_mean_nothing_is_not_started(
    take: Take,
    action: str,
    database: Database,
    project: Project,
    actor: Actor,
    now: datetime,
) -> None:
    soon = Schedule(now + timedelta(days=1))
    with pytest.raises(NoPrimaryKpi):
        take(action, draft=subject_line(schedule=soon, goals=()))
    with database.transaction() as db:
        replace_kpi(
            db,
            project,
            "open",
            open_rate(source=None),
            expected_revision=1,
            actor=actor,
            now=now,
        )
    with pytest.raises(NoEventSource):
        take(action, draft=subject_line(schedule=soon))


def test_a_kpi_that_changed_since_is_held_against_the_test_once_more(
    take: Take, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    clicks = open_rate(formula=Formula("click", "occurrence", 72))
    with database.transaction() as db:
        replace_kpi(db, project, "open", clicks, expected_revision=1, actor=actor, now=now)
    take(draft=subject_line(channels=("sms",)))
    with database.transaction() as db:
        replace_kpi(db, project, "open", open_rate(), expected_revision=2, actor=actor, now=now)
    with pytest.raises(NotMeasurable):
        take("start")


def test_a_refused_move_changes_nothing(take: Take, database: Database, project: Project) -> None:
    before = take(draft=subject_line())
    with pytest.raises(IllegalMove):
        take("start", "pause", "decide", variant="b", reason=REASON)
    with database.reading() as db:
        assert get_experiment(db, project, "subject-line") == before


def test_a_move_may_ask_for_the_revision_it_has_seen(take: Take) -> None:
    take(draft=subject_line())
    with pytest.raises(StaleRevision):
        take("start", expected_revision=2)
    assert take("start", expected_revision=1).revision == 2
