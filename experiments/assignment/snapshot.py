"""The configuration in memory: what assignment and the guard know without the database.

A snapshot is frozen and whole. The keeper swaps it for a newer one when the version
number in the database has grown; while the database is away, the last one goes on.
"""

import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from experiments.access.keys import StoredKey, list_keys
from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment
from experiments.errors import Unavailable
from experiments.storage.configuration import current_version
from experiments.storage.database import Database
from experiments.storage.projects import Project, list_projects
from experiments.storage.tables import experiments, phases

log = logging.getLogger(__name__)
REFRESH_SECONDS = 0.5
LONGEST_STOP_SECONDS = 5


class ConfigurationMissing(Unavailable):
    """No configuration has been loaded yet."""

    template = "the configuration has not been loaded yet"


@dataclass(frozen=True)
class Snapshot:
    """The configuration at one version.

    Attributes:
        version: The number in the database.
        loaded_at: When it was read.
        experiments: By project id and experiment key.
        keys: By public id.
        projects: By id.
    """

    version: int
    loaded_at: datetime
    experiments: Mapping[tuple[int, str], AssignableExperiment]
    keys: Mapping[str, StoredKey]
    projects: Mapping[int, Project]


def load_snapshot(db: Connection, now: datetime) -> Snapshot:
    """Read the whole configuration within one transaction."""
    return Snapshot(
        version=current_version(db),
        loaded_at=now,
        experiments={(found.project_id, found.key): found for found in _experiments(db)},
        keys={key.public_id: key for key in list_keys(db)},
        projects={project.id: project for project in list_projects(db)},
    )


def _experiments(db: Connection) -> list[AssignableExperiment]:
    newest = (
        select(phases.c.experiment_id, func.max(phases.c.number).label("number"))
        .group_by(phases.c.experiment_id)
        .subquery()
    )
    statement = (
        select(experiments, phases.c.seed, phases.c.ranges)
        .outerjoin(newest, newest.c.experiment_id == experiments.c.id)
        .outerjoin(
            phases,
            (phases.c.experiment_id == experiments.c.id) & (phases.c.number == newest.c.number),
        )
    )
    return [
        AssignableExperiment(
            id=row.id,
            key=row.key,
            project_id=row.project_id,
            state=row.state,
            seed=row.seed or row.key,
            ranges=tuple(BucketRange(*entry) for entry in row.ranges or ()),
            payloads={entry["key"]: entry.get("payload") for entry in row.draft["variants"]},
            allocation=row.draft["allocation"],
        )
        for row in db.execute(statement)
    ]


class SnapshotKeeper:
    """Holds the newest snapshot it could get.

    Args:
        database: Where the configuration comes from.
        clock: Gives the time, aware UTC.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime]) -> None:
        self._database = database
        self._clock = clock
        self._snapshot: Snapshot | None = None
        self._confirmed_at: datetime | None = None
        self._loading = threading.Lock()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def current(self) -> Snapshot:
        """The snapshot; reads it from the database only if there is none yet.

        Raises:
            ConfigurationMissing: If none could ever be read.
        """
        if self._snapshot is None:
            self.refresh()
        if self._snapshot is None:
            raise ConfigurationMissing
        return self._snapshot

    @property
    def loaded(self) -> bool:
        """Whether there is a snapshot."""
        return self._snapshot is not None

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the snapshot was last known to be the newest; None before any."""
        if self._confirmed_at is None:
            return None
        return max(0.0, (self._clock() - self._confirmed_at).total_seconds())

    def refresh(self) -> None:
        """Load the configuration if it changed; with the database away, keep what is there."""
        try:
            with self._loading, self._database.reading() as db:
                now = self._clock()
                if self._snapshot is None or current_version(db) != self._snapshot.version:
                    self._snapshot = load_snapshot(db, now)
                self._confirmed_at = now
        except Unavailable as outage:
            log.warning("the configuration could not be refreshed: %s", outage)

    def start(self) -> None:
        """Refresh in the background until :meth:`stop`."""
        self.refresh()
        self._thread = threading.Thread(target=self._run, name="configuration", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background work."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join(LONGEST_STOP_SECONDS)

    def _run(self) -> None:
        # Jitter keeps many processes from asking at the same instant.
        while not self._stopping.wait(REFRESH_SECONDS * random.uniform(0.8, 1.2)):  # noqa: S311
            self.refresh()
