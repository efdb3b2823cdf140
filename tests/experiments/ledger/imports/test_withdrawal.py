"""Withdrawing an import: afterwards the ledger counts as if it had never been."""

from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from experiments.ledger.append import Outcome, append
from experiments.ledger.facts import read_event
from experiments.ledger.imports import undo as undo_module
from experiments.ledger.imports.errors import NotInState
from experiments.ledger.imports.jobs import ImportJob, get_import, submit_import
from experiments.ledger.imports.moves import Asked, pause, resume, withdraw
from experiments.ledger.imports.run import Target, run_import
from experiments.ledger.imports.undo import undo_import
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.ledger.retained import sweep, totals_of
from experiments.ledger.retention import set_retention
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, imports, ledger, repeats, shadows
from tests.experiments.ledger.imports.factories import file_of, long_mapping

AT = "2025-03-10T10:00:00+09:00"


class World:
    """One ledger, and what may happen to it."""

    def __init__(
        self, database: Database, project: Project, actor: Actor, now: datetime, folder: Path
    ) -> None:
        self.database, self.project, self.folder = database, project, folder
        self.target = Target(database, project, lambda: now)
        self.asked = Asked(project, actor, now)
        self._files = 0

    def api(self, *events: tuple[str, str]) -> list[Outcome]:
        """Events by id and type, as they come over the API."""
        rows = [self.fact(*event) for event in events]
        with self.database.transaction() as db:
            return append(db, self.project, rows, received_at=self.asked.now)

    def fact(self, source_id: str, kind: str) -> Resolved:
        item = {"source_id": source_id, "unit_id": "u", "type": kind, "occurred_at": AT,
                "channel": "email"}  # fmt: skip
        return resolve(read_event(item), Context({}, "KRW"))

    def load(self, *events: tuple[str, str]) -> ImportJob:
        """The same as a file."""
        text = "event_id,user_id,type,time,amount,currency\n"
        text += "".join(f"{source_id},u,{kind},{AT},,\n" for source_id, kind in events)
        self._files += 1
        folder = self.folder / str(self._files)
        folder.mkdir()
        file = file_of(folder, text)
        with self.database.transaction() as db:
            job = submit_import(
                db, self.project, name="f", file=file, document=long_mapping(),
                actor=self.asked.actor, now=self.asked.now,
            )  # fmt: skip
        return run_import(self.target, job.id, file)

    def withdraw(self, job: ImportJob, **more: Any) -> ImportJob:
        with self.database.transaction() as db:
            withdraw(db, self.asked, job.id, "the wrong file")
        return undo_import(self.target, job.id, **more)

    def counted(self) -> tuple[Counter[tuple[str, str]], dict[tuple[str, str], int]]:
        """What a reader counts: the facts that stand, and the repetitions."""
        with self.database.reading() as db:
            rows = db.execute(select(ledger).order_by(ledger.c.position)).all()
            again = db.execute(select(repeats)).all()
        gone = {row.import_id for row in rows if row.fact == "withdrawal"}
        stand = [row for row in rows if row.fact != "withdrawal" and row.import_id not in gone]
        newest = max((row.position for row in rows), default=0)
        repeated: Counter[tuple[str, str]] = Counter()
        for row in again:
            if row.visible_from <= newest:
                repeated[row.type, row.outcome] += row._mapping["count"]
        facts = Counter((row.source_id, row.type) for row in stand)
        return facts, {kind: count for kind, count in repeated.items() if count}


@pytest.fixture
def world(
    database: Database, project: Project, actor: Actor, now: datetime, tmp_path: Path
) -> World:
    return World(database, project, actor, now, tmp_path)


BEFORE = (("e-1", "open"), ("e-2", "open"))
FILE = (("e-2", "open"), ("e-1", "click"), ("e-3", "open"), ("e-3", "open"), ("e-4", "open"),
        ("e-5", "click"))  # fmt: skip
AFTER = (("e-3", "open"), ("e-4", "click"), ("e-4", "open"), ("e-6", "open"), ("e-1", "open"))


