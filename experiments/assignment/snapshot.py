"""The configuration held in memory: assignment and keys are answered from it alone.

A change is known at once in the process that made it, which calls ``refresh`` after its
commit, and within a second in the others, which look every half second or so. Where the
database is away the last known configuration goes on answering, and its age is told.
"""

import logging
import random
from collections.abc import Callable
from datetime import datetime
from threading import Event, Lock, Thread

from sqlalchemy.exc import SQLAlchemyError

from experiments.assignment.loading import Snapshot, load_snapshot
from experiments.errors import Unavailable
from experiments.storage.configuration import current_version
from experiments.storage.database import Database

__all__ = ["POLL_SECONDS", "ConfigurationUnknown", "Snapshot", "SnapshotKeeper", "load_snapshot"]

POLL_SECONDS = 0.5
_JITTER = 0.2

log = logging.getLogger(__name__)


class ConfigurationUnknown(Unavailable):
    """The configuration was never read, since the database has been away from the start."""

    template = "the configuration could not be read yet"


class SnapshotKeeper:
    """Holds the present snapshot, and looks for a newer one in the background.

    Args:
        database: Where the configuration lives.
        clock: The time.
        jitter: Spreads the looks of several processes.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        jitter: random.Random | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads load, keeps no secret
        self._held: tuple[Snapshot, datetime] | None = None
        self._refreshing = Lock()
        self._stopping = Event()
        self._thread: Thread | None = None
        self.refresh()

    @property
    def current(self) -> Snapshot:
        """The snapshot held; the database is not asked.

        Raises:
            ConfigurationUnknown: If none could be read since the process began.
        """
        held = self._held
        if held is None:
            raise ConfigurationUnknown
        return held[0]

    @property
    def loaded(self) -> bool:
        """Whether there is a snapshot to answer from."""
        return self._held is not None

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the snapshot was last seen to be the newest; None without one."""
        held = self._held
        return None if held is None else max((self._clock() - held[1]).total_seconds(), 0.0)

    def refresh(self) -> bool:
        """Read the configuration anew if its version changed.

        Returns:
            Whether the snapshot held is now the newest; False where the database is away,
            and what was known before goes on answering.
        """
        with self._refreshing:
            try:
                self._look()
            except (Unavailable, SQLAlchemyError) as outage:
                log.warning("configuration not refreshed: %s", outage)
                return False
        return True

    def start(self) -> None:
        """Look for changes in the background, until :meth:`stop`."""
        self._stopping.clear()
        self._thread = Thread(target=self._poll, name="configuration", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End the background thread, if it runs."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def _look(self) -> None:
        now = self._clock()
        with self._database.reading() as db:
            known = self._held
            if known is not None and known[0].version == current_version(db):
                self._held = (known[0], now)
            else:
                self._held = (load_snapshot(db, now), now)

    def _poll(self) -> None:
        while not self._stopping.wait(self._pause()):
            self.refresh()

    def _pause(self) -> float:
        return POLL_SECONDS * (1 + self._jitter.uniform(-_JITTER, _JITTER))
