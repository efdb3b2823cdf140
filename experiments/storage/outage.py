"""When the database is away: noticed by one, believed by all, waited for by none.

A dead database refuses at once. A hung one, or one behind a broken network, says nothing, and
every caller would hold its thread until its own time is up. So one thread looks at the
database twice a second; while its look hangs or has just failed, requests are refused at once
and statements under way are given up.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from threading import Semaphore, get_ident
from time import monotonic
from typing import Any, TypeVar

import psycopg
from sqlalchemy.exc import DatabaseError, DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from experiments.errors import Unavailable

# A look that hears nothing for so long hangs; its queries take a millisecond.
HANGS_AFTER_SECONDS = 1.5
# A failed look is believed until the next one hangs or ends, and that one begins within 0.6 s.
BELIEVED_SECONDS = 2.5
# Where every place is taken and none became free for so long, nobody waits for one.
STANDS_STILL_SECONDS = 0.25
LONGEST_QUEUE_SECONDS = 2.0
# The server ends every statement before (``statement_timeout``), if it still can.
LONGEST_STATEMENT_SECONDS = 75.0
# The server went over to a stand-by, or its disk is full: it reads, and does not write.
_READ_ONLY = "25006"

Result = TypeVar("Result")


class DatabaseUnavailable(Unavailable):
    """The database did not answer."""

    template = "the database does not answer right now"


class DatabaseCrowded(Unavailable):
    """So many wait for the database already that one more would keep others from being served."""

    template = "too many requests wait for the database right now"


class Places:
    """Room at the database for so many threads at a time.

    Who finds none waits as long as others come and go. Where nobody has left for a while, the
    database stands still, and one more would wait in a thread that others need.

    Args:
        count: How many.
    """

    def __init__(self, count: int) -> None:
        self._free = Semaphore(count)
        self._left = float("-inf")

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place.

        Raises:
            DatabaseCrowded: If there is none to be had.
        """
        if not self._free.acquire(blocking=False):
            self._wait()
        try:
            yield
        finally:
            self._left = monotonic()
            self._free.release()

    def _wait(self) -> None:
        until = monotonic() + LONGEST_QUEUE_SECONDS
        while (now := monotonic()) < until and now - self._left < STANDS_STILL_SECONDS:
            if self._free.acquire(timeout=STANDS_STILL_SECONDS):
                return
        raise DatabaseCrowded


class Watch:
    """What the latest look at the database found; without looks, nothing."""

    def __init__(self) -> None:
        self._looker: int | None = None
        self._began = 0.0
        self._failed = float("-inf")

    @property
    def away(self) -> bool:
        """Whether the calling thread had better not wait for the database."""
        now = monotonic()
        if self._looker is not None and now - self._began > HANGS_AFTER_SECONDS:
            return True
        return now - self._failed < BELIEVED_SECONDS and self._looker != get_ident()

    def heard(self) -> None:
        """The calling thread had an answer: slow is not hung."""
        if self._looker == get_ident():
            self._began = monotonic()

    @contextmanager
    def looking(self) -> Iterator[None]:
        """The calling thread looks at the database; one thread at a time does.

        Raises:
            DatabaseUnavailable: As the body raised it; from now on the database is away.
        """
        self._began, self._looker = monotonic(), get_ident()
        try:
            yield
        except DatabaseUnavailable:
            self._failed = monotonic()
            raise
        else:
            self._failed = float("-inf")
        finally:
            self._looker = None


@contextmanager
def outages_named() -> Iterator[None]:
    """Tell that the database is away from every other error.

    Raises:
        DatabaseUnavailable: In place of the driver's error.
    """
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated or _unusable(error):
            raise DatabaseUnavailable from error
        raise


def _unusable(error: DBAPIError) -> bool:
    """Whether the file is no database (SQLite says so by the bare class), or nobody may write."""
    return type(error) is DatabaseError or getattr(error.orig, "sqlstate", None) == _READ_ONLY


class WatchedConnection(psycopg.Connection[Any]):
    """A connection that gives up when the database is away; psycopg itself would wait."""

    watch: Watch | None = None

    def wait(
        self,
        gen: Generator[Any, Any, Result],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Result:
        """Wait for the server as psycopg does, as long as there is hope.

        Raises:
            psycopg.OperationalError: If the database is away; the connection is closed then.
        """
        try:
            result: Result = super().wait(self._while_hopeful(gen), interval, timeout)
        except _GivenUp:
            self.pgconn.finish()
            raise
        if self.watch is not None:
            self.watch.heard()
        return result

    def _while_hopeful(self, waiting: Generator[Any, Any, Result]) -> Generator[Any, Any, Result]:
        until = monotonic() + LONGEST_STATEMENT_SECONDS
        try:
            wanted = next(waiting)
            while True:
                ready = yield wanted
                if not ready and (monotonic() > until or (self.watch and self.watch.away)):
                    message = "the server says nothing"
                    raise _GivenUp(message)
                wanted = waiting.send(ready)
        except StopIteration as done:
            result: Result = done.value
            return result


class _GivenUp(psycopg.OperationalError):
    """Waiting for the server was given up."""
