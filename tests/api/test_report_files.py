"""A report as files and pictures over the interface: formats, refusals, what they hold."""

import csv
import io
import re
import sys
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient

from api.report_files import file_of
from experiments.reporting.pictures import render
from experiments.reporting.wording import say
from tests.api.conftest import Api, Clock
from tests.api.loaded import database, loaded_file, project, reader
from tests.api.markup import look_over
from tests.api.triggered import KEY, run_triggered_test
from tests.experiments.reporting.factories import CASES, VARIATIONS, report_of

__all__ = ["database", "loaded_file", "project", "reader"]
REPORT = "/api/v1/experiments/subject-line/report"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
EVERY_REPORT = {**{state.value: case for state, case in CASES.items()}, **VARIATIONS}
TYPES = {
    "json": "application/json", "csv": "text/csv", "xlsx": XLSX, "html": "text/html",
    "pdf": "application/pdf", "text": "text/plain",
}  # fmt: skip


@pytest.fixture
def early(api: Api, clock: Clock) -> Api:
    """A caller an hour after the mails went out, when nobody's window has closed."""
    clock.at += timedelta(hours=1)
    return api


@pytest.fixture
def korean() -> None:
    """Skips where no font could draw Korean."""
    import typst  # noqa: PLC0415 - as the code does

    if not render.has_korean(typst.Fonts().families()):
        pytest.skip("no Korean font on this machine: apt-get install fonts-nanum")


def test_every_format_is_given_by_name_and_by_accept(reader: Api, korean: None) -> None:
    for form, mimetype in TYPES.items():
        named = reader.get(f"{REPORT}?format={form}&lang=ko")
        assert (named.status_code, named.mimetype) == (200, mimetype), form
        accepted = reader.get(f"{REPORT}?lang=ko", headers={"Accept": mimetype})
        assert accepted.mimetype == mimetype, form
        if form not in {"json", "text"}:
            disposition = named.headers["Content-Disposition"]
            assert disposition == f'attachment; filename="subject-line-2025-04-09.{form}"'
        assert not re.search(rb"\b(?:NaN|Infinity)\b", named.data), form
    assert reader.get(REPORT).mimetype == "application/json"
    assert reader.get(REPORT, headers={"Accept": "image/png"}).mimetype == "application/json"


