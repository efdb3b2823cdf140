"""Imports over HTTP: a file in, its progress, and what was not taken."""

import csv
import gzip
import io
import json
import random
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
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


def look(api: Api, content: str | bytes, **more: Any) -> TestResponse:
    raw = content if isinstance(content, bytes) else content.encode()
    data = {"file": (io.BytesIO(raw), "f.csv")} | more
    return api.post(f"{PATH}/preview", data=data, content_type="multipart/form-data")


KOREAN = "회원번호,이벤트,일시\nm-1,click,2025-03-10 10:00\nm-2,click,언젠가\n"


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (KOREAN.encode("cp949"), "CP949"), (KOREAN.encode(), "UTF-8"),
        (KOREAN.encode("utf-8-sig"), "UTF-8 (BOM)"), (gzip.compress(KOREAN.encode()), "UTF-8"),
        (gzip.compress(KOREAN.encode("cp949")), "CP949"),
    ],
)  # fmt: skip
def test_a_look_at_a_file_proposes_a_mapping_and_stores_nothing(
    source: Api, database: Database, tmp_path: Path, content: bytes, encoding: str
) -> None:
    found = body(look(source, content))
    assert (found["encoding"], found["delimiter"], found["problem"]) == (encoding, ",", None)
    assert found["mapping"]["columns"] == {
        "unit_id": "회원번호",
        "type": "이벤트",
        "occurred_at": "일시",
    }
    [good, bad] = found["rows"]
    assert good["facts"][0]["occurred_at"] == "2025-03-10T01:00:00Z"
    assert (bad["facts"], bad["reject"]["field"]) == ([], "occurred_at")
    assert stored(database) == []
    assert list((tmp_path / "imports").iterdir()) == []
    assert body(source.get(PATH))["items"] == []


