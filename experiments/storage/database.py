"""The relational database: one engine, reads and writes told apart.

SQLite starves when several writers compete (measured: 1070 against 1 commit a second),
so writers of one process queue at a lock and take the database's write lock at once.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import RLock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from experiments.errors import Unavailable

CONNECT_TIMEOUT_SECONDS = 2
STATEMENT_TIMEOUT_MS = 60_000
BUSY_TIMEOUT_MS = 10_000


class DatabaseUnavailable(Unavailable):
    """The database did not answer."""

    template = "the database does not answer right now"


@dataclass(frozen=True)
class Database:
    """A database of Truelift, open.

    Attributes:
        engine: SQLAlchemy's engine.
        dialect: ``sqlite`` or ``postgresql``.
    """

    engine: Engine
    dialect: str
    _writer: RLock = field(default_factory=RLock, repr=False)

    @classmethod
    def open(cls, url: str) -> "Database":
        """Open the database at ``url``; nothing is created or migrated.

        Raises:
            ValueError: If the URL names neither SQLite nor PostgreSQL.
        """
        parsed = make_url(url)
        match parsed.get_backend_name():
            case "sqlite":
                return cls(_sqlite_engine(url), "sqlite")
            case "postgresql":
                named = parsed.set(drivername="postgresql+psycopg")
                return cls(
                    _postgresql_engine(named.render_as_string(hide_password=False)), "postgresql"
                )
            case other:
                message = f"expected a sqlite or postgresql URL, got {other!r}"
                raise ValueError(message)

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """A connection whose work is committed at the end, or rolled back on an error.

        Raises:
            DatabaseUnavailable: If the database cannot be reached.
        """
        with _outages_named():
            if self.dialect == "postgresql":
                with self.engine.begin() as connection:
                    yield connection
                return
            with self._writer, self.engine.connect() as plain:
                connection = plain.execution_options(truelift_writes=True)
                with connection.begin():
                    yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; what it sees does not change while it is open (SQLite).

        Raises:
            DatabaseUnavailable: If the database cannot be reached.
        """
        with _outages_named(), self.engine.connect() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


@contextmanager
def _outages_named() -> Iterator[None]:
    try:
        yield
    except (OperationalError, PoolTimeout) as error:
        raise DatabaseUnavailable from error
    except DBAPIError as error:
        if error.connection_invalidated:
            raise DatabaseUnavailable from error
        raise


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(url, connect_args={"timeout": BUSY_TIMEOUT_MS / 1000})

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _record: object) -> None:
        assert isinstance(connection, sqlite3.Connection)  # noqa: S101 - narrows a type
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("truelift_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> Engine:
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c timezone=UTC",
    }
    return create_engine(
        url,
        connect_args=options,
        pool_size=8,
        pool_timeout=CONNECT_TIMEOUT_SECONDS,
        pool_pre_ping=True,
    )
