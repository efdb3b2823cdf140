"""An accepted event is in tracking and in the report within a minute, at a hundred a second.

On both databases, over HTTP, with the processes of ``make run``. Answers and pages say as of
when they are.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.acceptance.server import Client, create_key, free_port, sign_in
from tests.acceptance.study import experiment, kpi
from tests.journeys.kills import Place
from tests.journeys.outages import own_postgres
from tests.journeys.steady_events import (
    EVENTS_A_SECOND,
    MET_AGO,
    UNITS,
    WINDOW_HOURS,
    sending,
    watch,
)
from tests.journeys.test_no_lost_event import wait_for

SEEN_WITHIN_SECONDS = 60.0
REVENUE = kpi(
    "revenue", "Revenue", "purchase", kind="mean", unit_of_measure="money", currency="KRW",
    formula={"event": "purchase", "value": "amount", "window_hours": WINDOW_HOURS},
    tracking={"by": "period", "aggregate": "total"}, aggregation_period="day",
)  # fmt: skip
TEST = experiment(
    "steady",
    "Reported while customers buy",
    [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.5},
    ],
    [{"kpi": "revenue", "role": "primary"}],
    "email",
)


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """An empty folder and an empty database."""
    home, port = tmp_path / "home", free_port()
    if request.param == "sqlite":
        yield Place(home, port, None)
        return
    with own_postgres() as postgres:
        yield Place(home, port, postgres.url)


def set_up(client: Client) -> None:
    """A running test whose customers met it days ago, so that their windows are over."""
    client.post("/api/v1/kpis", REVENUE)
    client.post("/api/v1/experiments", TEST)
    client.post("/api/v1/experiments/steady/start")
    client.post("/api/v1/exposures", [
        {
            "source_id": f"x{number}", "experiment": "steady", "unit_id": f"u{number}",
            "variant": "ab"[number % 2], "type": "assigned",
            "occurred_at": (datetime.now(UTC) - MET_AGO).isoformat(),
        }
        for number in range(UNITS)
    ])  # fmt: skip


def load_past(client: Client, folder: Path, events: int) -> None:
    """Purchases of months ago, so that the project is not a small one."""
    if not events:
        return
    file, began = folder / "past.csv", datetime.now(UTC) - timedelta(days=60)
    with file.open("w") as text:
        text.write("id,user,at,won\n")
        for number in range(events):
            at = (began + timedelta(seconds=number)).isoformat()
            text.write(f"past-{number},v{number % 5000},{at},1000\n")
    columns = {"source_id": "id", "unit_id": "user", "occurred_at": "at", "value": "won"}
    constants = {"type": "purchase", "currency": "KRW"}
    mapping = {"form": "long", "fact": "event", "columns": columns, "constants": constants}
    job = client.upload("/api/v1/imports", file, {"mapping": json.dumps(mapping)})
    done = wait_for(client, f"/api/v1/imports/{job['id']}", lambda job: job["state"] == "done")
    assert done["accepted"] == events


def stamped(answer: dict[str, Any], asked_at: datetime) -> None:
    """The answer says as of when it is, and that is not before it was asked for."""
    assert datetime.fromisoformat(answer["as_of"]) >= asked_at - timedelta(seconds=15)


def tracked(client: Client) -> int:
    """What tracking says of the revenue of the last days, in won."""
    now = datetime.now(UTC)
    since = (now - MET_AGO).date().isoformat()
    found = client.get(f"/api/v1/kpis/revenue/values?period=day&from={since}")
    stamped(found, now)
    return int(sum(each["numerator"] or 0 for each in found["items"]))


def reported(client: Client) -> int:
    """What the report says of both variants' revenue, in won."""
    now = datetime.now(UTC)
    report = client.get("/api/v1/experiments/steady/report")
    stamped(report, now)
    return int(sum(arm["total"] for arm in report["goals"][0]["arms"]))


@pytest.mark.parametrize(
    ("seconds", "past"),
    [
        pytest.param(8, 0, marks=pytest.mark.slow),
        pytest.param(120, 300_000, marks=pytest.mark.release),
    ],
)
def test_what_is_accepted_is_seen_within_a_minute(
    place: Place, tmp_path: Path, seconds: int, past: int
) -> None:
    with place.started() as (_, url, printed):
        client = Client(url)
        sign_in(client, printed)
        client.key = key = create_key(client)
        set_up(client)
        load_past(client, tmp_path, past)
        asked = {"tracking": lambda: tracked(client), "report": lambda: reported(client)}
        with sending(place.port, key, seconds) as load:
            seen = watch(asked, load, SEEN_WITHIN_SECONDS)
        accepted = load.accepted
        assert accepted.refused == []
        assert accepted.events == seconds * EVENTS_A_SECOND
        assert (tracked(client), reported(client)) == (accepted.total, accepted.within)
        client.key = None
        for path in ("/kpis/revenue", "/experiments/steady"):
            wait_for(client, path, lambda page: "As of" in page or "기준" in page)
    assert len(seen["tracking"].delays) == len(accepted.marked)
    assert len(seen["report"].delays) == len(accepted.marked_within)
    for name, each in seen.items():
        assert each.longest < SEEN_WITHIN_SECONDS, name
        print(
            f"{name}: {len(each.delays)} marked events, seen after {each.longest:.1f} s at most, "
            f"answers within {max(each.answers):.1f} s"
        )
