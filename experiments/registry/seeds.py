"""Seeds that must differ: two draws with one seed are one draw."""

from sqlalchemy import Connection, select

from experiments.errors import Conflict
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, holdouts, layers


class SeedTaken(Conflict):
    """Something else draws with the seed."""

    template = "the seed {seed!r} is that of the {what} {key!r}: both would draw the same customers"


def check_seed(db: Connection, project: Project, seed: str) -> None:
    """Refuse a seed for a layer or holdout that anything else in the project draws with.

    Raises:
        SeedTaken: Naming what has it.
    """
    check_test_seed(db, project, seed)
    mine = select(experiments.c.key, experiments.c.draft).where(
        experiments.c.project_id == project.id
    )
    for row in db.execute(mine):
        if seed == (row.draft.get("seed") or row.key):
            raise SeedTaken(field="seed", seed=seed, what="test", key=row.key)


def check_test_seed(db: Connection, project: Project, seed: str) -> None:
    """Refuse a seed for a test that a layer or a holdout of the project draws with.

    Its buckets would not be drawn anew then: all units of its slots would get one variant.

    Raises:
        SeedTaken: Naming what has it.
    """
    for what, table in (("layer", layers), ("holdout", holdouts)):
        same = (table.c.project_id == project.id) & (table.c.seed == seed)
        key = db.execute(select(table.c.key).where(same)).scalar()
        if key is not None:
            raise SeedTaken(field="seed", seed=seed, what=what, key=key)
