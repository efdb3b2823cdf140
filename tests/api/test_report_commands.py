"""The command ``truelift report``: printed, kept, made again."""

from pathlib import Path

import pytest
from sqlalchemy import update

from experiments.storage.tables import ledger
from tests.api.test_cli import database_of, home, loaded, run

__all__ = ["home", "loaded"]


@pytest.mark.slow
def test_a_report_is_kept_and_made_again(loaded: Path) -> None:
    printed = run("report", "subject-line")
    assert printed.exit_code == 0, printed.output
    kept = printed.output.rpartition("kept as ")[2].strip()
    same = run("report", "--verify", kept)
    assert (same.exit_code, "완전히 같습니다" in same.output) == (0, True)
    with database_of(loaded) as database, database.transaction() as db:
        sent = (ledger.c.fact == "exposure") & (ledger.c.variant == "a")
        db.execute(update(ledger).where(sent).values(variant="b"))
    (loaded / "replica" / "manifest.json").unlink()
    other = run("report", "--verify", kept, "--lang", "en")
    assert other.exit_code == 1
    assert "is not the one that was kept" in other.output
    assert " → " in other.output


def test_without_a_test_or_with_an_unknown_report_it_is_refused(loaded: Path) -> None:
    assert run("report").exit_code == 2
    assert run("report", "subject-line", "--verify", "x").exit_code == 2
    refused = run("report", "--verify", "nothing")
    assert refused.exit_code == 1
    assert "no report 'nothing'" in refused.output
    assert "kept as" not in run("report", "subject-line", "--no-keep").output
