"""What the ledger reads of the registry."""

from datetime import datetime, timedelta
from decimal import Decimal

from experiments.assignment.gates import Holdout, Layer
from experiments.kpis.store import create_kpi
from experiments.ledger.allocated import KnownHoldout
from experiments.ledger.known import known_experiments
from experiments.operations.audit import Actor
from experiments.registry.experiment import KpiGoal, LayerSlots, Phase
from experiments.registry.holdouts import HoldoutDraft, create_holdout, end_holdout
from experiments.registry.keyed import Edit
from experiments.registry.layers import LayerDraft, create_layer
from experiments.registry.moves import move
from experiments.registry.overrides import set_overrides
from experiments.registry.registration import register as register_draft
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.conftest import make_project
from tests.experiments.kpis.documents import open_rate
from tests.experiments.ledger.factories import AT, HALVES, register
from tests.experiments.registry.drafts import subject_line


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


def test_layers_holdouts_and_testers_are_known(
    database: Database, project: Project, actor: Actor, now: datetime
) -> None:
    edit = Edit(project, actor, now)
    with database.transaction() as db:
        create_layer(db, LayerDraft("crm", "CRM"), edit)
        create_holdout(db, HoldoutDraft("all", "all", Decimal("0.05")), edit)
        create_kpi(db, project, open_rate(), actor=actor, now=now)
        slots, own = LayerSlots("crm", 0, 5000), KpiGoal("open", "primary")
        draft = subject_line(layer=slots, goals=(own,), hash_attribute="id")
        register_draft(db, project, draft, actor=actor, now=now)
        set_overrides(db, "subject-line", {"홍길동": "b"}, edit)
        move(db, project, "subject-line", "start", actor=actor, now=now)
        end_holdout(db, "all", edit)
        found = known_experiments(db, project, ["subject-line"])["subject-line"]
    assert found.layer == Layer("crm", "layer:crm", 0, 5000)
    assert found.testers == {"홍길동"}
    ((row, holdout),) = found.holdouts.items()
    assert found.phases[0].holdouts == (row,)
    assert holdout == KnownHoldout(Holdout("all", "holdout:all", 500), ended_at=now)
    assert found.seeds == {"subject-line", "layer:crm", "holdout:all"}


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
