"""What a server asks of its database before it starts."""

import time
from collections.abc import Iterator

import psycopg
import pytest

from api.start import NEEDED_OF_POSTGRESQL, NotDurable, check_durable
from experiments.storage.database import Database


@pytest.fixture(params=NEEDED_OF_POSTGRESQL)
def switched_off(request: pytest.FixtureRequest, postgresql_url: str) -> Iterator[str]:
    """A setting that the server runs without, for the while."""
    setting: str = request.param
    try:
        _set(postgresql_url, f"ALTER SYSTEM SET {setting} = off", setting, "off")
        yield setting
    finally:
        _set(postgresql_url, f"ALTER SYSTEM RESET {setting}", setting, "on")


def _set(url: str, command: str, setting: str, value: str) -> None:
    with psycopg.connect(url, autocommit=True) as admin:
        admin.execute(command)
        admin.execute("SELECT pg_reload_conf()")
    for _ in range(200):
        with psycopg.connect(url) as look:
            if look.execute(f"SHOW {setting}").fetchone() == (value,):
                return
        time.sleep(0.01)
    pytest.fail(f"{setting} did not become {value}")


def test_a_server_that_may_lose_what_it_acknowledged_is_refused(
    switched_off: str, migrated_postgresql: Database
) -> None:
    with pytest.raises(NotDurable, match=f"{switched_off} = off"):
        check_durable(migrated_postgresql)


def test_a_careful_server_is_not(database: Database) -> None:
    check_durable(database)


def test_every_connection_waits_for_the_disk(postgresql_database: Database) -> None:
    with postgresql_database.reading() as db:
        assert db.exec_driver_sql("SHOW synchronous_commit").scalar_one() == "on"
