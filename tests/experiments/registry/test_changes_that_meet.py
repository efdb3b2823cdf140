"""Changes of layers, allocations and lists that meet: nothing overlaps, nothing is lost."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from itertools import chain

from experiments.assignment.members import UnitList
from experiments.errors import StaleRevision
from experiments.operations.audit import Actor
from experiments.registry.allocation import WantedAllocation, reallocate_experiment
from experiments.registry.audience import LayerSlots
from experiments.registry.experiment import Experiment
from experiments.registry.keyed import Edit
from experiments.registry.layers import LayerDraft, create_layer
from experiments.registry.moves import move
from experiments.registry.registration import get_experiment, register
from experiments.registry.targeting import SlotsTaken
from experiments.registry.unit_lists import ListDraft, change_members, create_list, members_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.registry.drafts import subject_line
from tests.experiments.registry.test_races import at_once, make_kpis

ROUNDS = 5
AT_ONCE = 4


def test_of_tests_that_want_one_slot_exactly_one_starts(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    make_kpis(database, project, actor, now)

    def start(key: str) -> Callable[[], object]:
        def begin() -> object:
            with database.transaction() as db:
                return move(db, project, key, "start", actor=actor, now=now)

        return begin

    for number in range(ROUNDS):
        keys = [f"t{number}-{index}" for index in range(AT_ONCE)]
        with database.transaction() as db:
            create_layer(db, LayerDraft(f"l{number}", "l"), Edit(project, actor, now))
            for index, key in enumerate(keys):
                slots = LayerSlots(f"l{number}", index * 100, 5000)
                register(db, project, subject_line(key=key, layer=slots), actor=actor, now=now)
        results = at_once(*map(start, keys))
        assert sum(isinstance(each, Experiment) for each in results) == 1
        assert sum(isinstance(each, SlotsTaken) for each in results) == AT_ONCE - 1


def test_of_changes_of_an_allocation_that_saw_the_same_exactly_one_is_made(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    make_kpis(database, project, actor, now)
    with database.transaction() as db:
        register(db, project, subject_line(), actor=actor, now=now)
        seen = move(db, project, "subject-line", "start", actor=actor, now=now).revision

    def change(share: int) -> Callable[[], object]:
        weights = {"a": Decimal(share) / 100, "b": 1 - Decimal(share) / 100}

        def make() -> object:
            edit = Edit(project, actor, now, seen)
            with database.transaction() as db:
                return reallocate_experiment(db, "subject-line", WantedAllocation(weights), edit)

        return make

    results = at_once(*map(change, (60, 70, 80, 90)))
    assert sum(isinstance(each, StaleRevision) for each in results) == 3
    with database.reading() as db:
        after = get_experiment(db, project, "subject-line")
    assert [phase.number for phase in after.phases] == [1, 2]


def test_members_that_come_at_once_are_all_on_the_list(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    edit = Edit(project, actor, now)
    with database.transaction() as db:
        create_list(db, ListDraft("l", "l", "suppression"), edit)
    batches = [[f"{batch}-{number}" for number in range(300)] for batch in range(AT_ONCE)]

    def add(batch: list[str]) -> Callable[[], object]:
        def put() -> object:
            with database.transaction() as db:
                return change_members(db, "l", add=batch, remove=[], edit=edit)

        return put

    at_once(*map(add, batches))
    with database.reading() as db:
        kept = members_of(db, project, "l")
    assert kept.digests == UnitList.of(chain(*batches)).digests
