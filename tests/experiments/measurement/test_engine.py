"""The engine sees one project's segments and nothing else of the machine."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from experiments.measurement.session import Session, open_session
from tests.experiments.measurement.ledger import exposure, replica_of


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    rows = [exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "a", project_id=2)]
    (tmp_path / "secret.csv").write_text("secret\n1\n")
    with open_session(replica_of(tmp_path / "re'plica", rows), 1) as found:
        yield found


def test_a_session_has_one_projects_facts(session: Session) -> None:
    assert [row["unit_id"] for row in session.rows(session.exposures)] == ["u-1"]
    assert session.rows(session.events) == []


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM read_csv('{outside}/secret.csv')",
        "COPY (SELECT 1) TO '{outside}/written.csv'",
        "ATTACH '{outside}/other.duckdb'",
        "INSTALL httpfs",
        "LOAD httpfs",
        "SET enable_external_access = true",
        "SET threads = 64",
        "SELECT * FROM 'https://localhost/x.parquet'",
    ],
)
def test_nothing_else_can_be_reached(session: Session, tmp_path: Path, statement: str) -> None:
    with pytest.raises(duckdb.Error):
        session.connection.execute(statement.format(outside=tmp_path))


def test_what_is_kept_is_computed_once(session: Session) -> None:
    built = []

    def build() -> object:
        built.append(1)
        return session.exposures.select("unit_id")

    for key in ("x", "x", "y"):
        session.begin()
        kept = session.keep("kept", key, build)
        assert session.rows(kept) == [{"unit_id": "u-1"}]
        assert len(session.statements) == 2
    assert len(built) == 2