def test_the_csv_holds_the_numbers_of_the_json(reader: Api) -> None:
    report = reader.get(REPORT).json
    assert report is not None
    text = reader.get(f"{REPORT}?format=csv").data.decode("utf-8-sig")
    rows = {
        (row["kpi"], row["variant"], row["figure"]): row
        for row in csv.DictReader(io.StringIO(text, newline=""))
        if not row["segment"]
    }
    for goal in report["goals"]:
        for arm in goal["arms"]:
            assert float(rows[goal["kpi"], arm["variant"], "value"]["value"]) == arm["value"]
        for entry in goal["comparisons"]:
            row = rows[goal["kpi"], entry["variant"], "difference"]
            assert float(row["value"]) == entry["difference"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_html_is_one_file_that_fetches_nothing(early: Api, language: str) -> None:
    answer = early.get(f"{REPORT}?format=html&lang={language}")
    html = answer.text
    assert f'<html lang="{language}">' in html
    assert [fault for fault in look_over(html).faults if not fault.startswith("inline code")] == []
    assert not re.search(r"<(?:script|link|img|iframe|form)\b|@import|url\(", html)
    assert not re.search(r'(?:src|href)="(?!#)', html)
    assert "prefers-color-scheme: dark" in html
    assert "size: A4" in html
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("language", ["ko", "en"])
def test_every_state_of_the_evidence_becomes_a_file(
    app: Flask, language: str, korean: None
) -> None:
    for name, case in EVERY_REPORT.items():
        report = report_of(case)
        with app.test_request_context(f"/?lang={language}"):
            assert file_of(report, "pdf").get_data().startswith(b"%PDF"), name
            html = unescape(file_of(report, "html").get_data(as_text=True))
        assert not re.search(r"\b(?:None|NaN|nan|inf|Infinity)\b", visible(html)), name
        assert say(report, language).headline in html


def visible(html: str) -> str:
    """What a reader sees of the page."""
    return " ".join(look_over(html).text)


def test_a_picture_is_given_in_every_form(reader: Api, korean: None) -> None:
    leads = {"svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF"}
    for name in ("forest", "rates", "funnel"):
        for form, lead in leads.items():
            answer = reader.get(f"{REPORT}/pictures/{name}.{form}?lang=ko")
            assert answer.status_code == 200, answer.text
            assert answer.data.startswith(lead)
    narrow = reader.get(f"{REPORT}/pictures/forest.svg?layout=narrow")
    assert 'width="388"' in narrow.text


@pytest.mark.parametrize("language", ["ko", "en"])
def test_the_files_of_one_segment_are_of_that_segment(
    reader: Api, browser_for: Callable[[str], FlaskClient], language: str
) -> None:
    asked = f"segment=channel:email&kpi=click&lang={language}"
    page = browser_for("viewer").get(f"/experiments/subject-line?{asked}")
    links = [unescape(each) for each in re.findall(r'href="([^"]*/report[/?][^"]*)"', page.text)]
    assert len(links) >= 9
    for link in links:
        assert "segment=channel:email" in unquote(link), link
        assert "kpi=click" in link, link
    whole = reader.get(f"{REPORT}/pictures/rates.svg?lang={language}").text
    part = reader.get(f"{REPORT}/pictures/rates.svg?{asked.replace('email', 'sms')}")
    assert (part.status_code, part.text != whole) in {(200, True), (409, True)}
    refused = reader.get(f"{REPORT}/pictures/rates.svg?segment=nobody&lang={language}")
    assert refused.status_code == 422
    assert "nobody" in refused.text


@pytest.mark.parametrize(
    ("language", "told"),
    [("ko", "아직 오지 않은 시각입니다"), ("en", "is still to come: name a moment that has come")],
)
def test_a_moment_to_come_is_refused_in_words_of_the_reader(
    early: Api, language: str, told: str
) -> None:
    for path in (REPORT, f"{REPORT}/pictures/forest.svg"):
        answer = early.get(f"{path}?as_of=2099-01-01T00:00:00Z&lang={language}")
        assert answer.status_code == 422
        assert told in answer.text


def test_a_picture_without_numbers_or_of_no_name_is_refused(early: Api) -> None:
    empty = early.get(f"{REPORT}/pictures/timeline.svg?lang=ko")
    assert empty.status_code == 409
    assert "아직 그릴 것이 없습니다" in empty.text
    for name in ("violin.svg", "forest.gif"):
        assert early.get(f"{REPORT}/pictures/{name}").status_code == 404
    bad = early.get(f"{REPORT}/pictures/forest.svg?layout=round")
    assert bad.status_code == 422


@pytest.mark.parametrize(("language", "word"), [("ko", "fonts-nanum"), ("en", "Korean letters")])
def test_without_a_korean_font_the_refusal_says_what_to_install(
    early: Api, monkeypatch: pytest.MonkeyPatch, language: str, word: str
) -> None:
    monkeypatch.setattr(render, "has_korean", lambda _: False)
    answer = early.get(f"{REPORT}?format=pdf&lang={language}")
    assert answer.status_code == 503
    assert word in answer.text
    assert early.get(f"{REPORT}?format=html&lang={language}").status_code == 200


def test_without_the_renderer_the_refusal_says_what_to_install(
    early: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "typst", None)
    answer = early.get(f"{REPORT}?format=pdf")
    assert answer.status_code == 503
    assert "pip install typst" in answer.text


def test_before_there_is_data_every_format_says_so(early: Api, korean: None) -> None:
    for form in TYPES:
        answer = early.get(f"{REPORT}?format={form}&lang=ko&as_of=2025-03-01T00:00:00Z")
        assert answer.status_code == 200, form
        if form in {"json", "html", "text"}:
            assert "아직 들어온 발송 기록이 없습니다" in answer.text, form


def test_the_difference_is_told_day_by_day_as_reports_told_it_then(api: Api, clock: Clock) -> None:
    run_triggered_test(api, clock)
    address = f"/api/v1/experiments/{KEY}/report"
    report = api.get(address).json
    assert report is not None
    timeline = report["timeline"]
    assert timeline["kpi"] == "bought"
    assert len(timeline["points"]) >= 11
    assert [look["number"] for look in timeline["looks"]] == [1, 2, 3, 4]
    assert [look["at"] is None for look in timeline["looks"]] == [False, False, False, True]
    last = timeline["points"][-1]
    [entry] = report["goals"][0]["comparisons"]
    assert (last["difference"], last["always_valid"]) == (
        entry["difference"], entry["always_valid"],
    )  # fmt: skip
    gapless = [point for point in timeline["points"] if point["gap"] is None]
    assert timeline["points"][0]["gap"] is not None
    for point in (gapless[0], gapless[len(gapless) // 2]):
        then = api.get(f"{address}?as_of={point['at'].replace('+', '%2B')}").json
        assert then is not None
        [entry] = then["goals"][0]["comparisons"]
        assert point["difference"] == entry["difference"], point["at"]
        assert point["always_valid"] == entry["always_valid"]
    drawn = api.get(f"{address}/pictures/timeline.svg?lang=ko")
    assert drawn.status_code == 200
    assert ">3/4</text>" in drawn.text
