"""A whole report, with segments and days, is the same whether PostgreSQL made it or DuckDB."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from experiments.measurement.engines.errors import EngineUnreachable
from experiments.measurement.engines.warehouse import Warehouse
from experiments.measurement.replica import Replica
from experiments.reporting.analysis import build_report
from experiments.reporting.document import report_document
from experiments.reporting.report import Report
from experiments.storage.database import Database
from sample_data.load import load_scenario
from tests.conftest import make_project
from tests.experiments.reporting.test_analysis import SAMPLES

NOW = datetime(2025, 4, 1, tzinfo=UTC)
HERE = Warehouse("postgresql", "postgresql://unused", "main")


def without_sql(report: Report) -> Any:
    told = json.dumps(report_document(report), sort_keys=True)
    return re.sub(r'"sql": "(?:[^"\\]|\\.)*"', '"sql": ""', told)


@pytest.mark.slow
def test_a_report_is_the_same_on_either(postgresql_database: Database, tmp_path: Path) -> None:
    database = postgresql_database
    project = make_project(database, NOW - timedelta(days=60), "main")
    key = load_scenario(database, project, SAMPLES / "subject_line")
    usual, there = (
        build_report(
            database, Replica(tmp_path / name, database, warehouse=warehouse), project, key, now=NOW
        )
        for name, warehouse in (("usual", None), ("there", HERE))
    )
    assert without_sql(there) == without_sql(usual)
    assert "pg_temp" in json.dumps(report_document(there))


def test_no_report_of_nothing_stands_in_for_an_engine_out_of_reach(
    sqlite_database: Database, tmp_path: Path
) -> None:
    project = make_project(sqlite_database, NOW - timedelta(days=60), "main")
    key = load_scenario(sqlite_database, project, SAMPLES / "broken_split")
    away = replace(HERE, engine="spark", address="sc://127.0.0.1:9")
    replica = Replica(tmp_path / "replica", sqlite_database, warehouse=away)
    with pytest.raises(EngineUnreachable, match="cannot be reached"):
        build_report(sqlite_database, replica, project, key, now=NOW)
