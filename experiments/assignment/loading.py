"""Reading the configuration that assignment answers from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from experiments.access.keys import StoredKey, list_keys
from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment
from experiments.storage import tables
from experiments.storage.configuration import current_version
from experiments.storage.projects import Project, list_projects


@dataclass(frozen=True)
class Snapshot:
    """The configuration as of one version.

    Attributes:
        version: Grows with every change.
        loaded_at: When it was read.
        experiments: By project id and experiment key.
        keys: By public id, revoked and expired ones too.
        projects: By id.
    """

    version: int
    loaded_at: datetime
    experiments: Mapping[tuple[int, str], AssignableExperiment]
    keys: Mapping[str, StoredKey]
    projects: Mapping[int, Project]


def load_snapshot(db: Connection, now: datetime) -> Snapshot:
    """Read the configuration."""
    # The version comes first: a change in between then belongs to a later version, which the
    # next look finds.
    version = current_version(db)
    phases = _latest_phases(db)
    rows = db.execute(select(tables.experiments)).all()
    return Snapshot(
        version=version,
        loaded_at=now,
        experiments={
            (row.project_id, row.key): _assignable(row, phases.get(row.id)) for row in rows
        },
        keys={key.public_id: key for key in list_keys(db)},
        projects={project.id: project for project in list_projects(db)},
    )


def _latest_phases(db: Connection) -> dict[int, Row[Any]]:
    """The present phase of each experiment that was ever started, by experiment id."""
    rows = db.execute(select(tables.phases).order_by(tables.phases.c.number))
    return {row.experiment_id: row for row in rows}


def _assignable(experiment: Row[Any], phase: Row[Any] | None) -> AssignableExperiment:
    draft = experiment.draft
    return AssignableExperiment(
        id=experiment.id,
        key=experiment.key,
        project_id=experiment.project_id,
        state=experiment.state,
        seed=phase.seed if phase else draft.get("seed") or experiment.key,
        ranges=tuple(BucketRange(*taken) for taken in phase.ranges) if phase else (),
        payloads={variant["key"]: variant.get("payload") for variant in draft["variants"]},
        allocation=draft["allocation"],
    )
