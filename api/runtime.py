"""What one serving process holds: database, configuration in memory, replica, workers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

from flask import current_app

from api.server import BLOCKING_THREADS
from api.settings import Settings
from api.soon import Soon
from api.warming import Warming
from experiments.assignment.snapshot import SnapshotKeeper
from experiments.assignment.snapshot_file import SnapshotFile
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.imports.worker import ImportWorker
from experiments.ledger.recording import Recorder
from experiments.operations.batches import BatchOpener
from experiments.operations.contact_worker import ContactWorker
from experiments.operations.housekeeping import Housekeeper
from experiments.reporting.stored.owed import ReportKeeper
from experiments.storage.database import Database

if TYPE_CHECKING:
    from experiments.measurement.replica import Replica
    from experiments.reporting.shelf import ReportShelf
    from experiments.tracking.tracked import Tracker

# A request waits this long for somebody else's lock, and is then asked to come again.
PATIENCE_SECONDS = 2.0
# For assignment, whatever the database does.
THREADS_KEPT_FREE = 4
# A report waits this long for somebody who copies the ledger, and then answers otherwise.
PATIENCE_WITH_COPYING_SECONDS = 10.0
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """The time."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Runtime:
    """The parts that live as long as the process."""

    settings: Settings
    database: Database
    keeper: SnapshotKeeper
    recorder: Recorder
    identity: KeptKey
    imports: ImportWorker
    contacts: ContactWorker
    clock: Clock
    soon: Soon

    @classmethod
    def build(cls, settings: Settings, clock: Clock = utc_now) -> "Runtime":
        """Open everything; nothing runs in the background yet."""
        database = Database.open(
            settings.database_url,
            patience_seconds=PATIENCE_SECONDS,
            crowd=BLOCKING_THREADS - THREADS_KEPT_FREE,
        )
        file = SnapshotFile(settings.home, database.address)
        identity = KeptKey(settings.identity, database)
        return cls(
            settings=settings,
            database=database,
            keeper=SnapshotKeeper(database, clock, file=file),
            recorder=Recorder(database, identity),
            identity=identity,
            imports=ImportWorker(
                database,
                settings.home / "imports",
                clock,
                identity,
                litter=(settings.home / "lists",),
            ),
            contacts=ContactWorker(database, clock),
            clock=clock,
            soon=Soon(settings.page_seconds if settings.ahead else None),
        )

    @cached_property
    def replica(self) -> "Replica":
        """The columnar copy of the ledger; slow to import, so loaded with the first report."""
        from experiments.measurement.engine_settings import EngineSettings  # noqa: PLC0415 - as below
        from experiments.measurement.replica import Replica  # noqa: PLC0415 - slow to import

        folder = self.settings.home / "replica"
        engine = EngineSettings(memory_limit=self.settings.memory_limit)
        return Replica(
            folder, self.database, PATIENCE_WITH_COPYING_SECONDS, self.settings.warehouse, engine
        )

    @cached_property
    def reports(self) -> "ReportShelf":
        """Reports, each kept while it stands; slow to import like the replica."""
        from experiments.reporting.shelf import ReportShelf  # noqa: PLC0415 - slow to import

        return ReportShelf(self.database, self.replica)

    @cached_property
    def tracker(self) -> "Tracker":
        """KPIs over time; slow to import like the replica."""
        from experiments.tracking.tracked import Tracker  # noqa: PLC0415 - slow to import

        return Tracker(self.database, self.replica)

    @cached_property
    def housekeeping(self) -> Housekeeper:
        """Drops what is too old, and leaves nothing of the erased."""
        copy_again = lambda: self.replica.refresh()  # noqa: E731, PLW0108 - slow to import
        keeper = ReportKeeper(self.database, lambda: self.replica)
        opener = BatchOpener(self.database, lambda: self.replica, self.clock)
        return Housekeeper(
            self.database,
            self.settings.home,
            self.clock,
            copy_again,
            keeper.keep_owed,
            opener.open_due,
        )

    @cached_property
    def warming(self) -> Warming:
        """Makes ready what the first pages show."""
        return Warming(self.database, self.clock, lambda: self.reports, lambda: self.tracker)

    def warm(self) -> None:
        """Make ready, once and in the background, what the first pages show."""
        if self.settings.ahead:
            self.warming.begin()

    def start(self) -> None:
        """Begin all that is done in the background."""
        self.keeper.start()
        self.imports.start()
        self.contacts.start()
        self.housekeeping.start()

    def stop(self) -> None:
        """End what :meth:`start` began, and close the database."""
        self.warming.stop()
        self.soon.stop()
        self.housekeeping.stop()
        self.contacts.stop()
        self.imports.stop()
        self.keeper.stop()
        self.database.dispose()


def runtime() -> Runtime:
    """The runtime of the application that serves this request."""
    found: Runtime = current_app.extensions["truelift"]
    return found
