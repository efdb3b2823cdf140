"""The views for other programs are what their page promises, on both databases."""

import re
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import imports
from experiments.storage.views import PREFIX, queries
from sample_data.load import load_scenario

ROOT = Path(__file__).resolve().parents[3]
PAGE = (ROOT / "docs" / "sql-views.md").read_text(encoding="utf-8")
NAMES = [name for name, _ in queries("sqlite")]


def promised(name: str) -> list[str]:
    """The columns in the page's table of a view."""
    section = PAGE.split(f"## `{name}`")[1].split("\n## ")[0]
    return re.findall(r"^\| `(\w+)`", section, re.MULTILINE)


def rows_of(database: Database, query: str) -> list[dict[str, Any]]:
    with database.reading() as db:
        return [dict(row._mapping) for row in db.execute(text(query))]


@pytest.mark.parametrize("name", NAMES)
def test_a_view_has_the_columns_of_its_page_and_begins_with_the_project(
    database: Database, name: str
) -> None:
    with database.reading() as db:
        found = list(db.execute(text(f"SELECT * FROM {name}")).keys())
    assert found == promised(name)
    assert found[0] == "project"


def test_the_page_tells_of_every_view() -> None:
    assert re.findall(rf"^## `({PREFIX}\w+)`", PAGE, re.MULTILINE) == NAMES


def test_the_sample_test_can_be_read_through_the_views(
    database: Database, project: Project
) -> None:
    load_scenario(database, project, ROOT / "sample_data" / "subject_line")
    [test] = rows_of(database, f"SELECT * FROM {PREFIX}experiments")
    assert (test["project"], test["experiment"]) == ("shop", "subject-line")
    assert (test["control"], test["primary_kpi"], test["shape"]) == ("a", "human_open", "one_blast")
    kpis = rows_of(database, f"SELECT kpi, window_hours FROM {PREFIX}kpis WHERE is_latest")
    assert {"kpi": "click", "window_hours": 72} in kpis
    counted = (
        f"SELECT count(*) AS n, count(DISTINCT unit_id) AS units FROM {PREFIX}exposures "
        "WHERE experiment = 'subject-line' AND type = 'sent'"
    )
    [sent] = rows_of(database, counted)
    assert sent["n"] >= sent["units"] > 0


def test_values_are_in_units_of_their_currency_and_times_are_exact(
    database: Database, project: Project
) -> None:
    load_scenario(database, project, ROOT / "sample_data" / "subject_line")
    wanted = (
        f"SELECT v.value AS value, v.value_scaled AS value_scaled, v.currency AS currency, "
        f"v.occurred_at AS occurred_at, l.occurred_at AS at FROM {PREFIX}events v "
        "JOIN ledger l ON l.position = v.position WHERE v.event = 'purchase'"
    )
    bought = rows_of(database, wanted)
    assert bought
    for row in bought:
        assert row["currency"] == "KRW"
        assert float(row["value"]) == row["value_scaled"] > 0
        found = row["occurred_at"]
        moment = found if isinstance(found, datetime) else datetime.fromisoformat(f"{found}+00:00")
        since = moment - datetime.fromisoformat("1970-01-01T00:00:00+00:00")
        assert since // timedelta(microseconds=1) == row["at"]


def test_facts_of_a_withdrawn_import_are_in_no_view(database: Database, project: Project) -> None:
    load_scenario(database, project, ROOT / "sample_data" / "subject_line")
    with database.transaction() as db:
        db.execute(update(imports).values(state="withdrawn"))
    for name in ("exposures", "events"):
        query = f"SELECT count(*) AS n FROM {PREFIX}{name} WHERE import_id IS NOT NULL"
        assert rows_of(database, query) == [{"n": 0}]
