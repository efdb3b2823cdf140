"""The plain-text report: its order, its width, and what it keeps back."""

from dataclasses import replace
from itertools import pairwise

import pytest

from experiments.reporting.columns import width
from experiments.reporting.report import Report, State
from experiments.reporting.text import render_text
from experiments.reporting.wording import say
from tests.experiments.reporting.factories import CASES, VARIATIONS, example, report_of

LANGUAGES = ("ko", "en")
HEADINGS = {
    "ko": [
        "결론", "핵심 지표", "보조 지표", "안전 지표", "데이터 점검", "시작할 때 주의할 점", "근거",
    ],
    "en": [
        "Verdict", "Primary KPI", "Secondary KPIs", "Guardrails", "Health",
        "Warnings at the start", "What this rests on",
    ],
}  # fmt: skip
WITHHELD = {"ko": "결론 보류]", "en": "withheld:"}


def headings(text: str) -> list[str]:
    lines = text.splitlines()
    return [line for line, below in pairwise(lines) if set(below) == {"-"}]


@pytest.mark.parametrize("language", LANGUAGES)
def test_sections_stand_in_the_order_of_a_report(language: str) -> None:
    assert headings(render_text(example(State.WIN), language)) == HEADINGS[language]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", [*CASES, *VARIATIONS])
def test_no_line_is_wider_than_100_columns(name: str, language: str) -> None:
    case = (CASES | VARIATIONS)[name]
    for line in render_text(report_of(case), language).splitlines():
        assert width(line) <= 100
        assert line == line.rstrip()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", list(State))
def test_the_verdict_comes_first_with_what_to_do(state: State, language: str) -> None:
    report = example(state)
    said, text = say(report, language), render_text(report, language)
    joined = " ".join(text.split())
    assert joined.index(said.headline) < joined.index(f"→ {said.next_step}")


def test_the_primary_kpi_in_full() -> None:
    text = render_text(example(State.WIN), "ko")
    start = text.index("핵심 지표")
    assert text[start : text.index("보조 지표")].splitlines()[2:-1] == [
        "  오픈율 (집계 기간 72시간)",
        "    안              고객  해당 고객     값   오차 범위",
        "    A안 (기준안)  30,000      5,319  17.7%  17.3~18.2%",
        "    B안           30,000      6,117  20.4%  19.9~20.8%",
        "    B안 +2.7%p(+15%), 오차를 고려하면 +2.0~+3.3%p",
        "    B안              |                                    [-----------o----------]",
        "                     0                                                        +3.3",
        "    B안: 차이를 확인했습니다. 고객 1만 명당 약 266명 많습니다(오차를 고려하면 203~329명).",
        "    A안 오픈율은 17.7%로 목표 19.7%에 2.0%p 못 미쳤습니다. "
        "오차를 고려해도 18.2% 이하입니다.",
        "    목표를 달성했습니다. B안 오픈율은 20.4%로 목표 19.7%를 넘었고, "
        "오차를 고려해도 19.9% 이상입니다.",
        "    실제로 예상되는 효과: B안을 실제로 쓰면 차이는 +2.6%p 정도로 예상합니다("
        "테스트에서는 +2.7%p).",
        "      좋게 나온 안은 우연의 도움도 받았을 수 있어, 실제 효과는 테스트에서 본 차이보다 "
        "작은 편입니다.",
        "      같은 종류의 지표로 끝난 테스트가 10개보다 적어(0개), 흔히 나오는 차이를 바탕으로 "
        "예상했습니다.",
    ]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [State.SPLIT_BROKEN, State.OPENS_UNRELIABLE])
def test_while_withheld_every_lift_carries_the_reason(state: State, language: str) -> None:
    report = example(state)
    text = render_text(report, language)
    compared = sum(len(goal.comparisons) for goal in report.goals)
    assert text.count(WITHHELD[language]) == compared
    assert "[---" not in text


def test_a_broken_split_leaves_no_guardrail_safe() -> None:
    assert "안전합니다" not in render_text(example(State.SPLIT_BROKEN), "ko")
    assert "안전합니다" in render_text(example(State.OPENS_UNRELIABLE), "ko")


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_end_there_are_rates_and_a_range_that_may_be_watched(language: str) -> None:
    text = render_text(example(State.TOO_EARLY), language)
    assert "17.7%" in text
    assert {"ko": "지금까지의 오차를 고려하면", "en": "allowing for error so far"}[language] in text
    for word in ("+2.0~+3.3", "(+15%)", "확인했습니다", "목표", "is shown", "Target", "17.3"):
        assert word not in text


def test_every_event_is_accounted_for() -> None:
    text = " ".join(render_text(example(State.WIN), "ko").split())
    assert (
        "이벤트 - 오픈율: 수신 14,977 = 집계 13,722 + 제외 1,255 "
        "(이 테스트에 없는 고객 20, 집계 기간이 지난 뒤 31, 자동 오픈·클릭 1,204)"
    ) in text


def test_a_name_cannot_draw_on_the_terminal() -> None:
    report: Report = example(State.WIN)
    hostile = replace(report, name="메일\x1b[31m\n가짜 결론", hypothesis="\x07\u202e")
    text = render_text(hostile, "ko")
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert text.splitlines()[0] == "메일 [31m 가짜 결론 (subject-line)"


def test_every_variant_has_its_bar() -> None:
    text = render_text(report_of(VARIATIONS["three_arms"]), "ko")
    bars = [line for line in text.splitlines() if "o---" in line]
    assert [line.split()[0] for line in bars] == ["남성", "여성"]
