"""Saved segments and lists of units over HTTP, and the tests that consult them."""

from typing import Any

import pytest
from sqlalchemy import select, text
from werkzeug.test import TestResponse

from experiments.assignment.snapshot import load_snapshot
from experiments.registry.overrides import forget_override
from experiments.registry.unit_lists import forget_member
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis, experiment_body
from tests.api.test_layers import act, created, refused, register

SEGMENTS, LISTS, EXPERIMENTS = "/api/v1/segments", "/api/v1/lists", "/api/v1/experiments"
VIP = {"key": "vip", "name": "VIP", "condition": {"grade": "vip"}}
REFUSED = {"key": "refused", "name": "수신거부", "kind": "suppression"}
AGREED = {"key": "agreed", "name": "광고 동의", "kind": "consent"}


def reason(api: Api, unit_id: str, experiment: str = "subject-line", **attributes: Any) -> str:
    question = {"experiment": experiment, "unit_id": unit_id, "attributes": attributes}
    answer = api.post("/api/v1/assign", json=question)
    assert answer.status_code == 200, answer.text
    found: str = answer.get_json()["reason"]
    return found


def change(api: Api, key: str, **body: Any) -> TestResponse:
    return api.post(f"{LISTS}/{key}/members", json=body)


@pytest.fixture
def listed(api: Api) -> Api:
    """A client of a project with KPIs, a segment and two lists."""
    create_kpis(api)
    created(api.post(SEGMENTS, json=VIP))
    for body in (REFUSED, AGREED):
        created(api.post(LISTS, json=body))
    return api


def test_a_segment_is_saved_read_and_replaced(api: Api) -> None:
    made = created(api.post(SEGMENTS, json=VIP))
    assert made["condition"] == {"grade": "vip"}
    answer = api.get(f"{SEGMENTS}/vip")
    assert answer.get_json() == made
    assert api.get(SEGMENTS).get_json() == {"items": [made], "next": None}
    other = VIP | {"condition": {"grade": {"$in": ["vip", "vvip"]}}}
    path, tag = f"{SEGMENTS}/vip", {"If-Match": answer.headers["ETag"]}
    assert api.put(path, json=other).status_code == 428
    assert api.put(path, json=other, headers=tag).get_json()["revision"] == 2
    assert api.put(path, json=other, headers=tag).status_code == 412
    refused(api.put(path, json=other | {"key": "b"}, headers={"If-Match": "*"}), 422, "key")
    refused(api.post(SEGMENTS, json=VIP), 409, "key")


@pytest.mark.parametrize(
    ("condition", "field"),
    [
        ([], "condition"),
        ("vip", "condition"),
        ({"age": {"$above": 20}}, "condition.age.$above"),
        ({"age": {"$gt": 5, "$lt": "8"}}, "condition.age"),
        ({"age": {"$gt": True}}, "condition.age.$gt"),
        ({"id": {"$inGroup": "vip"}}, "condition"),
        ({"$or": [{"a": 1}, {"id": {"$notInGroup": "vip"}}]}, "condition"),
    ],
)
def test_a_rule_that_clients_would_not_read_alike_is_refused(
    api: Api, condition: Any, field: str
) -> None:
    refused(api.post(SEGMENTS, json=VIP | {"condition": condition}), 422, field)
    create_kpis(api)
    body = experiment_body(audience={"conditions": condition})
    place = "audience.conditions" + field.removeprefix("condition")
    refused(api.post(EXPERIMENTS, json=body), 422, place)


def test_an_audience_is_its_own_rule_and_its_segments(listed: Api) -> None:
    audience = {"conditions": {"country": "KR"}, "segments": ["vip"]}
    created(register(listed, "subject-line", audience=audience))
    act(listed, "subject-line", "start")
    assert reason(listed, "u1", country="KR", grade="vip") == "assigned"
    assert reason(listed, "u1", country="KR", grade="new") == "not_targeted"
    assert reason(listed, "u1", country="JP", grade="vip") == "not_targeted"
    assert reason(listed, "u1") == "not_targeted"


def test_a_started_test_goes_on_with_what_a_segment_said(listed: Api) -> None:
    created(register(listed, "subject-line", audience={"segments": ["vip"]}))
    act(listed, "subject-line", "start")
    everybody = VIP | {"condition": {}}
    listed.put(f"{SEGMENTS}/vip", json=everybody, headers={"If-Match": "*"})
    assert reason(listed, "u1", grade="new") == "not_targeted"


@pytest.mark.parametrize(
    ("audience", "field"),
    [
        ({"segments": ["none"]}, "audience.segments.0"),
        ({"exclude_lists": ["none"]}, "audience.exclude_lists.0"),
        ({"exclude_lists": ["refused", "agreed"]}, "audience.exclude_lists.1"),
        ({"require_lists": ["refused"]}, "audience.require_lists.0"),
        ({"require_lists": ["agreed", "agreed"]}, "audience.require_lists"),
        ({"segments": ["VIP"]}, "audience.segments.0"),
        ({"people": []}, "audience.people"),
    ],
)
def test_what_an_audience_names_must_be_there_and_fit(
    listed: Api, audience: dict[str, Any], field: str
) -> None:
    refused(register(listed, "subject-line", audience=audience), 422, field)


