"""Facts sent again: counted, and never changing what an earlier position said."""

from datetime import UTC, datetime

import pytest

from experiments.ledger.append import append
from experiments.ledger.repeats import Repeats, repeats_up_to
from experiments.ledger.resolve import Resolved
from experiments.storage.database import Database
from experiments.storage.projects import Project

AT = datetime(2025, 3, 10, tzinfo=UTC)


def event(source_id: str, digest: bytes = b"d" * 32) -> Resolved:
    return Resolved(
        source_id=source_id, digest=digest, fact="event", unit_id="u", alias=None, type="open",
        occurred_at=0, channel=None, experiment_id=None, variant=None, expected_variant=None,
        suppressed_reason=None, value=None, currency=None, machine=False, properties=None,
    )  # fmt: skip


def sent(database: Database, project: Project, *facts: Resolved) -> None:
    with database.transaction() as db:
        append(db, project, facts, received_at=AT)


def counted(database: Database, project: Project, position: int) -> Repeats:
    with database.reading() as db:
        return repeats_up_to(db, project, position)


@pytest.mark.parametrize("times", [1, 3])
def test_repeats_and_conflicts_are_counted_by_type(
    database: Database, project: Project, times: int
) -> None:
    sent(database, project, *(event("a") for _ in range(times + 1)), event("a", b"x" * 32))
    found = counted(database, project, 1)
    assert found == {("event", "open", "duplicate"): times, ("event", "open", "conflict"): 1}


def test_a_position_once_read_never_says_anything_else(
    database: Database, project: Project
) -> None:
    sent(database, project, event("a"))
    sent(database, project, event("a"))
    assert counted(database, project, 1) == {}
    sent(database, project, event("b"))
    assert counted(database, project, 1) == {}
    assert counted(database, project, 2) == {("event", "open", "duplicate"): 1}
