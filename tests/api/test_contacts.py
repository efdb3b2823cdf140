"""Contact caps and cool-downs: counted from what was sent, never at the moment of an answer."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from experiments.operations.contact_worker import FRESH_SECONDS, ContactWorker
from experiments.storage.database import Database
from experiments.storage.tables import unit_lists
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis
from tests.api.test_layers import act, created, register
from tests.api.test_lists import LISTS, reason

TWICE_A_WEEK = {"contact_cap": {"sends": 2, "days": 7}}
THREE_DAYS = {"cool_down": {"days": 3}}


@pytest.fixture
def before(api: Api) -> Api:
    """A client of a project with a test that has been sending."""
    create_kpis(api)
    created(register(api, "before"))
    assert act(api, "before", "start").status_code == 200
    return api


@pytest.fixture
def worker(app: Flask) -> ContactWorker:
    """The worker of the application, which is not running by itself."""
    found: ContactWorker = app.extensions["truelift"].contacts
    return found


def send(api: Api, unit_id: str, clock: Clock, experiment: str = "before", **more: Any) -> None:
    fact = {
        "source_id": f"{experiment}-{unit_id}-{clock.at.isoformat()}",
        "experiment": experiment,
        "unit_id": unit_id,
        "type": "sent",
        "occurred_at": clock.at.isoformat(),
    }
    answer = api.post("/api/v1/exposures", json=fact | more)
    assert answer.get_json()["accepted"] == 1, answer.text


def begin(api: Api, **changes: Any) -> None:
    created(register(api, "capped", **changes))
    answer = act(api, "capped", "start")
    assert answer.status_code == 200, answer.text


def count(app: Flask, worker: ContactWorker, clock: Clock) -> int:
    """Let the lists be counted anew."""
    clock.at += timedelta(seconds=FRESH_SECONDS)
    changed = worker.refresh()
    app.extensions["truelift"].keeper.refresh()
    return changed


def test_who_was_sent_enough_is_left_out_from_the_start(before: Api, clock: Clock) -> None:
    for unit_id in ("u1", "u2"):
        send(before, unit_id, clock)
    clock.at += timedelta(hours=1)
    send(before, "u1", clock)
    begin(before, **TWICE_A_WEEK)
    assert reason(before, "u1", "capped") == "capped"
    assert reason(before, "u2", "capped") == "assigned"
    assert reason(before, "u1", "before") == "assigned"


def test_lists_are_counted_anew_and_days_go_by(
    before: Api, clock: Clock, app: Flask, worker: ContactWorker
) -> None:
    begin(before, **TWICE_A_WEEK)
    for _ in range(2):
        clock.at += timedelta(minutes=1)
        send(before, "u1", clock)
    assert reason(before, "u1", "capped") == "assigned"
    assert count(app, worker, clock) == 1
    assert reason(before, "u1", "capped") == "capped"
    assert count(app, worker, clock) == 0
    clock.at += timedelta(days=7)
    assert count(app, worker, clock) == 1
    assert reason(before, "u1", "capped") == "assigned"


def test_whom_a_test_has_met_is_never_taken_out_of_it(
    before: Api, clock: Clock, app: Flask, worker: ContactWorker
) -> None:
    begin(before, **TWICE_A_WEEK, **THREE_DAYS)
    for unit_id in ("u1", "u2"):
        for _ in range(2):
            clock.at += timedelta(minutes=1)
            send(before, unit_id, clock)
    send(before, "u1", clock, "capped")
    assert count(app, worker, clock) == 2
    assert reason(before, "u1", "capped") == "assigned"
    assert reason(before, "u2", "capped") == "capped"


def test_who_met_another_test_lately_rests(
    before: Api, clock: Clock, app: Flask, worker: ContactWorker
) -> None:
    send(before, "u1", clock, type="planned_send", suppressed_reason="capped")
    begin(before, **THREE_DAYS)
    assert reason(before, "u1", "capped") == "cooling_down"
    assert reason(before, "u2", "capped") == "assigned"
    clock.at += timedelta(days=3)
    count(app, worker, clock)
    assert reason(before, "u1", "capped") == "assigned"


def test_what_was_not_sent_is_no_contact(before: Api, clock: Clock) -> None:
    for hours in (1, 2, 3):
        clock.at += timedelta(hours=hours)
        send(before, "u1", clock, type="planned_send", suppressed_reason="quiet_hours")
    begin(before, **TWICE_A_WEEK)
    assert reason(before, "u1", "capped") == "assigned"


def test_one_process_counts_a_list_and_the_others_leave_it(
    before: Api, clock: Clock, worker: ContactWorker, database: Database
) -> None:
    begin(before, **TWICE_A_WEEK)
    for _ in range(2):
        clock.at += timedelta(seconds=1)
        send(before, "u1", clock)
    other = ContactWorker(database, clock)
    assert worker.refresh() == 0
    clock.at += timedelta(seconds=FRESH_SECONDS)
    assert (worker.refresh(), other.refresh()) == (1, 0)


def test_computed_lists_are_nobodys_to_read_and_go_with_their_test(
    before: Api, clock: Clock, worker: ContactWorker, database: Database
) -> None:
    begin(before, **TWICE_A_WEEK, **THREE_DAYS)
    assert before.get(LISTS).get_json()["items"] == []
    assert before.get(f"{LISTS}/capped:capped").status_code == 404
    act(before, "capped", "stop")
    worker.refresh()
    with database.reading() as db:
        assert db.execute(select(unit_lists)).all() == []


def test_the_worker_starts_and_stops_with_the_process(worker: ContactWorker) -> None:
    worker.stop()
    worker.start()
    worker.stop()
    worker.stop()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"contact_cap": {"sends": 0, "days": 7}}, "contact_cap.sends"),
        ({"contact_cap": {"sends": 3, "days": 0}}, "contact_cap.days"),
        ({"contact_cap": {"sends": 3, "days": 366}}, "contact_cap.days"),
        ({"contact_cap": {"sends": 3}}, "contact_cap.days"),
        ({"contact_cap": {"sends": 1.5, "days": 7}}, "contact_cap.sends"),
        ({"cool_down": {"days": 0}}, "cool_down.days"),
        ({"cool_down": {}}, "cool_down.days"),
    ],
)
def test_a_cap_that_is_none_is_refused(api: Api, changes: dict[str, Any], field: str) -> None:
    create_kpis(api)
    answer = register(api, "capped", **changes)
    assert answer.status_code == 422
    assert [entry["field"] for entry in answer.get_json()["errors"]] == [field]
