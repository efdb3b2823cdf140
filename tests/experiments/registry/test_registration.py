from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from experiments.errors import Invalid, KeyTaken, NotFound, StaleRevision
from experiments.kpis.store import create_kpi, replace_kpi
from experiments.operations.audit import Actor
from experiments.registry.catalog import documents_of, warnings_of
from experiments.registry.experiment import Experiment, ExperimentDraft, KpiGoal, Schedule
from experiments.registry.goals import UnknownKpi
from experiments.registry.lifecycle import NotEditable
from experiments.registry.moves import move
from experiments.registry.preflight import NoPrimaryKpi
from experiments.registry.readiness import NoStartingTime
from experiments.registry.registration import (
    get_experiment,
    list_experiments,
    register,
    revise,
)
from experiments.storage import configuration
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit
from tests.conftest import make_project
from tests.experiments.kpis.documents import open_rate, revenue, unsubscribe_rate
from tests.experiments.registry.drafts import OPENS, UNSUBSCRIBES, subject_line

Register = Callable[[ExperimentDraft], Experiment]


@pytest.fixture
def registered(database: Database, project: Project, actor: Actor, now: datetime) -> Register:
    """Registers a draft in ``shop``, whose KPIs are there."""
    with database.transaction() as db:
        for document in (open_rate(), unsubscribe_rate(), revenue()):
            create_kpi(db, project, document, actor=actor, now=now)

    def make(draft: ExperimentDraft) -> Experiment:
        with database.transaction() as db:
            return register(db, project, draft, actor=actor, now=now)

    return make


