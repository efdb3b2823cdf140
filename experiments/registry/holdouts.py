"""Holdouts: a share of the units that gets no test at all, and as many to hold against it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from experiments.assignment.gates import Holdout
from experiments.assignment.hashing import BUCKETS
from experiments.errors import Conflict, Invalid
from experiments.kpis.checks import LONGEST_NAME, check_number, check_text
from experiments.names import check_key
from experiments.registry import keyed
from experiments.registry.keyed import Edit
from experiments.registry.seeds import check_seed
from experiments.registry.targeting import UnknownReference
from experiments.storage.projects import Project
from experiments.storage.tables import holdouts, layers

LARGEST_SHARE = Decimal("0.5")


class HoldoutEnded(Conflict):
    """It has ended already, and nobody is held out by it any more."""

    template = "the holdout {key!r} has ended"


@dataclass(frozen=True)
class HoldoutDraft:
    """A holdout as it is asked for.

    Attributes:
        key: Name in its project.
        name: Name on screen.
        share: Of units held out, a fraction in steps of 0.0001; as many are compared with them.
        layer: Key of the layer whose tests keep to it; None: every test of the project.
        seed: What it is drawn with; made of the key unless given.
    """

    key: str
    name: str
    share: Decimal
    layer: str | None = None
    seed: str | None = None

    def __post_init__(self) -> None:
        check_key(self.key)
        check_text(self.name, "name", shortest=1, longest=LONGEST_NAME)
        check_text(self.seed, "seed", shortest=1, longest=LONGEST_NAME)
        check_number(self.share, "share")
        if not 0 < self.share <= LARGEST_SHARE or self.share * BUCKETS % 1:
            raise Invalid(
                field="share",
                expected="a fraction over 0, at most 0.5, in steps of 0.0001",
                got=str(self.share),
            )

    @property
    def buckets(self) -> int:
        """Held out, of 10,000."""
        return int(self.share * BUCKETS)


@dataclass(frozen=True)
class StoredHoldout:
    """A holdout of a project.

    Attributes:
        buckets: Held out, of 10,000.
        layer_id: Row id of its layer; None: every test of the project keeps to it.
        layer: Key of that layer.
        ended_at: From when on nobody is held out by it.
    """

    id: int
    key: str
    name: str
    buckets: int
    seed: str
    layer_id: int | None
    revision: int
    created_at: datetime
    updated_at: datetime
    ended_at: datetime | None

    @property
    def share(self) -> Decimal:
        """Of units held out, a fraction."""
        return Decimal(self.buckets) / BUCKETS

    @property
    def ranges(self) -> tuple[tuple[str, int, int], ...]:
        """Who owns which of its buckets: (group, first bucket, bucket after the last)."""
        return Holdout(self.key, self.seed, self.buckets).ranges


def _read(row: Row[Any]) -> StoredHoldout:
    return StoredHoldout(
        id=row.id,
        key=row.key,
        name=row.name,
        buckets=row.buckets,
        seed=row.seed,
        layer_id=row.layer_id,
        revision=row.revision,
        created_at=row.created_at,
        updated_at=row.updated_at,
        ended_at=row.ended_at,
    )


HOLDOUT = keyed.Kind("holdout", holdouts, _read)


def create_holdout(db: Connection, draft: HoldoutDraft, edit: Edit) -> StoredHoldout:
    """Create a holdout; tests that start from now on keep to it, running ones go on as they are.

    Raises:
        KeyTaken: If the project has one with the key.
        SeedTaken: If a layer, a test or another holdout has the seed.
        UnknownReference: If the project has no such layer.
    """
    seed = draft.seed or f"holdout:{draft.key}"
    check_seed(db, edit.project, seed)
    values = {
        "key": draft.key,
        "name": draft.name,
        "buckets": draft.buckets,
        "seed": seed,
        "layer_id": _layer_id(db, edit.project, draft.layer),
    }
    return keyed.create(db, HOLDOUT, values, edit)


def end_holdout(db: Connection, key: str, edit: Edit) -> StoredHoldout:
    """Hold nobody out by it any more; its units may enter tests that run.

    Raises:
        NotFound: If the project has none.
        StaleRevision: If it is at another revision than the one seen.
        HoldoutEnded: If it has ended already.
    """
    before = keyed.lock(db, HOLDOUT, key, edit)
    if before.ended_at is not None:
        raise HoldoutEnded(field="ended_at", key=key)
    return keyed.change(db, HOLDOUT, before, {"ended_at": edit.now}, "end", edit)


def layer_keys(db: Connection, project: Project) -> dict[int, str]:
    """The layers' keys by row id."""
    query = select(layers.c.id, layers.c.key).where(layers.c.project_id == project.id)
    return {row.id: row.key for row in db.execute(query)}


def _layer_id(db: Connection, project: Project, key: str | None) -> int | None:
    if key is None:
        return None
    found = next((row for row, name in layer_keys(db, project).items() if name == key), None)
    if found is None:
        raise UnknownReference(field="layer", what="layer", key=key)
    return found
