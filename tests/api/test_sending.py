"""Send-time tests over HTTP: registered, assigned with the instant, checked by the rules."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from api.assign import assign
from experiments.registry.catalog import get_experiment
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, experiments
from experiments.zones import VERSION
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis, experiment_body
from tests.conftest import make_project

EXPERIMENTS = "/api/v1/experiments"
ONE = f"{EXPERIMENTS}/send-time"
# The clock stands at 2025-03-10 10:00 in Seoul.
VARIANTS = [
    {
        "key": "a",
        "name": "10시",
        "weight": 0.5,
        "control": True,
        "send_at": {"local_time": "10:00"},
    },
    {"key": "b", "name": "18시", "weight": 0.5, "send_at": {"local_time": "18:00"}},
]


def body(**changes: Any) -> dict[str, Any]:
    """A push that goes out at 10:00 or at 18:00, wherever the customer is."""
    values = {
        "key": "send-time",
        "anchor": "planned_send",
        "channels": ["app_push"],
        "element": "send_time",
        "variants": VARIANTS,
        "time_zone_attribute": "tz",
    }
    return experiment_body(**(values | changes))


def with_times(*times: Any) -> list[dict[str, Any]]:
    return [{**each, "send_at": at} for each, at in zip(VARIANTS, times, strict=True)]


@pytest.fixture
def kpis(api: Api) -> Api:
    create_kpis(api)
    return api


@pytest.fixture
def running(kpis: Api) -> Api:
    assert kpis.post(EXPERIMENTS, json=body()).status_code == 201
    answer = kpis.post(f"{ONE}/start")
    assert answer.status_code == 200, answer.text
    return kpis


def fields_of(answer: TestResponse) -> list[str]:
    return [each["field"] for each in answer.get_json()["errors"]]


def test_a_send_time_is_read_back_as_it_can_be_sent_again(kpis: Api) -> None:
    times = [
        {"local_time": "10:00", "weekday": 4},
        {"local_time": "18:00", "weekday": "Fri"},
    ]
    made = kpis.post(EXPERIMENTS, json=body(variants=with_times(*times)))
    assert made.status_code == 201, made.text
    variants = made.get_json()["variants"]
    assert [each["send_at"] for each in variants] == [
        {"local_time": "10:00", "weekday": "friday", "on": None},
        {"local_time": "18:00", "weekday": "friday", "on": None},
    ]
    again = kpis.put(ONE, json=body(variants=variants), headers={"If-Match": "*"})
    assert again.status_code == 200, again.text
    assert again.get_json()["variants"] == variants
    assert again.get_json()["time_zone_attribute"] == "tz"


@pytest.mark.parametrize(
    ("send_at", "field"),
    [
        ({"local_time": "24:00"}, "variants.1.send_at.local_time"),
        ({"local_time": "9:00"}, "variants.1.send_at.local_time"),
        ({"local_time": "10:00:00"}, "variants.1.send_at.local_time"),
        ({}, "variants.1.send_at.local_time"),
        ({"local_time": "10:00", "weekday": 7}, "variants.1.send_at.weekday"),
        ({"local_time": "10:00", "weekday": True}, "variants.1.send_at.weekday"),
        ({"local_time": "10:00", "weekday": "금"}, "variants.1.send_at.weekday"),
        ({"local_time": "10:00", "on": "2025-02-29"}, "variants.1.send_at.on"),
        ({"local_time": "10:00", "on": "1999-01-01"}, "variants.1.send_at.on"),
        (
            {"local_time": "10:00", "on": "2025-03-14", "weekday": "fri"},
            "variants.1.send_at.on",
        ),
        ({"local_time": "10:00", "zone": "Asia/Seoul"}, "variants.1.send_at.zone"),
    ],
)
def test_a_send_time_that_does_not_fit_is_refused_by_field(
    kpis: Api, send_at: dict[str, Any], field: str
) -> None:
    answer = kpis.post(EXPERIMENTS, json=body(variants=with_times(None, send_at)))
    assert answer.status_code == 422, answer.text
    assert fields_of(answer) == [field]


@pytest.mark.parametrize("name", ["", " tz", "id", "x" * 65])
def test_no_attribute_of_that_name_can_hold_a_zone(kpis: Api, name: str) -> None:
    answer = kpis.post(EXPERIMENTS, json=body() | {"time_zone_attribute": name})
    assert answer.status_code == 422
    assert fields_of(answer) == ["time_zone_attribute"]


def assigned(api: Api, unit_id: str, **attributes: Any) -> dict[str, Any]:
    question = {"experiment": "send-time", "unit_id": unit_id, "attributes": attributes}
    answer = api.post("/api/v1/assign", json=question)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_an_assignment_says_when_to_send_in_the_customers_zone(running: Api) -> None:
    # It is 10:00 in Seoul already: the next 10:00 there is tomorrow's.
    due = {
        ("a", ""): "2025-03-11T01:00:00Z",
        ("b", ""): "2025-03-10T09:00:00Z",
        ("a", "America/New_York"): "2025-03-10T14:00:00Z",
        ("b", "America/New_York"): "2025-03-10T22:00:00Z",
    }
    met = set()
    for number in range(20):
        for zone in ("", "America/New_York"):
            found = assigned(running, f"c{number}", tz=zone)
            assert found["send_at"] == due[found["variant"], zone]
            met.add((found["variant"], zone))
    assert met == set(due)


def test_a_tool_that_asks_by_address_is_answered_in_the_projects_zone(running: Api) -> None:
    answer = running.get("/api/v1/assign?experiment=send-time&unit_id=c0")
    assert answer.get_json() == assigned(running, "c0")


def test_a_batch_is_answered_like_one_by_one_and_unknown_zones_are_listed(running: Api) -> None:
    units = [
        {"unit_id": "c0"},
        {"unit_id": "c1", "attributes": {"tz": "Asia/Busan"}},
        {"unit_id": ""},
        {"unit_id": "c2", "attributes": {"tz": "Europe/Paris"}},
        "c3",
    ]
    answer = running.post(
        "/api/v1/assign/batch", json={"experiment": "send-time", "units": units}
    ).get_json()
    zones = {"c2": "Europe/Paris"}
    for each in answer["assignments"]:
        single = assigned(running, each["unit_id"], tz=zones.get(each["unit_id"]))
        assert {k: v for k, v in each.items() if k != "index"} == {
            k: v for k, v in single.items() if k != "experiment"
        }
    assert [each["index"] for each in answer["assignments"]] == [0, 3, 4]
    assert [(each["index"], each["code"], each["field"]) for each in answer["rejected"]] == [
        (1, "unknown_zone", "units.1.attributes.tz"),
        (2, "invalid", "units.2.unit_id"),
    ]


def test_an_unknown_zone_is_refused_by_name(running: Api) -> None:
    question = {"experiment": "send-time", "unit_id": "c0", "attributes": {"tz": "KST"}}
    answer = running.post("/api/v1/assign", json=question)
    assert answer.status_code == 422
    (refusal,) = answer.get_json()["errors"]
    assert (refusal["field"], refusal["code"]) == ("attributes.tz", "unknown_zone")
    assert "'KST'" in refusal["message"]


def test_a_customer_without_a_variant_has_no_send_time(running: Api) -> None:
    assert running.post(f"{ONE}/pause").status_code == 200
    found = assigned(running, "c0")
    assert (found["variant"], found["reason"], found["send_at"]) == (None, "paused", None)


def test_a_test_without_send_times_answers_as_before(kpis: Api) -> None:
    assert kpis.post(EXPERIMENTS, json=experiment_body(key="send-time")).status_code == 201
    assert kpis.post(f"{ONE}/start").status_code == 200
    assert "send_at" not in assigned(kpis, "c0", tz="KST")


def listed(api: Api, content: str, **form: str) -> TestResponse:
    data = {"unit_column": "id", **form, "file": (io.BytesIO(content.encode()), "list.csv")}
    answer = api.post(f"{ONE}/assignments", data=data)
    assert answer.get_data() is not None
    answer.close()
    return answer


LIST = "id,tz\nc0,\nc1,America/New_York\nc2,Asia/Busan\n"


def test_a_list_carries_the_instants(running: Api) -> None:
    answer = listed(running, LIST, send_on="2025-03-14")
    assert answer.status_code == 200, answer.text
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    hours = {
        ("c0", "a"): "2025-03-14T01:00:00Z", ("c0", "b"): "2025-03-14T09:00:00Z",
        ("c1", "a"): "2025-03-14T14:00:00Z", ("c1", "b"): "2025-03-14T22:00:00Z",
    }  # fmt: skip
    assert [row["send_at"] for row in rows] == [hours[row["id"], row["variant"]] for row in rows]
    assert answer.headers["Truelift-Rejected"] == "1"
    next_due = listed(running, "id\nc0\n", send_at_column="due")
    assert next_due.text.splitlines()[0] == "id,variant,due"
    summary = listed(running, LIST, answer="summary").get_json()
    (row,) = summary["rejects"]
    assert (row["line"], row["field"], row["code"]) == (4, "tz", "unknown_zone")


def test_the_command_line_answers_a_list_with_instants_and_proves_it(
    running: Api, tmp_path: Path
) -> None:
    source, kept, out = (tmp_path / name for name in ("list.csv", "test.configuration", "out.csv"))
    source.write_text(LIST)
    kept.write_bytes(running.get(f"{ONE}/configuration").get_data())
    arguments = ["send-time", str(source), "--unit-column", "id", "--configuration", str(kept)]
    asked = [*arguments, "--send-on", "2025-03-14", "-o", str(out)]
    done = CliRunner().invoke(assign, asked, catch_exceptions=False)
    assert done.exit_code == 0
    assert out.read_text() == listed(running, LIST, send_on="2025-03-14").text
    assert "line 4: tz no time zone 'Asia/Busan'" in done.output
    digest = listed(running, LIST).headers["Truelift-Digest"]
    proved = CliRunner().invoke(assign, [*arguments, "--verify", digest])
    assert proved.exit_code == 0, "the date of sending does not matter to the digest"
    assert "verified" in proved.output


@pytest.mark.parametrize("send_on", ["tomorrow", "2025-13-01", "1999-01-01", "20250314"])
def test_a_list_is_sent_on_a_date(running: Api, send_on: str) -> None:
    answer = listed(running, LIST, send_on=send_on)
    assert answer.status_code == 422
    assert fields_of(answer) == ["send_on"]


def test_a_draft_of_before_is_read_as_one_without_send_times(
    running: Api, database: Database, project: Project
) -> None:
    with database.transaction() as db:
        draft = db.execute(select(experiments.c.draft)).scalar_one()
        for name in ("advertising", "night_consent", "time_zone_attribute"):
            draft.pop(name)
        for variant in draft["variants"]:
            variant.pop("send_at")
        db.execute(update(experiments).values(draft=draft))
        found = get_experiment(db, project, "send-time").draft
    assert (found.advertising, found.night_consent) == (False, False)
    assert [each.send_at for each in found.variants] == [None, None]
    assert running.get(ONE).status_code == 200


RULES = "/api/v1/sending-rules"
NO_HOURS = {"from": None, "until": None}


def rule(**changes: Any) -> dict[str, Any]:
    return {
        "key": "lunch",
        "kind": "quiet_hours",
        "channels": ["app_push"],
        "severity": "refuse",
        "source": "사내 규정 12",
        "as_of": "2025-03-01",
        "note": {"ko": "점심에는 보내지 않습니다.", "en": "Nothing at lunch."},
        "advertising_only": False,
        "from": "12:00",
        "until": "13:00",
    } | changes


def put(api: Api, *rules: dict[str, Any], seen: str = "*") -> TestResponse:
    return api.put(RULES, json={"items": list(rules)}, headers={"If-Match": seen})


def test_the_rules_that_ship_hold_until_somebody_edits_them(api: Api) -> None:
    answer = api.get(RULES)
    found = answer.get_json()
    assert (found["shipped"], found["revision"], found["changed_at"]) == (True, 0, None)
    by_key = {each["key"]: each for each in found["items"]}
    night = by_key["night-advertising"]
    assert (night["from"], night["until"], night["severity"]) == ("21:00", "08:00", "refuse")
    assert by_key["night-advertising-email"]["severity"] == "flag"
    for each in found["items"]:
        assert each["source"]
        assert each["as_of"]
        assert set(each["note"]) == {"ko", "en"}
    edited = put(api, *found["items"], seen=answer.headers["ETag"])
    assert edited.status_code == 200, edited.text
    assert edited.get_json()["items"] == found["items"], "what is read can be sent again"


def test_an_edit_is_seen_and_audited_and_can_be_taken_back(
    api: Api, database: Database, clock: Clock
) -> None:
    before = api.get(RULES)
    edited = put(api, rule(), seen=before.headers["ETag"])
    assert edited.get_json() == {
        "items": [rule(lifted_by_night_consent=False)],
        "shipped": False,
        "revision": 1,
        "changed_at": clock.at.isoformat(),
        "changed_by": edited.get_json()["changed_by"],
    }
    assert put(api, seen=before.headers["ETag"]).status_code == 412
    assert api.put(RULES, json={"items": []}).status_code == 428
    back = api.put(RULES, json={"items": None}, headers={"If-Match": "*"})
    assert back.get_json()["items"] == before.get_json()["items"]
    assert (back.get_json()["shipped"], back.get_json()["revision"]) == (True, 2)
    with database.reading() as db:
        rows = db.execute(
            select(audit).where(audit.c.object_type == "sending_rules").order_by(audit.c.id)
        ).all()
    assert [row.action for row in rows] == ["sending_rules.replace"] * 2
    assert rows[0].after["rules"] == [rule(lifted_by_night_consent=False)]
    assert rows[1].before == rows[0].after


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"kind": "curfew"}, "kind"),
        ({"severity": "warn"}, "severity"),
        ({"channels": []}, "channels"),
        ({"channels": ["fax"]}, "channels.0"),
        ({"from": "25:00"}, "from"),
        ({"until": "12:00"}, "until"),
        ({"until": None}, "until"),
        ({"limit": 90}, "limit"),
        ({"source": ""}, "source"),
        ({"as_of": "yesterday"}, "as_of"),
        ({"note": {"ko": "한국어만"}}, "note.en"),
        ({"note": {"ko": "점심", "en": ""}}, "note.en"),
        ({"curfew": True}, "curfew"),
        ({"kind": "label"} | NO_HOURS, "fields"),
        (
            {"kind": "no_advertising", "lifted_by_night_consent": True} | NO_HOURS,
            "lifted_by_night_consent",
        ),
        (
            {"kind": "consent", "months": 24} | NO_HOURS,
            "severity",
        ),
        (
            {"kind": "consent", "severity": "flag", "months": 0} | NO_HOURS,
            "months",
        ),
    ],
)
def test_a_rule_that_does_not_fit_is_refused_by_field(
    api: Api, changes: dict[str, Any], field: str
) -> None:
    body = {name: value for name, value in rule(**changes).items() if value is not None}
    answer = put(api, rule(key="first"), body)
    assert answer.status_code == 422, answer.text
    assert fields_of(answer) == [f"items.1.{field}"]
    assert api.get(RULES).get_json()["revision"] == 0


def test_two_rules_of_one_key_are_refused(api: Api) -> None:
    assert fields_of(put(api, rule(), rule())) == ["items"]


def test_only_an_administrator_edits_the_rules(
    key_for: Callable[..., Api], browser_for: Callable[[str], FlaskClient]
) -> None:
    assert put(key_for(["read"]), rule()).status_code == 403
    assert key_for(["read"]).get(RULES).status_code == 200
    marketer = browser_for("marketer")
    headers = {"If-Match": "*"}
    assert marketer.put(RULES, json={"items": None}, headers=headers).status_code == 403
    assert marketer.get(RULES).status_code == 200


def test_each_project_has_rules_of_its_own(
    api: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    other = key_for(["admin"], make_project(database, now, "other"))
    assert put(api, rule()).status_code == 200
    assert other.get(RULES).get_json()["revision"] == 0


def checked(api: Api) -> dict[str, Any]:
    answer = api.post(f"{ONE}/check")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.get_json()
    return found


def test_a_check_says_what_a_start_would_meet_and_changes_nothing(kpis: Api) -> None:
    night = with_times({"local_time": "10:00"}, {"local_time": "21:30"})
    kpis.post(EXPERIMENTS, json=body(variants=night, advertising=True))
    found = checked(kpis)
    assert (found["experiment"], found["ready"], found["time_zone"]) == (
        "send-time",
        False,
        "Asia/Seoul",
    )
    assert found["time_zone_data"] == VERSION
    (refusal,) = found["refusals"]
    assert (refusal["code"], refusal["field"]) == ("night_consent_missing", "variants.1.send_at")
    assert "정보통신망법 제50조 제3항" in refusal["message"]
    assert "consent_again" in [each["code"] for each in found["warnings"]]
    read = kpis.get(ONE).get_json()
    assert (read["state"], read["revision"]) == ("draft", 1)
    assert read["warnings"] == found["warnings"]
    start = kpis.post(f"{ONE}/start")
    assert start.status_code == 409
    assert start.get_json()["errors"] == [refusal]


def test_a_stated_consent_lifts_the_night_and_stays_amber(kpis: Api) -> None:
    night = with_times({"local_time": "10:00"}, {"local_time": "21:30"})
    kpis.post(EXPERIMENTS, json=body(variants=night, advertising=True, night_consent=True))
    found = checked(kpis)
    assert (found["ready"], found["refusals"]) == (True, [])
    assert "night_consent" in [each["code"] for each in found["warnings"]]
    assert kpis.post(f"{ONE}/start").status_code == 200


def test_a_check_names_everything_and_not_the_first_thing_alone(kpis: Api) -> None:
    draft = body(goals=[], advertising=True, channels=["alimtalk"])
    assert kpis.post(EXPERIMENTS, json=draft).status_code == 201
    codes = [each["code"] for each in checked(kpis)["refusals"]]
    assert codes == ["no_primary_kpi", "advertising_not_carried"]


def test_a_check_of_what_is_not_there_is_refused(api: Api) -> None:
    assert api.post(f"{ONE}/check").status_code == 404


def test_slots_that_are_taken_are_told_by_the_check(kpis: Api) -> None:
    kpis.post("/api/v1/layers", json={"key": "crm", "name": "CRM"})
    slots = {"key": "crm", "start": 0, "end": 5000}
    kpis.post(EXPERIMENTS, json=body(layer=slots))
    kpis.post(EXPERIMENTS, json=experiment_body(layer=slots))
    assert kpis.post(f"{EXPERIMENTS}/subject-line/start").status_code == 200
    assert [each["code"] for each in checked(kpis)["refusals"]] == ["slots_taken"]


def test_the_projects_own_rules_decide(kpis: Api) -> None:
    noon = with_times({"local_time": "12:30"}, {"local_time": "23:00"})
    kpis.post(EXPERIMENTS, json=body(variants=noon, advertising=True))
    put(kpis, rule())
    found = checked(kpis)
    assert found["rules_revision"] == 1
    (refusal,) = found["refusals"]
    assert (refusal["code"], refusal["field"]) == ("quiet_hours", "variants.0.send_at")
    assert "사내 규정 12, as of 2025-03-01" in refusal["message"]
    put(kpis, rule(severity="flag"))
    assert checked(kpis)["ready"] is True
    assert kpis.post(f"{ONE}/start").status_code == 200


def test_a_started_test_is_told_of_by_the_rules_of_its_start(kpis: Api, clock: Clock) -> None:
    kpis.post(EXPERIMENTS, json=body(advertising=True))
    kpis.post(f"{ONE}/start")
    before = kpis.get(ONE).get_json()["warnings"]
    assert "consent_again" in [each["code"] for each in before]
    clock.at += timedelta(minutes=1)
    put(kpis, rule())
    assert kpis.get(ONE).get_json()["warnings"] == before
    assert "consent_again" not in [each["code"] for each in checked(kpis)["warnings"]]


def test_a_page_of_a_draft_says_what_refuses_it(
    kpis: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    night = with_times({"local_time": "10:00"}, {"local_time": "21:30"})
    kpis.post(EXPERIMENTS, json=body(variants=night, advertising=True))
    page = browser_for("viewer").get("/experiments/send-time?lang=ko").text
    assert "광고를 보내려면 별도 동의가 필요한데" in page
    assert "24개월마다 다시 확인해야 합니다" in page
