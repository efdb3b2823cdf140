"""What the ledger reads of the registry."""

from datetime import timedelta

from experiments.ledger.known import known_experiments
from experiments.registry.experiment import Phase
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT, HALVES, register


def test_experiments_are_known_with_variants_and_phases_in_order(
    database: Database, project: Project
) -> None:
    phases = (
        Phase(1, "one", HALVES, AT - timedelta(days=3), AT - timedelta(days=1)),
        Phase(2, "two", HALVES[:1], AT - timedelta(days=1)),
    )
    made = register(database, project, allocation="truelift", silent=True, open_phases=phases)
    register(database, project, "autumn")
    with database.reading() as db:
        found = known_experiments(db, project, ["spring", "autumn", "winter", None])
    assert found.keys() == {"spring", "autumn"}
    spring = found["spring"]
    assert (spring.id, spring.allocates, spring.phases) == (made, True, phases)
    assert spring.variants == {"a": False, "b": True}
    assert not found["autumn"].allocates


def test_many_keys_are_asked_for_at_once(database: Database, project: Project) -> None:
    register(database, project)
    with database.reading() as db:
        found = known_experiments(db, project, ["spring", *(f"k{i}" for i in range(10_000))])
    assert found.keys() == {"spring"}


def test_another_projects_experiment_is_not_known(database: Database, project: Project) -> None:
    register(database, project)
    other = make_project(database, AT, key="other")
    with database.reading() as db:
        assert known_experiments(db, other, ["spring"]) == {}
        assert known_experiments(db, other, []) == {}
