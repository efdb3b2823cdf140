"""One unit, one variant: in every process, after a restart, on both databases."""

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.assignment.many_units import digest
from tests.experiments.assignment.test_snapshot import add_experiment

ROOT = Path(__file__).resolve().parents[3]
RANGES = [["a", 0, 3000], ["b", 5000, 8000]]
# Of the variants of 100,000 ids; the same for SQLite and PostgreSQL, now and in ten years.
DIGEST = "9ac2b2b858b691fe"
PROGRAM = """
import sys
from experiments.storage.database import Database
from tests.experiments.assignment.many_units import digest
print(digest(Database.open(sys.argv[1])))
"""


@pytest.mark.slow
def test_two_processes_and_both_databases_agree_on_100_000_units(
    database: Database, project: Project, now: datetime
) -> None:
    add_experiment(database, project, now, phases=[RANGES])
    url = database.engine.url.render_as_string(hide_password=False)
    assert {digest(database), _in_another_process(url, "0"), _in_another_process(url, "77")} == {
        DIGEST
    }


def _in_another_process(url: str, hash_seed: str) -> str:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    finished = subprocess.run(
        [sys.executable, "-c", PROGRAM, url],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    return finished.stdout.strip()
