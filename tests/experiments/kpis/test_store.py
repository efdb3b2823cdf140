from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from experiments.errors import Invalid, KeyTaken, NotFound, StaleRevision
from experiments.kpis.catalog import documents, documents_at
from experiments.kpis.document import Formula, KpiDocument
from experiments.kpis.store import (
    CircularParent,
    Kpi,
    MeaningInUse,
    UnknownRelative,
    create_kpi,
    get_kpi,
    kpi_versions,
    list_kpis,
    replace_kpi,
)
from experiments.operations.audit import Actor
from experiments.registry.goals import KpiGoal
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit
from tests.conftest import make_project
from tests.experiments.kpis.documents import open_rate, revenue, unsubscribe_rate
from tests.experiments.registry.drafts import subject_line


def create(
    database: Database, project: Project, document: KpiDocument, actor: Actor, now: datetime
) -> Kpi:
    with database.transaction() as db:
        return create_kpi(db, project, document, actor=actor, now=now)


def start_a_test(database: Database, project: Project, actor: Actor, now: datetime) -> None:
    for document in (open_rate(), unsubscribe_rate()):
        create(database, project, document, actor, now)
    with database.transaction() as db:
        register(db, project, subject_line(), actor=actor, now=now)
        move(db, project, "subject-line", "start", actor=actor, now=now)


