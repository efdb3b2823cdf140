"""Erasure and retention from the command line, on the database itself.

A server may be running: what is done here is done in short transactions, as it does it. The
files of the database are looked after here only where no server holds the folder.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from api.server import FolderInUse, folder_lock
from api.settings import Settings
from api.start import upgrade
from experiments.ledger.erasure import Erased, erase_unit
from experiments.ledger.identity.kept import KeptKey
from experiments.ledger.retained import Swept
from experiments.operations.audit import Actor
from experiments.operations.housekeeping import Housekeeper
from experiments.registry.keyed import Edit
from experiments.storage.database import Database
from experiments.storage.projects import Project, get_project

OPERATOR = Actor("operator")


def erase_here(
    settings: Settings, project_key: str, unit_id: str, reason: str | None, *, now: datetime
) -> Erased:
    """Erase a customer of a project.

    Raises:
        NotFound: If there is no such project.
        Invalid: If it is no unit id, or the reason names the customer.
        WrongIdentityKey: If the database was first used with another identity key.
    """
    with _opened(settings, now) as (database, housekeeper):
        with database.reading() as db:
            project = get_project(db, project_key)
        hasher = KeptKey(settings.identity, database).hasher(project)
        housekeeper.note_erasure()
        erased = erase_unit(
            database,
            unit_id,
            Edit(project, OPERATOR, now),
            hasher=hasher,
            folder=settings.home / "imports",
            reason=reason,
        )
        _tidy(settings.home, housekeeper)
    return erased


def sweep_here(settings: Settings, *, now: datetime) -> list[tuple[Project, Swept]]:
    """Drop, in every project, what is older than it keeps."""
    with _opened(settings, now) as (_, housekeeper):
        swept = housekeeper.sweep()
        _tidy(settings.home, housekeeper)
    return swept


@contextmanager
def _opened(settings: Settings, now: datetime) -> Iterator[tuple[Database, Housekeeper]]:
    database = Database.open(settings.database_url)

    def copy_again() -> object:
        from experiments.measurement.replica import Replica  # noqa: PLC0415 - slow to import

        return Replica(settings.home / "replica", database).refresh()

    try:
        upgrade(settings, database)
        yield database, Housekeeper(database, settings.home, lambda: now, copy_again)
    finally:
        database.dispose()


def _tidy(home: Path, housekeeper: Housekeeper) -> None:
    try:
        with folder_lock(home):
            housekeeper.tidy(now=True)
    except FolderInUse:
        return  # The server does it.
