"""The relational database: one engine, reads and writes told apart.

SQLite starves when several writers compete (measured: 1070 against 1 commit a second),
so writers of one process queue at a lock and take the database's write lock at once.

Nothing here waits for long: a database that is dead, hung, full or out of reach is a
``DatabaseUnavailable`` within about two seconds where somebody looks at it (``looking``).
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import RLock, Semaphore
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from experiments.storage.outage import (
    DatabaseCrowded,
    DatabaseUnavailable,
    Watch,
    WatchedConnection,
    outages_named,
)

__all__ = ["Database", "DatabaseUnavailable"]

CONNECT_TIMEOUT_SECONDS = 2
STATEMENT_TIMEOUT_MS = 60_000
# How long a command waits for a lock that somebody else holds; a serving process waits less.
PATIENCE_SECONDS = 10.0
CROWD = 1000
_POOL: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 10,
    "pool_timeout": CONNECT_TIMEOUT_SECONDS,
}
# On which machine, in which database: what a person may change in an address without its
# meaning another ledger is left out.
_PLACE = ("host", "hostaddr", "port", "dbname")


@dataclass(frozen=True)
class Database:
    """A database of Truelift, open.

    Attributes:
        engine: SQLAlchemy's engine.
        dialect: ``sqlite`` or ``postgresql``.
        address: Where it is, without user and password.
        patience_seconds: How long a writer waits for a lock.
        watch: Whether it is away.
        places: One for each thread that may use it or wait for it at a time.
    """

    engine: Engine = field(repr=False)
    dialect: str
    address: str
    patience_seconds: float
    watch: Watch = field(repr=False)
    places: Semaphore = field(repr=False)
    _writer: RLock = field(default_factory=RLock, repr=False)

    @classmethod
    def open(
        cls, url: str, *, patience_seconds: float = PATIENCE_SECONDS, crowd: int = CROWD
    ) -> "Database":
        """Open the database at ``url``; nothing is created or migrated.

        Args:
            url: SQLAlchemy's.
            patience_seconds: How long a writer waits for a lock.
            crowd: How many threads may use it or wait for it at a time; a serving process
                keeps the others free for what needs no database.

        Raises:
            ValueError: If the URL names neither a SQLite file nor PostgreSQL.
        """
        parsed, watch = make_url(url), Watch()
        match parsed.get_backend_name():
            case "sqlite" if parsed.database:
                engine = _sqlite_engine(parsed, Path(parsed.database), patience_seconds)
            case "postgresql":
                engine = _postgresql_engine(parsed, patience_seconds, watch)
            case other:
                message = f"expected a sqlite or postgresql URL, got {other!r}"
                raise ValueError(message)
        places = Semaphore(crowd)
        return cls(engine, engine.dialect.name, _address(parsed), patience_seconds, watch, places)

    def create(self) -> None:
        """Make the empty file of a SQLite database, which no connection ever makes.

        Raises:
            DatabaseUnavailable: If that is not possible.
        """
        if self.dialect == "sqlite":
            try:
                Path(self.engine.url.database or "").touch()
            except OSError as error:
                raise DatabaseUnavailable from error

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end, or rolled back on an error.

        Raises:
            DatabaseCrowded: If too many wait for it already.
            DatabaseUnavailable: If the database cannot be reached.
        """
        with self._place(), outages_named():
            if self.dialect == "postgresql":
                with self.engine.begin() as connection:
                    yield connection
                return
            with self._writing(), self.engine.connect() as plain:
                connection = plain.execution_options(truelift_writes=True)
                with connection.begin():
                    yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; what it sees does not change while it is open (SQLite).

        Raises:
            DatabaseCrowded: If too many wait for it already.
            DatabaseUnavailable: If the database cannot be reached.
        """
        with self._place(), self._connected() as connection:
            yield connection

    @contextmanager
    def reading_ahead(self) -> Iterator[Connection]:
        """As :meth:`reading`, for the process's own needs: no crowd keeps it out.

        Raises:
            DatabaseUnavailable: If the database cannot be reached.
        """
        self._check_watch()
        with self._connected() as connection:
            yield connection

    @contextmanager
    def looking(self) -> Iterator[Connection]:
        """A connection for one short read, whose outcome everybody else believes.

        Raises:
            DatabaseUnavailable: If the database cannot be reached, or hangs.
        """
        if self.dialect == "sqlite":  # A file answers or fails at once: nobody has to be spared.
            with self._connected() as connection:
                yield connection
            return
        with self.watch.looking(), self._connected() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with outages_named(), self.engine.connect() as connection:
            yield connection

    def _check_watch(self) -> None:
        if self.watch.away:
            raise DatabaseUnavailable

    @contextmanager
    def _place(self) -> Iterator[None]:
        self._check_watch()
        if not self.places.acquire(blocking=False):
            raise DatabaseCrowded
        try:
            yield
        finally:
            self.places.release()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._writer.acquire(timeout=self.patience_seconds):
            raise DatabaseUnavailable
        try:
            yield
        finally:
            self._writer.release()


def _address(url: URL) -> str:
    if url.get_backend_name() == "sqlite":
        return f"sqlite:{Path(url.database or '').resolve()}"
    place = {name: url.query[name] for name in _PLACE if name in url.query}
    bare = URL.create("postgresql", None, None, url.host, url.port, url.database, place)
    return bare.render_as_string()


def _sqlite_engine(url: URL, path: Path, patience_seconds: float) -> Engine:
    # A connection never makes the file: gone, it would come back empty, as another ledger.
    address = f"file:{quote(str(path))}?mode=rw"

    def connect() -> sqlite3.Connection:
        return sqlite3.connect(address, patience_seconds, uri=True, check_same_thread=False)

    engine = create_engine(url, creator=connect, **_POOL)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - narrows a type
        record.info["file"] = _identity(path)
        connection.isolation_level = None
        for pragma in (
            f"busy_timeout={int(patience_seconds * 1000)}",
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "checkout")
    def same_file(_connection: object, record: ConnectionPoolEntry, _fairy: object) -> None:
        """Refuse a connection to a file that was removed or replaced: its commits are lost."""
        if record.info["file"] != _identity(path):
            message = "another file has taken the place of the database"
            raise InvalidatePoolError(message)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("truelift_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _postgresql_engine(url: URL, patience_seconds: float, watch: Watch) -> Engine:
    patience_ms = int(patience_seconds * 1000)
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={patience_ms} "
        "-c timezone=UTC",
        # What was sent and is not acknowledged, or an idle line without an answer, is a dead line.
        "tcp_user_timeout": CONNECT_TIMEOUT_SECONDS * 1000,
        "keepalives_idle": 5,
        "keepalives_interval": 1,
        "keepalives_count": 3,
    }
    engine = create_engine(
        url.set(drivername="postgresql+psycopg"),
        connect_args=options,
        pool_pre_ping=True,
        **_POOL,
    )

    @event.listens_for(engine, "do_connect")
    def connect(
        _dialect: object, _record: object, arguments: list[Any], named: dict[str, Any]
    ) -> WatchedConnection:
        if watch.away:
            raise DatabaseUnavailable
        made = WatchedConnection.connect(*arguments, **named)
        made.watch = watch
        return made

    return engine
