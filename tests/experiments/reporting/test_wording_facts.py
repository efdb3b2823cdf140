"""One fact at a time, word for word."""

from dataclasses import replace

import pytest

from experiments.reporting.goal_facts import Arm, Comparison, Goal, GuardrailFact, Range, TargetFact
from experiments.reporting.health_facts import OpensFact, Split
from experiments.reporting.report import State
from experiments.reporting.wording import (
    label,
    per_10000,
    say_comparison,
    say_guardrail,
    say_opens,
    say_secondary,
    say_shown,
    say_split,
    say_target,
    say_withheld,
)
from experiments.reporting.wording.names import listed, spoken
from tests.experiments.reporting.factories import VARIATIONS, example, report_of

WIN = example(State.WIN)
OPEN, UNSUBSCRIBE = WIN.goals[0], WIN.goals[-1]
MONEY = example(State.TRADE_OFF).goals[0]


def arm(value: float, limits: Range | None, target: float, holds: str, *, reached: bool) -> Arm:
    return Arm("b", "B안", False, 20_000, 994, value, limits, TargetFact(target, reached, holds))


def fact(outcome: str, worsening: float, worst: float | None, margin: float) -> GuardrailFact:
    return GuardrailFact("b", "B안", outcome, worsening, worst, margin)


@pytest.mark.parametrize(
    ("met", "direction", "expected"),
    [
        (
            arm(0.2039, Range(0.1994, 0.2085), 0.197, "yes", reached=True), "up",
            "목표를 달성했습니다. "
            "B안 오픈율은 20.4%로 목표 19.7%를 넘었고, 오차를 고려해도 19.9% 이상입니다.",
        ),
        (
            arm(0.0497, Range(0.0468, 0.0528), 0.048, "not_certain", reached=True), "up",
            "B안 오픈율은 5.0%로 목표 4.8%를 넘었습니다. "
            "다만 오차를 고려하면 4.7%일 수도 있어 다음에도 그렇다고 단정할 수는 없습니다.",
        ),
        (
            arm(0.126, Range(0.123, 0.129), 0.130, "no", reached=False), "up",
            "B안 오픈율은 12.6%로 목표 13.0%에 0.4%p 못 미쳤습니다. "
            "오차를 고려해도 12.9% 이하입니다.",
        ),
        (
            arm(0.129, Range(0.124, 0.134), 0.130, "not_certain", reached=False), "up",
            "B안 오픈율은 12.9%로 목표 13.0%에 0.1%p 못 미쳤습니다. "
            "다만 오차를 고려하면 13.4%일 수도 있어 목표에 못 미친다고 단정할 수는 없습니다.",
        ),
        (
            arm(0.028, Range(0.026, 0.029), 0.030, "yes", reached=True), "down",
            "목표를 달성했습니다. "
            "B안 오픈율은 2.8%로 목표 3.0%보다 낮았고, 오차를 고려해도 2.9% 이하입니다.",
        ),
        (
            arm(0.032, Range(0.031, 0.033), 0.030, "no", reached=False), "down",
            "B안 오픈율은 3.2%로 목표 3.0%에 0.2%p 못 미쳤습니다. 오차를 고려해도 3.1% 이상입니다.",
        ),
        (
            arm(0.2, None, 0.2, "yes", reached=True), "up",
            "B안 오픈율은 20.0%로 목표 20.0%에 닿았습니다.",
        ),
    ],
)  # fmt: skip
def test_a_target_has_two_facts(met: Arm, direction: str, expected: str) -> None:
    assert " ".join(say_target(replace(OPEN, direction=direction), met, "ko")) == expected


def test_a_target_in_english() -> None:
    met = arm(0.0497, Range(0.0468, 0.0528), 0.048, "not_certain", reached=True)
    assert say_target(OPEN, met, "en") == (
        "Open rate with B안: 5.0%, above the target 4.8%.",
        "Allowing for error, though, it could be 4.7%, so it is not certain to hold.",
    )
    assert say_target(OPEN, replace(met, target=None), "en") == ()


