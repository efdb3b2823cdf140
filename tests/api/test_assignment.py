"""Assignment over HTTP: one unit, many units, and what is refused."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from werkzeug.test import TestResponse

from experiments.assignment.hashing import bucket
from experiments.kpis.document import KpiDocument
from experiments.kpis.store import create_kpi
from experiments.operations.audit import Actor
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.moves import move
from experiments.registry.registration import register
from experiments.storage.codec import from_document
from experiments.storage.database import Database
from experiments.storage.projects import Project
from sample_data.documents import SUBJECTS, experiment_document, kpi_documents
from sample_data.subject_line import SUBJECT_LINE
from tests.api.conftest import Api, Clock
from tests.conftest import make_project

Move = Callable[[str], None]


@pytest.fixture
def act(database: Database, project: Project, actor: Actor, now: datetime, app: Flask) -> Move:
    """Registers the sample experiment; the function returned takes an action on it."""
    with database.transaction() as db:
        for document in kpi_documents():
            create_kpi(db, project, from_document(KpiDocument, document), actor=actor, now=now)
        draft = from_document(ExperimentDraft, experiment_document(SUBJECT_LINE))
        register(db, project, draft, actor=actor, now=now)
    app.extensions["truelift"].keeper.refresh()

    def take(action: str) -> None:
        # A day before the sample's starting time, so that it can be scheduled.
        with database.transaction() as db:
            move(db, project, "subject-line", action, actor=actor, now=now - timedelta(days=1))
        app.extensions["truelift"].keeper.refresh()

    return take


@pytest.fixture
def running(act: Move) -> None:
    act("start")


@pytest.fixture
def assigner(key_for: Callable[..., Api]) -> Api:
    """A client whose key may assign, and nothing else."""
    return key_for(["assign"])


def ask(api: Api, unit_id: str, experiment: str = "subject-line") -> TestResponse:
    return api.get("/api/v1/assign", query_string={"experiment": experiment, "unit_id": unit_id})


def ask_many(api: Api, units: Any, experiment: str = "subject-line") -> TestResponse:
    return api.post("/api/v1/assign/batch", json={"experiment": experiment, "units": units})


def body_of(answer: TestResponse, status: int = 200) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    body: dict[str, Any] = answer.get_json()
    return body


def variant_of(unit_id: str) -> str:
    return "a" if bucket("subject-line", unit_id) < 5000 else "b"


UNITS = ["홍길동", "user-é", "😀", "c000001", " two  spaces ", "a&b=c/d?e#f", "+821012345678", "0"]


@pytest.mark.parametrize("unit_id", UNITS)
def test_query_and_body_give_the_answer_of_the_hash(
    assigner: Api, running: None, unit_id: str
) -> None:
    variant = variant_of(unit_id)
    expected = {
        "experiment": "subject-line",
        "unit_id": unit_id,
        "variant": variant,
        "payload": {"subject": SUBJECTS[variant]},
        "reason": "assigned",
        "bucket": bucket("subject-line", unit_id),
    }
    question = {"experiment": "subject-line", "unit_id": unit_id, "attributes": {"grade": "VIP"}}
    assert body_of(ask(assigner, unit_id)) == expected
    assert body_of(assigner.post("/api/v1/assign", json=question)) == expected
    many = body_of(ask_many(assigner, [{"unit_id": unit_id}]))
    (answered,) = many["assignments"]
    assert {"experiment": many["experiment"], **answered} == {**expected, "index": 0}


@pytest.mark.parametrize(
    ("actions", "reason"),
    [
        ([], "not_started"),
        (["schedule"], "not_started"),
        (["start", "pause"], "paused"),
        (["start", "pause", "resume"], "assigned"),
        (["start", "stop"], "stopped"),
    ],
)
def test_the_reason_follows_the_lifecycle(
    assigner: Api, act: Move, actions: list[str], reason: str
) -> None:
    for action in actions:
        act(action)
    body = body_of(ask(assigner, "홍길동"))
    assert body["reason"] == reason
    assert (body["variant"] is None) is (reason != "assigned")


def test_answers_are_not_stored_and_say_the_configurations_age(
    assigner: Api, running: None, clock: Clock
) -> None:
    clock.at += timedelta(seconds=90)
    for answer in (
        ask(assigner, "u1"),
        assigner.post("/api/v1/assign", json={"experiment": "subject-line", "unit_id": "u1"}),
        ask_many(assigner, [{"unit_id": "u1"}]),
    ):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Config-Age"] == "90.0"


def test_the_database_is_not_asked(assigner: Api, running: None, app: Flask) -> None:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        statements.append(statement)

    engine = app.extensions["truelift"].database.engine
    event.listen(engine, "before_cursor_execute", note)
    assert body_of(ask(assigner, "홍길동"))["variant"] == variant_of("홍길동")
    assert len(body_of(ask_many(assigner, [{"unit_id": "u1"}]))["assignments"]) == 1
    assert statements == []


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"unit_id": "u1"}, "experiment"),
        ({"experiment": "subject-line"}, "unit_id"),
        ({"experiment": "subject-line", "unit_id": ""}, "unit_id"),
        ({"experiment": "subject-line", "unit_id": "x" * 1025}, "unit_id"),
        ({"experiment": "", "unit_id": "u1"}, "experiment"),
        ({"experiment": "subject-line", "unit_id": "u1", "unit": "u1"}, "unit"),
    ],
)
def test_a_question_that_does_not_fit_is_refused_by_field(
    assigner: Api, running: None, question: dict[str, Any], field: str
) -> None:
    for answer in (
        assigner.get("/api/v1/assign", query_string=question),
        assigner.post("/api/v1/assign", json=question),
    ):
        body = body_of(answer, 422)
        assert answer.mimetype == "application/problem+json"
        assert [entry["field"] for entry in body["errors"]] == [field]


@pytest.mark.parametrize("unit_id", [7, 1.5, True, None, ["u1"], {"id": "u1"}])
def test_a_unit_id_that_is_no_string_is_refused(
    assigner: Api, running: None, unit_id: object
) -> None:
    question = {"experiment": "subject-line", "unit_id": unit_id}
    body = body_of(assigner.post("/api/v1/assign", json=question), 422)
    assert [entry["field"] for entry in body["errors"]] == ["unit_id"]


@pytest.mark.parametrize("raw", [b'"\\ud83d"', b'"a\\u0000b"', b"NaN", b'"u1", "unit_id": "u2"'])
def test_hostile_json_is_refused(assigner: Api, running: None, raw: bytes) -> None:
    answer = assigner.post(
        "/api/v1/assign",
        data=b'{"experiment": "subject-line", "unit_id": ' + raw + b"}",
        content_type="application/json",
    )
    assert body_of(answer, 400)["title"] == "Bad request"


def test_an_id_in_a_korean_code_page_is_refused_and_not_hashed_as_another(
    assigner: Api, running: None
) -> None:
    address = "/api/v1/assign?experiment=subject-line&unit_id=" + quote("홍길동".encode("cp949"))
    body = body_of(assigner.get(address), 422)
    assert body["errors"][0]["field"] == "unit_id"
    assert "UTF-8" in body["detail"]


def test_a_nul_in_the_address_is_refused(assigner: Api, running: None) -> None:
    body = body_of(assigner.get("/api/v1/assign?experiment=subject-line&unit_id=a%00b"), 422)
    assert body["errors"][0]["field"] == "unit_id"


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_query_may_name_a_language(assigner: Api, running: None, language: str) -> None:
    question = {"experiment": "subject-line", "unit_id": "u1", "lang": language}
    assert assigner.get("/api/v1/assign", query_string=question).status_code == 200
    body_of(assigner.get("/api/v1/assign", query_string=question | {"lang": "xx"}), 422)


def test_an_unknown_experiment_is_not_found_by_field(assigner: Api, running: None) -> None:
    question = {"experiment": "nothing", "unit_id": "u1"}
    for answer in (
        assigner.get("/api/v1/assign", query_string=question),
        assigner.post("/api/v1/assign", json=question),
        ask_many(assigner, [{"unit_id": "u1"}], "nothing"),
    ):
        body = body_of(answer, 404)
        assert body["errors"][0]["field"] == "experiment"


def test_another_projects_experiment_is_not_found(
    database: Database, now: datetime, key_for: Callable[..., Api], running: None
) -> None:
    stranger = key_for(["assign"], make_project(database, now, "other"))
    assert ask(stranger, "u1").status_code == 404


def test_a_key_without_the_scope_may_not_assign(key_for: Callable[..., Api], running: None) -> None:
    ingesting = key_for(["ingest"])
    assert ask(ingesting, "u1").status_code == 403
    assert ask_many(ingesting, [{"unit_id": "u1"}]).status_code == 403


def test_a_person_may_look(browser_for: Callable[[str], FlaskClient], running: None) -> None:
    question = {"experiment": "subject-line", "unit_id": "홍길동"}
    answer = browser_for("viewer").get("/api/v1/assign", query_string=question)
    assert body_of(answer)["variant"] == variant_of("홍길동")


def test_bad_units_are_listed_and_the_good_ones_answered(assigner: Api, running: None) -> None:
    units: list[Any] = [
        {"unit_id": "u1"},
        ["u2"],
        {"unit_id": 3},
        {"unit_id": "u4", "attributes": {"grade": "VIP"}},
        {"attributes": {}},
        {"unit_id": "u6", "attributes": []},
        {"unit_id": "u7", "variant": "a"},
        {"unit_id": ""},
        {"unit_id": "u1"},
        "홍길동",
        "",
        "a\x7f",
    ]
    body = body_of(ask_many(assigner, units))
    answered = [(each["index"], each["unit_id"]) for each in body["assignments"]]
    assert answered == [(0, "u1"), (3, "u4"), (8, "u1"), (9, "홍길동"), (11, "a\x7f")]
    assert [(each["index"], each["id"], each["field"]) for each in body["rejected"]] == [
        (1, None, "units.1"),
        (2, None, "units.2.unit_id"),
        (4, None, "units.4.unit_id"),
        (5, "u6", "units.5.attributes"),
        (6, "u7", "units.6"),
        (7, "", "units.7.unit_id"),
        (10, "", "units.10"),
    ]
    assert all(each["code"] == "invalid" and each["message"] for each in body["rejected"])


@pytest.mark.parametrize("units", [None, [], "u1", {"unit_id": "u1"}, [{"unit_id": "u"}] * 10_001])
def test_a_batch_without_units_or_with_too_many_is_refused(
    assigner: Api, running: None, units: object
) -> None:
    body = body_of(ask_many(assigner, units), 422)
    assert [entry["field"] for entry in body["errors"]] == ["units"]


def test_ten_thousand_units_are_answered_in_their_order(assigner: Api, running: None) -> None:
    ids = [f"고객-{number}" for number in range(10_000)]
    body = body_of(ask_many(assigner, [{"unit_id": unit_id} for unit_id in ids]))
    assert body["rejected"] == []
    assert [each["unit_id"] for each in body["assignments"]] == ids
    assert [each["variant"] for each in body["assignments"]] == [variant_of(each) for each in ids]
