"""The experiments that facts name, read from the registry."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, select

from experiments.assignment.gates import Holdout, Layer
from experiments.ledger.allocated import KnownExperiment, KnownHoldout
from experiments.registry.audience import UNIT_ATTRIBUTE
from experiments.registry.experiment import Phase
from experiments.registry.phases import phases_of
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, holdouts, layers, overrides


def known_experiments(
    db: Connection, project: Project, keys: Collection[str | None]
) -> dict[str, KnownExperiment]:
    """Those of the keys that are experiments of the project."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    of_project = experiments.c.project_id == project.id
    if len(wanted) <= 100:
        of_project = of_project & experiments.c.key.in_(wanted)
    rows = db.execute(select(experiments).where(of_project)).all()
    found = [row for row in rows if row.key in wanted]
    around = _Around.read(db, project, found)
    return {row.key: _known(row, around) for row in found}


@dataclass(frozen=True)
class _Around:
    """What allocations refer to: phases and testers by experiment id, layers, holdouts."""

    phases: Mapping[int, tuple[Phase, ...]]
    testers: Mapping[int, frozenset[str]]
    layer_seeds: Mapping[str, str]
    holdouts: Mapping[int, KnownHoldout]

    @classmethod
    def read(cls, db: Connection, project: Project, found: Collection[Row[Any]]) -> "_Around":
        opened = phases_of(db, [row.id for row in found])
        in_layer = any(row.draft.get("layer") for row in found)
        held_out = any(phase.holdouts for each in opened.values() for phase in each)
        return cls(
            phases=opened,
            testers=_testers(db, list(opened)),
            layer_seeds=_layer_seeds(db, project) if in_layer else {},
            holdouts=_holdouts(db, project) if held_out else {},
        )


def _known(row: Row[Any], around: _Around) -> KnownExperiment:
    draft = row.draft
    slots = draft.get("layer")
    return KnownExperiment(
        id=row.id,
        allocates=draft["allocation"] == "truelift",
        variants={each["key"]: each["no_message"] for each in draft["variants"]},
        phases=around.phases.get(row.id, ()),
        hash_attribute=draft.get("hash_attribute", UNIT_ATTRIBUTE),
        layer=slots and Layer(seed=around.layer_seeds[slots["key"]], **slots),
        holdouts=around.holdouts,
        testers=around.testers.get(row.id, frozenset()),
    )


def _testers(db: Connection, ids: Collection[int]) -> dict[int, frozenset[str]]:
    query = select(overrides.c.experiment_id, overrides.c.unit_id)
    found: dict[int, frozenset[str]] = {}
    for row in db.execute(query.where(overrides.c.experiment_id.in_(ids))):
        found[row.experiment_id] = found.get(row.experiment_id, frozenset()) | {row.unit_id}
    return found


def _layer_seeds(db: Connection, project: Project) -> dict[str, str]:
    query = select(layers.c.key, layers.c.seed).where(layers.c.project_id == project.id)
    return {row.key: row.seed for row in db.execute(query)}


def _holdouts(db: Connection, project: Project) -> dict[int, KnownHoldout]:
    rows = db.execute(select(holdouts).where(holdouts.c.project_id == project.id))
    return {
        row.id: KnownHoldout(Holdout(row.key, row.seed, row.buckets), row.ended_at) for row in rows
    }