@pytest.mark.parametrize(
    ("found", "direction", "expected"),
    [
        (
            fact("safe", 0.0, 0.0007, 0.001), "down",
            "수신거부는 안전합니다. 늘었더라도 0.07%p 이내로 한도 0.10%p보다 작습니다.",
        ),
        (
            fact("safe", -0.002, -0.0001, 0.001), "down",
            "수신거부는 안전합니다. 오차를 고려해도 나빠지지 않았습니다(한도 0.10%p).",
        ),
        (
            fact("not_shown_safe", 0.0007, 0.0017, 0.0015), "down",
            "수신거부가 늘지 않았다고 아직 확인하지 못했습니다. "
            "지금 차이는 +0.07%p지만 많게는 0.17%p까지 늘었을 수 있고, "
            "정해 둔 한도는 0.15%p입니다.",
        ),
        (
            fact("not_shown_safe", 0.0007, 0.0017, 0.0015), "up",
            "수신거부가 줄지 않았다고 아직 확인하지 못했습니다. "
            "지금 차이는 −0.07%p지만 많게는 0.17%p까지 줄었을 수 있고, "
            "정해 둔 한도는 0.15%p입니다.",
        ),
        (
            fact("not_shown_safe", 0.0007, None, 0.0015), "down",
            "수신거부가 늘지 않았다고 아직 확인하지 못했습니다. "
            "지금 차이는 +0.07%p이고, 정해 둔 한도는 0.15%p입니다.",
        ),
    ],
)  # fmt: skip
def test_a_guardrail_is_safe_harmful_or_neither(
    found: GuardrailFact, direction: str, expected: str
) -> None:
    said = say_guardrail(replace(UNSUBSCRIBE, direction=direction), found, "ko")
    assert " ".join(said) == expected


def test_a_guardrail_names_its_variant_where_there_are_several() -> None:
    guard = report_of(VARIATIONS["best_is_harmful"]).goals[-1]
    harmful = next(each for each in guard.guardrails if each.outcome == "harmful")
    assert say_guardrail(guard, harmful, "ko") == (
        "C안에서 수신거부가 한도를 넘었습니다.",
        "A안 0.40%, C안 0.90%로 0.50%p 늘었고 한도는 0.10%p입니다.",
    )
    assert say_guardrail(guard, harmful, "en")[0] == "Unsubscribes: over the limit with C안."


def broken(one_in: int | None) -> Split:
    counts = {"a": 29_100, "b": 30_900}
    return Split("sent", counts, {"a": 0.5, "b": 0.5}, 1e-4, one_in, True, 0.024, None)


def test_a_broken_split_says_how_rare_it_is() -> None:
    assert say_split(broken(49_804), "ko") == (
        "50:50으로 배정했는데 실제 발송은 48.5:51.5였습니다(29,100명, 30,900명).",
        "정상이라면 이런 차이는 약 5만 번에 한 번만 나옵니다.",
        "빠진 고객 때문에 지표의 비율이 실제와 최대 2.4%p까지 다를 수 있습니다.",
    )
    assert say_split(broken(2_345), "ko")[1] == (
        "정상이라면 이런 차이는 약 2,400번에 한 번만 나옵니다."
    )
    never = "정상이라면 이런 차이는 100만 번에 한 번도 나오지 않습니다."
    assert {say_split(broken(each), "ko")[1] for each in (None, 10**6, 10**12)} == {never}
    assert say_split(broken(49_804), "en")[1] == (
        "If nothing were wrong, a gap this large would turn up by chance about once in "
        "50,000 tests."
    )


def test_a_split_at_assignment_was_planned_and_not_sent() -> None:
    assert say_split(replace(broken(None), stage="assigned"), "ko")[0].startswith(
        "50:50으로 나누기로 했는데 실제 배정은 48.5:51.5였습니다"
    )


def test_a_split_that_is_fine_or_cannot_be_checked() -> None:
    fine = replace(broken(1), broken=False, counts={"a": 30_012, "b": 29_988})
    assert say_split(fine, "ko") == (
        "발송 비율에 이상이 없습니다. 계획 50:50, 실제 50.02:49.98(30,012명, 29,988명).",
    )
    gap = replace(fine, p_value=None, gap="a variant expects 3.0 units, 5 needed")
    assert say_split(gap, "en") == (
        "The split at the send cannot be checked. "
        "Only 3.0 customers are expected in a variant; 5 or more are needed.",
    )


def test_opens_are_told_three_ways() -> None:
    shares = {"a": 0.22, "b": 0.241}
    found = OpensFact("b", -0.004, 0.011, shares, 1e-9, Range(-0.1, 0.2),
                      ("signs_disagree", "machines_differ"))  # fmt: skip
    assert say_opens(WIN, found, "ko") == (
        "B안: 자동 오픈을 넣으면 −0.4%p, 빼면 +1.1%p로 앞서는 안이 바뀝니다.",
        "B안: 자동 오픈 고객의 비율이 안마다 다릅니다(A안 22.0%, B안 24.1%).",
        "B안: 자동 오픈에 가려진 실제 오픈을 어떻게 잡느냐에 따라 차이는 −10.0~+20.0%p일 수 "
        "있습니다(참고용).",
    )


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        (OPEN, "B안 +2.7%p(+15%), 오차를 고려하면 +2.0~+3.3%p"),
        (MONEY, "B안 +392원(+15%), 오차를 고려하면 +126~+658원"),
    ],
)
def test_a_comparison_is_one_line(goal: Goal, expected: str) -> None:
    assert say_comparison(goal, goal.comparisons[0], "ko") == expected


