"""Bad input of every kind, and the report after it: told, counted, nothing else disturbed."""

import io
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from experiments.storage.database import Database
from tests.acceptance.study import experiment, kpi
from tests.api.conftest import Api, Clock

FIRST_DAY = "2025-03-10T10:00:00+09:00"
UNITS = 40


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """What is tested here does not differ by database."""
    return sqlite_database


@pytest.fixture
def shop(api: Api) -> Api:
    """Forty customers of a running test, and what each of them paid."""
    revenue = kpi(
        "revenue", "Revenue per customer", "purchase", kind="mean",
        formula={"event": "purchase", "value": "amount", "window_hours": 336},
        unit_of_measure="money", currency="KRW",
    )  # fmt: skip
    arms = [
        {"key": "a", "name": "A", "weight": 0.5, "control": True},
        {"key": "b", "name": "B", "weight": 0.5},
    ]
    goals = [{"kpi": "revenue", "role": "primary"}]
    done(api.post("/api/v1/kpis", json=revenue))
    done(api.post("/api/v1/experiments", json=experiment("spring", "Spring", arms, goals, "email")))
    done(api.post("/api/v1/experiments/spring/start"))
    done(api.post("/api/v1/exposures", json=[
        {"source_id": f"x-{n}", "experiment": "spring", "unit_id": f"u{n}", "type": "assigned",
         "occurred_at": FIRST_DAY, "variant": "ab"[n % 2]}
        for n in range(UNITS)
    ]))  # fmt: skip
    done(api.post("/api/v1/events", json=[paid(n) for n in range(UNITS)]))
    return api


@pytest.fixture
def work(app: Flask) -> Callable[[], None]:
    """Does what the thread for imports does."""
    found: Callable[[], None] = app.extensions["truelift"].imports.run_waiting
    return found


def paid(number: int, **changes: Any) -> dict[str, Any]:
    return {
        "source_id": f"p-{number}", "unit_id": f"u{number}", "type": "purchase",
        "occurred_at": "2025-03-10T12:00:00+09:00", "value": 1000 + number, "currency": "KRW",
    } | changes  # fmt: skip


def opened(source_id: str) -> dict[str, Any]:
    return {"source_id": source_id, "unit_id": "u1", "type": "open", "occurred_at": FIRST_DAY}


def done(answer: TestResponse) -> Any:
    assert answer.status_code < 300, answer.text
    return answer.json


def accounting(api: Api) -> dict[str, Any]:
    """Where the purchases went, and that they are all there."""
    goal = done(api.get("/api/v1/experiments/spring/report"))["goals"][0]
    found: dict[str, Any] = goal["accounting"]
    assert found["received"] == found["used"] + sum(found["excluded"].values())
    assert found["used"] == UNITS
    excluded: dict[str, Any] = found["excluded"]
    return excluded


def test_events_that_do_not_count_are_left_out_each_for_its_reason(shop: Api, clock: Clock) -> None:
    bad = [
        (paid(1, source_id="q-1", occurred_at="2031-01-01T00:00:00Z"), "after_as_of"),
        (paid(1, source_id="q-2", currency="USD", value=9), "other_currency"),
        (paid(1, source_id="q-3", occurred_at="2025-03-09T10:00:00Z"), "before_anchor"),
        (paid(1, source_id="q-4", unit_id="nobody"), "never_assigned"),
        (paid(1), "duplicate"),
        (paid(1, value=5), "conflict"),
    ]  # fmt: skip
    # A repetition is seen from the next row of the ledger on.
    items = [*(item for item, _ in bad), opened("e-1")]
    told = done(shop.post("/api/v1/events", json=items))
    assert (told["accepted"], told["duplicates"], told["rejected"]) == (5, 1, [])
    assert told["conflicts"] == [{"index": 5, "id": "p-1"}]
    clock.at += timedelta(days=30)
    assert accounting(shop) == {reason: 1 for _, reason in bad}


def test_an_alias_of_two_customers_costs_what_came_under_it_and_no_more(
    shop: Api, clock: Clock
) -> None:
    address = {"kind": "email", "value": "kim@example.com"}
    told = [{**address, "unit_id": unit} for unit in ("u1", "u2")]
    assert done(shop.post("/api/v1/aliases", json=told))["accepted"] == 2
    item = paid(1, source_id="q", alias=address)
    del item["unit_id"]
    assert done(shop.post("/api/v1/events", json=[item]))["accepted"] == 1
    clock.at += timedelta(days=30)
    assert accounting(shop) == {"ambiguous_identity": 1}


