"""Imports over HTTP: a file in, its progress, and what was not taken."""

import csv
import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.rejected_rows import harmless
from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.api.conftest import Api
from tests.conftest import make_project
from tests.experiments.ledger.factories import AT, register, stored
from tests.experiments.ledger.imports.factories import (
    EVENTS,
    WIDE,
    exposure_mapping,
    long_mapping,
    wide_mapping,
)

PATH = "/api/v1/imports"


@pytest.fixture
def source(key_for: Callable[..., Api]) -> Api:
    """A client whose key may report, and nothing else."""
    return key_for(["ingest"])


EVENTS_MAPPING = long_mapping()


def send(
    api: Api, text: str | bytes = EVENTS, mapping: Any = EVENTS_MAPPING, **more: Any
) -> TestResponse:
    """Upload; the mapping as a value, or as the text that is sent. None leaves a field out."""
    content = text if isinstance(text, bytes) else text.encode()
    data = {
        "file": (io.BytesIO(content), "events.csv"),
        "mapping": json.dumps(mapping) if isinstance(mapping, dict) else mapping,
    } | more
    given = {
        name: (io.BytesIO(value), "f.csv") if isinstance(value, bytes) else value
        for name, value in data.items()
        if value is not None
    }
    return api.post(PATH, data=given, content_type="multipart/form-data")


def run(app: Flask) -> None:
    app.extensions["truelift"].imports.run_waiting()


def body(answer: TestResponse) -> dict[str, Any]:
    assert isinstance(answer.json, dict)
    return answer.json


def test_a_file_is_taken_and_read_in_the_background(
    app: Flask, source: Api, database: Database
) -> None:
    answer = send(source)
    assert answer.status_code == 202
    waiting = body(answer)
    assert (waiting["state"], waiting["progress"], waiting["name"]) == ("waiting", 0, "events.csv")
    assert answer.headers["Location"] == f"{PATH}/{waiting['id']}"
    assert stored(database) == []
    run(app)
    done = body(source.get(answer.headers["Location"]))
    assert (done["state"], done["progress"], done["rows_read"], done["accepted"]) == (
        "done",
        1,
        3,
        3,
    )
    assert done["mapping"] == long_mapping(delimiter=",")
    assert done["finished_at"].startswith("2025-03-10T01:00:00")
    assert len(stored(database)) == 3


def test_a_wide_file_in_cp949_is_read(
    app: Flask, source: Api, database: Database, project: Project
) -> None:
    register(database, project)
    text = WIDE.replace("Mens", "남성 메일").replace("u2", "김민지")
    mapping = wide_mapping(variant={"column": "segment", "values": {"남성 메일": "b", "None": "a"}})
    send(source, text.encode("cp949"), mapping)
    run(app)
    assert "김민지" in {row["unit_id"] for row in stored(database)}


def test_the_file_may_have_another_name(source: Api) -> None:
    assert body(send(source, name="3월 발송"))["name"] == "3월 발송"


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"file": None}, "file"),
        ({"mapping": None}, "mapping"),
        ({"mapping": "{"}, "mapping"),
        ({"mapping": '{"form":"long","form":"wide"}'}, "mapping"),
        ({"mapping": "[]"}, "mapping"),
        ({"mapping": json.dumps(long_mapping(column={}))}, "mapping.column"),
        ({"mapping": json.dumps(wide_mapping())}, "mapping.events.0.column"),
        ({"colour": "red"}, "colour"),
        ({"more": b""}, "more"),
        ({"file": b"\xff\xff\xff"}, "file"),
        ({"file": b"PK\x03\x04"}, "file"),
        ({"file": b""}, "file"),
    ],
)
def test_what_does_not_fit_is_refused_naming_the_field(
    app: Flask, source: Api, more: dict[str, Any], field: str
) -> None:
    answer = send(source, **more)
    assert answer.status_code == 422
    assert [each["field"] for each in body(answer)["errors"]] == [field]
    folder = app.extensions["truelift"].imports.folder
    assert list(folder.glob("*")) == []
    assert body(source.get(PATH))["items"] == []


def test_a_missing_column_is_named_beside_those_that_are_there(source: Api) -> None:
    columns = {"unit_id": "customer", "type": "type", "occurred_at": "time"}
    answer = send(source, mapping=long_mapping(columns=columns))
    [error] = body(answer)["errors"]
    assert error["field"] == "mapping.columns.unit_id"
    assert error["code"] == "missing_column"


def test_another_content_type_is_refused(source: Api) -> None:
    assert source.post(PATH, json={"mapping": long_mapping()}).status_code == 415


