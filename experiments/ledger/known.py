"""The experiments that facts name, read from the registry."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from experiments.assignment.buckets import BucketRange
from experiments.ledger.resolve import KnownExperiment
from experiments.registry.experiment import Phase
from experiments.storage.projects import Project
from experiments.storage.tables import experiments, phases


def known_experiments(
    db: Connection, project: Project, keys: Collection[str | None]
) -> dict[str, KnownExperiment]:
    """Those of the keys that are experiments of the project."""
    wanted = {key for key in keys if key is not None}
    if not wanted:
        return {}
    of_project = experiments.c.project_id == project.id
    columns = (experiments.c.id, experiments.c.key, experiments.c.draft)
    if len(wanted) <= 100:
        of_project = of_project & experiments.c.key.in_(wanted)
    rows = db.execute(select(*columns).where(of_project)).all()
    found = [row for row in rows if row.key in wanted]
    of_experiment = _phases(db, [row.id for row in found])
    return {row.key: _known(row.id, row.draft, of_experiment.get(row.id, ())) for row in found}


def _known(row_id: int, draft: Mapping[str, Any], of_it: tuple[Phase, ...]) -> KnownExperiment:
    return KnownExperiment(
        id=row_id,
        allocates=draft["allocation"] == "truelift",
        variants={each["key"]: each["no_message"] for each in draft["variants"]},
        phases=of_it,
    )


def _phases(db: Connection, ids: Collection[int]) -> dict[int, tuple[Phase, ...]]:
    found: dict[int, tuple[Phase, ...]] = {}
    rows = db.execute(
        select(phases).where(phases.c.experiment_id.in_(ids)).order_by(phases.c.number)
    )
    for row in rows:
        phase = Phase(
            number=row.number,
            seed=row.seed,
            ranges=tuple(BucketRange(*each) for each in row.ranges),
            started_at=row.started_at,
            ended_at=row.ended_at,
        )
        found[row.experiment_id] = (*found.get(row.experiment_id, ()), phase)
    return found
