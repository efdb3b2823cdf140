"""Whatever is wrong with a question about a report: a gap or a refusal, in every format."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask

from api.report_files import file_of
from experiments.reporting.pictures import render
from experiments.reporting.report import State
from experiments.reporting.wording import say
from tests.api.conftest import Api, Clock
from tests.api.loaded import database, loaded_file, project
from tests.experiments.reporting.exports.workbooks import sheets
from tests.experiments.reporting.factories import CASES, report_of

__all__ = ["database", "loaded_file", "project"]
REPORT = "/api/v1/experiments/subject-line/report"
FORMATS = ("json", "csv", "xlsx", "html", "pdf", "text")
REFUSED = {
    "a moment to come": ("as_of=2099-01-01T00:00:00Z", "as_of", "2099"),
    "a moment without a zone": ("as_of=2025-03-10T15:00:00", "as_of", ""),
    "a segment nobody defined": ("segment=nobody", "segment", "nobody"),
    "a KPI that the test has not": ("kpi=nothing", "kpi", "nothing"),
    "a format nobody writes": ("format=pptx", "format", ""),
}


@pytest.fixture
def reader(api: Api, clock: Clock) -> Api:
    """A caller an hour after the mails went out."""
    clock.at += timedelta(hours=1)
    return api


@pytest.fixture
def fonts() -> None:
    """Skips where no font could draw Korean."""
    import typst  # noqa: PLC0415 - as the code does

    if not render.has_korean(typst.Fonts().families()):
        pytest.skip("no Korean font on this machine: apt-get install fonts-nanum")


@pytest.mark.parametrize("case", REFUSED)
def test_a_question_that_has_no_answer_is_refused_in_every_format(reader: Api, case: str) -> None:
    query, field, named = REFUSED[case]
    forms = FORMATS if field != "format" else ("json",)
    for form in forms:
        told = {}
        for language in ("ko", "en"):
            asked = query if field == "format" else f"{query}&format={form}"
            answer = reader.get(f"{REPORT}?{asked}&lang={language}")
            assert answer.status_code == 422, (form, answer.text[:200])
            assert answer.mimetype == "application/problem+json"
            [error] = answer.json["errors"]  # type: ignore[index] # there is a body
            assert error["field"] == field
            assert named in error["message"]
            told[language] = error["message"]
        assert told["ko"] != told["en"], case
        assert re.search("[가-힣]", told["ko"]), case
        assert not re.search("[가-힣]", told["en"]), case


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_pictures_are_refused_as_the_report_is(reader: Api, form: str) -> None:
    for query, field, named in (REFUSED[case] for case in REFUSED if "format" not in case):
        told = []
        for language in ("ko", "en"):
            path = f"{REPORT}/pictures/forest.{form}?{query}&lang={language}"
            answer = reader.get(path)
            assert answer.status_code == 422, answer.text[:200]
            [error] = answer.json["errors"]  # type: ignore[index] # there is a body
            assert (error["field"], named in error["message"]) == (field, True)
            told.append(error["message"])
        assert told[0] != told[1]


@pytest.mark.parametrize(
    ("language", "told"),
    [("ko", "30명 이상 필요"), ("en", "30 or more are needed")],
)
def test_a_segment_of_few_is_a_stated_gap_in_every_format(
    reader: Api, fonts: None, language: str, told: str
) -> None:
    for form in FORMATS:
        query = f"segment=property:grade=nobody&format={form}&lang={language}"
        answer = reader.get(f"{REPORT}?{query}")
        assert answer.status_code == 200
        if form == "pdf":
            assert answer.data.startswith(b"%PDF")
        elif form == "xlsx":
            cells = (cell for sheet in sheets(answer.data) for row in sheet for cell in row)
            assert any(told in str(cell) for cell in cells)
        else:
            assert told in answer.text, form


def texts_of(app: Flask, case: State, form: str, language: str) -> str:
    """What a reader finds in a file of that state."""
    report = report_of(CASES[case])
    with app.test_request_context(f"/?lang={language}"):
        data = file_of(report, form).get_data()
    if form == "xlsx":
        cells = (cell for sheet in sheets(data) for row in sheet for cell in row)
        return " ".join(str(value) for value in cells if value is not None)
    return data.decode("utf-8-sig", "replace")


@pytest.mark.parametrize("language", ["ko", "en"])
@pytest.mark.parametrize("case", [State.NO_DATA, State.NO_ANSWER])
def test_no_data_and_an_empty_arm_are_stated_gaps_in_every_format(
    app: Flask, fonts: None, case: State, language: str
) -> None:
    for form in FORMATS[1:]:
        text = texts_of(app, case, form, language)
        if form == "pdf":
            assert text.startswith("%PDF")
            continue
        assert not re.search(r"\b(?:NaN|nan|Infinity|inf|None)\b", text), form
        if form in {"html", "text"}:
            assert say(report_of(CASES[case]), language).headline in text, form
        if form == "csv" and case is State.NO_ANSWER:
            assert "a variant has no units" in text or "no_" in text or "고객" in text


def test_a_test_without_any_sends_is_told_so_over_the_interface(reader: Api) -> None:
    for language, words in (("ko", "발송 기록이 없습니다"), ("en", "No sends")):
        for form in ("html", "text"):
            query = f"as_of=2025-03-01T00:00:00Z&format={form}&lang={language}"
            answer = reader.get(f"{REPORT}?{query}")
            assert answer.status_code == 200
            assert words in answer.text


def test_a_report_never_has_more_rows_than_a_sheet_holds() -> None:
    from experiments.registry.goals import MOST_GOALS  # noqa: PLC0415 - beside its use
    from experiments.registry.variants import MOST_VARIANTS  # noqa: PLC0415 - beside its use
    from experiments.reporting.exports.rows import rows_of  # noqa: PLC0415 - slow to import

    report = report_of(replace(CASES[State.WIN]))
    per_arm = len(list(rows_of(report, "en"))) / sum(len(goal.arms) for goal in report.goals)
    assert 2 * per_arm * MOST_GOALS * MOST_VARIANTS < 1_048_576


def test_a_report_asked_of_nothing_is_not_found_in_every_format(
    reader: Api, key_for: Callable[..., Api]
) -> None:
    for form in FORMATS:
        assert (
            reader.get(f"{REPORT.replace('subject-line', 'none')}?format={form}").status_code == 404
        )
    assert key_for(["ingest"]).get(REPORT).status_code == 403
