"""Idempotency-Key where several come at once: one effect, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from api.app import create_app
from api.settings import Settings
from experiments.storage.database import Database
from experiments.storage.tables import audit, ledger
from tests.api.conftest import Api, Clock
from tests.api.test_idempotency import A_LIST, LISTS, REPLAYED, keyed, rows_of


def test_many_at_once_under_one_key_have_one_effect(
    app: Flask, api: Api, database: Database
) -> None:
    facts = [
        {"source_id": f"e-{number}", "unit_id": "minji", "type": "click",
         "occurred_at": "2025-03-09T10:00:00Z"}
        for number in range(3)
    ]  # fmt: skip
    for race in range(4):
        together = threading.Barrier(8)

        def send(_: int, name: str = f"race-{race}", start: threading.Barrier = together) -> Any:
            client = app.test_client()
            start.wait()
            made = Api(client, api.key).post(
                LISTS, json=A_LIST | {"key": name}, headers=keyed(name)
            )
            return made.status_code, made.headers.get(REPLAYED), made.data

        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(send, range(8)))
        assert {status for status, _, _ in answers} <= {201, 409}
        first = [each for each in answers if each[0] == 201 and each[1] is None]
        assert len(first) == 1
        assert {each[2] for each in answers if each[0] == 201} == {first[0][2]}
    assert api.post("/api/v1/events", json=facts, headers=keyed("e")).status_code == 200
    with database.reading() as db:
        made = select(func.count()).where(audit.c.action == "list.create")
        assert db.execute(made).scalar_one() == 4
        assert db.execute(select(func.count()).select_from(ledger)).scalar_one() == 3


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_two_processes_under_one_key_have_one_effect(
    app: Flask, api: Api, database: Database, tmp_path: Path, clock: Clock
) -> None:
    # Another application on the same database knows nothing of what is under way here.
    (tmp_path / "other").mkdir()
    other = create_app(
        Settings(
            home=tmp_path / "other",
            database_url=database.engine.url.render_as_string(hide_password=False),
            secret_key="k" * 32,
            background=False,
        ),
        clock,
    )
    other.testing = True
    together = threading.Barrier(2)

    def send(served: Flask) -> TestResponse:
        together.wait()
        return Api(served.test_client(), api.key).post(LISTS, json=A_LIST, headers=keyed("one"))

    try:
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(send, (app, other)))
    finally:
        other.extensions["truelift"].stop()
    assert [each.status_code for each in answers] == [201, 201]
    assert sorted(each.headers.get(REPLAYED, "") for each in answers) == ["", "true"]
    assert answers[0].data == answers[1].data
    assert rows_of(database)["unit_lists"] == 1
