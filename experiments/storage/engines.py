"""Engines for the two databases, and what keeps either from being waited for.

A connection to SQLite never makes the file, and is not used once another file has taken its
place. One to PostgreSQL gives up when the database is away (``outage.WatchedConnection``).
"""

import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.pool import ConnectionPoolEntry

from experiments.storage.outage import DatabaseUnavailable, Watch, WatchedConnection

CONNECT_TIMEOUT_SECONDS = 2
STATEMENT_TIMEOUT_MS = 60_000
# 32 MiB of changes before they go from the log into the file: new ids lie everywhere in the
# index, and so its pages are written once for many commits.
CHECKPOINT_PAGES = 8000
_POOL: dict[str, Any] = {
    "pool_size": 8,
    "max_overflow": 10,
    "pool_timeout": CONNECT_TIMEOUT_SECONDS,
}
# Of whoever looks whether the database is there: a pool that is used up is not a database away.
LOOKING_POOL: dict[str, Any] = {
    "pool_size": 1,
    "max_overflow": 0,
    "pool_timeout": CONNECT_TIMEOUT_SECONDS,
}
# The server lets go of a client that is not there any more, or that forgot its transaction: the
# rows and locks of it would be waited for by everybody.
_LET_GO = {
    "idle_in_transaction_session_timeout": 300_000,
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 1,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 10_000,
}
# What a person may change in an address without its meaning another ledger is left out.
_PLACE = ("host", "hostaddr", "port", "dbname")


def address_of(url: URL) -> str:
    """Where the database is, without user and password."""
    if url.get_backend_name() == "sqlite":
        return f"sqlite:{Path(url.database or '').resolve()}"
    place = {name: url.query[name] for name in _PLACE if name in url.query}
    bare = URL.create("postgresql", None, None, url.host, url.port, url.database, place)
    return bare.render_as_string()


def sqlite_engine(url: URL, path: Path, patience_seconds: float) -> Engine:
    """An engine on the file at ``path``; a writer waits for its lock so long."""
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
            f"wal_autocheckpoint={CHECKPOINT_PAGES}",
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

    return _closing_what_returns_late(engine)


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def postgresql_engine(
    url: URL, patience_seconds: float, watch: Watch, pool: Mapping[str, Any] = _POOL
) -> Engine:
    """An engine on a server, which is given up once ``watch`` says that it is away."""
    patience_ms = int(patience_seconds * 1000)
    let_go = " ".join(f"-c {name}={value}" for name, value in _LET_GO.items())
    options: dict[str, Any] = {
        "connect_timeout": CONNECT_TIMEOUT_SECONDS,
        "options": f"-c statement_timeout={STATEMENT_TIMEOUT_MS} -c lock_timeout={patience_ms} "
        f"-c timezone=UTC -c synchronous_commit=on {let_go}",
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
        **pool,
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

    return _closing_what_returns_late(engine)


def _closing_what_returns_late(engine: Engine) -> Engine:
    """The engine, which closes a connection that comes back after ``dispose``.

    A thread that is still at work would put its own into a pool that nobody has any more.
    """

    @event.listens_for(engine, "connect")
    def note(_: DBAPIConnection, record: ConnectionPoolEntry) -> None:
        record.info["pool"] = engine.pool

    @event.listens_for(engine, "checkin")
    def close(_: object, record: ConnectionPoolEntry) -> None:
        if record.info.get("pool") is not engine.pool:
            record.invalidate()

    return engine
