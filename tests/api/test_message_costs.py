"""Message costs over HTTP: replaced as a whole, with revisions; found for any time."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from experiments.registry.message_costs import MessageCost, MessageCosts, message_costs_of
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, message_costs
from tests.api.conftest import Api

PATH = "/api/v1/message-costs"
ANY = {"If-Match": "*"}
JANUARY, MARCH = datetime(2025, 1, 1, tzinfo=UTC), datetime(2025, 3, 1, tzinfo=UTC)


def cost(**changes: Any) -> dict[str, Any]:
    return {
        "channel": "sms", "cost": 8.9, "currency": "KRW", "valid_from": "2025-01-01T00:00:00Z",
    } | changes  # fmt: skip


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


def test_costs_are_replaced_and_every_revision_stays(
    api: Api, database: Database, project: Project
) -> None:
    empty = api.get(PATH)
    assert empty.get_json() == {"items": [], "revision": 0, "changed_at": None, "changed_by": None}
    seen = {"If-Match": empty.headers["ETag"]}
    items = [cost(), cost(kind="image", cost="29.40"), cost(valid_from="2025-03-01T00:00:00+09:00")]
    assert api.put(PATH, json={"items": items}).status_code == 428
    answer = api.put(PATH, json={"items": items}, headers=seen)
    assert answer.status_code == 200, answer.text
    told = answer.get_json()
    assert [(each["kind"], each["cost"]) for each in told["items"]] == [
        (None, 8.9), ("image", 29.4), (None, 8.9),
    ]  # fmt: skip
    assert (told["revision"], told["changed_by"].startswith("key:")) == (1, True)
    assert api.put(PATH, json={"items": []}, headers=seen).status_code == 412
    assert api.get(PATH).get_json() == told
    assert api.put(PATH, json={"items": []}, headers=ANY).get_json()["revision"] == 2
    with database.reading() as db:
        assert len(db.execute(select(message_costs)).all()) == 2
        replaced = select(audit).where(audit.c.action == "message_costs.replace")
        row = db.execute(replaced.order_by(audit.c.id)).first()
        assert message_costs_of(db, project).costs == ()
    assert row is not None
    assert row.after["costs"][1]["cost"] == "29.40"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"channel": "pigeon"}, "channel"),
        ({"cost": -1}, "cost"),
        ({"currency": "won"}, "currency"),
        ({"valid_from": "2025-01-01"}, "valid_from"),
        ({"kind": "Image"}, "kind"),
    ],
)
def test_a_cost_that_does_not_fit_names_its_place(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    answer = api.put(PATH, json={"items": [cost(), cost(**changes)]}, headers=ANY)
    assert answer.status_code == 422
    assert answer.get_json()["errors"][0]["field"] == f"items.1.{field}"


def test_two_costs_from_one_moment_are_refused(api: Api) -> None:
    answer = api.put(PATH, json={"items": [cost(), cost(cost=9)]}, headers=ANY)
    entry = answer.get_json()["errors"][0]
    assert (answer.status_code, entry["field"], entry["code"]) == (422, "items.1", "cost_twice")


def known(channel: str, kind: str | None, since: datetime, amount: str) -> MessageCost:
    return MessageCost(channel, Decimal(amount), "KRW", since, kind)


@pytest.mark.parametrize(
    ("channel", "kind", "at", "expected"),
    [
        ("sms", None, JANUARY, "1"),
        ("sms", None, MARCH, "2"),
        ("sms", "image", JANUARY, "1"),
        ("sms", "image", MARCH, "3"),
        ("sms", "other", MARCH, "2"),
        ("sms", None, datetime(2024, 12, 31, tzinfo=UTC), None),
        ("email", None, MARCH, None),
    ],
)
def test_the_latest_cost_of_its_kind_holds(
    channel: str, kind: str | None, at: datetime, expected: str | None
) -> None:
    costs = MessageCosts((
        known("sms", None, MARCH, "2"), known("sms", None, JANUARY, "1"),
        known("sms", "image", MARCH, "3"),
    ))  # fmt: skip
    found = costs.cost_at(channel, kind, at)
    assert (None if found is None else str(found.cost)) == expected
