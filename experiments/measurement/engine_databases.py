"""Databases of DuckDB in memory: of one session at a time, and kept for the next.

To make one and to end it takes as long as to read a report that is stored. All that sessions
make is temporary and of their own connection, so nothing of a session is there for the next.
"""

import atexit
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from uuid import uuid4

import duckdb

from experiments.measurement.engine_settings import EngineSettings
from experiments.measurement.litter import SPILL

# How many of a process wait for a session.
MOST_IDLE = 2


@dataclass(frozen=True)
class _Database:
    """One that opens files of a folder only.

    Attributes:
        folder: The replica's.
        settings: What it may use.
        spill: Where it puts what does not fit into memory; made when that happens.
        connection: The one that made it.
        process: Whose threads it has.
    """

    folder: Path
    settings: EngineSettings
    spill: Path
    connection: duckdb.DuckDBPyConnection
    process: int = field(default_factory=os.getpid)

    @property
    def is_ours(self) -> bool:
        """Whether it was not inherited from a process that forked in the middle of a session."""
        return self.process == os.getpid()

    def end(self) -> None:
        if self.is_ours:
            self.connection.close()
            shutil.rmtree(self.spill, ignore_errors=True)
        else:
            _INHERITED.append(self)


_IDLE: list[_Database] = []
# To let go of one would be to wait for threads that are not there.
_INHERITED: list[_Database] = []
_LOCK = Lock()


@contextmanager
def own_connection(folder: Path, settings: EngineSettings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to a database that nobody else has meanwhile.

    Args:
        folder: The replica's: files outside it cannot be opened.
        settings: What the database may use of the machine.
    """
    folder = folder.absolute()
    database = _taken(folder, settings) or _made(folder, settings)
    try:
        with database.connection.cursor() as connection:
            yield connection
    except BaseException:
        database.end()
        raise
    if database.is_ours and not database.spill.exists():
        _give_back(database)
    else:
        database.end()


def end_idle() -> None:
    """End all that wait for a session."""
    with _LOCK:
        _end_all()


def _end_all() -> None:
    while _IDLE:
        _IDLE.pop().end()


def _before_fork() -> None:
    """Leave none to the child, which has no threads of theirs."""
    _LOCK.acquire()
    _end_all()


os.register_at_fork(
    before=_before_fork, after_in_parent=_LOCK.release, after_in_child=_LOCK.release
)
atexit.register(end_idle)


def _taken(folder: Path, settings: EngineSettings) -> _Database | None:
    with _LOCK:
        for database in _IDLE:
            if (database.folder, database.settings) == (folder, settings):
                _IDLE.remove(database)
                return database
    return None


def _give_back(database: _Database) -> None:
    with _LOCK:
        _IDLE.append(database)
        ended = _IDLE[:-MOST_IDLE]
        del _IDLE[:-MOST_IDLE]
    for each in ended:
        each.end()


def _made(folder: Path, settings: EngineSettings) -> _Database:
    spill = folder / SPILL / uuid4().hex
    configuration: dict[str, str | bool | int | float | list[str]] = {
        "memory_limit": settings.memory_limit,
        "threads": settings.threads,
        "temp_directory": str(spill),
        "autoinstall_known_extensions": False,
        "autoload_known_extensions": False,
        "preserve_insertion_order": False,
    }
    connection = duckdb.connect(":memory:", config=configuration)
    connection.execute("SET allowed_directories = [$folder]", {"folder": str(folder)})
    connection.execute("SET enable_external_access = false")
    connection.execute("SET lock_configuration = true")
    return _Database(folder, settings, spill, connection)