def test_an_address_that_nobody_explained_waits_and_is_released(shop: Api, clock: Clock) -> None:
    address = {"kind": "email", "value": "kim@example.com"}
    item = paid(1, source_id="q", alias=address, occurred_at="2025-04-20T10:00:00+09:00")
    del item["unit_id"]
    done(shop.post("/api/v1/events", json=[item]))
    clock.at += timedelta(days=60)
    assert accounting(shop) == {"unknown_identity": 1}
    done(shop.post("/api/v1/aliases", json=[{**address, "unit_id": "u1"}]))
    assert accounting(shop) == {"after_window": 1}


def test_what_was_before_retention_is_refused_by_itself(
    shop: Api, clock: Clock, now: datetime
) -> None:
    done(shop.put("/api/v1/retention", json={"days": 30}))
    old = paid(1, source_id="old", occurred_at=(now - timedelta(days=60)).isoformat())
    told = done(shop.post("/api/v1/events", json=[old, paid(3), opened("e-1")]))
    assert [(each["index"], each["code"]) for each in told["rejected"]] == [(0, "before_retention")]
    assert told["duplicates"] == 1
    clock.at += timedelta(days=20)
    assert accounting(shop) == {"duplicate": 1}


CSV = "id,who,what,when,paid\n"
COLUMNS = {
    "source_id": "id", "unit_id": "who", "type": "what", "occurred_at": "when", "value": "paid",
}  # fmt: skip


def upload(api: Api, content: bytes) -> TestResponse:
    mapping = {"form": "long", "fact": "event", "columns": COLUMNS}
    data = {"file": (io.BytesIO(content), "f.csv"), "mapping": json.dumps(mapping)}
    return api.post("/api/v1/imports", data=data, content_type="multipart/form-data")


def test_the_good_rows_of_a_ragged_file_count(
    shop: Api, clock: Clock, work: Callable[[], None]
) -> None:
    row = "r-{0},u{0},purchase,2025-03-10T13:00:00+09:00,50"
    rows = [row.format(1), "r-2,u2", row.format(3) + ",more", row.format(4), "r-5,u5,purchase,x,1"]
    job = done(upload(shop, (CSV + "\n".join(rows)).encode()))
    work()
    found = done(shop.get(f"/api/v1/imports/{job['id']}"))
    assert (found["state"], found["accepted"], found["rejected"]) == ("done", 2, 3)
    assert [each["line"] for each in found["rejects"]] == [3, 4, 6]


@pytest.mark.parametrize(
    "content",
    [
        (CSV + "é").encode("latin-1") + b"\xff\n",
        "\ufeffid,who\n".encode("utf-16-le") + b"x",
        b"id,who\n\xf0\x28\x8c\xbc\n",
    ],
)
def test_a_file_in_another_encoding_is_refused_whole(shop: Api, content: bytes) -> None:
    answer = upload(shop, content)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [each["field"] for each in answer.json["errors"]] == ["file"]
    assert done(shop.get("/api/v1/imports"))["items"] == []


def test_excels_unicode_text_is_read(shop: Api, work: Callable[[], None]) -> None:
    text = (CSV + "r-1,u1,purchase,2025-03-10T13:00:00+09:00,50\n").replace(",", "\t")
    job = done(upload(shop, text.encode("utf-16")))
    work()
    found = done(shop.get(f"/api/v1/imports/{job['id']}"))
    assert (found["state"], found["accepted"]) == ("done", 1)


# The parser of forms forgets to close what it had begun to write down.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_an_upload_cut_short_leaves_nothing(shop: Api, kept: float) -> None:
    boundary, row = "b" * 20, "r,u,purchase,2025-03-10T13:00:00+09:00,50\r\n"
    mapping = json.dumps({"form": "long", "fact": "event", "columns": COLUMNS})
    whole = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="mapping"\r\n\r\n{mapping}\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.csv"\r\n\r\n'
        f"{CSV}{row * 50}\r\n--{boundary}--\r\n"
    ).encode()
    answer = shop.post(
        "/api/v1/imports", data=whole[: int(len(whole) * kept)],
        content_type=f"multipart/form-data; boundary={boundary}",
    )  # fmt: skip
    assert answer.status_code in {400, 422}, answer.text
    assert done(shop.get("/api/v1/imports"))["items"] == []