def test_a_comparison_without_a_side_without_numbers_or_before_the_end() -> None:
    seen = OPEN.comparisons[0]
    one_sided = replace(seen, interval_adjusted=Range(0.02, None), relative=None)
    assert say_comparison(OPEN, one_sided, "ko") == "B안 +2.7%p, 오차를 고려하면 +2.0%p 이상"
    assert say_comparison(OPEN, one_sided, "en") == (
        "B안 +2.7 percentage points; allowing for error at least +2.0 percentage points"
    )
    gap = Comparison("b", "B안", gap="the control has no units")
    assert say_comparison(OPEN, gap, "ko") == (
        "B안: 비교할 수 없습니다. 기준안에 집계된 고객이 없습니다."
    )
    running = Comparison("b", "B안", difference=0.0266, always_valid=Range(0.017, 0.036))
    assert say_comparison(OPEN, running, "ko") == (
        "B안 +2.7%p, 지금까지의 오차를 고려하면 +1.7~+3.6%p"
    )
    assert say_shown(OPEN, running, "ko") == ""
    assert per_10000(OPEN, running, "ko") is None


def test_a_difference_is_shown_or_not_and_of_a_guardrail_neither() -> None:
    said = [say_shown(goal, goal.comparisons[0], "ko") for goal in WIN.goals]
    assert said == [
        "차이를 확인했습니다.", "차이가 보입니다. 보조 지표이므로 참고만 하세요.",
        "차이를 확인하지 못했습니다.", "",
    ]  # fmt: skip


def test_what_a_difference_means_for_10000_customers() -> None:
    assert per_10000(OPEN, OPEN.comparisons[0], "ko") == (
        "고객 1만 명당 약 266명 많습니다(오차를 고려하면 203~329명)."
    )
    assert per_10000(MONEY, MONEY.comparisons[0], "en") == (
        "Per 10,000 customers: about ₩3.92 million more (allowing for error ₩1.26 to "
        "₩6.58 million)."
    )
    days = replace(OPEN, unit_of_measure="days")
    assert per_10000(days, days.comparisons[0], "ko") is None
    fewer = replace(OPEN.comparisons[0], difference=-0.0001, interval_adjusted=Range(-0.001, 0.001))
    assert per_10000(OPEN, fewer, "en") == (
        "Per 10,000 customers: about 1 customer fewer, but allowing for error it could be "
        "−10 to +10 customers."
    )


def test_secondary_kpis_are_summed_up_as_hints() -> None:
    assert say_secondary(WIN, "en") == (
        "Secondary KPIs with a visible difference: Click rate. "
        "Secondary KPIs without a shown difference: Purchase conversion. "
        "Take secondary KPIs as hints; test again what matters."
    )
    assert say_secondary(replace(WIN, final=False), "ko") == ""
    assert say_secondary(example(State.OPENS_UNRELIABLE), "ko") == ""
    assert say_secondary(example(State.LOSS), "ko") == ""


def test_a_withheld_report_says_why_beside_every_lift() -> None:
    assert say_withheld(example(State.SPLIT_BROKEN), "ko") == "배정 비율 이상으로 결론 보류"
    assert say_withheld(example(State.OPENS_UNRELIABLE), "en") == (
        "withheld: opens cannot be relied on"
    )
    assert say_withheld(WIN, "ko") == ""


@pytest.mark.parametrize(
    ("name", "korean", "english"),
    [
        ("A안", "A안", "A안"), ("B", "B안", "B"), ("2", "2안", "2"), ("기준안", "기준안", "기준안"),
        ("미발송 대조군", "미발송 대조군", "“미발송 대조군”"),
        ("내일 끝나요", "‘내일 끝나요’ 안", "“내일 끝나요”"),
        ("VIP 10%", "‘VIP 10%’ 안", "“VIP 10%”"),
        ("Mens E-Mail", "‘Mens E-Mail’ 안", "“Mens E-Mail”"),
        ("coupon-now", "‘coupon-now’ 안", "coupon-now"), (" \n", "이름 없는 안", "(no name)"),
        ("{이름}님께", "‘{이름}님께’ 안", "“{이름}님께”"),
    ],
)  # fmt: skip
def test_a_variant_is_named_so_that_the_sentence_reads(
    name: str, korean: str, english: str
) -> None:
    assert spoken(name, "ko") == korean
    assert spoken(name, "en") == english


def test_several_names_in_a_row() -> None:
    assert listed(["A안", "B안", "C안"], "ko") == "A안, B안, C안"
    assert [listed(["A", "B", "C"][:n], "en") for n in (1, 2, 3)] == ["A", "A and B", "A, B and C"]


def test_terms_are_those_of_the_screen() -> None:
    assert label("term", "experiment", "ko") == "테스트"
    assert label("role", "guardrail", "ko") == "안전 지표(가드레일)"
