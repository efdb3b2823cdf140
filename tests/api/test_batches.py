"""Shares that follow the results: registered, opened in batches, and told to every client."""

from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from growthbook import GrowthBook
from sqlalchemy import select

from experiments.access import keys
from experiments.assignment.buckets import BucketRange, bucket_counts, variant_at
from experiments.assignment.hashing import bucket
from experiments.measurement.engines.errors import EngineUnreachable
from experiments.measurement.replica import Replica
from experiments.operations.audit import Actor
from experiments.operations.batches import BatchOpener
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit
from tests.api.adaptive import (
    ADAPTIVE,
    KEY,
    KPI,
    ONE,
    SPENT,
    TEST,
    UNSUBSCRIBED,
    a_day,
    assigned,
    begin,
    next_batch,
)
from tests.api.conftest import Api, Clock

BATCHES = f"{ONE}/batches"
BETTER = {"long": 0.10, "short": 0.20}
UNITS = [f"later-{number}" for number in range(400)]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def refused(api: Api, status: int, field: str, **changes: Any) -> str:
    answer = api.post("/api/v1/experiments", json=TEST | changes)
    assert answer.status_code == status, answer.text
    [error] = answer.get_json()["errors"]
    assert error["field"] == field
    said: str = error["message"]
    return said


def test_a_draft_says_how_its_shares_follow(api: Api) -> None:
    begin(api)
    body = api.get(ONE).get_json()
    assert body["adaptive"] == {"method": "thompson", "floor": 0.1, "batch": "day"}
    told = api.get(BATCHES).get_json()
    assert told["next_opens_at"] == "2025-03-10T15:00:00+00:00"
    [first] = told["batches"]
    assert first["propensities"] == {"long": 0.5, "short": 0.5}
    assert (first["method"], first["best"], first["number"]) == (None, None, 1)


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("adaptive.floor", {"adaptive": ADAPTIVE | {"floor": "0.01"}}),
        ("adaptive.floor", {"adaptive": ADAPTIVE | {"floor": "0.10005"}}),
        ("adaptive.floor", {"adaptive": ADAPTIVE | {"floor": "0.5"}}),
        ("adaptive.method", {"adaptive": ADAPTIVE | {"method": "ucb"}}),
        ("adaptive.batch", {"adaptive": ADAPTIVE | {"batch": "hour"}}),
        ("allocation", {"allocation": "external"}),
        ("shape", {"shape": "one_blast"}),
        ("shape", {"shape": "recurring"}),
        ("plan.looks", {"plan": {"looks": 2, "units_planned": 3000}}),
        ("plan.units_planned", {"plan": {}}),
        (
            "variants.0.no_message",
            {"variants": [TEST["variants"][0] | {"no_message": True}, TEST["variants"][1]]},  # type: ignore[index] # a body, not a type
        ),
        (
            "variants.1.weight",
            {
                "variants": [
                    {"key": "long", "name": "긴 문구", "weight": "0.95", "control": True},
                    {"key": "short", "name": "짧은 문구", "weight": "0.05"},
                ]
            },
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_analysed_is_refused(api: Api, field: str, changes: dict[str, Any]) -> None:
    for body in (KPI, SPENT, UNSUBSCRIBED):
        assert api.post("/api/v1/kpis", json=body).status_code == 201
    refused(api, 422, field, **changes)


def test_a_kind_of_kpi_that_no_weighted_method_compares_is_refused(api: Api) -> None:
    formula = KPI["formula"] | {
        "value": "count",
        "denominator": {"event": "visit", "value": "count"},
    }  # type: ignore[operator] # a body, not a type
    ratio = KPI | {"key": "per-visit", "kind": "ratio", "unit_of_measure": "count",
                   "formula": formula}  # fmt: skip
    for body in (KPI, ratio):
        answer = api.post("/api/v1/kpis", json=body)
        assert answer.status_code == 201, answer.text
    goals = [{"kpi": "bought", "role": "primary"}, {"kpi": "per-visit", "role": "secondary"}]
    refused(api, 422, "goals.1.kpi", goals=goals)


def test_a_primary_kpi_of_opens_is_refused(api: Api) -> None:
    opens = KPI | {"formula": KPI["formula"] | {"event": "open"}}  # type: ignore[operator] # a body, not a type
    assert api.post("/api/v1/kpis", json=opens).status_code == 201
    body = {"goals": [{"kpi": "bought", "role": "primary"}], "channels": ["email"]}
    refused(api, 422, "goals.0.kpi", **body)


def test_an_end_by_date_is_an_end_too(api: Api) -> None:
    begin(api, plan={}, schedule={"ends_at": "2025-04-10T00:00:00+09:00"})


def test_the_shares_follow_the_results_and_clients_follow_the_shares(
    app: Flask, api: Api, clock: Clock, database: Database, project: Project, actor: Actor
) -> None:
    begin(api)
    a_day(api, clock, 1, 300, BETTER)
    before = assigned(api, UNITS)
    made = next_batch(api, clock)
    batch = made["batch"]
    assert batch["number"] == 2
    assert batch["propensities"]["short"] > 0.5
    assert batch["best"]["short"] > 0.5
    assert sum(batch["units"].values()) == 300
    assert made["buckets_moved"] == round(10_000 * (batch["propensities"]["short"] - 0.5))
    phase = api.get(ONE).get_json()["phases"][1]
    ranges = [BucketRange(**each) for each in phase["ranges"]]
    held = {key: Decimal(count) / 10_000 for key, count in bucket_counts(ranges).items()}
    assert held == {key: Decimal(str(share)) for key, share in batch["propensities"].items()}
    after = assigned(api, UNITS)
    assert after == {unit: variant_at(ranges, bucket(KEY, unit)) for unit in UNITS}
    # Apps that assign by themselves get the same.
    with database.transaction() as db:
        key = keys.create_client_key(db, project, name="app", actor=actor, now=clock.at)
    app.extensions["truelift"].keeper.refresh()
    features = app.test_client().get(f"/api/features/{key}").get_json()["features"]
    for unit in UNITS[:50]:
        sdk = GrowthBook(attributes={"id": unit}, features=features)
        assert sdk.get_feature_value(KEY, None) == after[unit]
    # Only from the variant that fell behind to the other one.
    assert {(before[u], after[u]) for u in UNITS if before[u] != after[u]} == {("long", "short")}


def test_what_would_come_is_told_and_changes_nothing(api: Api, clock: Clock) -> None:
    begin(api)
    a_day(api, clock, 1, 200, BETTER)
    clock.at += timedelta(hours=14, minutes=1)
    before = api.get(ONE).get_json()
    asked = api.post(BATCHES, json={"dry_run": True}).get_json()
    assert (asked["dry_run"], asked["batch"]["opened_at"]) == (True, None)
    assert api.get(ONE).get_json() == before
    made = api.post(BATCHES, json={}).get_json()
    same = {"number", "propensities", "best", "units", "stayed", "floor", "method"}
    assert {name: made["batch"][name] for name in same} == {
        name: asked["batch"][name] for name in same
    }
    assert made["buckets_moved"] == asked["buckets_moved"]


def test_a_batch_lasts_until_its_boundary(api: Api, clock: Clock) -> None:
    begin(api)
    answer = api.post(BATCHES, json={})
    assert answer.status_code == 409
    assert "2025-03-11T00:00+09:00" in answer.get_json()["errors"][0]["message"]
    clock.at += timedelta(hours=14)
    assert api.post(BATCHES, json={}).status_code == 200
    assert api.post(BATCHES, json={}).status_code == 409


def test_shares_stay_while_no_window_has_closed(api: Api, clock: Clock) -> None:
    begin(api)
    clock.at += timedelta(hours=13)
    a_day(api, clock, 1, 50, BETTER)
    clock.at += timedelta(hours=1)
    batch = api.post(BATCHES, json={}).get_json()["batch"]
    assert (batch["stayed"], batch["best"]) == ("no_closed_windows", None)
    assert batch["propensities"] == {"long": 0.5, "short": 0.5}


def test_nothing_else_changes_the_shares(api: Api, clock: Clock) -> None:
    begin(api)
    for change in ({"weights": {"long": 0.4, "short": 0.6}}, {"coverage": 1}):
        answer = api.post(f"{ONE}/reallocate", json=change | {"dry_run": True})
        assert answer.status_code == 409
        assert answer.get_json()["type"] == "/problems/shares_follow_results"
    answer = api.put(ONE, json=TEST | {"adaptive": None}, headers={"If-Match": "*"})
    assert answer.status_code == 409
    assert api.post(f"{ONE}/pause").status_code == 200
    clock.at += timedelta(days=2)
    assert api.post(BATCHES, json={}).status_code == 409


def test_a_test_without_batches_says_so(api: Api) -> None:
    begin(api, adaptive=None)
    assert api.post(BATCHES, json={}).status_code == 409
    told = api.get(BATCHES).get_json()
    assert (told["batches"], told["adaptive"], told["next_opens_at"]) == ([], None, None)
    assert api.post("/api/v1/experiments/none/batches", json={}).status_code == 404


def test_the_server_opens_what_is_due_once(app: Flask, api: Api, clock: Clock) -> None:
    begin(api)
    a_day(api, clock, 1, 200, BETTER)
    found = app.extensions["truelift"]
    opener = BatchOpener(found.database, lambda: found.replica)
    assert opener.open_due(clock.at) == []
    midnight = clock.at + timedelta(hours=14)
    [(project, key, planned)] = opener.look_ahead(midnight)
    assert (project.key, key, planned.number) == ("shop", KEY, 2)
    [(_, _, batch)] = opener.open_due(midnight)
    assert batch.propensities == planned.propensities
    assert opener.open_due(midnight) == []
    # A server that was away for days opens one batch, not several.
    later = midnight + timedelta(days=3)
    assert [each.number for *_, each in opener.open_due(later)] == [3]


def test_a_test_that_cannot_be_measured_keeps_no_other_waiting(
    app: Flask, api: Api, clock: Clock
) -> None:
    begin(api)
    assert api.post("/api/v1/experiments", json=TEST | {"key": "second"}).status_code == 201
    assert api.post("/api/v1/experiments/second/start").status_code == 200
    found, asked = app.extensions["truelift"], []

    def replica() -> Replica:
        asked.append(clock.at)
        if len(asked) == 1:
            raise EngineUnreachable(engine="trino", address="elsewhere", cause="gone")
        held: Replica = found.replica
        return held

    opener, midnight = BatchOpener(found.database, replica), clock.at + timedelta(hours=14)
    with pytest.raises(EngineUnreachable):
        opener.open_due(midnight)
    assert [key for _, key in opener.due(midnight)] == [KEY]
    assert [key for _, key, _ in opener.open_due(midnight)] == [KEY]


def test_a_batch_begins_when_it_is_opened_and_not_when_it_was_measured(
    app: Flask, api: Api, clock: Clock
) -> None:
    begin(api)
    found, midnight = app.extensions["truelift"], clock.at + timedelta(hours=14)
    later = midnight + timedelta(seconds=20)
    opener = BatchOpener(found.database, lambda: found.replica, lambda: later)
    [(_, _, batch)] = opener.open_due(midnight)
    assert batch.as_of == midnight
    opened = api.get(BATCHES).get_json()["batches"][-1]["opened_at"]
    assert datetime.fromisoformat(opened) == later


def test_every_batch_is_in_the_audit_trail(api: Api, clock: Clock, database: Database) -> None:
    begin(api)
    made = next_batch(api, clock)["batch"]
    with database.reading() as db:
        rows = db.execute(select(audit).order_by(audit.c.id)).all()
    [row] = [each for each in rows if each.action == "batch.open"]
    assert (row.object_key, row.at) == (f"{KEY}/2", datetime.fromisoformat(made["as_of"]))
    assert row.after["propensities"] == {"long": "0.5", "short": "0.5"}
    assert "experiment.batch" in [each.action for each in rows]


def test_the_guided_form_offers_it(api: Api, browser_for: Callable[[str], FlaskClient]) -> None:
    assert api.post("/api/v1/kpis", json=KPI).status_code == 201
    browser = browser_for("marketer")
    asked = {
        "kpi": "bought", "name": "장바구니", "key": "by-form", "channel": "alimtalk",
        "element": "content", "shape": "triggered", "units_planned": "3000", "adaptive": "week",
    }  # fmt: skip
    answer = browser.post("/experiments/new?lang=en", data=asked | {"shape": "one_blast"})
    assert answer.status_code == 422
    assert "only where customers enter day by day" in answer.text
    assert browser.post("/experiments/new", data=asked).status_code == 302
    made = api.get("/api/v1/experiments/by-form").get_json()
    assert made["adaptive"] == {"method": "thompson", "floor": 0.1, "batch": "week"}
    page = browser.get("/experiments/by-form?lang=ko").text
    assert "결과를 따라 매주 바꿈" in page
    steady = browser.post("/experiments/new", data=asked | {"key": "steady", "adaptive": "stay"})
    assert steady.status_code == 302
    assert api.get("/api/v1/experiments/steady").get_json()["adaptive"] is None
