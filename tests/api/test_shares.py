"""Links to a report: made, opened by anybody, ended, and silent about what is hidden."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from experiments.storage.database import Database
from experiments.storage.tables import audit, report_shares
from tests.api.conftest import Api, Clock
from tests.api.loaded import database, loaded_file, project
from tests.api.markup import look_over
from tests.conftest import make_project

__all__ = ["database", "loaded_file", "project"]
SHARES = "/api/v1/experiments/subject-line/shares"


@pytest.fixture
def reader(api: Api, clock: Clock) -> Api:
    """A caller who may do everything, an hour after the mails went out: a report is quick."""
    clock.at += timedelta(hours=1)
    return api


@pytest.fixture
def stranger(app: Flask) -> FlaskClient:
    """Somebody without an account."""
    return app.test_client()


def made(reader: Api, **body: object) -> dict[str, str]:
    answer = reader.post(SHARES, json=body)
    assert answer.status_code == 201, answer.text
    told: dict[str, str] = answer.json or {}
    return told


def path_of(share: dict[str, str]) -> str:
    return share["url"].removeprefix("http://127.0.0.1:8000")


@pytest.mark.parametrize("language", ["ko", "en"])
def test_whoever_has_the_link_reads_the_report_as_it_was(
    reader: Api, stranger: FlaskClient, language: str
) -> None:
    share = made(reader)
    answer = stranger.get(f"{path_of(share)}?lang={language}")
    assert answer.status_code == 200
    page = look_over(answer.text)
    assert page.faults == []
    text = " ".join(page.text)
    assert "3월 혜택 메일 제목" in text
    assert 'name="robots" content="noindex' in answer.text
    assert "<form" not in answer.text
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert answer.headers["X-Robots-Tag"].startswith("noindex")
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_of_the_token_only_a_hash_is_kept_and_the_list_does_not_tell_it(
    reader: Api, database: Database
) -> None:
    share = made(reader, redact=["names"])
    token = path_of(share).rpartition("/")[2]
    assert len(token) >= 43
    with database.reading() as db:
        rows = db.execute(select(report_shares)).all()
        trail = db.execute(
            select(audit).where(audit.c.object_type == "share").order_by(audit.c.id)
        ).all()
    assert token not in str(rows)
    assert token not in str(trail)
    listed = reader.get(SHARES)
    assert token not in listed.text
    assert listed.json is not None
    [item] = listed.json["items"]
    assert (item["id"], item["state"], item["redact"]) == (share["id"], "open", ["names"])


@pytest.mark.parametrize("language", ["ko", "en"])
def test_names_that_are_hidden_are_nowhere_on_the_page(
    reader: Api, stranger: FlaskClient, language: str
) -> None:
    share = made(reader, redact=["names"])
    html = stranger.get(f"{path_of(share)}?lang={language}").text
    assert "3월 혜택" not in html
    assert "subject-line" not in html
    assert "마감을 알리면" not in html
    assert look_over(html).faults == []
    assert {"ko": "이름을 가린 테스트", "en": "A test without its name"}[language] in html


@pytest.mark.parametrize(
    ("language", "told"),
    [("ko", "이 링크는 기간이 끝났습니다."), ("en", "This link has expired.")],
)
def test_a_link_that_has_expired_says_what_to_do(
    reader: Api, stranger: FlaskClient, clock: Clock, language: str, told: str
) -> None:
    end = clock.at + timedelta(hours=1)
    share = made(reader, expires_at=end.isoformat())
    clock.at = end - timedelta(seconds=1)
    assert stranger.get(path_of(share)).status_code == 200
    clock.at = end
    answer = stranger.get(f"{path_of(share)}?lang={language}")
    assert answer.status_code == 410
    page = look_over(answer.text)
    assert page.faults == []
    assert next(text for text in page.text if text == told)
    assert "Ask whoever sent it" in answer.text
    assert "새 링크를 요청" in answer.text
    assert "혜택" not in answer.text


def test_a_link_that_was_ended_opens_nothing(reader: Api, stranger: FlaskClient) -> None:
    share = made(reader)
    ended = reader.delete(f"{SHARES}/{share['id']}")
    assert ended.json is not None
    assert (ended.status_code, ended.json["state"]) == (200, "revoked")
    assert stranger.get(path_of(share)).status_code == 410
    again = reader.delete(f"{SHARES}/{share['id']}")
    assert again.json == ended.json


def test_making_and_ending_leave_a_trail(reader: Api, database: Database) -> None:
    share = made(reader, redact=["revenue"])
    for _ in range(2):
        reader.delete(f"{SHARES}/{share['id']}")
    with database.reading() as db:
        found = db.execute(
            select(audit.c.action, audit.c.object_key)
            .where(audit.c.object_type == "share")
            .order_by(audit.c.id)
        ).all()
    assert [tuple(row) for row in found] == [("create", share["id"]), ("revoke", share["id"])]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"expires_at": "2025-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00:00Z"}, "expires_at"),
        ({"expires_at": "2025-06-01T00:00:00"}, "expires_at"),
        ({"redact": ["everything"]}, "redact.0"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_bad_wish_names_the_field(reader: Api, body: dict[str, object], field: str) -> None:
    answer = reader.post(SHARES, json=body)
    assert answer.status_code == 422
    assert answer.json is not None
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_unknown_tokens_tests_and_links_are_not_found(reader: Api, stranger: FlaskClient) -> None:
    made(reader)
    assert stranger.get("/share/nothing").status_code == 404
    assert stranger.get("/share/" + "x" * 5000).status_code == 404
    for path in (SHARES.replace("subject-line", "none"), f"{SHARES}/none"):
        method = reader.delete if path.endswith("/none") else reader.get
        assert method(path).status_code == 404


def test_links_of_another_project_are_as_good_as_absent(
    reader: Api, key_for: Callable[..., Api], database: Database, clock: Clock
) -> None:
    share = made(reader)
    other = key_for(["admin"], make_project(database, clock.at, "other"))
    assert other.get(SHARES).status_code == 404
    assert other.delete(f"{SHARES}/{share['id']}").status_code == 404
    assert other.post(SHARES, json={}).status_code == 404


def test_reading_alone_makes_no_links(reader: Api, key_for: Callable[..., Api]) -> None:
    other = key_for(["read"])
    assert other.post(SHARES, json={}).status_code == 403
    assert other.get(SHARES).status_code == 200


def test_a_marketer_makes_and_ends_a_link_in_a_browser(
    reader: Api, stranger: FlaskClient, browser_for: Callable[[str], FlaskClient]
) -> None:
    browser = browser_for("marketer")
    form = {"days": "7", "redact": ["names", "revenue"]}
    page = browser.post("/experiments/subject-line/shares?lang=en", data=form)
    assert look_over(page.text).faults == []
    found = re.search(r"/share/[\w-]+", page.text)
    assert found is not None
    assert stranger.get(found[0]).status_code == 200
    test = browser.get("/experiments/subject-line?lang=en")
    assert look_over(test.text).faults == []
    revoke = re.search(r"/experiments/subject-line/shares/\w+/revoke", test.text)
    assert revoke is not None
    assert browser.post(revoke[0]).status_code == 302
    assert stranger.get(found[0]).status_code == 410
    assert browser.post("/experiments/subject-line/shares", data={"days": "9"}).status_code == 422


def test_a_viewer_is_offered_no_links(
    reader: Api, browser_for: Callable[[str], FlaskClient]
) -> None:
    viewer = browser_for("viewer")
    assert "/shares" not in viewer.get("/experiments/subject-line").text
    assert viewer.post("/experiments/subject-line/shares", data={"days": "7"}).status_code == 403
