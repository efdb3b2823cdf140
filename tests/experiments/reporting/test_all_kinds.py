"""A report of every kind of KPI, from files: it counts, compares, and can be written down."""

import json
import shutil
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from experiments.kpis.document import Events, Formula, KpiDocument, Quantity, Text
from experiments.measurement.replica import Replica
from experiments.reporting.analysis import build_report
from experiments.reporting.document import report_document
from experiments.reporting.report import Report
from experiments.reporting.text import render_text
from experiments.storage.codec import to_document
from experiments.storage.database import Database
from sample_data.load import load_scenario
from tests.conftest import make_project

SAMPLES = Path(__file__).resolve().parents[3] / "sample_data"
NOW = datetime(2025, 4, 1, tzinfo=UTC)
SENT_AT = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)
CLICK, OPEN = Quantity("click", "count"), Quantity("open", "occurrence")


def kpi(key: str, kind: str, formula: Formula, unit: str, **other: Any) -> KpiDocument:
    name = Text(f"지표 {key}", f"KPI {key}")
    return KpiDocument(key, name, kind, formula, unit, source="test", **other)


KPIS = [
    kpi("hours-to-open", "time_to_event", Formula("open", "occurrence", 72, step="hour"), "days",
        direction="down"),
    kpi("open-then-click", "funnel", Formula("open", "occurrence", 72, then=(Events("click"),)),
        "rate"),
    kpi("click-to-open", "ratio", Formula("click", "occurrence", 72, denominator=OPEN), "rate"),
    kpi("opens", "quantile", Formula("open", "count", 72, quantile=Decimal("0.9")), "count"),
    kpi("liked", "score", Formula("survey", "number", 72, of="score"), "score"),
    kpi("clicks", "mean", Formula("click", "count", 72, plus=(Quantity("open", "count"),)), "count",
        covariate_days=28),
]  # fmt: skip


@pytest.fixture
def reports(sqlite_database: Database, now: datetime, tmp_path: Path) -> tuple[Report, Report]:
    """At the end, and while it ran."""
    folder = tmp_path / "scenario"
    shutil.copytree(SAMPLES / "subject_line", folder)
    draft = json.loads((folder / "experiment.json").read_text())
    first, *others = KPIS
    draft["goals"] = [{"kpi": first.key, "role": "primary", "target": {"value": "2.9"}}]
    draft["goals"] += [{"kpi": each.key, "role": "secondary"} for each in others]
    draft["goals"][1] |= {"role": "guardrail", "margin": "0.01"}
    (folder / "experiment.json").write_text(json.dumps(draft))
    (folder / "kpis.json").write_text(json.dumps([to_document(each) for each in KPIS]))
    project = make_project(sqlite_database, now - timedelta(days=30), "main")
    key = load_scenario(sqlite_database, project, folder)
    replica = Replica(tmp_path / "replica", sqlite_database)
    ended, running = (
        build_report(sqlite_database, replica, project, key, now=NOW, as_of=as_of)
        for as_of in (None, SENT_AT + timedelta(hours=30))
    )
    return ended, running


def test_every_kind_has_a_report(reports: tuple[Report, Report]) -> None:
    ended, running = reports
    for report in reports:
        for goal in report.goals:
            counts = goal.accounting
            assert counts.received == counts.used + sum(counts.excluded.values())
        for language in ("ko", "en"):
            assert render_text(report, language)
        json.dumps(report_document(report), allow_nan=False)
    assert (ended.final, running.final) == (True, False)
    assert ended.provenance.correction == "holm"
    assert running.health.mature_share == 0.0
    found = {goal.kpi: goal for goal in ended.goals}
    assert all(arm.value is not None for arm in found["opens"].arms)
    assert [entry.gap is None for entry in found["liked"].comparisons] == [False]
    for key in ("hours-to-open", "open-then-click", "click-to-open", "clicks"):
        [entry] = found[key].comparisons
        assert entry.gap is None, (key, entry)
        assert entry.interval is not None
    [time] = found["hours-to-open"].comparisons
    assert time.difference is not None
    assert -3 < time.difference < 0
    assert 0 < (found["hours-to-open"].arms[0].value or 0) < 3
    assert found["open-then-click"].guardrails
