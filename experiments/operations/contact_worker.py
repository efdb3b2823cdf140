"""The thread of the server that keeps the lists of contact caps and cool-downs up to date."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from experiments.errors import Unavailable
from experiments.registry.contact_lists import (
    ContactList,
    claim,
    drop,
    ended_contact_lists,
    keep,
    members_now,
    open_contact_lists,
)
from experiments.storage.database import Database

log = structlog.get_logger()

# How often lists are looked at, and how old one may be before it is worked out again. One
# that takes long is worked out less often: no more than a twentieth of the time goes into it.
POLL_SECONDS = 5.0
FRESH_SECONDS = 60.0
REST = 20


class Clock(Protocol):
    """Tells the time."""

    def __call__(self) -> datetime:
        """Now, aware."""


@dataclass
class ContactWorker:
    """Works the lists of open tests out again, each about once a minute, by one process.

    Attributes:
        database: Where lists and ledger are.
        clock: Tells the time.
    """

    database: Database
    clock: Clock
    _took: dict[str, float] = field(default_factory=dict, repr=False)
    _stopping: threading.Event = field(default_factory=threading.Event, repr=False)
    _thread: threading.Thread | None = field(default=None, repr=False)

    def start(self) -> None:
        """Begin, in a thread of its own."""
        self._stopping.clear()
        self._thread = threading.Thread(target=self._work, name="contacts", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End after the list at hand."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def refresh(self) -> int:
        """Work out every list that is due, in the caller's thread; how many changed.

        Raises:
            Unavailable: If the database went away.
        """
        with self.database.reading() as db:
            wanted, ended = open_contact_lists(db), ended_contact_lists(db)
        if ended:
            with self.database.transaction() as db:
                drop(db, ended)
        return sum(self._refresh(each) for each in wanted if not self._stopping.is_set())

    def _refresh(self, wanted: ContactList) -> bool:
        name = f"{wanted.project_id}/{wanted.key}"
        age = max(FRESH_SECONDS, REST * self._took.get(name, 0.0))
        now = self.clock()
        with self.database.transaction() as db:
            if not claim(db, wanted, older_than=timedelta(seconds=age), now=now):
                return False
        began = time.monotonic()
        # Read apart from the write: nobody waits for the ledger to be counted.
        with self.database.reading() as db:
            digests = members_now(db, wanted, now)
        self._took[name] = time.monotonic() - began
        with self.database.transaction() as db:
            return keep(db, wanted, digests, now)

    def _work(self) -> None:
        while not self._stopping.wait(POLL_SECONDS):
            try:
                self.refresh()
            except (Unavailable, SQLAlchemyError) as outage:
                log.warning("contact lists wait", reason=str(outage))
