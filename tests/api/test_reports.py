"""Reports over the interface, on both databases."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from experiments.storage.database import Database
from experiments.storage.projects import Project
from sample_data.load import load_scenario
from tests.api.conftest import Api, Clock
from tests.conftest import make_project

SAMPLE = Path(__file__).resolve().parents[2] / "sample_data" / "subject_line"
REPORT = "/api/v1/experiments/subject-line/report"


@pytest.fixture
def reader(key_for: Callable[..., Api], database: Database, project: Project, clock: Clock) -> Api:
    """A client that may read, in a project with the sample test, weeks after it."""
    load_scenario(database, project, SAMPLE)
    clock.at += timedelta(days=30)
    return key_for(["read"])


def test_a_report_holds_values_and_sentences_in_both_languages(reader: Api) -> None:
    answer = reader.get(REPORT)
    assert answer.status_code == 200, answer.text
    report = answer.json
    assert report is not None
    assert {"verdict", "goals", "health", "warnings", "provenance", "said"} <= set(report)
    assert set(report["said"]) == {"ko", "en"}
    assert report["goals"][0]["role"] == "primary"


@pytest.mark.parametrize(("language", "word"), [("ko", "결론"), ("en", "Verdict")])
def test_a_report_is_read_as_text(reader: Api, language: str, word: str) -> None:
    answer = reader.get(REPORT, query_string={"format": "text", "lang": language})
    assert answer.mimetype == "text/plain"
    assert word in answer.text


@pytest.mark.parametrize("moment", ["2025-03-10T15:00:00%2B09:00", "2025-03-10T15:00:00+09:00"])
def test_an_earlier_moment_may_be_asked_for(reader: Api, moment: str) -> None:
    report = reader.get(f"{REPORT}?as_of={moment}").json
    assert report is not None
    assert report["as_of"].startswith("2025-03-10T06:00:00")
    assert report["verdict"]["state"] == "too_early"


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("as_of=2099-01-01T00:00:00Z", "as_of"),
        ("as_of=2025-03-10T15:00:00", "as_of"),
        ("as_of=yesterday", "as_of"),
        ("format=pptx", "format"),
        ("colour=red", "colour"),
    ],
)
def test_a_bad_question_names_the_field(reader: Api, query: str, field: str) -> None:
    answer = reader.get(f"{REPORT}?{query}")
    assert answer.status_code == 422
    assert [entry["field"] for entry in answer.json["errors"]] == [field]  # type: ignore[index] # there is a body


def test_another_projects_report_is_as_good_as_absent(
    reader: Api, key_for: Callable[..., Api], database: Database, now: datetime
) -> None:
    other = key_for(["read"], make_project(database, now, "other"))
    foreign, absent = other.get(REPORT), other.get(REPORT.replace("subject-line", "nothing"))
    assert (foreign.status_code, absent.status_code) == (404, 404)


def test_reading_needs_the_scope(reader: Api, key_for: Callable[..., Api]) -> None:
    assert key_for(["ingest"]).get(REPORT).status_code == 403
