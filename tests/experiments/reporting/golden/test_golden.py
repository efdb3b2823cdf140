"""Every state of the evidence says what was read and kept, in words that a marketer knows."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from experiments.reporting.report import Report
from experiments.reporting.wording import say
from tests.api.markup import look_over
from tests.experiments.reporting.golden.reports import golden_reports, states_without_a_report
from tests.experiments.reporting.golden.write import KEPT, LANGUAGES, application, as_html, files_of

REPORTS = golden_reports()
NAMES = sorted(REPORTS)
NO_NUMBER = re.compile(r"\b(?:NaN|Infinity|nan|inf|None|undefined)\b")
# Names of methods, and what only a statistician reads, in the depth that everybody sees.
METHODS = re.compile(
    r"newcombe|miettinen|nurminen|koopman|welch|fieller|wilson|dunnett|\bholm\b|benjamini|hochberg"
    r"|bonferroni|group_sequential|o'brien|fleming|cuped|mann|log-?rank|chi-?square|z-test|t-test"
    r"|asympcs|msprt|score test",
    re.IGNORECASE,
)
P_VALUES = re.compile(
    r"\bp\s*[=<>≈]\s*[\d.]|\bp-?value|p값|유의확률|유의 확률|95\s?%\s?확률|무승부|입증"
)
HANGUL, LATIN = re.compile("[가-힣]+"), re.compile(r"[A-Za-z]{3,}")
# Names that are the same in both languages; types of events among them.
BOTH = {"Truelift", "Asia", "Seoul", "SQL", "VIP", "subject", "line", "open"}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = application(tmp_path_factory.mktemp("golden"))
    yield made
    made.extensions["truelift"].stop()


def first_depth(app: Flask, report: Report, language: str) -> str:
    """What everybody reads without opening anything."""
    return " ".join(look_over(as_html(app, report, language)).first_depth)


def test_every_state_has_a_report() -> None:
    assert states_without_a_report() == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_report_says_what_was_read_and_kept(app: Flask, name: str) -> None:
    for file, text in files_of(app, name, REPORTS[name]).items():
        kept = (KEPT / file).read_text(encoding="utf-8")
        told = "read the change, then: python -m tests.experiments.reporting.golden.write"
        assert text == kept, f"{file} is another; {told}"


def test_nothing_else_is_kept() -> None:
    expected = {f"{name}.{end}" for name in NAMES for end in ("json", "ko.html", "en.html")}
    assert {path.name for path in Path(KEPT).iterdir()} == expected


@pytest.mark.parametrize("name", NAMES)
def test_no_number_is_missing_silently(app: Flask, name: str) -> None:
    text = (KEPT / f"{name}.json").read_text(encoding="utf-8")
    assert not re.search(r"\b(?:NaN|-?Infinity)\b", text)
    json.loads(text)
    for language in LANGUAGES:
        page = look_over((KEPT / f"{name}.{language}.html").read_text(encoding="utf-8"))
        assert NO_NUMBER.findall(" ".join(page.text)) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", NAMES)
def test_no_method_and_no_bare_p_value_in_what_everybody_reads(
    app: Flask, name: str, language: str
) -> None:
    said = say(REPORTS[name], language)
    text = first_depth(app, REPORTS[name], language)
    for each in (text, said.headline, *said.sentences, said.next_step):
        assert METHODS.findall(each) == []
        assert P_VALUES.findall(each) == []


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_untranslated(app: Flask, name: str) -> None:
    report = REPORTS[name]
    given = [report.name, report.hypothesis, *report.variants.values()]
    english = first_depth(app, report, "en")
    for each in sorted(given, key=len, reverse=True):
        english = english.replace(each, " ")
    assert set(HANGUL.findall(english)) <= {"한국어"}
    korean = first_depth(app, report, "ko")
    for each in sorted(given, key=len, reverse=True):
        korean = korean.replace(each, " ")
    assert set(LATIN.findall(korean)) <= BOTH
