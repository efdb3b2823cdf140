"""What no sentence may say or look like, whatever the numbers."""

import string
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from experiments.ledger.facts import SUPPRESSED_REASONS
from experiments.measurement.accounting import REASONS
from experiments.registry.experiment import ANCHORS, CHANNELS, PURPOSES, ROLES, SHAPES, STATES
from experiments.registry.plan import CORRECTIONS
from experiments.registry.preflight import WARNINGS, StartWarning
from experiments.reporting.columns import width
from experiments.reporting.health import STAGES
from experiments.reporting.report import Report, State
from experiments.reporting.text import render_text
from experiments.reporting.wording import label, say, say_exclusion, say_gap, say_warning
from experiments.reporting.wording.labels import LABELS
from experiments.reporting.wording.phrases import MOVES, TABLES
from experiments.reporting.wording.reasons import _GAPS, _WARNINGS
from tests.experiments.reporting.factories import CASES, example, report_of
from tests.experiments.reporting.strategies import reports

BANNED = (
    "유의확률", "p값", "p-값", "95 % 확률", "95% 확률", "무승부", "입증",
    "통계적", "유의미", "신뢰구간",
    "p-value", "p value", "significan", "confidence interval", "95% probability", "prove ",
    "proved", "proof", "a draw", "a tie",
)  # fmt: skip
LANGUAGES = ("ko", "en")


def sentences() -> list[str]:
    """Every sentence there is, before its values."""
    written = [each for table in TABLES.values() for each in table.values()]
    written += [word for table in MOVES.values() for way in table.values()
                for words in way.values() for word in words.values()]  # fmt: skip
    written += [text for pair in _WARNINGS.values() for text in pair]
    written += [korean for _, korean in _GAPS]
    return written + [text for kind in LABELS.values() for pair in kind.values() for text in pair]


def told(report: Report, language: str) -> str:
    said = say(report, language)
    whole = render_text(report, language)
    return "\n".join([said.headline, *said.sentences, said.next_step, whole])


def test_no_sentence_uses_a_banned_word() -> None:
    for sentence in sentences():
        assert not [word for word in BANNED if word in sentence.lower()], sentence


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_report_uses_a_banned_word_or_markup(state: State, language: str) -> None:
    text = told(example(state), language)
    assert not [word for word in (*BANNED, "None", "nan", "{", "}", "<b", "</") if word in text]


def test_both_languages_have_the_same_sentences_with_the_same_kinds_of_values() -> None:
    korean, english = TABLES["ko"], TABLES["en"]
    assert set(korean) == set(english)
    assert set(MOVES["ko"]) == set(MOVES["en"])
    only_korean = {
        "gap",
        "was",
        "became",
        "rose",
        "rose_so",
        "rose_and",
        "rose_formal",
        "rise",
        "more_but",
        "to_rise",
    }
    for key, sentence in korean.items():
        assert _fields(english[key]) - _fields(sentence) <= {"rose", "rise", "more"}, key
        if not key.startswith(("missed", "harm", "where")):
            assert _fields(sentence) - _fields(english[key]) <= only_korean | {"variant"}, key


def _fields(sentence: str) -> set[str]:
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field}


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("language", LANGUAGES)
def test_at_most_three_facts_and_one_thing_to_do(state: State, language: str) -> None:
    said = say(example(state), language)
    assert said.headline
    assert len(said.sentences) <= 3
    assert said.next_step
    assert "→" not in said.next_step
    assert "\n" not in "".join([said.headline, *said.sentences, said.next_step])


NAMED = {State.WIN, State.LOSS, State.NO_DIFFERENCE, State.TOO_SMALL, State.TRADE_OFF, State.CHOICE}


@pytest.mark.parametrize("state", sorted(NAMED))
@pytest.mark.parametrize("language", LANGUAGES)
def test_before_the_end_nobody_wins_and_no_fixed_range_is_said(state: State, language: str) -> None:
    report = replace(example(state), final=False, state="running")
    early = replace(report, verdict=example(State.TOO_EARLY).verdict)
    assert say(report, language) == say(early, language)
    running = report_of(replace(CASES[state], final=False))
    text = told(running, language)
    for word in ("더 좋습니다", "적용하세요", "is better", "Use B", "오차를 고려하면 차이는"):
        assert word not in text


