"""Lists of customers over the interface, on the command line and on a page."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api import cli
from experiments.storage.database import Database
from tests.api.conftest import Api
from tests.api.registry_bodies import experiment_body, kpi_body

ROUTE = "/api/v1/experiments/spring/assignments"
IDS = [f"c{number:03d}" for number in range(200)] + ["홍길동", "a,b"]


@pytest.fixture
def database(sqlite_database: Database) -> Database:
    """One kind of database will do: lists are answered from memory."""
    return sqlite_database


@pytest.fixture
def api(key_for: Callable[..., Api]) -> Api:
    """A client that may do everything, in a project with a running test ``spring``."""
    client = key_for(["admin"])
    assert client.post("/api/v1/kpis", json=kpi_body()).status_code == 201
    body = experiment_body(key="spring", goals=[{"kpi": "open", "role": "primary"}])
    assert client.post("/api/v1/experiments", json=body).status_code == 201
    assert client.post("/api/v1/experiments/spring/start").status_code == 200
    return client


def sent(content: str | bytes, name: str = "list.csv", **fields: str) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    return {"data": {"file": (io.BytesIO(data), name), "unit_column": "id", **fields}}


def listed(ids: list[str] = IDS) -> str:
    out = io.StringIO()
    csv.writer(out).writerows([["id"], *([each] for each in ids)])
    return out.getvalue()


def rows_of(answer: TestResponse) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.get_data(as_text=True), newline="")))


def post(client: Api, address: str, **asked: Any) -> TestResponse:
    """The answer, read to its end and closed, as a server does."""
    answer = client.post(address, **asked)
    answer.get_data()
    answer.close()
    return answer


def asked_one_by_one(api: Api) -> dict[str, str]:
    body = {"experiment": "spring", "units": IDS}
    answer = api.post("/api/v1/assign/batch", json=body).json
    assert answer is not None
    return {each["unit_id"]: each["variant"] or "" for each in answer["assignments"]}


def test_a_list_comes_back_as_single_questions_would_answer_it(api: Api) -> None:
    answer = post(api, ROUTE, **sent(listed()))
    assert answer.status_code == 200, answer.text
    assert {row["id"]: row["variant"] for row in rows_of(answer)} == asked_one_by_one(api)
    assert answer.headers["Content-Disposition"] == 'attachment; filename="spring-assigned.csv"'
    assert sum(json.loads(answer.headers["Truelift-Counts"]).values()) == len(IDS)


def test_a_summary_counts_and_names_rejected_rows(api: Api) -> None:
    answer = post(api, ROUTE, **sent(listed() + 'too,many\n""\n', answer="summary"))
    found = answer.json
    assert found is not None
    assert found["rows"] == len(IDS) + 2
    assert [(each["line"], each["code"]) for each in found["rejects"]] == [
        (204, "ragged_row"),
        (205, "invalid"),
    ]
    again = post(api, ROUTE, **sent(listed() + 'too,many\n""\n'))
    assert again.headers["Truelift-Digest"] == found["digest"]


def test_payload_and_preset_are_on_request(api: Api) -> None:
    full = rows_of(post(api, ROUTE, **sent(listed(), payload="true")))
    assert set(full[0]) == {"id", "variant", "payload.off"}
    braze = post(api, ROUTE, **sent(listed(), preset="braze"))
    assert set(rows_of(braze)[0]) == {"external_id", "truelift_spring"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"unit_column": ""}, "unit_column"),
        ({"unit_column": "member"}, "unit_column"),
        ({"variant_column": "id"}, "variant_column"),
        ({"preset": "pigeon"}, "preset"),
        ({"form": "xlsx"}, "form"),
        ({"delimiter": "::"}, "delimiter"),
        ({"encoding": "latin-1"}, "encoding"),
        ({"answer": "both"}, "answer"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(api: Api, fields: dict[str, str], field: str) -> None:
    asked = sent(listed())
    asked["data"] |= fields
    answer = post(api, ROUTE, **asked)
    assert answer.status_code == 422, answer.text
    assert answer.json is not None
    assert [error["field"] for error in answer.json["errors"]] == [field]


def test_a_form_without_a_file_is_refused(api: Api) -> None:
    answer = post(api, ROUTE, data={"unit_column": "id"}, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert post(api, ROUTE, json={}).status_code == 415


def test_an_unknown_test_is_not_found(api: Api) -> None:
    assert api.post("/api/v1/experiments/autumn/assignments", **sent("id\n")).status_code == 404
    assert api.get("/api/v1/experiments/autumn/configuration").status_code == 404


def test_nothing_of_an_upload_stays(api: Api, tmp_path: Path) -> None:
    post(api, ROUTE, **sent(listed()))
    post(api, ROUTE, **sent("name\nx\n"))
    assert list((tmp_path / "lists").iterdir()) == []


@pytest.mark.parametrize("name", ["list." + "x" * 300, "list.a\x00b", "../../list.csv", "."])
def test_what_a_file_is_called_decides_no_path(api: Api, name: str) -> None:
    answer = post(api, ROUTE, **sent(listed(), name))
    assert answer.status_code == 200, answer.text


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli.main, ["assign", *arguments])


def test_the_command_line_verifies_with_the_two_files_alone(
    api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "sqlite:////nowhere/at/all.db")
    source, known = tmp_path / "list.csv", tmp_path / "spring.configuration"
    source.write_text(listed(), encoding="utf-8", newline="")
    known.write_bytes(api.get("/api/v1/experiments/spring/configuration").data)
    answer = post(api, ROUTE, **sent(listed()))
    digest, base = answer.headers["Truelift-Digest"], ("--unit-column", "id")
    asked = ("spring", str(source), *base, "--configuration", str(known))
    verified = run(*asked, "--verify", digest, "-o", str(tmp_path / "out.csv"))
    assert verified.exit_code == 0, verified.output
    assert "verified" in verified.output
    assert (tmp_path / "out.csv").read_bytes() == answer.data
    source.write_text(listed(IDS[1:]), encoding="utf-8", newline="")
    changed = run(*asked, "--verify", digest)
    assert changed.exit_code != 0
    assert "the digest is another" in changed.output
    torn = tmp_path / "torn"
    torn.write_bytes(known.read_bytes()[:-1])
    refused = run("spring", str(source), *base, "--configuration", str(torn))
    assert "not a configuration file" in refused.output
    other = run("autumn", str(source), *base, "--configuration", str(known))
    assert "the configuration is of 'spring'" in other.output


def test_the_page_counts_and_gives_the_file(
    api: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("marketer")
    page = browser.get("/experiments/spring/list")
    assert page.status_code == 200
    counted = browser.post("/experiments/spring/list", **sent(listed(), answer="summary"))
    assert counted.status_code == 200
    assert "A안" in counted.text
    file = browser.post("/experiments/spring/list", **sent(listed(), answer="file"))
    assert {row["id"] for row in rows_of(file)} == set(IDS)
    file.close()
    refused = browser.post("/experiments/spring/list", **sent("name\nx\n"))
    assert refused.status_code == 422
    assert "member" not in refused.text
    assert browser_for("viewer").get("/experiments/spring/list").status_code == 403