def test_lists_count_their_members_and_tell_nobody(listed: Api) -> None:
    answer = change(listed, "refused", add=["u1", "홍길동", "u1"], remove=["u9"])
    assert answer.get_json() == {"added": 2, "removed": 0, "members": 2, "revision": 2}
    answer = change(listed, "refused", add=["u1"], remove=["홍길동"])
    assert answer.get_json() == {"added": 0, "removed": 1, "members": 1, "revision": 3}
    one = listed.get(f"{LISTS}/refused").get_json()
    assert (one["members"], one["kind"], one["revision"]) == (1, "suppression", 3)
    assert set(one) == {
        "key", "name", "kind", "members", "checksum", "revision", "created_at", "updated_at",
    }  # fmt: skip
    assert [each["key"] for each in listed.get(LISTS).get_json()["items"]] == ["agreed", "refused"]
    asked = {"unit_ids": ["u1", "홍길동", "u9"]}
    on = listed.post(f"{LISTS}/refused/members/check", json=asked)
    assert on.get_json() == {"members": ["u1"]}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"add": ["u1", ""]}, "add.1"),
        ({"add": [7]}, "add.0"),
        ({"remove": [None]}, "remove.0"),
        ({"add": ["u1"], "remove": ["u1"]}, "remove"),
        ({"add": "u1"}, "add"),
        ({"members": []}, "members"),
        ({"add": ["u"] * 100_001}, None),
    ],
)
def test_members_that_are_none_change_nothing(
    listed: Api, body: dict[str, Any], field: str | None
) -> None:
    refused(change(listed, "refused", **body), 422, field)
    assert listed.get(f"{LISTS}/refused").get_json()["revision"] == 1


def test_members_are_left_out_and_others_must_have_agreed(listed: Api) -> None:
    audience = {"exclude_lists": ["refused"], "require_lists": ["agreed"]}
    created(register(listed, "subject-line", audience=audience))
    act(listed, "subject-line", "start")
    assert reason(listed, "u1") == "no_consent"
    change(listed, "agreed", add=["u1", "u2"])
    assert reason(listed, "u1") == "assigned"
    change(listed, "refused", add=["u1"])
    assert (reason(listed, "u1"), reason(listed, "u2")) == ("suppressed", "assigned")
    change(listed, "refused", remove=["u1"])
    assert reason(listed, "u1") == "assigned"


def test_what_a_test_names_is_not_taken_away(listed: Api) -> None:
    audience = {"segments": ["vip"], "exclude_lists": ["refused"]}
    created(register(listed, "subject-line", audience=audience))
    for path in (f"{SEGMENTS}/vip", f"{LISTS}/refused"):
        assert listed.delete(path).status_code == 428
        answer = listed.delete(path, headers={"If-Match": "*"})
        assert answer.status_code == 409
        assert "is used by the test 'subject-line'" in answer.get_json()["detail"]
    act(listed, "subject-line", "archive")
    for path in (f"{SEGMENTS}/vip", f"{LISTS}/refused"):
        assert listed.delete(path, headers={"If-Match": "*"}).status_code == 204
        assert listed.get(path).status_code == 404


def test_a_long_list_is_read_in_part_where_it_is_known(
    listed: Api, database: Database, clock: Clock
) -> None:
    created(register(listed, "subject-line", audience={"exclude_lists": ["refused"]}))
    act(listed, "subject-line", "start")
    change(listed, "refused", add=[f"고객-{n}" for n in range(20_000)])
    with database.reading() as db:
        known = load_snapshot(db, clock.at)
    change(listed, "refused", add=["한 명 더"], remove=["고객-7"])
    with database.reading() as db:
        anew, grown = load_snapshot(db, clock.at), load_snapshot(db, clock.at, known)
    assert anew == grown != known
    ((whole),) = grown.unit_lists().values()
    assert len(whole) == 20_000
    assert "한 명 더" in whole
    assert "고객-7" not in whole


def test_a_copy_that_does_not_fit_is_not_believed(
    listed: Api, database: Database, clock: Clock
) -> None:
    created(register(listed, "subject-line", audience={"exclude_lists": ["refused"]}))
    act(listed, "subject-line", "start")
    change(listed, "refused", add=["u1", "u2"])
    with database.reading() as db:
        known = load_snapshot(db, clock.at)
    # As after a restored back-up: the same revision, other members.
    with database.transaction() as db:
        db.execute(text("DELETE FROM unit_list_parts"))
        db.execute(text("UPDATE unit_lists SET members = 0, checksum = :none"), {"none": bytes(16)})
    with database.reading() as db:
        (kept,) = load_snapshot(db, clock.at, known).unit_lists().values()
    assert len(kept) == 0


def test_a_forgotten_customer_is_on_no_list_and_no_tester(
    listed: Api, database: Database, project: Project
) -> None:
    created(register(listed, "subject-line", audience={"exclude_lists": ["refused"]}))
    change(listed, "refused", add=["u1", "u2"])
    change(listed, "agreed", add=["u1"])
    given = {"overrides": {"u1": "b", "u2": "a"}}
    path = f"{EXPERIMENTS}/subject-line/overrides"
    assert listed.put(path, json=given, headers={"If-Match": "*"}).status_code == 200
    with database.transaction() as db:
        assert forget_member(db, project, "u1") == 2
        assert forget_override(db, project, "u1") == 1
        assert forget_member(db, project, "u1") == 0
        assert forget_override(db, project, "u1") == 0
    assert listed.get(f"{LISTS}/refused").get_json()["members"] == 1
    assert listed.get(path).get_json() == {"overrides": {"u2": "a"}}


def test_changes_leave_a_trail_without_anybodys_id(listed: Api, database: Database) -> None:
    change(listed, "refused", add=["minji@example.com"])
    created(register(listed, "subject-line"))
    path = f"{EXPERIMENTS}/subject-line/overrides"
    listed.put(path, json={"overrides": {"minji@example.com": "b"}}, headers={"If-Match": "*"})
    with database.reading() as db:
        rows = db.execute(select(audit).order_by(audit.c.id)).all()
    assert [row.action for row in rows[-3:]] == [
        "list.change_members",
        "experiment.register",
        "experiment.set_overrides",
    ]
    assert "minji@example.com" not in str([(row.before, row.after) for row in rows])
