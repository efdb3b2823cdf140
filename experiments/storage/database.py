"""The relational database: one engine, reads and writes told apart.

SQLite starves when several writers compete (measured: 1070 against 1 commit a second),
so writers of one process queue at a lock and take the database's write lock at once.

Nothing here waits for long: a database that is dead, hung, full or out of reach is a
``DatabaseUnavailable`` within about two seconds where somebody looks at it (``looking``).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, Engine
from sqlalchemy.engine import make_url

from experiments.storage.engines import (
    LOOKING_POOL,
    address_of,
    postgresql_engine,
    sqlite_engine,
)
from experiments.storage.outage import DatabaseUnavailable, Places, Watch, outages_named
from experiments.storage.turns import Turns

__all__ = ["Database", "DatabaseUnavailable"]

# How long a command waits for a lock that somebody else holds; a serving process waits less.
PATIENCE_SECONDS = 10.0
CROWD = 1000


@dataclass(frozen=True)
class Database:
    """A database of Truelift, open.

    Attributes:
        engine: SQLAlchemy's engine.
        dialect: ``sqlite`` or ``postgresql``.
        address: Where it is, without user and password.
        patience_seconds: How long a writer waits for a lock.
        watch: Whether it is away.
        places: One for each thread that may use it at a time.
    """

    engine: Engine = field(repr=False)
    dialect: str
    address: str
    patience_seconds: float
    watch: Watch = field(repr=False)
    places: Places = field(repr=False)
    # For looks only; None where they are nobody's business but their own.
    _looker: Engine | None = field(default=None, repr=False)
    _writer: Turns = field(default_factory=Turns, repr=False)

    @classmethod
    def open(
        cls, url: str, *, patience_seconds: float = PATIENCE_SECONDS, crowd: int = CROWD
    ) -> "Database":
        """Open the database at ``url``; nothing is created or migrated.

        Args:
            url: SQLAlchemy's.
            patience_seconds: How long a writer waits for a lock.
            crowd: How many threads may use it at a time; a serving process keeps the others
                free for what needs no database.

        Raises:
            ValueError: If the URL names neither a SQLite file nor PostgreSQL.
        """
        parsed, watch, looker = make_url(url), Watch(), None
        match parsed.get_backend_name():
            case "sqlite" if parsed.database:
                engine = sqlite_engine(parsed, Path(parsed.database), patience_seconds)
            case "postgresql":
                engine = postgresql_engine(parsed, patience_seconds, watch)
                looker = postgresql_engine(parsed, patience_seconds, watch, LOOKING_POOL)
            case other:
                message = f"expected a sqlite or postgresql URL, got {other!r}"
                raise ValueError(message)
        name, places = engine.dialect.name, Places(crowd)
        return cls(engine, name, address_of(parsed), patience_seconds, watch, places, looker)

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
        with self.place(), self._written() as connection:
            yield connection

    @contextmanager
    def transaction_ahead(self) -> Iterator[Connection]:
        """As :meth:`transaction`, for one who writes for others that have a place already.

        Raises:
            DatabaseUnavailable: If the database cannot be reached.
        """
        self._check_watch()
        with self._written() as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection for reads; what it sees does not change while it is open (SQLite).

        Raises:
            DatabaseCrowded: If too many wait for it already.
            DatabaseUnavailable: If the database cannot be reached.
        """
        with self.place(), self._connected() as connection:
            yield connection

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place at the database, for a thread that waits for it.

        Raises:
            DatabaseCrowded: If too many wait for it already.
            DatabaseUnavailable: If it is known to be away.
        """
        self._check_watch()
        with self.places.one():
            yield

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
        if self._looker is None:  # A file answers or fails at once: nobody has to be spared.
            with self._connected() as connection:
                yield connection
            return
        with self.watch.looking(), outages_named(), self._looker.connect() as connection:
            yield connection

    def dispose(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()
        if self._looker is not None:
            self._looker.dispose()

    @contextmanager
    def _connected(self) -> Iterator[Connection]:
        with outages_named(), self.engine.connect() as connection:
            yield connection

    def _check_watch(self) -> None:
        if self.watch.away:
            raise DatabaseUnavailable

    @contextmanager
    def _written(self) -> Iterator[Connection]:
        with outages_named():
            if self.dialect == "postgresql":
                with self.engine.begin() as connection:
                    yield connection
                return
            with self._writing(), self.engine.connect() as plain:
                connection = plain.execution_options(truelift_writes=True)
                with connection.begin():
                    yield connection

    @contextmanager
    def _writing(self) -> Iterator[None]:
        if not self._writer.acquire(timeout=self.patience_seconds):
            raise DatabaseUnavailable
        try:
            yield
        finally:
            self._writer.release()
