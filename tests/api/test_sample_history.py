"""The extract of nine months, sent to the interface: every month as truth.json has it."""

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.api.conftest import Api, Clock

pytestmark = pytest.mark.slow

FOLDER = Path(__file__).resolve().parents[2] / "sample_data" / "kpi_history"
MONTHS = "period=month&from=2025-01-01&to=2025-09-30"


@pytest.fixture
def history(api: Api, clock: Clock) -> Api:
    clock.at = datetime(2025, 12, 1, tzinfo=UTC)
    for document in read("kpis"):
        assert api.post("/api/v1/kpis", json=document).status_code == 201
    with (FOLDER / "events.csv").open(encoding="utf-8", newline="") as file:
        events = [told(row) for row in csv.DictReader(file)]
    for items in (events, read("facts")):
        answer = api.post("/api/v1/events", json=items).json
        assert answer is not None
        assert answer["rejected"] == answer["conflicts"] == []
    return api


def read(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))


def told(row: dict[str, str]) -> dict[str, Any]:
    names = {"event_id": "source_id", "user_id": "unit_id", "type": "type"}
    event: dict[str, Any] = {ours: row[name] for name, ours in names.items()}
    money = {"value": int(row["amount"]), "currency": row["currency"]} if row["amount"] else {}
    return event | {"occurred_at": row["occurred_at"]} | money


def values(api: Api, kpi: str) -> list[Any]:
    answer = api.get(f"/api/v1/kpis/{kpi}/values?{MONTHS}").json
    assert answer is not None
    found: list[Any] = answer["items"]
    return found


def test_every_month_is_exact(history: Api) -> None:
    truth = read("truth")["by_month"]
    for kpi in ("mau", "total-revenue", "new-customers"):
        assert [each["value"] for each in values(history, kpi)] == [
            month["total"] for month in truth[kpi]
        ]
    for kpi in ("aov", "purchase-conversion", "human-open-rate", "retention-d7"):
        found = [
            {"numerator": each["numerator"], "denominator": each["denominator"]}
            for each in values(history, kpi)
        ]
        assert found == truth[kpi], kpi