def test_bad_rows_are_told_and_can_be_fetched(
    app: Flask, source: Api, database: Database, project: Project, key_for: Callable[..., Api]
) -> None:
    register(database, project)
    location = send(source, "user,variant\nu1,a\nu2,=z\nu3\n", exposure_mapping()).headers[
        "Location"
    ]
    run(app)
    told = body(source.get(location, headers={"Accept-Language": "en"}))
    assert (told["accepted"], told["rejected"]) == (1, 2)
    assert [(each["line"], each["field"], each["code"]) for each in told["rejects"]] == [
        (3, "variant", "invalid"),
        (4, None, "ragged_row"),
    ]
    answer = source.get(f"{location}/rejects.csv", headers={"Accept-Language": "en"})
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(answer.text[1:])))
    assert [row["line"] for row in rows] == ["3", "4"]
    assert rows[1]["message"] == "expected 2 cells as in the first line, got 1"


def test_a_hundred_rejects_are_shown_and_all_of_them_can_be_fetched(
    app: Flask, source: Api
) -> None:
    bad = "".join(f"e-{n},u,open,never,,\n" for n in range(1200))
    location = send(source, EVENTS + bad).headers["Location"]
    run(app)
    told = body(source.get(location))
    assert (told["rejected"], len(told["rejects"])) == (1200, 100)
    text = source.get(f"{location}/rejects.csv").text
    rows = list(csv.reader(io.StringIO(text)))
    assert len(rows) == 1 + 1200
    assert rows[-1][0] == "1204"
    assert rows[-1][-1] == "e-1199,u,open,never,,"


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t", "\r", "\0"])
def test_no_cell_is_taken_for_a_formula(lead: str) -> None:
    assert harmless(f"{lead}cmd|' /C calc'!A0").startswith("'")


def test_hostile_cells_come_back_harmless(
    app: Flask, source: Api, database: Database, project: Project
) -> None:
    register(database, project)
    text = "=HYPERLINK(1),user,kind\n" + "x,u1,a\n"
    mapping = wide_mapping(
        unit_id={"column": "user"}, variant={"column": "=HYPERLINK(1)", "values": {"@y": "a"}},
        events=[],
    )  # fmt: skip
    location = send(source, text, mapping).headers["Location"]
    run(app)
    [row] = csv.DictReader(io.StringIO(source.get(f"{location}/rejects.csv").text[1:]))
    assert row["field"] == "'=HYPERLINK(1)"


def test_imports_are_listed_newest_first_in_pages(source: Api) -> None:
    made = [body(send(source))["id"] for _ in range(5)]
    first = body(source.get(f"{PATH}?limit=3"))
    assert [job["id"] for job in first["items"]] == made[:1:-1]
    second = body(source.get(f"{PATH}?limit=3&cursor={first['next']}"))
    assert [job["id"] for job in second["items"]] == made[1::-1]
    assert second["next"] is None
    assert "rejects" not in second["items"][0]


@pytest.mark.parametrize("query", ["cursor=abc", "cursor=LTE", "limit=0", "page=2"])
def test_a_list_refuses_what_it_does_not_know(source: Api, query: str) -> None:
    assert source.get(f"{PATH}?{query}").status_code == 422


@pytest.mark.parametrize("path", ["1", "999999999999999999999999", "1/rejects.csv", "abc"])
def test_what_is_not_there_is_not_found(source: Api, path: str) -> None:
    assert source.get(f"{PATH}/{path}").status_code == 404


def test_another_projects_import_is_not_there(
    key_for: Callable[..., Api], source: Api, database: Database
) -> None:
    location = send(source).headers["Location"]
    foreign = key_for(["ingest"], make_project(database, AT, key="other"))
    assert foreign.get(location).status_code == 404
    assert foreign.get(f"{location}/rejects.csv").status_code == 404
    assert body(foreign.get(PATH))["items"] == []


@pytest.mark.parametrize("scope", ["assign", "read"])
def test_other_keys_may_neither_import_nor_look(key_for: Callable[..., Api], scope: str) -> None:
    api = key_for([scope])
    assert send(api).status_code == 403
    assert api.get(PATH).status_code == 403


@pytest.mark.parametrize(
    ("role", "sees", "fetches", "imports"),
    [("viewer", 200, 403, 403), ("analyst", 200, 200, 403), ("marketer", 200, 200, 202)],
)
def test_people_may_by_their_role(
    browser_for: Callable[[str], FlaskClient], source: Api, role: str, sees: int, fetches: int,
    imports: int,
) -> None:  # fmt: skip
    location = send(source).headers["Location"]
    browser = browser_for(role)
    assert browser.get(PATH).status_code == sees
    assert browser.get(location).status_code == sees
    assert browser.get(f"{location}/rejects.csv").status_code == fetches
    data = {"file": (io.BytesIO(EVENTS.encode()), "f.csv"), "mapping": json.dumps(long_mapping())}
    assert browser.post(PATH, data=data).status_code == imports


def test_the_upload_is_described(app: Flask) -> None:
    document = body(app.test_client().get("/openapi.json"))
    upload = document["paths"][PATH]["post"]["requestBody"]["content"]["multipart/form-data"]
    assert upload["schema"]["required"] == ["file", "mapping"]