def test_a_kpi_is_read_as_it_was_written(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    made = create(database, project, revenue(), actor, now)
    assert made == Kpi(revenue(), version=1, revision=1, created_at=now, updated_at=now)
    with database.reading() as db:
        assert get_kpi(db, project, "revenue") == made
        assert kpi_versions(db, project, "revenue") == [made]


def test_a_key_is_taken_once_per_project(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(), actor, now)
    create(database, make_project(database, now, "other"), open_rate(), actor, now)
    with pytest.raises(KeyTaken), database.transaction() as db:
        create_kpi(db, project, open_rate(), actor=actor, now=now)


def test_after_a_taken_key_the_transaction_goes_on(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(), actor, now)
    with database.transaction() as db:
        with pytest.raises(KeyTaken):
            create_kpi(db, project, open_rate(), actor=actor, now=now)
        create_kpi(db, project, revenue(), actor=actor, now=now)
    with database.reading() as db:
        assert get_kpi(db, project, "revenue").version == 1


def test_another_projects_kpi_is_not_there(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    other = make_project(database, now, "other")
    create(database, other, open_rate(), actor, now)
    with database.reading() as db:
        for read in (get_kpi, kpi_versions):
            with pytest.raises(NotFound):
                read(db, project, "open")
        assert list_kpis(db, project) == []
        assert documents(db, project, ["open"]) == {}
    with pytest.raises(NotFound), database.transaction() as db:
        replace_kpi(db, project, "open", open_rate(), expected_revision=1, actor=actor, now=now)


def test_kpis_are_listed_by_the_bytes_of_their_keys(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    keys = ["b", "a_c", "a.c", "a-c", "ab", "a", "1"]
    for key in keys:
        create(database, project, open_rate(key=key), actor, now)
    with database.reading() as db:
        listed = [kpi.document.key for kpi in list_kpis(db, project)]
        page = [kpi.document.key for kpi in list_kpis(db, project, after="a-c", limit=2)]
    assert listed == sorted(keys)
    assert page == ["a.c", "a_c"]


def test_an_unused_version_is_replaced_in_place(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(), actor, now)
    later = now + timedelta(hours=1)
    with database.transaction() as db:
        replaced = replace_kpi(
            db,
            project,
            "open",
            open_rate(owner="jisu"),
            expected_revision=1,
            actor=actor,
            now=later,
        )
    assert replaced == Kpi(open_rate(owner="jisu"), 1, 2, created_at=now, updated_at=later)
    with database.reading() as db:
        assert [each.version for each in kpi_versions(db, project, "open")] == [1]
        assert get_kpi(db, project, "open") == replaced


def test_a_version_that_a_started_test_uses_stays(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    start_a_test(database, project, actor, now)
    for revision in (1, 2):
        with database.transaction() as db:
            replace_kpi(
                db,
                project,
                "open",
                open_rate(owner=f"owner {revision}"),
                expected_revision=revision,
                actor=actor,
                now=now,
            )
    with database.reading() as db:
        versions = kpi_versions(db, project, "open")
        fixed = documents_at(db, project, {"open": 1})
    assert [(each.version, each.document.owner) for each in versions] == [
        (1, "minji"),
        (2, "owner 2"),
    ]
    assert fixed == {"open": open_rate()}


def test_a_key_with_dots_is_found_among_the_used_ones(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(key="open.all-2_x"), actor, now)
    create(database, project, open_rate(key="open"), actor, now)
    goals = (KpiGoal("open.all-2_x", "primary"),)
    with database.transaction() as db:
        register(db, project, subject_line(goals=goals), actor=actor, now=now)
        move(db, project, "subject-line", "start", actor=actor, now=now)
        versions = [
            replace_kpi(
                db,
                project,
                key,
                open_rate(key=key, owner="jisu"),
                expected_revision=None,
                actor=actor,
                now=now,
            ).version
            for key in ("open.all-2_x", "open")
        ]
    assert versions == [2, 1]


def test_a_stale_revision_is_refused(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(), actor, now)
    with pytest.raises(StaleRevision), database.transaction() as db:
        replace_kpi(db, project, "open", open_rate(), expected_revision=2, actor=actor, now=now)


def test_a_key_stays(database: Database, project: Project, actor: Actor, now: datetime) -> None:
    create(database, project, open_rate(), actor, now)
    with pytest.raises(Invalid) as refusal, database.transaction() as db:
        replace_kpi(
            db,
            project,
            "open",
            open_rate(key="opens"),
            expected_revision=None,
            actor=actor,
            now=now,
        )
    assert refusal.value.field == "key"


@pytest.mark.parametrize("field", ["parent", "successor"])
def test_a_relative_must_be_there(
    field: str, database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    document = open_rate(status="retired", **{field: "clicks"})
    with pytest.raises(UnknownRelative) as refusal, database.transaction() as db:
        create_kpi(db, project, document, actor=actor, now=now)
    assert refusal.value.field == field


def test_the_kpi_tree_has_no_circle(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(key="top"), actor, now)
    create(database, project, open_rate(key="middle", parent="top"), actor, now)
    create(database, project, open_rate(key="leaf", parent="middle"), actor, now)
    with pytest.raises(CircularParent), database.transaction() as db:
        replace_kpi(
            db,
            project,
            "top",
            open_rate(key="top", parent="leaf"),
            expected_revision=None,
            actor=actor,
            now=now,
        )


def test_every_change_leaves_its_trace(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    create(database, project, open_rate(), actor, now)
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
    with database.reading() as db:
        rows = db.execute(
            select(audit).where(audit.c.object_type == "kpi").order_by(audit.c.id)
        ).all()
    assert [(row.action, row.object_key, row.actor) for row in rows] == [
        ("kpi.create", "open", actor.name),
        ("kpi.replace", "open", actor.name),
    ]
    assert rows[0].before is None
    assert rows[1].before["document"]["owner"] == "minji"
    assert rows[1].after["document"]["owner"] == "jisu"


def change(
    database: Database, project: Project, document: KpiDocument, actor: Actor, now: datetime
) -> Kpi:
    with database.transaction() as db:
        return replace_kpi(
            db, project, document.key, document, expected_revision=None, actor=actor, now=now
        )


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"formula": Formula("click", "occurrence", 72)}, "formula"),
        ({"formula": Formula("open", "occurrence", 48)}, "formula"),
        ({"direction": "down", "target": None}, "direction"),
        ({"credit": "own_tag"}, "credit"),
    ],
)
def test_what_a_running_test_counts_stays(
    changes: dict[str, Any],
    field: str,
    database: Database,
    project: Project,
    actor: Actor,
    now: datetime,
) -> None:
    start_a_test(database, project, actor, now)
    with pytest.raises(MeaningInUse) as refusal:
        change(database, project, open_rate(**changes), actor, now)
    assert refusal.value.field == field
    assert "subject-line" in str(refusal.value)


def test_after_a_test_its_kpi_may_count_something_else(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    start_a_test(database, project, actor, now)
    with database.transaction() as db:
        move(db, project, "subject-line", "stop", actor=actor, now=now)
    changed = open_rate(formula=Formula("click", "occurrence", 72))
    assert change(database, project, changed, actor, now).version == 2
    with database.reading() as db:
        assert documents_at(db, project, {"open": 1}) == {"open": open_rate()}
