"""Aliases over HTTP: told, listed and looked up; their values never come back."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from api.settings import Settings, SettingsRefused
from api.start import prepare
from experiments.ledger.identity.kept import WrongIdentityKey
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import configuration, ledger
from tests.api.conftest import Api, Clock
from tests.conftest import make_project

PATH = "/api/v1/aliases"
EMAIL = {"kind": "email", "value": "Minji@example.com", "unit_id": "customer-1"}
OPEN = {
    "source_id": "e-1", "type": "open", "occurred_at": "2025-03-10T10:00:00+09:00",
    "alias": {"kind": "email", "value": "minji@EXAMPLE.com"},
}  # fmt: skip


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def told(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    found = answer.json
    assert isinstance(found, dict)
    return found


def rows(database: Database) -> list[Any]:
    with database.reading() as db:
        return list(db.execute(select(ledger).order_by(ledger.c.position)).all())


def test_one_or_many_are_told_and_counted_once(api: Api, database: Database) -> None:
    assert told(api.post(PATH, json=EMAIL))["accepted"] == 1
    many = [
        EMAIL, {**EMAIL, "value": " minji@example.com"}, {**EMAIL, "unit_id": "customer-2"},
        {**EMAIL, "kind": "phone"}, {**EMAIL, "kind": "unit", "value": "guest-1"},
        {**EMAIL, "valid_from": "2025-03-01T00:00:00Z", "source_id": "crm-1"},
        {**EMAIL, "valid_from": "2025-03-02T00:00:00Z", "source_id": "crm-1"},
    ]  # fmt: skip
    answer = told(api.post(PATH, json=many))
    assert (answer["accepted"], answer["duplicates"]) == (3, 2)
    assert [each["id"] for each in answer["conflicts"]] == ["crm-1"]
    assert [(each["index"], each["field"]) for each in answer["rejected"]] == [(3, "value")]
    assert "minji" not in str(rows(database)).lower()


def test_an_event_under_an_alias_keeps_the_same_hash(api: Api, database: Database) -> None:
    assert told(api.post(PATH, json=EMAIL))["accepted"] == 1
    assert told(api.post("/api/v1/events", json=OPEN))["accepted"] == 1
    alias, event = rows(database)
    assert alias.alias == event.alias
    assert (alias.unit_id, event.unit_id) == ("customer-1", None)


@pytest.mark.parametrize(
    ("path", "body", "field", "code"),
    [
        (PATH, {**EMAIL, "kind": "Minji@example.com"}, "kind", "unfit_alias"),
        (PATH, {**EMAIL, "value": ["Minji@example.com"]}, "value", "unfit_alias"),
        (PATH, {**EMAIL, "unit_id": None}, "unit_id", "missing"),
        (f"{PATH}/lookup", {"kind": "phone", "value": "Minji"}, "value", "unfit_alias"),
        (f"{PATH}/lookup", {"kind": "x", "value": "m", "at": "Monday"}, "at", "invalid"),
        ("/api/v1/events", {**OPEN, "unit_id": "1"}, "alias", "two_customers"),
        ("/api/v1/events", {**OPEN, "alias": {"kind": "Minji"}}, "alias", "unfit_alias"),
        ("/api/v1/events", {**OPEN, "alias": None}, "unit_id", "missing"),
    ],
)
@pytest.mark.parametrize("language", ["ko", "en"])
def test_what_cannot_be_is_a_422_without_the_value(
    api: Api, path: str, body: dict[str, Any], field: str, code: str, language: str
) -> None:
    answer = api.post(path, json=body, headers={"Accept-Language": language})
    (error,) = told(answer, 422)["errors"]
    assert (error["field"], error["code"]) == (field, code)
    assert "Minji" not in answer.text


def test_a_customers_aliases_are_listed_without_values(api: Api, clock: Clock) -> None:
    later = {**EMAIL, "kind": "phone", "value": "010-1", "valid_from": "2025-03-01T00:00:00Z"}
    api.post(PATH, json=[EMAIL, later])
    answer = told(api.get(PATH, query_string={"unit_id": "customer-1"}))
    received = clock.at.isoformat()
    assert answer == {
        "unit_id": "customer-1",
        "items": [
            {"kind": "phone", "valid_from": "2025-03-01T00:00:00+00:00", "received_at": received},
            {"kind": "email", "valid_from": "1970-01-01T00:00:00+00:00", "received_at": received},
        ],
    }
    assert told(api.get(PATH, query_string={"unit_id": "x"}))["items"] == []
    assert api.get(PATH).status_code == 422


def test_an_alias_is_looked_up_at_a_time(api: Api) -> None:
    changed = {**EMAIL, "unit_id": "customer-2", "valid_from": "2025-03-05T00:00:00Z"}
    merged = {"kind": "unit", "value": "customer-2", "unit_id": "customer-3"}
    api.post(PATH, json=[EMAIL, changed])

    def at(moment: str | None) -> dict[str, Any]:
        question = {"kind": "email", "value": "MINJI@example.com", "at": moment}
        return told(api.post(f"{PATH}/lookup", json=question))

    assert at("2025-03-01T00:00:00Z")["unit_id"] == "customer-1"
    assert at(None) == {
        "state": "known", "unit_id": "customer-2", "valid_from": "2025-03-05T00:00:00+00:00",
    }  # fmt: skip
    api.post(PATH, json=merged)
    assert at(None)["unit_id"] == "customer-3"
    unknown = told(api.post(f"{PATH}/lookup", json={"kind": "email", "value": "x@y"}))
    assert unknown == {"state": "unknown", "unit_id": None, "valid_from": None}


def test_scopes_and_projects_are_kept_apart(
    key_for: Callable[..., Api], database: Database, api: Api, project: Project, clock: Clock
) -> None:
    ingest, read = key_for(["ingest"]), key_for(["read"])
    question = {"kind": "email", "value": "Minji@example.com"}
    assert ingest.post(PATH, json=EMAIL).status_code == 200
    assert read.post(PATH, json=EMAIL).status_code == 403
    assert ingest.post(f"{PATH}/lookup", json=question).status_code == 403
    assert ingest.get(PATH, query_string={"unit_id": "1"}).status_code == 403
    assert told(read.post(f"{PATH}/lookup", json=question))["state"] == "known"
    other = key_for(["admin"], make_project(database, clock.at, "other"))
    assert told(other.post(f"{PATH}/lookup", json=question))["state"] == "unknown"
    assert told(other.get(PATH, query_string={"unit_id": "customer-1"}))["items"] == []


def test_with_another_databases_key_nothing_is_taken_in(api: Api, database: Database) -> None:
    with database.transaction() as db:
        db.execute(update(configuration).values(identity_fingerprint="0" * 32))
    for path, body in ((PATH, EMAIL), (f"{PATH}/lookup", {"kind": "email", "value": "x"})):
        answer = api.post(path, json=body)
        assert "identity key" in told(answer, 503)["detail"]
        assert answer.headers["Retry-After"]
    assert rows(database) == []


def test_a_segment_client_says_who_somebody_is(api: Api, clock: Clock, database: Database) -> None:
    identify = {
        "type": "identify", "messageId": "m-1", "userId": "customer-1", "anonymousId": "a-1",
        "timestamp": (clock.at + timedelta(hours=2)).isoformat(),
        "traits": {"email": "Minji@example.com"},
    }  # fmt: skip
    track = {
        "type": "track", "messageId": "m-2", "anonymousId": "a-1", "event": "Cart Viewed",
        "timestamp": (clock.at + timedelta(hours=2)).isoformat(),
    }  # fmt: skip
    sent_at = (clock.at + timedelta(hours=2)).isoformat()
    body = {"batch": [identify, track], "sentAt": sent_at}
    assert told(api.post("/v1/batch", json=body))["accepted"] == 3
    assert told(api.post("/v1/batch", json=body))["duplicates"] == 3
    anonymous, email, event = sorted(rows(database), key=lambda row: row.source_id)
    assert (anonymous.type, email.type, event.type) == ("anonymous", "email", "Cart Viewed")
    assert anonymous.alias == event.alias
    # The client's clock was wrong by two hours.
    assert anonymous.occurred_at == event.occurred_at == int(clock.at.timestamp()) * 1_000_000
    late = {**body, "sentAt": (clock.at + timedelta(hours=3)).isoformat()}
    assert told(api.post("/v1/batch", json=late))["duplicates"] == 3


def test_a_server_with_another_identity_key_does_not_start(
    api: Api, database: Database, tmp_path: Path
) -> None:
    url = database.engine.url.render_as_string(hide_password=False)

    def prepared(**changes: Any) -> None:
        given: dict[str, Any] = {"home": tmp_path, "database_url": url, "secret_key": "k" * 32}
        settings = Settings(**given | changes)
        prepare(settings, sample=False, say=lambda _: None)

    prepared(secret_key="o" * 32)
    prepared()
    api.post(PATH, json=EMAIL)
    with pytest.raises(WrongIdentityKey):
        prepared(secret_key="o" * 32)
    # The secret key may change, as long as the old one stays the identity key.
    prepared(secret_key="o" * 32, identity_key="k" * 32)


def test_a_short_identity_key_is_refused(tmp_path: Path) -> None:
    environ = {"TRUELIFT_HOME": str(tmp_path), "TRUELIFT_IDENTITY_KEY": "k" * 31}
    with pytest.raises(SettingsRefused, match="TRUELIFT_IDENTITY_KEY: expected at least 32"):
        Settings.from_environment(environ)
