"""Layers: tests of one layer own disjoint slots, so that no unit meets two of them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from experiments.kpis.checks import LONGEST_NAME, check_text
from experiments.names import check_key
from experiments.registry import keyed
from experiments.registry.audience import UNIT_ATTRIBUTE, LayerSlots, check_hash_attribute
from experiments.registry.keyed import Edit
from experiments.registry.seeds import check_seed
from experiments.registry.targeting import reserved_slots
from experiments.storage.projects import Project
from experiments.storage.tables import layers


@dataclass(frozen=True)
class LayerDraft:
    """A layer as it is asked for.

    Attributes:
        key: Name in its project.
        name: Name on screen.
        seed: What slots are drawn with; made of the key unless given.
        hash_attribute: Whose value is drawn: ``id``, or the attribute that all its tests go by.
    """

    key: str
    name: str
    seed: str | None = None
    hash_attribute: str = UNIT_ATTRIBUTE

    def __post_init__(self) -> None:
        check_key(self.key)
        check_text(self.name, "name", shortest=1, longest=LONGEST_NAME)
        check_text(self.seed, "seed", shortest=1, longest=LONGEST_NAME)
        check_hash_attribute(self.hash_attribute)


@dataclass(frozen=True)
class StoredLayer:
    """A layer of a project."""

    id: int
    key: str
    name: str
    seed: str
    hash_attribute: str
    revision: int
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True)
class SlotOwner:
    """A test that owns slots of a layer."""

    experiment: str
    state: str
    slots: LayerSlots


def _read(row: Row[Any]) -> StoredLayer:
    return StoredLayer(
        id=row.id,
        key=row.key,
        name=row.name,
        seed=row.seed,
        hash_attribute=row.hash_attribute,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
    )


LAYER = keyed.Kind("layer", layers, _read)


def create_layer(db: Connection, draft: LayerDraft, edit: Edit) -> StoredLayer:
    """Create a layer; its seed and attribute never change.

    Raises:
        KeyTaken: If the project has one with the key.
        SeedTaken: If another layer or a holdout has the seed.
    """
    # Keys hold no colon: no test's own seed is this one by chance.
    seed = draft.seed or f"layer:{draft.key}"
    check_seed(db, edit.project, seed)
    values = {
        "key": draft.key,
        "name": draft.name,
        "seed": seed,
        "hash_attribute": draft.hash_attribute,
    }
    return keyed.create(db, LAYER, values, edit)


def rename_layer(db: Connection, key: str, name: str, edit: Edit) -> StoredLayer:
    """Give a layer another name.

    Raises:
        NotFound: If the project has none.
        StaleRevision: If it is at another revision than the one seen.
    """
    check_text(name, "name", shortest=1, longest=LONGEST_NAME)
    before = keyed.lock(db, LAYER, key, edit)
    return keyed.change(db, LAYER, before, {"name": name}, "rename", edit)


def slot_owners(db: Connection, project: Project) -> dict[str, list[SlotOwner]]:
    """Who owns which slots, by key of the layer, in the order of the slots."""
    found: dict[str, list[SlotOwner]] = {}
    for row, slots in reserved_slots(db, project):
        found.setdefault(slots.key, []).append(SlotOwner(row.key, row.state, slots))
    for owners in found.values():
        owners.sort(key=lambda owner: owner.slots.start)
    return found
