"""Changes that meet: one wins, the others are told, and nothing is lost in silence."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from threading import Barrier

from experiments.errors import Conflict, KeyTaken, StaleRevision
from experiments.kpis.catalog import documents_at
from experiments.kpis.store import create_kpi, get_kpi, replace_kpi
from experiments.operations.audit import Actor
from experiments.registry.moves import move
from experiments.registry.registration import get_experiment, register, revise
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.kpis.documents import open_rate, unsubscribe_rate
from tests.experiments.registry.drafts import subject_line

EDITORS = 6
ROUNDS = 10


def at_once(*steps: Callable[[], object]) -> list[object]:
    """Run the steps at the same moment; each gives its result, or its refusal."""
    barrier = Barrier(len(steps))

    def run(step: Callable[[], object]) -> object:
        barrier.wait()
        try:
            return step()
        except Conflict as refusal:
            return refusal

    with ThreadPoolExecutor(len(steps)) as pool:
        return list(pool.map(run, steps))


def make_kpis(database: Database, project: Project, actor: Actor, now: datetime) -> None:
    with database.transaction() as db:
        for document in (open_rate(), unsubscribe_rate()):
            create_kpi(db, project, document, actor=actor, now=now)


def test_of_many_editors_exactly_one_wins(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    make_kpis(database, project, actor, now)
    with database.transaction() as db:
        register(db, project, subject_line(), actor=actor, now=now)

    def edit(number: int, revision: int) -> Callable[[], object]:
        def change() -> object:
            draft = subject_line(name=f"editor {number}, revision {revision}")
            with database.transaction() as db:
                return revise(
                    db,
                    project,
                    "subject-line",
                    draft,
                    expected_revision=revision,
                    actor=actor,
                    now=now,
                )

        return change

    for revision in range(1, ROUNDS + 1):
        outcomes = at_once(*(edit(number, revision) for number in range(EDITORS)))
        lost = [each for each in outcomes if isinstance(each, StaleRevision)]
        (won,) = (each for each in outcomes if not isinstance(each, StaleRevision))
        assert len(lost) == EDITORS - 1
        with database.reading() as db:
            assert get_experiment(db, project, "subject-line") == won


def test_of_many_registrations_of_one_key_exactly_one_wins(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    make_kpis(database, project, actor, now)

    def enter() -> object:
        with database.transaction() as db:
            return register(db, project, subject_line(), actor=actor, now=now)

    outcomes = at_once(*[enter] * EDITORS)
    assert sum(isinstance(each, KeyTaken) for each in outcomes) == EDITORS - 1


def test_a_start_and_a_new_kpi_document_never_mix(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    make_kpis(database, project, actor, now)
    for number in range(ROUNDS):
        key = f"test-{number}"
        with database.transaction() as db:
            register(db, project, subject_line(key=key), actor=actor, now=now)
            before = get_kpi(db, project, "open")

        def start(key: str = key) -> object:
            with database.transaction() as db:
                return move(db, project, key, "start", actor=actor, now=now)

        def rewrite(number: int = number) -> object:
            document = open_rate(baseline=Decimal(number + 1) / 100)
            with database.transaction() as db:
                return replace_kpi(
                    db,
                    project,
                    "open",
                    document,
                    expected_revision=None,
                    actor=actor,
                    now=now,
                )

        at_once(start, rewrite)
        with database.reading() as db:
            versions = get_experiment(db, project, key).kpi_versions
            assert versions is not None
            counted = documents_at(db, project, versions)["open"]
            latest = get_kpi(db, project, "open")
        if latest.version == versions["open"]:
            assert counted == latest.document
        else:
            assert counted == before.document