@pytest.mark.parametrize("state", [State.SPLIT_BROKEN, State.OPENS_UNRELIABLE])
@pytest.mark.parametrize("language", LANGUAGES)
def test_while_withheld_no_winner_is_named(state: State, language: str) -> None:
    text = told(example(state), language)
    for word in ("더 좋습니다", "적용하세요", "확인했습니다", "is better", "Use B", "is shown"):
        assert word not in text


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(reports(), st.sampled_from(LANGUAGES))
def test_no_numbers_break_the_sentences(report: Report, language: str) -> None:
    said = say(report, language)
    assert len(said.sentences) <= 3
    text = told(report, language)
    given_names = [report.name, report.hypothesis, *report.variants.values()]
    given_names += [name for goal in report.goals for name in (goal.name.ko, goal.name.en)]
    for word in ("None", "nan", " inf", "{", "}", "(+0.0%)", "−0.0%"):
        assert word not in text or any(word.strip() in name for name in given_names), word
    assert max(width(line) for line in render_text(report, language).split("\n")) <= 100


def test_every_code_has_its_korean_label() -> None:
    known = {
        "channel": CHANNELS, "anchor": ANCHORS, "records": ANCHORS, "shape": SHAPES,
        "purpose": PURPOSES, "role": ROLES, "state": STATES, "suppressed": SUPPRESSED_REASONS,
        "exclusion": REASONS, "correction": CORRECTIONS, "verdict": [each.value for each in State],
        "stage": [stage for stages in STAGES.values() for stage in stages],
    }  # fmt: skip
    for kind, keys in known.items():
        for key in keys:
            assert key in LABELS[kind], (kind, key)
            assert label(kind, key, "ko") != key
    assert set(_WARNINGS) == set(WARNINGS)


def test_an_unknown_code_is_shown_in_words() -> None:
    assert say_exclusion("left_on_holiday", "ko") == "left on holiday"


PARAMS: dict[str, dict[str, object]] = {
    "no_owner": {}, "no_hypothesis": {}, "no_minimum_effect": {}, "timing_by_send": {},
    "many_kpis": {"count": 7, "percent": 64}, "retired_kpi": {"kpi": "open"},
    "target_not_smart": {"kpi": "open", "missing": "owner, target.due_on"},
    "machine_opens": {"kpi": "click"}, "small_list": {"units": 3000},
    "list_too_small": {"units": 5000, "visible": "3.10", "minimum": "1.00"},
    "days_differ": {"days": "a: monday, b: 2025-03-14 friday"},
    "send_time_missing": {"variant": "b"}, "send_times_equal": {},
    "sent_late": {"variant": "b", "wait": 168, "window": 72},
    "follow_up_cut": {"hours": "48", "window": 72}, "not_whole_weeks": {"days": "10.5"},
}  # fmt: skip
OF_A_RULE: dict[str, object] = {
    "variant": "b", "local_time": "21:30", "start": "21:00", "end": "08:00",
    "channels": "sms, app_push", "source": "정보통신망법", "as_of": "2025-03-10",
    "text": "(광고)", "length": 101, "limit": 90, "months": 24,
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(WARNINGS))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_warning_is_a_sentence(code: str, language: str) -> None:
    sentence = say_warning(StartWarning(code, "goals", PARAMS.get(code, OF_A_RULE)), language)
    assert sentence.endswith(".")
    assert "{" not in sentence
    assert ("가" <= sentence[-2] <= "힣") == (language == "ko")


def test_a_warning_names_its_values() -> None:
    missing = StartWarning("target_not_smart", "goals.0.kpi", PARAMS["target_not_smart"])
    assert say_warning(missing, "ko") == (
        "핵심 지표 ‘open’의 문서에 빠진 것이 있습니다: 담당자, 목표 기한."
    )
    assert say_warning(StartWarning("machine_opens", "", {"kpi": "전체 오픈율"}), "ko") == (
        "핵심 지표 ‘전체 오픈율’은 메일 앱이 자동으로 연 것까지 셉니다."
    )


@pytest.mark.parametrize(
    ("reason", "korean", "english"),
    [
        (
            "the control has no units",
            "기준안에 집계된 고객이 없습니다.",
            "The control has no customers.",
        ),
        (
            "a variant expects 3.2 units, 5 needed",
            "한 안에 예상되는 고객이 3.2명이라 확인할 수 없습니다(5명 이상 필요).",
            "Only 3.2 customers are expected in a variant; 5 or more are needed.",
        ),
        ("something {odd} happened", "Something {odd} happened.", "Something {odd} happened."),
    ],
)  # fmt: skip
def test_a_gap_says_its_reason(reason: str, korean: str, english: str) -> None:
    assert say_gap(reason, "ko") == korean
    assert say_gap(reason, "en") == english
