"""The experiments that facts name, read from the registry."""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import Connection, select

from experiments.ledger.resolve import KnownExperiment
from experiments.registry.experiment import Phase
from experiments.registry.phases import phases_of
from experiments.storage.projects import Project
from experiments.storage.tables import experiments


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
    of_experiment = phases_of(db, [row.id for row in found])
    return {row.key: _known(row.id, row.draft, of_experiment.get(row.id, ())) for row in found}


def _known(row_id: int, draft: Mapping[str, Any], of_it: tuple[Phase, ...]) -> KnownExperiment:
    return KnownExperiment(
        id=row_id,
        allocates=draft["allocation"] == "truelift",
        variants={each["key"]: each["no_message"] for each in draft["variants"]},
        phases=of_it,
    )
