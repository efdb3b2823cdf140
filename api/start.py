"""Before the first request: the database made ready, now or as soon as it answers.

A server starts whether or not its database does. Where that is away, the serving process makes
it ready in the background once it is back; until then assignment is answered from the
configuration kept on disk.
"""

import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy import inspect, text

from api.settings import Settings
from experiments.assignment.snapshot_file import FILE_NAME, PREVIOUS_NAME, SnapshotFile
from experiments.errors import TrueliftError, Unavailable
from experiments.ledger.identity.kept import WrongIdentityKey, keep_key
from experiments.storage.database import Database

AGAIN_AFTER_SECONDS = 1.0
# What the command leaves to its serving process: nothing, ``plain`` or ``sample``.
LEFT_TO_DO = "TRUELIFT_LEFT_TO_DO"

# Without these a server that loses its power loses what it has acknowledged.
NEEDED_OF_POSTGRESQL = ("fsync", "full_page_writes")

Say = Callable[[str], None]


class DatabaseGone(Unavailable):
    """Where the database was, there is an empty one: made anew, it would be another ledger."""

    template = (
        "the database at {address} is empty or gone, but its configuration is still here; restore "
        "a back-up, or remove {files} from the folder to begin anew"
    )


class NotDurable(TrueliftError):
    """The PostgreSQL server may lose what it has acknowledged."""

    template = (
        "the PostgreSQL server runs with {setting} = off, and would lose acknowledged events when "
        "its machine fails; switch it on"
    )


def upgrade(settings: Settings, database: Database) -> None:
    """Bring the schema to its newest state; a database that was never there is made.

    Raises:
        DatabaseGone: If there was one, and it is not there any more.
        DatabaseUnavailable: If it cannot be reached.
    """
    import migrations  # noqa: PLC0415 - slow, and needed once

    kept = SnapshotFile(settings.home, database.address).read()
    if kept is not None and not _has_tables(database):
        raise DatabaseGone(address=database.address, files=f"{FILE_NAME} and {PREVIOUS_NAME}")
    migrations.upgrade(database)


def check_durable(database: Database) -> None:
    """Refuse a server that may lose what it has acknowledged.

    Raises:
        NotDurable: Naming the setting.
        DatabaseUnavailable: If it cannot be reached.
    """
    if database.dialect == "sqlite":  # Every connection asks for what it needs.
        return
    with database.reading() as db:
        for setting in NEEDED_OF_POSTGRESQL:
            if db.execute(text(f"SHOW {setting}")).scalar_one() == "off":
                raise NotDurable(setting=setting)


def prepare(settings: Settings, *, sample: bool, say: Say) -> None:
    """The schema, the first sign-in, and, if wished, the sample tests.

    Where the database is away, that is said, and left to the serving process.
    """
    try:
        _prepare_now(settings, sample=sample, say=say)
    except Unavailable as outage:
        os.environ[LEFT_TO_DO] = "sample" if sample else "plain"
        say(f"{outage}. {_meanwhile(settings)}")
    else:
        os.environ.pop(LEFT_TO_DO, None)


def do_what_was_left(say: Say) -> None:
    """In the serving process: begin, in the background, what :func:`prepare` could not do."""
    left = os.environ.get(LEFT_TO_DO)
    if left is None:
        return
    settings = Settings.from_environment(os.environ)

    def until_done() -> None:
        while True:
            time.sleep(AGAIN_AFTER_SECONDS)
            try:
                _prepare_now(settings, sample=left == "sample", say=say)
            except Unavailable:
                continue
            except (NotDurable, WrongIdentityKey) as refusal:
                say(f"Not ready: {refusal}.")
                continue
            say("The database answers.")
            return

    threading.Thread(target=until_done, name="prepare", daemon=True).start()


def first_sign_in(database: Database, say: Say) -> None:
    """The first project and its administrator; the password is said and never again."""
    from experiments.access import users  # noqa: PLC0415 - slow, and needed once
    from experiments.operations.audit import SYSTEM  # noqa: PLC0415 - needed once
    from experiments.storage.projects import create_project  # noqa: PLC0415 - needed once

    with database.transaction() as db:
        if users.any_user(db):
            return
        password = secrets.token_urlsafe(12)
        now = datetime.now(UTC)
        project = create_project(
            db, key="main", name="Truelift", time_zone="Asia/Seoul", currency="KRW",
            language="ko", now=now,
        )  # fmt: skip
        first = users.create_user(
            db, email="admin@example.com", name="Admin", password=password, actor=SYSTEM, now=now
        )
        users.grant(db, project, first, "admin", actor=SYSTEM, now=now)
    say("First sign-in (shown this once):")
    say("    e-mail    admin@example.com")
    say(f"    password  {password}")


def _prepare_now(settings: Settings, *, sample: bool, say: Say) -> None:
    database = Database.open(settings.database_url)
    try:
        check_durable(database)
        upgrade(settings, database)
        with database.transaction() as db:
            keep_key(db, settings.identity)
        first_sign_in(database, say)
        if sample:
            from sample_data.load import load_samples  # noqa: PLC0415 - slow, and needed once

            load_samples(database, settings.home, say=say)
    finally:
        database.dispose()


def _meanwhile(settings: Settings) -> str:
    database = Database.open(settings.database_url)
    kept = SnapshotFile(settings.home, database.address).read()
    database.dispose()
    if kept is None:
        return "Nothing can be answered before it does."
    read_at = f"{kept.snapshot.loaded_at:%Y-%m-%d %H:%M:%S} UTC"
    return f"Until it does, assignment is answered from the configuration of {read_at}."


def _has_tables(database: Database) -> bool:
    # A file that does not exist is an outage here: to read is never to create.
    with database.reading() as db:
        return inspect(db).has_table("configuration")
