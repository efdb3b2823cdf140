"""Kept reports over the interface: the very bytes, the list, made again, refusals."""

import hashlib
import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from experiments.storage.database import Database
from experiments.storage.tables import ledger
from tests.api.conftest import Api, Clock
from tests.api.loaded import database, loaded_file, project
from tests.conftest import make_project

__all__ = ["database", "loaded_file", "project"]
REPORTS = "/api/v1/experiments/subject-line/reports"


@pytest.fixture
def reader(api: Api, clock: Clock) -> Api:
    """A caller who may do everything, an hour after the mails went out: a report is quick."""
    clock.at += timedelta(hours=1)
    return api


def kept(reader: Api, **body: object) -> dict[str, str]:
    answer = reader.post(REPORTS, json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json or {}
    assert answer.headers["Location"] == f"/api/v1/reports/{told['id']}"
    return told


def test_the_very_bytes_come_back_whenever_they_are_asked_for(reader: Api, clock: Clock) -> None:
    told = kept(reader)
    first = reader.get(f"/api/v1/reports/{told['id']}")
    clock.at += timedelta(days=30)
    second = reader.get(f"/api/v1/reports/{told['id']}")
    assert first.data == second.data
    assert hashlib.sha256(first.data).hexdigest() == told["digest"]
    assert first.mimetype == "application/json"
    document = json.loads(first.data)
    assert document["verdict"]["state"] == told["state"] == "too_early"
    assert set(document["said"]) == {"ko", "en"}
    again = reader.get(
        f"/api/v1/reports/{told['id']}", headers={"If-None-Match": first.headers["ETag"]}
    )
    assert again.status_code == 304


def test_a_request_sent_again_keeps_one_report(reader: Api) -> None:
    key = {"Idempotency-Key": "once"}
    answers = [reader.post(REPORTS, json={}, headers=key) for _ in range(2)]
    assert answers[0].json == answers[1].json
    listed = reader.get(REPORTS).json
    assert listed is not None
    assert len(listed["items"]) == 1


def test_the_list_comes_in_pages_with_the_newest_first(reader: Api) -> None:
    ids = [kept(reader)["id"] for _ in range(3)]
    first = reader.get(f"{REPORTS}?limit=2").json
    assert first is not None
    assert [each["id"] for each in first["items"]] == ids[:0:-1]
    rest = reader.get(f"{REPORTS}?limit=2&cursor={first['next']}").json
    assert rest is not None
    assert ([each["id"] for each in rest["items"]], rest["next"]) == (ids[:1], None)
    assert reader.get(f"{REPORTS}?cursor=YWJj").status_code == 422


def test_a_report_made_again_is_equal_after_more_facts_came(reader: Api, clock: Clock) -> None:
    told = kept(reader)
    event = {"source_id": "later", "unit_id": "c-1", "type": "open",
             "occurred_at": clock.at.isoformat()}  # fmt: skip
    assert reader.post("/api/v1/events", json=event).status_code == 200
    found = reader.get(f"/api/v1/reports/{told['id']}/verification").json
    assert found is not None
    assert (found["outcome"], found["digest_now"]) == ("equal", told["digest"])
    assert "완전히 같습니다" in found["said"]["ko"][0]
    assert "byte for byte" in found["said"]["en"][0]


def test_a_report_that_does_not_come_out_again_shows_the_fields(
    reader: Api, database: Database
) -> None:
    told = kept(reader)
    with database.transaction() as db:
        sent = (ledger.c.fact == "exposure") & (ledger.c.variant == "a")
        db.execute(update(ledger).where(sent).values(variant="b"))
    runtime = reader.client.application.extensions["truelift"]
    (runtime.settings.home / "replica" / "manifest.json").unlink()
    found = reader.get(f"/api/v1/reports/{told['id']}/verification").json
    assert found is not None
    assert found["outcome"] == "different"
    fields = [each["field"] for each in found["differences"]]
    assert "verdict.state" in fields
    assert found["differences_in_all"] >= len(fields)


def test_an_earlier_moment_may_be_kept_and_one_to_come_may_not(reader: Api) -> None:
    told = kept(reader, as_of="2025-03-10T10:30:00+09:00")
    assert told["as_of"].startswith("2025-03-10T01:30:00")
    for as_of in ("2099-01-01T00:00:00Z", "2025-03-10T10:30:00", "yesterday"):
        answer = reader.post(REPORTS, json={"as_of": as_of})
        assert (answer.status_code, answer.json["errors"][0]["field"]) == (422, "as_of")  # type: ignore[index] # there is a body


def test_reports_of_another_project_are_as_good_as_absent(
    reader: Api, key_for: Callable[..., Api], database: Database, clock: Clock
) -> None:
    told = kept(reader)
    other = key_for(["admin"], make_project(database, clock.at, "other"))
    for path in (
        f"/api/v1/reports/{told['id']}",
        f"/api/v1/reports/{told['id']}/verification",
        REPORTS,
    ):
        assert other.get(path).status_code == 404
    assert other.post(REPORTS, json={}).status_code == 404
    assert reader.get("/api/v1/reports/nothing").status_code == 404


def test_reading_alone_keeps_nothing(reader: Api, key_for: Callable[..., Api]) -> None:
    other = key_for(["read"])
    assert other.post(REPORTS, json={}).status_code == 403
    assert other.get(REPORTS).status_code == 200