def test_an_experiment_is_read_as_it_was_registered(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    made = registered(subject_line())
    assert (made.draft, made.state, made.revision) == (subject_line(), "draft", 1)
    assert (made.kpi_versions, made.phases, made.decision) == (None, (), None)
    assert (made.created_at, made.created_by, made.updated_at) == (now, actor.name, now)
    assert (made.started_at, made.stopped_at) == (None, None)
    with database.reading() as db:
        assert get_experiment(db, project, "subject-line") == made
        assert documents_of(db, project, made)["open"] == open_rate()
        assert warnings_of(db, project, made) == []


def test_a_key_is_taken_once_per_project(
    registered: Register, database: Database, actor: Actor, now: datetime
) -> None:
    registered(subject_line())
    with pytest.raises(KeyTaken):
        registered(subject_line())
    other = make_project(database, now, "other")
    with database.transaction() as db:
        draft = subject_line(goals=())
        assert register(db, other, draft, actor=actor, now=now).draft == draft


def test_a_kpi_of_another_project_is_unknown(
    registered: Register, database: Database, actor: Actor, now: datetime
) -> None:
    other = make_project(database, now, "other")
    with pytest.raises(UnknownKpi) as refusal, database.transaction() as db:
        register(db, other, subject_line(), actor=actor, now=now)
    assert refusal.value.field == "goals.0.kpi"


def test_another_projects_experiment_is_not_there(
    registered: Register, database: Database, actor: Actor, now: datetime
) -> None:
    registered(subject_line())
    other = make_project(database, now, "other")
    with database.reading() as db:
        assert list_experiments(db, other) == []
        with pytest.raises(NotFound):
            get_experiment(db, other, "subject-line")
    for action in ("start", "archive"):
        with pytest.raises(NotFound), database.transaction() as db:
            move(db, other, "subject-line", action, actor=actor, now=now)
    draft = subject_line()
    with pytest.raises(NotFound), database.transaction() as db:
        revise(db, other, "subject-line", draft, expected_revision=1, actor=actor, now=now)


def test_an_event_that_no_channel_reports_is_refused_at_registration(registered: Register) -> None:
    with pytest.raises(Invalid, match="the nearest that works is 'click'"):
        registered(subject_line(channels=("alimtalk",)))


def test_experiments_are_listed_by_key_and_state(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    for key in ("b", "a-c", "a.c", "a"):
        registered(subject_line(key=key))
    with database.transaction() as db:
        move(db, project, "a.c", "start", actor=actor, now=now)
    with database.reading() as db:
        keys = [each.key for each in list_experiments(db, project)]
        page = [each.key for each in list_experiments(db, project, "a", 2)]
        (running,) = list_experiments(db, project, states=["running", "paused"])
        assert running == get_experiment(db, project, "a.c")
    assert keys == ["a", "a-c", "a.c", "b"]
    assert page == ["a-c", "a.c"]


def test_a_draft_is_revised_by_whoever_has_seen_it(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    registered(subject_line())
    later = now + timedelta(minutes=1)
    draft = subject_line(coverage=Decimal("0.5"))
    with database.transaction() as db:
        after = revise(
            db, project, "subject-line", draft, expected_revision=1, actor=actor, now=later
        )
    assert (after.draft, after.revision, after.created_at, after.updated_at) == (
        draft,
        2,
        now,
        later,
    )
    with pytest.raises(StaleRevision), database.transaction() as db:
        revise(db, project, "subject-line", draft, expected_revision=1, actor=actor, now=later)


def test_a_revision_is_checked_like_a_registration(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    registered(subject_line())
    wrong = {
        "key": subject_line(key="other"),
        "goals.2.kpi": subject_line(goals=(OPENS, UNSUBSCRIBES, KpiGoal("visits", "secondary"))),
    }
    for field, draft in wrong.items():
        with pytest.raises(Invalid) as refusal, database.transaction() as db:
            revise(db, project, "subject-line", draft, expected_revision=1, actor=actor, now=now)
        assert refusal.value.field == field


def test_what_has_started_is_not_revised(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    registered(subject_line())
    with database.transaction() as db:
        move(db, project, "subject-line", "start", actor=actor, now=now)
    draft = subject_line(name="another")
    with pytest.raises(NotEditable), database.transaction() as db:
        revise(db, project, "subject-line", draft, expected_revision=2, actor=actor, now=now)


def test_a_scheduled_test_stays_ready_while_it_is_revised(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    tomorrow = Schedule(now + timedelta(days=1))
    registered(subject_line(schedule=tomorrow))
    with database.transaction() as db:
        move(db, project, "subject-line", "schedule", actor=actor, now=now)
    refused: list[tuple[ExperimentDraft, type[Exception]]] = [
        (subject_line(schedule=tomorrow, goals=()), NoPrimaryKpi),
        (subject_line(), NoStartingTime),
    ]
    for draft, error in refused:
        with pytest.raises(error), database.transaction() as db:
            revise(db, project, "subject-line", draft, expected_revision=2, actor=actor, now=now)
    with database.transaction() as db:
        draft = subject_line(schedule=tomorrow, name="새 이름")
        after = revise(
            db, project, "subject-line", draft, expected_revision=2, actor=actor, now=now
        )
    assert (after.state, after.draft.name) == ("scheduled", "새 이름")


def test_every_change_leaves_its_trace_and_a_new_configuration(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    with database.reading() as db:
        before = configuration.current_version(db)
    registered(subject_line())
    with database.transaction() as db:
        draft = subject_line(name="새 이름")
        revise(db, project, "subject-line", draft, expected_revision=1, actor=actor, now=now)
        move(db, project, "subject-line", "start", actor=actor, now=now)
    with database.reading() as db:
        rows = db.execute(
            select(audit).where(audit.c.object_type == "experiment").order_by(audit.c.id)
        ).all()
        assert configuration.current_version(db) == before + 3
    assert [row.action for row in rows] == [
        "experiment.register",
        "experiment.revise",
        "experiment.start",
    ]
    assert rows[1].before["draft"]["name"] == "3월 제목 테스트"
    assert rows[1].after["draft"]["name"] == "새 이름"
    assert rows[2].after["phases"][0]["number"] == 1


def test_a_refused_registration_leaves_nothing(
    registered: Register, database: Database, project: Project
) -> None:
    with database.reading() as db:
        before = configuration.current_version(db)
    with pytest.raises(UnknownKpi):
        registered(subject_line(goals=(replace(OPENS, kpi="visits"),)))
    with database.reading() as db:
        assert list_experiments(db, project) == []
        assert configuration.current_version(db) == before


def test_a_started_test_keeps_the_documents_it_started_with(
    registered: Register, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    registered(subject_line())
    with database.transaction() as db:
        started = move(db, project, "subject-line", "start", actor=actor, now=now)
        replace_kpi(
            db,
            project,
            "open",
            open_rate(owner=None),
            expected_revision=None,
            actor=actor,
            now=now,
        )
        assert documents_of(db, project, started)["open"] == open_rate()
        assert warnings_of(db, project, started) == []