def test_the_first_part_of_a_file_is_enough(source: Api) -> None:
    text = KOREAN + "m-3,click,2025-03-10 11:00\n" * 3
    part = text.encode("cp949")[:-9]
    assert len(body(look(source, part, part="true"))["rows"]) == 4
    packed = gzip.compress(random.Random(1).randbytes(9).hex().encode() + text.encode())
    assert look(source, packed[: len(packed) // 2], part="true").status_code == 200


def test_a_long_file_shows_its_first_twenty_rows(source: Api) -> None:
    rows = "".join(f"m-{n},click,2025-03-10 10:00\n" for n in range(15_000))
    found = body(look(source, KOREAN + rows))
    assert len(found["rows"]) == 20


def test_a_given_mapping_is_tried_and_what_does_not_fit_is_told(
    source: Api, database: Database, project: Project
) -> None:
    register(database, project)
    mapping = exposure_mapping()
    found = body(look(source, "user,variant\nu1,a\nu2,z\n", mapping=json.dumps(mapping)))
    assert found["problem"] is None
    assert [bool(row["facts"]) for row in found["rows"]] == [True, False]
    mapping["constants"]["experiment"] = "nobody"
    found = body(look(source, "user,variant\nu1,a\n", mapping=json.dumps(mapping)))
    assert found["problem"]["field"] == "constants.experiment"
    assert found["rows"][0]["row"] == "u1,a"
    found = body(look(source, "user,variant\nu1,a\n", mapping='{"preset": "mailchimp"}'))
    assert found["problem"]["code"] == "not_this_export"


@pytest.mark.parametrize(
    ("item", "name"),
    [({"sg_event_id": "1"}, "sendgrid"), ({"event_timestamp": 1, "event_params": []},
     "ga4_bigquery"), ({"x": 1}, "mapped")],
)  # fmt: skip
def test_a_file_of_json_is_known_by_its_first_item(
    source: Api, item: dict[str, Any], name: str
) -> None:
    found = body(look(source, json.dumps(item) + "\n"))
    assert found["mapping"] == {"form": "source", "source": name}
    assert (found["problem"] is None) == (name != "mapped")
    assert found["rows"][0]["facts"] == []


def test_addresses_are_not_repeated_in_a_preview(source: Api) -> None:
    text = "Email Address,Opens,Clicks\nkim@example.com,1,0\n"
    mapping = '{"preset": "mailchimp", "at": "2025-03-10T10:00:00+09:00"}'
    [row] = body(look(source, text, mapping=mapping))["rows"]
    assert {fact["alias"] for fact in row["facts"]} == {"email"}
    assert "kim" not in json.dumps(row["facts"])


@pytest.mark.parametrize("mapping", ["[]", "[{}]", "1", "true", '"long"'])
def test_a_preview_says_that_a_mapping_is_no_object(source: Api, mapping: str) -> None:
    told = body(look(source, EVENTS, mapping=mapping))
    assert told["problem"]["code"] == "invalid"


@pytest.mark.parametrize("content", [b"PK\x03\x04", b"", b"\xff\xfe\x00", b"PAR1", b"a\xff\xff\n"])
def test_what_cannot_be_read_at_all_is_refused(source: Api, content: bytes) -> None:
    answer = look(source, content)
    assert answer.status_code == 422
    assert body(answer)["errors"][0]["field"] == "file"


def test_an_import_is_paused_resumed_and_withdrawn(
    app: Flask, source: Api, database: Database
) -> None:
    location = send(source).headers["Location"]
    assert body(source.post(f"{location}/pause"))["state"] == "paused"
    run(app)
    assert stored(database) == []
    assert source.post(f"{location}/pause").status_code == 409
    assert body(source.post(f"{location}/resume"))["state"] == "waiting"
    run(app)
    assert body(source.get(location))["state"] == "done"
    answer = source.post(f"{location}/withdraw", json={"reason": " the wrong week "})
    assert answer.status_code == 202
    assert body(answer)["withdrawn_because"] == "the wrong week"
    run(app)
    found = body(source.get(location))
    assert (found["state"], found["withdrawn_rows"]) == ("withdrawn", 3)
    assert source.post(f"{location}/withdraw", json={"reason": "again"}).status_code == 409


@pytest.mark.parametrize("reason", [{}, {"reason": "  "}, {"reason": "x" * 501}, {"why": "x"}])
def test_a_withdrawal_needs_a_reason(source: Api, reason: dict[str, str]) -> None:
    location = send(source).headers["Location"]
    assert source.post(f"{location}/withdraw", json=reason).status_code == 422
    assert body(source.get(location))["state"] == "waiting"


@pytest.mark.parametrize("move", ["pause", "resume", "withdraw"])
def test_another_projects_import_is_not_there_to_be_moved(
    source: Api, key_for: Callable[..., Api], database: Database, now: datetime, move: str
) -> None:
    location = send(source).headers["Location"]
    stranger = key_for(["admin"], make_project(database, now, "other"))
    assert stranger.post(f"{location}/{move}", json={"reason": "x"}).status_code == 404
    assert body(source.get(location))["state"] == "waiting"


def test_the_rows_of_the_file_of_rejects_run_nothing(app: Flask, source: Api) -> None:
    bad = '=cmd(),u,open,never,,\n"+1\n2",u,open,never,,\n'
    location = send(source, EVENTS + bad).headers["Location"]
    run(app)
    text = source.get(f"{location}/rejects.csv").text
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row[4] for row in rows[1:]] == ["'=cmd(),u,open,never,,", '"+1\n2",u,open,never,,']


def test_once_the_file_of_rejects_is_gone_the_first_ones_are_known_still(
    app: Flask, source: Api, tmp_path: Path
) -> None:
    location = send(source, EVENTS + "e,u,open,never,,\n").headers["Location"]
    run(app)
    for path in (tmp_path / "imports").iterdir():
        path.unlink()
    rows = list(csv.reader(io.StringIO(source.get(f"{location}/rejects.csv").text)))
    assert [row[0] for row in rows[1:]] == ["5"]
