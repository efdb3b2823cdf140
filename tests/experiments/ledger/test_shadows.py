"""Shadows: what met, from elsewhere, a fact that came with an import."""

from typing import Any

import pytest
from sqlalchemy import insert, select

from experiments.ledger.append import Outcome, append
from experiments.ledger.resolve import Context, Resolved, resolve
from experiments.ledger.shadows import fact_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports, repeats, shadows
from tests.experiments.ledger.factories import AT, event

ACCEPTED, DUPLICATE, CONFLICT = Outcome.ACCEPTED, Outcome.DUPLICATE, Outcome.CONFLICT


@pytest.fixture
def two_imports(database: Database, project: Project) -> Database:
    """A database with the imports 1 and 2."""
    row = {
        "project_id": project.id, "name": "a.csv", "file_sha256": "0" * 64, "file_bytes": 1,
        "mapping": {}, "state": "running", "rejects": [], "created_at": AT, "created_by": "test",
    }  # fmt: skip
    with database.transaction() as db:
        db.execute(insert(imports), [row, row])
    return database


def row(**changes: Any) -> Resolved:
    return resolve(event(**changes), Context({}, "KRW"))


def send(
    database: Database, project: Project, *rows: Resolved, import_id: int | None = None
) -> list[Outcome]:
    with database.transaction() as db:
        return append(db, project, rows, received_at=AT, import_id=import_id)


def kept(database: Database) -> list[tuple[Any, ...]]:
    columns = ("source_id", "outcome", "standing_import_id", "import_id", "unit_id")
    with database.reading() as db:
        found = db.execute(select(shadows).order_by(shadows.c.id)).all()
    return [tuple(getattr(each, name) for name in columns) for each in found]


def test_a_fact_from_elsewhere_that_meets_an_imported_one_leaves_a_shadow(
    two_imports: Database, project: Project
) -> None:
    send(two_imports, project, row(), import_id=1)
    other = row(unit_id="홍길동", properties={"링크": [1]})
    assert send(two_imports, project, row(), other) == [DUPLICATE, CONFLICT]
    assert send(two_imports, project, other, import_id=2) == [CONFLICT]
    assert kept(two_imports) == [
        ("e-1", "duplicate", 1, None, "1"),
        ("e-1", "conflict", 1, None, "홍길동"),
        ("e-1", "conflict", 1, 2, "홍길동"),
    ]


def test_a_shadow_is_the_whole_fact(two_imports: Database, project: Project) -> None:
    send(two_imports, project, row(), import_id=1)
    other = row(type="purchase", value=42000, properties={"링크": [1]}, machine=True)
    send(two_imports, project, other)
    with two_imports.reading() as db:
        found = db.execute(select(shadows.c.fact_row)).scalar_one()
    assert fact_of(found) == other


def test_what_meets_a_fact_of_the_same_import_or_of_none_leaves_none(
    two_imports: Database, project: Project
) -> None:
    send(two_imports, project, row(), row(), row(type="click"), import_id=1)
    send(two_imports, project, row(), import_id=1)
    send(two_imports, project, row(source_id="live"))
    send(two_imports, project, row(source_id="live"), row(source_id="live"), import_id=1)
    send(two_imports, project, row(source_id="new"), row(source_id="new", type="click"))
    assert kept(two_imports) == []


def test_a_repeat_tells_which_import_it_came_with(two_imports: Database, project: Project) -> None:
    send(two_imports, project, row())
    send(two_imports, project, row(), import_id=2)
    send(two_imports, project, row())
    with two_imports.reading() as db:
        found = db.execute(select(repeats.c.import_id, repeats.c.count)).all()
    assert {tuple(each) for each in found} == {(2, 1), (None, 1)}
    assert len(found) == 2
