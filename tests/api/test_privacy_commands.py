"""Erasure and retention from the command line."""

from pathlib import Path

import pytest
from sqlalchemy import select

from experiments.operations.housekeeping import MARK
from experiments.storage.tables import audit, ledger, projects
from tests.api.test_cli import database_of, home, loaded, run

__all__ = ["home", "loaded"]  # Fixtures.


def some_unit(folder: Path) -> str:
    with database_of(folder) as database, database.reading() as db:
        found: str = db.execute(select(ledger.c.unit_id).limit(1)).scalar_one()
    return found


def test_a_customer_is_erased(loaded: Path) -> None:
    unit_id = some_unit(loaded)
    first, again = run("erase", unit_id, "--reason", "by mail"), run("erase", unit_id)
    assert first.exit_code == 0, first.output
    assert not first.output.startswith("0 facts")
    assert again.output == "0 facts, 0 repetitions, 0 lists, 0 tests by hand, 0 rejected rows\n"
    assert not (loaded / MARK).exists()
    assert unit_id.encode() not in (loaded / "truelift.db").read_bytes()
    with database_of(loaded) as database, database.reading() as db:
        actors = select(audit.c.actor).where(audit.c.action == "unit.erase")
        assert db.execute(actors).scalars().all() == ["operator", "operator"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["erase", "7", "--reason", "7 asked"], "reason:"), (["erase", ""], "unit_id:")],
)
def test_what_cannot_be_erased_is_refused(loaded: Path, arguments: list[str], said: str) -> None:
    refused = run(*arguments)
    assert (refused.exit_code, said in refused.output) == (1, True)


def test_old_facts_are_dropped_at_once(loaded: Path) -> None:
    assert run("retention").output == "main: for ever\n"
    with database_of(loaded) as database, database.transaction() as db:
        count = len(db.execute(select(ledger.c.position)).all())
        db.execute(projects.update().values(retention_days=30))
    assert run("retention").output == "main: 30 days\n"
    assert run("retention", "--now").output == f"main: {count} facts added up and dropped\n"
    assert run("retention", "--now").output == "main: 0 facts added up and dropped\n"