def expected(world: World) -> Any:
    """What the same facts count without the file, worked out by hand.

    Of AFTER e-3 and the click e-4 are new, the open e-4 contradicts that click, e-6 is new
    and e-1 known.
    """
    facts = Counter([*BEFORE, ("e-3", "open"), ("e-4", "click"), ("e-6", "open")])
    return facts, {("open", "conflict"): 1, ("open", "duplicate"): 1}


def test_a_withdrawn_import_counts_as_if_it_had_never_been(world: World) -> None:
    world.api(*BEFORE)
    job = world.load(*FILE)
    assert (job.accepted, job.duplicates, job.conflicts) == (3, 2, 1)
    world.api(*AFTER)
    done = world.withdraw(job)
    assert (done.state, done.withdrawn_rows, done.withdrawn_because) == (
        "withdrawn",
        3,
        "the wrong file",
    )
    assert world.counted() == expected(world)


def test_facts_of_another_import_stand_in_for_the_withdrawn_ones(world: World) -> None:
    world.api(*BEFORE)
    first = world.load(*FILE)
    second = world.load(*AFTER)
    world.withdraw(first)
    assert world.counted() == expected(world)
    world.withdraw(second)
    assert world.counted() == (Counter(BEFORE), {})


def test_the_order_of_two_withdrawals_makes_no_difference(world: World) -> None:
    world.api(*BEFORE)
    first, second = world.load(*FILE), world.load(*AFTER)
    world.api(("e-3", "open"), ("e-7", "open"))
    world.withdraw(second)
    world.withdraw(first)
    facts = Counter([*BEFORE, ("e-3", "open"), ("e-7", "open")])
    assert world.counted() == (facts, {})


def test_the_same_file_can_be_loaded_again_and_counts_again(world: World) -> None:
    world.api(*BEFORE)
    job = world.load(*FILE)
    before = world.counted()
    for _ in range(2):
        world.withdraw(job)
        assert world.counted() == (Counter(BEFORE), {})
        job = world.load(*FILE)
        assert (job.accepted, job.duplicates, job.conflicts) == (3, 2, 1)
        assert world.counted() == before


def test_a_long_id_is_hashed_when_it_is_renamed(world: World) -> None:
    job = world.load(("e" * 250, "open"))
    world.withdraw(job)
    with world.database.reading() as db:
        [renamed] = db.execute(select(ledger.c.source_id).where(ledger.c.fact == "event")).scalars()
    assert renamed.startswith(f"withdrawn:{job.id}:")
    assert len(renamed) < 90
    assert world.load(("e" * 250, "open")).accepted == 1


def test_it_can_be_gone_on_with_after_every_step(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_module, "CHUNK_ROWS", 1)
    world.api(*BEFORE)
    job = world.load(*FILE)
    world.api(*AFTER)
    left = world.withdraw(job, keep_going=lambda: False)
    assert (left.state, left.withdrawn_rows) == ("withdrawing", 0)
    seen = [left]
    while seen[-1].state == "withdrawing":
        answers = iter([True, False])
        seen.append(undo_import(world.target, job.id, keep_going=lambda: next(answers)))  # noqa: B023 - asked at once
    assert [each.withdrawn_rows for each in seen] == [0, 1, 2, 3]
    assert world.counted() == expected(world)
    again = undo_import(world.target, job.id)
    assert again.state == "withdrawn"


