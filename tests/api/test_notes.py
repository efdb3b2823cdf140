"""Notes over HTTP: kept, tagged, counted by variant beside the KPI they explain."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from experiments.storage.database import Database
from tests.api.conftest import Api, Clock
from tests.api.registry_bodies import create_kpis, experiment_body

PATH = "/api/v1/notes"
IN_TEST = "/api/v1/experiments/subject-line/notes"


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    return sqlite_database


@pytest.fixture
def test_run(api: Api, clock: Clock) -> Api:
    """A test that another tool assigned: minji and jiho met a, sua met b."""
    create_kpis(api)
    api.post("/api/v1/experiments", json=experiment_body(allocation="external"))
    assert api.post("/api/v1/experiments/subject-line/start").status_code == 200
    at = clock.at.isoformat()
    met = [
        {"source_id": f"x-{unit}", "unit_id": unit, "experiment": "subject-line", "type": "sent",
         "variant": variant, "occurred_at": at, "channel": "email"}
        for unit, variant in (("minji", "a"), ("jiho", "a"), ("sua", "b"))
    ]  # fmt: skip
    assert api.post("/api/v1/exposures", json=met).get_json()["accepted"] == 3
    clock.at += timedelta(days=1)
    return api


def comment(unit: str, text: str, at: str, score: int = 3) -> dict[str, Any]:
    return {
        "source_id": f"nps-{unit}-{at}", "unit_id": unit, "type": "nps", "occurred_at": at,
        "value": score, "properties": {"comment": text},
    }  # fmt: skip


def by_variant(answer: dict[str, Any]) -> dict[str | None, dict[str, Any]]:
    return {each["variant"]: each for each in answer["variants"]}


def test_what_was_said_is_read_by_variant(test_run: Api) -> None:
    said = [
        {"text": "제목이 광고 같아요", "unit_id": "minji", "kind": "survey", "tags": ["제목"]},
        {"text": "B안 이미지가 깨져 있었습니다", "experiment": "subject-line", "variant": "b",
         "tags": ["이미지"]},
        {"text": "전체 메모", "experiment": "subject-line"},
        {"text": "테스트에 없는 고객", "unit_id": "nobody"},
        {"text": "발송 전의 말", "unit_id": "sua", "said_at": "2025-03-09T00:00:00Z"},
    ]  # fmt: skip
    assert test_run.post(PATH, json=said).get_json()["accepted"] == 5
    events = [
        comment("jiho", "너무 늦게 왔어요", "2025-03-10T03:00:00Z"),
        comment("jiho", "발송 전의 답", "2025-03-01T00:00:00Z"),
        comment("sua", "좋아요", "2025-03-10T04:00:00Z", 10),
    ]
    assert test_run.post("/api/v1/events", json=events).get_json()["accepted"] == 3
    answer = test_run.get(IN_TEST).get_json()
    found = by_variant(answer)
    assert {key: each["count"] for key, each in found.items()} == {"a": 2, "b": 2, None: 1}
    assert found["a"]["by_tag"] == {"제목": 1}
    assert (found["a"]["customers"], found["a"]["untagged"]) == (2, 1)
    assert found["b"]["by_kind"] == {"comment": 1, "note": 1}
    [scored] = [each for each in found["b"]["newest"] if each["event"] == "nps"]
    assert (scored["text"], scored["score"], scored["id"]) == ("좋아요", 10, None)
    assert found[None]["newest"][0]["text"] == "전체 메모"
    assert (answer["count"], answer["truncated"]) == (5, False)


def test_a_note_explains_its_kpi(test_run: Api) -> None:
    test_run.post(PATH, json=[
        {"text": "수신거부 이유", "unit_id": "minji", "kpi": "unsubscribe"},
        {"text": "열지 않은 이유", "unit_id": "minji", "kpi": "open"},
    ])  # fmt: skip
    found = by_variant(test_run.get(f"{IN_TEST}?kpi=open").get_json())
    assert [each["text"] for each in found["a"]["newest"]] == ["열지 않은 이유"]
    assert len(test_run.get(f"{PATH}?kpi=unsubscribe").get_json()["items"]) == 1


def test_tags_are_put_on_later(test_run: Api) -> None:
    [note_id] = test_run.post(PATH, json={"text": "늦어요", "unit_id": "minji"}).get_json()["ids"]
    tagged = test_run.put(f"{PATH}/{note_id}/tags", json={"tags": ["배송", "배송"]})
    assert tagged.get_json()["tags"] == ["배송"]
    assert by_variant(test_run.get(IN_TEST).get_json())["a"]["by_tag"] == {"배송": 1}
    assert test_run.put(f"{PATH}/{note_id}/tags", json={"tags": ["a,b"]}).status_code == 422
    assert test_run.delete(f"{PATH}/{note_id}").status_code == 204
    assert test_run.put(f"{PATH}/{note_id}/tags", json={"tags": []}).status_code == 404


def test_a_file_of_answers_is_read(test_run: Api) -> None:
    text = 'source_id,unit_id,score,text,tags\ns-1,minji,4,느려요,"속도, 앱"\ns-2,,5,누구,\n'
    form = {"file": (io.BytesIO(text.encode("cp949")), "a.csv"), "encoding": "cp949"}
    done = test_run.post(f"{PATH}/file", data={**form, "kind": "survey"}).get_json()
    assert (done["accepted"], [each["field"] for each in done["rejected"]]) == (1, ["unit_id"])
    [kept] = test_run.get(f"{PATH}?kind=survey").get_json()["items"]
    assert (kept["score"], kept["tags"], kept["text"]) == (4, ["속도", "앱"], "느려요")


def test_a_single_note_that_does_not_fit_is_refused(test_run: Api) -> None:
    body = {"text": "x", "experiment": "subject-line", "variant": "c"}
    answer = test_run.post(PATH, json=body)
    entry = answer.get_json()["errors"][0]
    assert (answer.status_code, entry["field"]) == (422, "variant")
    assert "a, b" in entry["message"]


def test_a_viewer_sees_how_much_and_not_what(
    test_run: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    test_run.post(PATH, json={"text": "제 번호는 010", "unit_id": "minji", "tags": ["연락"]})
    viewer, analyst = browser_for("viewer"), browser_for("analyst")
    seen = by_variant(viewer.get(IN_TEST).get_json())["a"]
    assert (seen["by_tag"], seen["newest"][0]["text"]) == ({"연락": 1}, None)
    assert seen["newest"][0]["unit_id"] is None
    assert "010" not in viewer.get(PATH).text
    assert "010" in analyst.get(PATH).text
    assert viewer.post(PATH, json={"text": "x", "unit_id": "u"}).status_code == 403


def test_no_test_no_notes(api: Api) -> None:
    assert api.get("/api/v1/experiments/none/notes").status_code == 404
