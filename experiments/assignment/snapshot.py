"""The configuration held in memory: assignment and keys are answered from it alone.

A change is known at once in the process that made it, which calls ``refresh`` after its
commit, and within a second in the others, which look every half second or so, and at once
where they are shown a key that they do not know (``look_again``). Where the database is away
the last known configuration goes on answering, and its age is told. It is kept on disk too
(``snapshot_file``), for a process that starts while the database is away.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from threading import BoundedSemaphore, Event, Lock, Thread
from time import monotonic, sleep

import structlog
from sqlalchemy.exc import SQLAlchemyError

from experiments.assignment.loading import Snapshot, load_snapshot
from experiments.assignment.snapshot_codec import Kept
from experiments.assignment.snapshot_file import SnapshotFile
from experiments.errors import Unavailable
from experiments.storage.configuration import current_version, ledger_identity
from experiments.storage.database import Database

__all__ = ["POLL_SECONDS", "ConfigurationUnknown", "Snapshot", "SnapshotKeeper", "load_snapshot"]

POLL_SECONDS = 0.5
# Beyond this, a change made elsewhere may be unknown here.
STALE_AFTER_SECONDS = 3.0
# A process that can answer from its file does not wait longer for the database when it starts.
FIRST_LOOK_SECONDS = 1.0
# Where the file could not be written: a full disk is not written to twice a second.
KEEP_AGAIN_SECONDS = 10.0
# However many unknown keys are shown, the database is not looked at more often for them.
LOOK_AGAIN_SECONDS = 0.05
MOST_WHO_WAIT = 4
_JITTER = 0.2

log = structlog.get_logger()


class ConfigurationUnknown(Unavailable):
    """The configuration was never read, since the database has been away from the start."""

    template = "the configuration could not be read yet"


@dataclass(frozen=True)
class _Held:
    """The present snapshot: of which ledger, when last seen to be the newest, from where."""

    snapshot: Snapshot
    identity: str
    seen_at: datetime
    source: str


class SnapshotKeeper:
    """Holds the present snapshot, and looks for a newer one in the background.

    Args:
        database: Where the configuration lives.
        clock: The time.
        jitter: Spreads the looks of several processes.
        file: Where the configuration is kept for the next start; None to keep none.
    """

    def __init__(
        self,
        database: Database,
        clock: Callable[[], datetime],
        jitter: random.Random | None = None,
        file: SnapshotFile | None = None,
    ) -> None:
        self._database = database
        self._clock = clock
        self._jitter = jitter or random.Random()  # noqa: S311 - spreads load, keeps no secret
        self._file = file
        self._kept: Snapshot | None = None
        self._keep_again_at = 0.0
        self._held = self._from_file()
        self._answered = True
        self._looked_at = -LOOK_AGAIN_SECONDS
        self._refreshing = Lock()
        self._looking_again = Lock()
        self._room_to_wait = BoundedSemaphore(MOST_WHO_WAIT)
        self._stopping = Event()
        self._thread: Thread | None = None
        self._look_first()

    @property
    def current(self) -> Snapshot:
        """The snapshot held; the database is not asked.

        Raises:
            ConfigurationUnknown: If none could be read since the process began.
        """
        held = self._held
        if held is None:
            raise ConfigurationUnknown
        return held.snapshot

    @property
    def loaded(self) -> bool:
        """Whether there is a snapshot to answer from."""
        return self._held is not None

    @property
    def age_seconds(self) -> float | None:
        """Seconds since the snapshot was last seen to be the newest; None without one.

        Of one read from the file: since it was read from the database, and so at most.
        """
        held = self._held
        return None if held is None else max((self._clock() - held.seen_at).total_seconds(), 0.0)

    @property
    def source(self) -> str | None:
        """Where the snapshot came from: ``database`` or ``file``; None without one."""
        held = self._held
        return None if held is None else held.source

    @property
    def stale(self) -> bool:
        """Whether a change made elsewhere may be unknown here; also without a snapshot."""
        age = self.age_seconds
        return age is None or age > STALE_AFTER_SECONDS or self.source == "file"

    @property
    def database_answers(self) -> bool:
        """Whether the database answered when it was last looked at, and does not hang now."""
        return self._answered and not self._database.watch.away

    def refresh(self) -> bool:
        """Read the configuration anew if its version changed.

        Returns:
            Whether the snapshot held is now the newest; False where the database is away,
            and what was known before goes on answering.
        """
        with self._refreshing:
            # Who waits behind a look that found the database away does not look again.
            return not self._database.watch.away and self._look()

    def look_again(self) -> Snapshot:
        """The snapshot after another look, for what it does not hold may be a moment old.

        A look that begins after the call serves all who wait for one; the next begins
        ``LOOK_AGAIN_SECONDS`` later at the earliest. A few may wait; for any other the snapshot
        is as it was, so that unknown keys keep no threads.

        Raises:
            ConfigurationUnknown: If none could be read since the process began.
        """
        asked_at = monotonic()
        if self._room_to_wait.acquire(blocking=False):
            try:
                with self._looking_again:
                    if self._looked_at <= asked_at:
                        sleep(max(self._looked_at + LOOK_AGAIN_SECONDS - monotonic(), 0.0))
                        self.refresh()
            finally:
                self._room_to_wait.release()
        return self.current

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

    def _from_file(self) -> _Held | None:
        kept = self._file.read() if self._file is not None else None
        if kept is None:
            return None
        return _Held(kept.snapshot, kept.ledger_identity, kept.snapshot.loaded_at, "file")

    def _look_first(self) -> None:
        if self._held is None:
            self.refresh()
            return
        first = Thread(target=self.refresh, name="first look", daemon=True)
        first.start()
        first.join(FIRST_LOOK_SECONDS)

    def _look(self) -> bool:
        self._looked_at = monotonic()
        try:
            self._held = self._newest()
        except (Unavailable, SQLAlchemyError) as outage:
            if self._answered:
                log.warning("the configuration cannot be refreshed", reason=str(outage))
            self._answered = False
            return False
        self._answered = True
        self._keep(self._held)
        return True

    def _newest(self) -> _Held:
        now, held = self._clock(), self._held
        with self._database.looking() as db:
            version, identity = current_version(db), ledger_identity(db)
        known = held.snapshot if held is not None and held.identity == identity else None
        # A file may be of a time line that a restored back-up has left: the same version there
        # need not be the same configuration.
        if held and known and known.version == version and held.source == "database":
            return replace(held, seen_at=now)
        with self._database.reading_ahead() as db:
            return _Held(load_snapshot(db, now, known), identity, now, "database")

    def _keep(self, held: _Held) -> None:
        if self._file is None or self._kept is held.snapshot or monotonic() < self._keep_again_at:
            return
        try:
            self._file.write(Kept(held.snapshot, held.identity))
        except (OSError, TypeError, ValueError) as failure:
            log.error("the configuration could not be kept on disk", reason=str(failure))
            self._keep_again_at = monotonic() + KEEP_AGAIN_SECONDS
        else:
            self._kept = held.snapshot

    def _poll(self) -> None:
        while not self._stopping.wait(self._pause()):
            try:
                with self._refreshing:
                    self._look()
            except Exception:
                # Whatever it is, the last known configuration goes on answering.
                log.exception("the configuration could not be read")

    def _pause(self) -> float:
        return POLL_SECONDS * (1 + self._jitter.uniform(-_JITTER, _JITTER))
