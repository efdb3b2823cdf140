"""Reading experiments, with their phases and the KPI documents that they count by."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Row, Select, select

from experiments.decisions.decision import Decision
from experiments.errors import NotFound
from experiments.kpis.catalog import documents, documents_at, in_byte_order
from experiments.kpis.document import KpiDocument
from experiments.registry.experiment import Experiment, ExperimentDraft, Phase
from experiments.registry.lifecycle import StartWarning, warnings
from experiments.registry.phases import phases_of
from experiments.registry.stored_rules import terms_of
from experiments.storage.codec import from_document
from experiments.storage.projects import Project
from experiments.storage.tables import experiments


def get_experiment(db: Connection, project: Project, key: str) -> Experiment:
    """The experiment with that key.

    Raises:
        NotFound: If the project has none.
    """
    return _one(db, _mine(project), key)


def lock_experiment(db: Connection, project: Project, key: str) -> Experiment:
    """The experiment with that key; nobody else changes it until the transaction ends.

    Raises:
        NotFound: If the project has none.
    """
    return _one(db, _mine(project).with_for_update(), key)


def list_experiments(
    db: Connection,
    project: Project,
    after: str | None = None,
    limit: int = 100,
    *,
    states: Collection[str] = (),
) -> list[Experiment]:
    """At most ``limit`` experiments, by key, those beyond ``after``.

    Where ``states`` names some, only those in one of them.
    """
    by_key = in_byte_order(db, experiments.c.key)
    query = _mine(project).order_by(by_key).limit(limit)
    if after is not None:
        query = query.where(by_key > after)
    if states:
        query = query.where(experiments.c.state.in_(states))
    rows = db.execute(query).all()
    opened = phases_of(db, [row.id for row in rows])
    return [_experiment(row, opened.get(row.id, ())) for row in rows]


def documents_of(
    db: Connection, project: Project, experiment: Experiment
) -> dict[str, KpiDocument]:
    """The KPI documents of its goals, by key: as fixed at the start, before it the latest."""
    if experiment.kpi_versions is not None:
        return documents_at(db, project, experiment.kpi_versions)
    return documents(db, project, [goal.kpi for goal in experiment.draft.goals])


def warnings_of(db: Connection, project: Project, experiment: Experiment) -> list[StartWarning]:
    """Everything amber about the experiment, by the KPI documents that it counts by.

    Rules about sending are those that held when it started; before, the present ones.
    """
    terms = terms_of(db, project, experiment.started_at)
    return warnings(experiment.draft, documents_of(db, project, experiment), terms)


def _mine(project: Project) -> Select[Any]:
    return select(experiments).where(experiments.c.project_id == project.id)


def _one(db: Connection, query: Select[Any], key: str) -> Experiment:
    row = db.execute(query.where(experiments.c.key == key)).first()
    if row is None:
        raise NotFound(field="key", what="experiment", key=key)
    return _experiment(row, phases_of(db, [row.id]).get(row.id, ()))


def _experiment(row: Row[Any], opened: tuple[Phase, ...]) -> Experiment:
    return Experiment(
        id=row.id,
        draft=from_document(ExperimentDraft, row.draft),
        state=row.state,
        revision=row.revision,
        kpi_versions=row.kpi_versions,
        phases=opened,
        decision=from_document(Decision, row.decision) if row.decision else None,
        created_at=row.created_at,
        created_by=row.created_by,
        updated_at=row.updated_at,
        started_at=row.started_at,
        stopped_at=row.stopped_at,
        slots_released_at=row.slots_released_at,
    )
