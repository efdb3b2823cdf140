"""Why a number is missing, and what was amber at the start."""

import re
from collections.abc import Mapping

from experiments.korean.particles import Word
from experiments.registry.preflight import StartWarning
from experiments.reporting.adaptive.gaps import ADAPTIVE_GAPS
from experiments.reporting.wording.day_gaps import DAY_GAPS
from experiments.reporting.wording.labels import label
from experiments.reporting.wording.sending import SENDING_WARNINGS, sending_values

_GAPS: tuple[tuple[str, str], ...] = (
    (r"the control has no units", "기준안에 집계된 고객이 없습니다."),
    (r"the treatment has no units", "비교할 안에 집계된 고객이 없습니다."),
    (r"a variant has no units", "집계된 고객이 없는 안이 있습니다."),
    (
        r"the control has no successes, so a share of them has no upper limit",
        "기준안에 해당 고객이 없어 증감률의 상한을 알 수 없습니다.",
    ),
    (
        r"every unit of both variants has the same outcome",
        "두 안의 모든 고객이 같은 결과여서 증감률을 구할 수 없습니다.",
    ),
    (
        r"every unit of a variant has one and the same value",
        "모든 고객의 값이 같아 차이를 판단할 수 없습니다.",
    ),
    (r"the control's mean is not above 0", "기준안의 평균이 0보다 크지 않아 증감률이 없습니다."),
    (
        r"the control's mean cannot be told from 0",
        "기준안의 평균이 0과 구별되지 않아 증감률의 범위를 알 수 없습니다.",
    ),
    (r"a rate needs at least one unit", "집계된 고객이 없어 비율을 구할 수 없습니다."),
    (r"a mean needs at least one unit", "집계된 고객이 없어 평균을 구할 수 없습니다."),
    (r"a variance needs at least two units", "안마다 고객이 두 명 이상 있어야 합니다."),
    (r"there are no samples to add", "집계된 기록이 없습니다."),
    (r"there are no phases to check", "확인할 배정 구간이 없습니다."),
    (
        r"fewer than two variants were planned to take units(?: and could)?",
        "고객을 나눌 안이 둘 이상 있어야 확인할 수 있습니다.",
    ),
    (
        r"a variant expects ([\d.]+) units, (\d+) needed",
        "한 안에 예상되는 고객이 {0}명이라 확인할 수 없습니다({1}명 이상 필요).",
    ),
    (
        r"a variant has (\d+) units, expected at least (\d+)",
        "고객이 {0}명뿐인 안이 있어 아직 알 수 없습니다({1}명 이상 필요).",
    ),
    (
        r"there are (\d+) conversions, expected at least (\d+)",
        "해당 고객이 모두 {0}명뿐이라 아직 알 수 없습니다({1}명 이상 필요).",
    ),
    (
        r"the standard error is 0: no unit differs from another",
        "고객마다 값이 모두 같아 차이를 판단할 수 없습니다.",
    ),
    (
        r"a score has no natural zero, so a difference is no share of it",
        "점수는 0이 ‘없음’을 뜻하지 않아 증감률을 구하지 않습니다.",
    ),
    (r"the control's answers are all of one kind", "기준안의 응답이 모두 같은 쪽입니다."),
    (r"the treatment's answers are all of one kind", "비교할 안의 응답이 모두 같은 쪽입니다."),
    (r"the denominators of the control sum to 0", "기준안의 분모가 0입니다."),
    (r"the denominators of the treatment sum to 0", "비교할 안의 분모가 0입니다."),
    (r"a ratio needs a denominator above 0", "분모가 0이어서 비율을 구할 수 없습니다."),
    (r"the control's ratio is not above 0", "기준안의 값이 0보다 크지 않아 증감률이 없습니다."),
    (
        r"the control's rate is not above 0",
        "기준안의 비율이 0이어서 증감률이 없습니다.",
    ),
    (
        r"the control's rate cannot be told from 0",
        "기준안의 비율이 0과 구별되지 않아 증감률의 범위를 알 수 없습니다.",
    ),
    (
        r"the control's ratio cannot be told from 0",
        "기준안의 값이 0과 구별되지 않아 증감률의 범위를 알 수 없습니다.",
    ),
    (
        r"a variant has (\d+) units in the segment, expected (\d+) or more",
        "이 고객군에는 한 안에 고객이 {0}명뿐이라 비교할 수 없습니다({1}명 이상 필요).",
    ),
    (
        r"a count expected in the segment is ([\d.]+), expected (\d+) or more",
        "이 고객군에는 해당 고객이 {0}명쯤 예상되어 비교할 수 없습니다({1}명 이상 필요).",
    ),
    (
        r"fewer than two segments can be compared",
        "비교할 수 있는 고객군이 둘이 되지 않습니다.",
    ),
    (r"segments are compared at the planned end", "고객군은 예정된 종료 뒤에 비교합니다."),
    (r"a side of the interval has no limit", "오차 범위의 한쪽 한계를 알 수 없습니다."),
    (
        r"a relative difference needs both values above 0",
        "두 안의 값이 모두 0보다 커야 증감률을 구할 수 있습니다.",
    ),
    (r"there are no treatments to compare with the control", "기준안과 비교할 안이 없습니다."),
)
_KNOWN_GAPS = tuple(
    (re.compile(pattern), korean) for pattern, korean in (*_GAPS, *DAY_GAPS, *ADAPTIVE_GAPS)
)

