"""The page of imports, without JavaScript: look, choose, upload, pause, withdraw."""

import html
import io
import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from experiments.storage.database import Database
from experiments.storage.projects import Project
from tests.experiments.ledger.factories import register, stored

TEXT = "이메일,안,발송 시간,오픈 수\nkim@example.com,A,2025-03-10 10:00,2\nlee@example.com,B,,x\n"
SELECT = re.compile(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', re.DOTALL)
TEXTAREA = re.compile(r'<textarea[^>]*name="([^"]+)"[^>]*>(.*?)</textarea>', re.DOTALL)
Browser = Callable[[str], FlaskClient]


def form_of(page: str) -> dict[str, str]:
    """The fields of the upload's form, as a browser would send them."""
    part = page[page.index('id="import-form"') : page.index('aria-labelledby="jobs"')]
    part = re.sub(r'<input type="checkbox"[^>]*>', "", part)
    found = dict(re.findall(r'<input[^>]*name="([^"]+)"[^>]*value="([^"]*)"', part))
    for name, options in SELECT.findall(part):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        found[name] = chosen[1] if chosen else ""
    found |= dict(TEXTAREA.findall(part))
    return {name: html.unescape(value) for name, value in found.items()}


def send(browser: FlaskClient, path: str, form: dict[str, str], text: str = TEXT) -> str:
    file = (io.BytesIO(text.encode("cp949")), "목록.csv")
    answer = browser.post(f"{path}", data=form | {"file": file}, follow_redirects=True)
    return answer.text


def test_a_file_is_looked_at_its_columns_chosen_and_it_is_read(
    app: Flask, browser_for: Browser, database: Database, project: Project
) -> None:
    register(database, project)
    browser = browser_for("marketer")
    form = form_of(send(browser, "/imports/preview", {}))
    assert (form["kind"], form["role-0"], form["role-2"]) == ("recipients", "email", "at")
    assert form["zone"] == "Asia/Seoul"
    page = send(browser, "/imports/preview", form | {"experiment": "spring"})
    form = form_of(page)
    assert (form["word-0"], form["arm-0"], form["arm-1"]) == ("A", "a", "b")
    assert "choose it once more" in page
    assert stored(database) == []
    page = send(browser, "/imports", form)
    assert "목록.csv" in page
    app.extensions["truelift"].imports.run_waiting()
    kept = {(row["type"], row["variant"], row["unit_id"]) for row in stored(database)}
    assert kept == {("sent", "a", None), ("open", None, None)}


def test_what_does_not_fit_is_told_and_the_choices_stay(
    browser_for: Browser, database: Database
) -> None:
    browser = browser_for("marketer")
    form = form_of(send(browser, "/imports/preview", {}))
    page = send(browser, "/imports", form | {"zone": "Asia/Busan"})
    assert "mapping.zone" in page
    assert form_of(page)["role-0"] == "email"
    assert stored(database) == []


def test_json_may_be_said_instead_of_choices(browser_for: Browser) -> None:
    browser = browser_for("marketer")
    form = form_of(send(browser, "/imports/preview", {}))
    page = send(browser, "/imports/preview", form | {"how": "json", "mapping": "{"})
    assert 'role="alert"' in page
    mapping = '{"form": "source", "source": "braze"}'
    page = send(browser, "/imports/preview", {"mapping": mapping}, '{"id": "1"}\n')
    assert "event_type" in page


@pytest.mark.parametrize(
    ("move", "said"),
    [("pause", "is paused"), ("withdraw", "does not count any more"), ("burn", "목록.csv")],
)
def test_an_import_is_moved_by_a_button(browser_for: Browser, move: str, said: str) -> None:
    browser = browser_for("marketer")
    form = form_of(send(browser, "/imports/preview", {}))
    send(browser, "/imports", form | {"at": "2025-03-10 10:00", "role-1": ""})
    answer = browser.post(f"/imports/1/{move}", data={"reason": "틀린 파일"}, follow_redirects=True)
    assert said in answer.text
    again = browser.post(f"/imports/1/{move}", follow_redirects=True)
    assert again.status_code == 200


def test_a_viewer_moves_nothing(browser_for: Browser) -> None:
    viewer = browser_for("viewer")
    assert viewer.post("/imports/1/pause").status_code == 403
    assert viewer.post("/imports/preview").status_code == 403
