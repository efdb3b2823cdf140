"""Many who write to the ledger at once, and one commit for all who wait.

A commit waits for the disk. On SQLite, which has one writer, whoever finds nobody writing
writes what has been waiting meanwhile, its own and the others', and commits once; then the
next one does. No thread of its own is needed: nothing has to be started, and a server that
stops has answered nothing that is not committed. PostgreSQL commits several at once by
itself; there each has a transaction of its own.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from experiments.errors import Unavailable
from experiments.storage.database import Database, DatabaseUnavailable

MOST_WAITING_ROWS = 50_000
MOST_ROWS_TOGETHER = 10_000

Result = TypeVar("Result")


class LedgerBusy(Unavailable):
    """More waits to be written than can be written soon."""

    template = "too many facts wait to be written right now"


def _closed() -> Lock:
    lock = Lock()
    lock.acquire()
    return lock


@dataclass(eq=False)
class _Request(Generic[Result]):
    """Somebody's work, and what became of it.

    Attributes:
        turn: Opened once the work is done, or once it is its owner's turn to do it.
    """

    work: Callable[[Connection], Result]
    rows: int
    turn: Lock = field(default_factory=_closed)
    results: list[Result] = field(default_factory=list)
    error: BaseException | None = None

    @property
    def is_done(self) -> bool:
        return bool(self.results) or self.error is not None

    def outcome(self) -> Result:
        if self.error is not None:
            raise self.error
        return self.results[0]


class LedgerWriter:
    """Writes to the ledger of one database.

    Args:
        database: Where the ledger is.
        most_rows: That may wait to be written; beyond, who comes is sent away.
    """

    def __init__(self, database: Database, most_rows: int = MOST_WAITING_ROWS) -> None:
        self._database = database
        self._most_rows = most_rows
        self._guard = Lock()
        self._waiting: deque[_Request[Any]] = deque()
        self._waiting_rows = 0
        self._is_led = False

    def check_room(self) -> None:
        """Refuse early, before a body is read.

        Raises:
            LedgerBusy: If what waits is as much as may wait.
        """
        if self._waiting_rows >= self._most_rows:
            raise LedgerBusy

    def write(self, work: Callable[[Connection], Result], *, rows: int) -> Result:
        """Do the work in a transaction, and wait until it is committed.

        Args:
            work: What is to be written. Done again, alone, if another's that it was done with
                fails; so all that it changes is the database.
            rows: How many rows, about; at most as many as may wait.

        Raises:
            LedgerBusy: If too much waits to be written.
            DatabaseUnavailable: If the database went away; nothing is kept then.
            Exception: As ``work`` raised it; nothing is kept then.
        """
        with self._room_for(rows):
            if self._database.dialect != "sqlite":
                with self._database.transaction() as db:
                    return work(db)
            with self._database.place():
                return self._together(_Request(work, rows))

    @contextmanager
    def _room_for(self, rows: int) -> Iterator[None]:
        with self._guard:
            if self._waiting_rows and self._waiting_rows + rows > self._most_rows:
                raise LedgerBusy
            self._waiting_rows += rows
        try:
            yield
        finally:
            with self._guard:
                self._waiting_rows -= rows

    def _together(self, request: _Request[Result]) -> Result:
        with self._guard:
            self._waiting.append(request)
            leads, self._is_led = not self._is_led, True
        if not leads:
            request.turn.acquire()
        if not request.is_done:
            self._lead()
        return request.outcome()

    def _lead(self) -> None:
        """Write what waits, one's own first, and let the next one lead."""
        group = self._group()
        try:
            self._commit(group)
        finally:
            for each in group:
                if not each.is_done:
                    each.error = DatabaseUnavailable()
                each.turn.release()
            with self._guard:
                self._is_led = bool(self._waiting)
                if self._waiting:
                    self._waiting[0].turn.release()

    def _group(self) -> list[_Request[Any]]:
        group: list[_Request[Any]] = []
        rows = 0
        with self._guard:
            while self._waiting and (
                not group or rows + self._waiting[0].rows <= MOST_ROWS_TOGETHER
            ):
                group.append(self._waiting.popleft())
                rows += group[-1].rows
        return group

    def _commit(self, group: Sequence[_Request[Any]]) -> None:
        try:
            with self._database.transaction_ahead() as db:
                results = [each.work(db) for each in group]
        except KeyboardInterrupt:
            # Of the thread that leads, whoever's work it met.
            raise
        except BaseException as error:  # noqa: BLE001 - raised again where the work came from
            self._apart(group, error)
        else:
            for each, result in zip(group, results, strict=True):
                each.results.append(result)

    def _apart(self, group: Sequence[_Request[Any]], error: BaseException) -> None:
        """One of them failed: each by itself, unless it is the database that failed."""
        if len(group) > 1 and not isinstance(error, Unavailable):
            for each in group:
                self._commit([each])
            return
        for each in group:
            each.error = error