# English that says more plainly what is needed than the reason itself.
_PLAINER: tuple[tuple[str, str], ...] = (
    (r"the treatment has no units", "The variant compared has no customers."),
    (r"a variance needs at least two units", "Every variant needs at least two customers."),
    (
        r"a variant expects ([\d.]+) units, (\d+) needed",
        "Only {0} customers are expected in a variant; {1} or more are needed.",
    ),
    (
        r"a variant has (\d+) units, expected at least (\d+)",
        "A variant has only {0} customers; {1} or more are needed.",
    ),
    (
        r"there are (\d+) conversions, expected at least (\d+)",
        "Only {0} customers did it; {1} or more are needed.",
    ),
    (
        r"the standard error is 0: no unit differs from another",
        "All customers have the same value, so no difference can be told.",
    ),
    (
        r"a variant has (\d+) units in the segment, expected (\d+) or more",
        "A variant has only {0} customers in this segment; {1} or more are needed.",
    ),
    (
        r"a count expected in the segment is ([\d.]+), expected (\d+) or more",
        "Too few customers of this segment are expected to do it: {0}; {1} or more are needed.",
    ),
)
_PLAINER_GAPS = tuple((re.compile(pattern), english) for pattern, english in _PLAINER)

_PLAIN = {"unit": "customer", "units": "customers", "treatment": "variant"}
_STATISTICAL = re.compile(r"\b(?:units?|treatment)\b")

_WARNINGS: dict[str, tuple[str, str]] = {
    "no_owner": ("담당자가 정해지지 않았습니다.", "Nobody is named as owner of this test."),
    "no_hypothesis": (
        "무엇이 왜 달라질지 적은 가설이 없습니다.",
        "No hypothesis says what should change, and why.",
    ),
    "many_kpis": (
        "지표가 {count}개입니다. 하나일 때만큼 확신하려면 고객이 약 {percent}% 더 필요합니다.",
        "There are {count} KPIs: to be as sure of each of them as of one alone, the test needs "
        "about {percent}% more customers.",
    ),
    "retired_kpi": (
        "지표 ‘{kpi}’{kpi_is} 더 이상 쓰지 않는 지표입니다.",
        "The KPI “{kpi}” is retired.",
    ),
    "target_not_smart": (
        "핵심 지표 ‘{kpi}’의 문서에 빠진 것이 있습니다: {missing}.",
        "The document of the primary KPI “{kpi}” is not complete yet; missing: {missing}.",
    ),
    "no_minimum_effect": (
        "최소 효과를 정하지 않아, 차이가 신경 쓸 만큼 큰지 말할 수 없습니다.",
        "Without a minimum effect, this report cannot say that a difference is too small to "
        "matter.",
    ),
    "machine_opens": (
        "핵심 지표 ‘{kpi}’{kpi_is} 메일 앱이 자동으로 연 것까지 셉니다.",
        "The primary KPI “{kpi}” counts opens that mail apps make by themselves.",
    ),
    "small_list": (
        "고객 {units}명으로는 큰 차이만 볼 수 있습니다.",
        "A list of {units} customers shows only large differences.",
    ),
    "list_too_small": (
        "고객 {units}명으로는 약 {visible}%p 이상의 차이만 볼 수 있습니다. "
        "정해 둔 최소 효과는 {minimum}%p입니다.",
        "A list of {units} customers shows differences from about {visible} percentage points; "
        "the minimum effect is {minimum}.",
    ),
    "timing_by_send": (
        "보내는 시점이 다른 안은 실제 발송이 아니라 트리거나 발송 예정 시점부터 세어야 "
        "공정하게 비교됩니다.",
        "Variants that send at different times are compared fairly only from the trigger or the "
        "planned send, not from the actual send.",
    ),
    **SENDING_WARNINGS,
}


def say_gap(reason: str, language: str) -> str:
    """Why there is no number, as a sentence; in English where no Korean is known.

    Examples:
        >>> say_gap("a variant expects 3.2 units, 5 needed", "ko")
        '한 안에 예상되는 고객이 3.2명이라 확인할 수 없습니다(5명 이상 필요).'
        >>> say_gap("the control has no units", "en")
        'The control has no customers.'
    """
    for pattern, sentence in _KNOWN_GAPS if language == "ko" else _PLAINER_GAPS:
        met = pattern.fullmatch(reason)
        if met:
            return sentence.format(*met.groups())
    plain = _STATISTICAL.sub(lambda met: _PLAIN[met.group()], reason)
    return f"{plain[:1].upper()}{plain[1:]}."


def say_warning(warning: StartWarning, language: str) -> str:
    """What was amber at the start, as a sentence.

    Examples:
        >>> say_warning(StartWarning("small_list", "plan.units_planned", {"units": 3000}), "ko")
        '고객 3,000명으로는 큰 차이만 볼 수 있습니다.'
    """
    pair = _WARNINGS.get(warning.code)
    if pair is None:
        return f"{warning.message[:1].upper()}{warning.message[1:]}."
    values = _warning_values(warning.params, language)
    return (pair[0] if language == "ko" else pair[1]).format(**values)


def _warning_values(params: Mapping[str, object], language: str) -> dict[str, str]:
    values = {
        name: f"{value:,}" if isinstance(value, int) else str(value)
        for name, value in params.items()
    }
    values |= sending_values(values, language)
    if "missing" in values:
        paths = values["missing"].split(", ")
        values["missing"] = ", ".join(label("document", path, language) for path in paths)
    if "kpi" in values:
        values["kpi_is"] = f"{Word(values['kpi']):은/는}".removeprefix(values["kpi"])
    return values
