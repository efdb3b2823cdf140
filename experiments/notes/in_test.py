"""From a test's key to what was said in it."""

from datetime import datetime

from experiments.measurement.anchors import Population
from experiments.measurement.replica import Replica
from experiments.measurement.session import open_session
from experiments.notes.kept import notes_for_test
from experiments.notes.readings import read_in_test
from experiments.notes.said import Readings
from experiments.registry.catalog import get_experiment
from experiments.registry.experiment import Experiment
from experiments.storage.database import Database
from experiments.storage.projects import Project

MOST_NOTES = 5_000


def said_in_test(
    database: Database,
    replica: Replica,
    project: Project,
    key: str,
    *,
    now: datetime,
    kpi: str | None = None,
) -> Readings:
    """What was said in a test, as of now.

    Raises:
        NotFound: If the project has no such test.
        DatabaseUnavailable: If the ledger does not answer.
    """
    with database.reading() as db:
        experiment = get_experiment(db, project, key)
        stored = notes_for_test(db, project, experiment.id, MOST_NOTES + 1)
    state = replica.refresh()
    with open_session(state, project.id) as session:
        return read_in_test(
            session,
            population_of(experiment, project, now),
            stored[:MOST_NOTES],
            kpi,
            truncated=len(stored) > MOST_NOTES,
        )


def population_of(experiment: Experiment, project: Project, as_of: datetime) -> Population:
    """Everybody whom a test may have met."""
    draft = experiment.draft
    return Population(
        project_id=project.id,
        experiment_id=experiment.id,
        anchor=draft.anchor,
        variants=tuple(variant.key for variant in draft.variants),
        as_of=as_of,
        allocation=draft.allocation,
    )