def test_a_fact_that_comes_while_an_import_is_undone_stands(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(undo_module, "CHUNK_ROWS", 1)
    world.api(*BEFORE)
    job = world.load(*FILE)
    late = iter(AFTER)

    def and_meanwhile() -> bool:
        world.api(next(late))
        return True

    world.withdraw(job, keep_going=and_meanwhile)
    world.api(*late)
    assert world.counted() == expected(world)


@pytest.mark.parametrize("when", ["before", "while", "after"])
def test_what_was_said_beside_it_is_kept_or_added_up_though_it_has_grown_old(
    world: World, when: str
) -> None:
    """Each fact that stands without the import is in the ledger, or else in the totals."""
    later = world.asked.now + timedelta(days=60)
    world.api(("e-1", "open"))
    job = world.load(("e-2", "open"), ("e-3", "open"))
    world.api(("e-2", "open"), ("e-2", "open"), ("e-3", "click"), ("e-3", "open"))
    with world.database.transaction() as db:
        set_retention(db, 30, Edit(world.project, world.asked.actor, later))
    if when == "before":
        sweep(world.database, world.project, later)
        world.withdraw(job)
    else:
        world.withdraw(job, keep_going=lambda: False)
        if when == "while":
            sweep(world.database, world.project, later)
        undo_import(world.target, job.id)
    sweep(world.database, world.project, later)
    facts, _ = world.counted()
    with world.database.reading() as db:
        totals = Counter({each.type: each.facts for _, each in totals_of(db, world.project)})
        repeated: Counter[tuple[str, str]] = Counter()
        for row in db.execute(select(repeats)):
            repeated[row.type, row.outcome] += row._mapping["count"]
    assert facts == Counter()
    if when == "before":
        # What was added up stays so.
        assert totals == {"open": 3}
    else:
        assert totals == {"open": 2, "click": 1}
        assert +repeated == {("open", "duplicate"): 1, ("open", "conflict"): 1}


class Killed(BaseException):
    """Stands for the end of the process."""


def test_a_process_that_dies_within_a_step_leaves_nothing_of_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.api(*BEFORE)
    job = world.load(*FILE)
    world.api(*AFTER)
    whole = undo_module._counted

    def die(*args: Any) -> Any:
        whole(*args)
        raise Killed

    monkeypatch.setattr(undo_module, "_counted", die)
    with pytest.raises(Killed):
        world.withdraw(job)
    monkeypatch.undo()
    assert undo_import(world.target, job.id).withdrawn_rows == 3
    assert world.counted() == expected(world)


def test_every_move_is_in_the_audit_trail(world: World) -> None:
    job = world.load(*FILE)
    with world.database.transaction() as db:
        db.execute(imports.update().values(state="running"))
        pause(db, world.asked, job.id)
        resume(db, world.asked, job.id)
        pause(db, world.asked, job.id)
    world.withdraw(job)
    with world.database.reading() as db:
        rows = db.execute(
            select(audit.c.action, audit.c.actor, audit.c.after).order_by(audit.c.id)
        ).all()
    assert [row.action for row in rows] == [
        "import.submit", "import.pause", "import.resume", "import.pause", "import.withdraw",
        "import.withdrawn",
    ]  # fmt: skip
    assert rows[-2].after == {"state": "withdrawing", "reason": "the wrong file"}
    assert (rows[-1].after, rows[-1].actor) == ({"rows": 5}, "system")
    assert all(one.action != other.action for one, other in pairwise(rows))


@pytest.mark.parametrize(
    ("state", "move"),
    [
        ("done", pause), ("paused", pause), ("withdrawn", pause),
        ("running", resume), ("done", resume), ("failed", resume), ("withdrawing", resume),
    ],
)  # fmt: skip
def test_a_move_that_does_not_go_with_the_state_is_refused(
    sqlite_world: World, state: str, move: Callable[..., ImportJob]
) -> None:
    job = sqlite_world.load(*FILE)
    with sqlite_world.database.transaction() as db:
        db.execute(imports.update().values(state=state))
    with pytest.raises(NotInState), sqlite_world.database.transaction() as db:
        move(db, sqlite_world.asked, job.id)


@pytest.fixture
def sqlite_world(sqlite_database: Database, actor: Actor, now: datetime, tmp_path: Path) -> World:
    from tests.conftest import make_project  # noqa: PLC0415 - the fixture of that name is for both

    project = make_project(sqlite_database, now)
    return World(sqlite_database, project, actor, now + timedelta(hours=1), tmp_path)


def test_an_import_is_withdrawn_once(sqlite_world: World) -> None:
    job = sqlite_world.load(*FILE)
    sqlite_world.withdraw(job)
    with pytest.raises(NotInState):
        sqlite_world.withdraw(job)


def test_nothing_stays_of_its_shadows(sqlite_world: World) -> None:
    job = sqlite_world.load(*FILE)
    sqlite_world.api(*AFTER)
    sqlite_world.withdraw(job)
    with sqlite_world.database.reading() as db:
        assert db.execute(select(shadows)).all() == []
        assert get_import(db, sqlite_world.project, job.id).withdrawn_by == "minji@example.com"
