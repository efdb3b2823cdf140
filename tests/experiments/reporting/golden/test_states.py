"""Whatever the evidence: both languages, both depths, no hole and nothing untranslated."""

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from experiments.calculators import analysis
from experiments.reporting.report import Report, State
from experiments.reporting.text import render_text
from experiments.reporting.wording import phrases, say
from experiments.reporting.wording.holdouts import say_holdout
from tests.api.markup import look_over
from tests.experiments.reporting.golden import details
from tests.experiments.reporting.golden.states import states
from tests.experiments.reporting.golden.test_golden import (
    BOTH,
    HANGUL,
    LATIN,
    METHODS,
    NO_NUMBER,
    P_VALUES,
)
from tests.experiments.reporting.golden.write import LANGUAGES, application, as_html, as_json

# What no finished sentence holds.
HOLES = re.compile(r"\{|\}|%\(|\bNone\b|  \S*\.$| \.|\(\)|\( |,\s*\.")
# Told of a KPI by itself, where there is no test; English writes no number in 만.
ELSEWHERE = {*analysis._NEXT.values(), "customers.large"}
# Names that people gave to properties.
GIVEN = BOTH | {"grade", "gold", "silver"}


@pytest.fixture(scope="module")
def every() -> dict[str, Report]:
    return states()


def told(report: Report, language: str) -> list[str]:
    said = say(report, language)
    return [said.headline, *said.sentences, said.next_step]


def without_names(text: str, report: Report) -> str:
    given = [report.name, report.hypothesis, report.experiment, *report.variants.values()]
    for each in sorted(given, key=len, reverse=True):
        text = text.replace(each, " ")
    return text


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_is_said_is_whole(every: dict[str, Report], language: str) -> None:
    for name, report in every.items():
        as_json(report)
        for line in (*told(report, language), *render_text(report, language).split("\n")):
            assert not NO_NUMBER.findall(line), (name, line)
            assert not HOLES.findall(line.strip()), (name, line)
        for sentence in told(report, language):
            assert sentence.endswith("."), (name, sentence)
            assert not METHODS.findall(sentence) + P_VALUES.findall(sentence), (name, sentence)
            plain = without_names(sentence, report)
            left = HANGUL.findall(plain) if language == "en" else LATIN.findall(plain)
            assert set(left) <= BOTH, (name, sentence)


@pytest.mark.slow
def test_every_state_is_met(every: dict[str, Report]) -> None:
    assert {report.verdict.state for report in every.values()} == set(State)
    looks = {(report.verdict.state, bool(report.verdict.look)) for report in every.values()}
    assert {(State.WIN, True), (State.LOSS, True), (State.TRADE_OFF, True)} <= looks


class Listening(dict[str, str]):
    """Sentences that remember which of them were said."""

    def __init__(self, sentences: dict[str, str]) -> None:
        super().__init__(sentences)
        self.said: set[str] = set()

    def __getitem__(self, key: str) -> str:
        self.said.add(key)
        return super().__getitem__(key)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    made = application(tmp_path_factory.mktemp("states"))
    yield made
    made.extensions["truelift"].stop()


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_is_whole_in_both_depths_and_no_sentence_is_left_unsaid(
    monkeypatch: pytest.MonkeyPatch, app: Flask, every: dict[str, Report], language: str
) -> None:
    sentences = Listening(phrases.TABLES[language])
    monkeypatch.setitem(phrases.TABLES, language, sentences)
    for name, report in every.items():
        page = look_over(as_html(app, report, language))
        everything, first = " ".join(page.text), " ".join(page.first_depth)
        assert not NO_NUMBER.findall(everything), name
        assert not METHODS.findall(first) + P_VALUES.findall(first), name
        plain = without_names(first, report)
        left = HANGUL.findall(plain) if language == "en" else LATIN.findall(plain)
        assert set(left) - GIVEN <= {"한국어"}, name
        render_text(report, language)
    for holdout in HOLDOUTS.values():
        say_holdout(holdout, language)
    assert sorted(set(sentences) - sentences.said - ELSEWHERE) == []


HOLDOUTS = {
    "shown": details.holdout(),
    "not shown": details.holdout(shown=False, returns=False),
    "no sum": details.holdout(unit="days", returns=False),
    "gap": details.holdout(gap="the control has no units"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", sorted(HOLDOUTS))
def test_a_holdout_is_whole(name: str, language: str) -> None:
    for sentence in say_holdout(HOLDOUTS[name], language):
        assert not NO_NUMBER.findall(sentence) + HOLES.findall(sentence), sentence
        assert sentence.endswith(".")


def test_a_holdout_counts_customers_and_money_as_the_table_beside_it() -> None:
    assert say_holdout(HOLDOUTS["shown"], "ko") == (
        "고객당 매출: 메시지를 받는 고객 2,940원, 받지 않는 고객 2,625원.",
        "차이 +315원을 확인했습니다(오차를 고려하면 +53~+579원).",
        "비교한 고객 9,501명에게 보내서 더 생긴 것은 +299만 원입니다"
        "(오차를 고려하면 +50만~+550만 원).",
        "메시지 비용 142,515원의 21.0배가 더 들어왔습니다(오차를 고려하면 3.5~38.6배).",
    )
