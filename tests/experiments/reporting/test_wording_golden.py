"""The sentences of every state of the evidence, word for word."""

import pytest

from experiments.reporting.report import State
from experiments.reporting.wording import say
from tests.experiments.reporting.factories import CASES, VARIATIONS, report_of

GOLDEN: dict[tuple[str, str], tuple[str, ...]] = {
    ("win", "ko"): (
        "B안이 더 좋습니다.",
        "오픈율이 A안 17.7%에서 B안 20.4%로 2.7%p 높았습니다(+15%).",
        "오차를 고려하면 차이는 2.0~3.3%p입니다.",
        "→ B안을 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("win", "en"): (
        "B안 is better.",
        "Open rate: 17.7% with A안, 20.4% with B안, 2.7 percentage points higher (+15%).",
        "Allowing for error, the difference is 2.0 to 3.3 percentage points.",
        "→ Use B안. The real effect may be a little smaller than this.",
    ),
    ("loss", "ko"): (
        "B안이 더 나쁩니다.",
        "구매 전환율이 A안 6.0%에서 B안 5.2%로 0.8%p 낮아졌습니다(−13%).",
        "오차를 고려하면 차이는 0.4~1.2%p입니다.",
        "→ A안을 유지하세요. 무엇이 달랐는지 배운 점에 남겨 주세요.",
    ),
    ("loss", "en"): (
        "B안 is worse.",
        "Purchase conversion: 6.0% with A안, 5.2% with B안, 0.8 percentage points lower (−13%).",
        "Allowing for error, the difference is 0.4 to 1.2 percentage points.",
        "→ Keep A안. Write down what was different in the learnings.",
    ),
    ("no_difference", "ko"): (
        "두 안의 차이를 확인하지 못했습니다.",
        "차이가 있더라도 −0.6~+0.7%p 안쪽이며, 처음에 정한 최소 효과 1.0%p에 못 미칩니다.",
        "→ 비용이 적거나 관리하기 쉬운 안을 쓰세요.",
    ),
    ("no_difference", "en"): (
        "We found no difference between the two.",
        "Any difference is within −0.6 to +0.7 percentage points, short of the minimum "
        "effect you set, 1.0 percentage points.",
        "→ Use the one that costs less or is easier to run.",
    ),
    ("too_small", "ko"): (
        "이 인원으로는 판단할 수 없습니다.",
        "오차를 고려하면 B안은 1.4%p 나쁠 수도, 2.1%p 좋을 수도 있습니다.",
        "→ 판단하려면 안마다 약 3만 7,000명이 필요합니다. 더 모을지, 클릭률처럼 빨리 "
        "움직이는 지표로 바꿀지 정하세요.",
    ),
    ("too_small", "en"): (
        "There are too few customers to tell.",
        "Allowing for error, B안 could be 1.4 percentage points worse or 2.1 percentage "
        "points better.",
        "→ It takes about 37,000 customers per variant to tell. Decide whether to "
        "collect more, or to use a KPI that moves faster, such as clicks.",
    ),
    ("too_early", "ko"): (
        "아직 판단하기 이릅니다.",
        "집계 기간 72시간을 다 채운 고객이 41%입니다.",
        "지금까지 들어온 고객의 집계 기간은 3월 13일(목) 10:00에 모두 끝납니다.",
        "→ 끝날 때까지 기다려 주세요. 지금 수치로 멈추면 우연한 차이를 효과로 착각할 수 있습니다.",
    ),
    ("too_early", "en"): (
        "It is too early to say.",
        "41% of the customers have had their full 72 hours.",
        "The last of those met so far will have had theirs on Thu 13 March, 10:00.",
        "→ Wait until the end. Stopping on these numbers could mean taking chance for an effect.",
    ),
    ("split_broken", "ko"): (
        "결론을 보류합니다.",
        "50:50으로 배정했는데 실제 발송은 48.5:51.5였습니다(29,100명, 30,900명).",
        "정상이라면 이런 차이는 100만 번에 한 번도 나오지 않습니다.",
        "빠진 고객 때문에 지표의 비율이 실제와 최대 4.7%p까지 다를 수 있습니다.",
        "→ A안에서 발송이 빠진 원인(예: 이름이 없는 고객 제외)을 먼저 확인하세요.",
    ),
    ("split_broken", "en"): (
        "Results are withheld.",
        "The plan was 50:50, but at the send it was 48.5:51.5 (29,100 and 30,900 customers).",
        "If nothing were wrong, a gap this large would turn up by chance less than once in a "
        "million tests.",
        "Because of the missing customers, a rate may be off by up to 4.7 percentage points.",
        "→ First find out why customers are missing in A안 at the send (for example, "
        "those without a name were left out).",
    ),
    ("opens_unreliable", "ko"): (
        "오픈율로는 판단할 수 없습니다.",
        "메일 앱이 자동으로 연 고객의 비율이 안마다 다릅니다(A안 25.7%, B안 20.6%).",
        "자동 오픈을 어떻게 세느냐에 따라 앞서는 안이 바뀝니다(넣으면 −1.3%p, 빼면 +2.7%p).",
        "→ 클릭률(A안 2.1%, B안 2.5%)이나 구매로 판단하세요.",
    ),
    ("opens_unreliable", "en"): (
        "No verdict can rest on this KPI: Open rate.",
        "The share of customers whose mail app opened by itself differs between the variants "
        "(A안 25.7%, B안 20.6%).",
        "Which variant leads depends on how those opens are counted (−1.3 percentage "
        "points with them, +2.7 percentage points without).",
        "→ Judge by Click rate (A안 2.1%, B안 2.5%) or by purchases.",
    ),
    ("harmful", "ko"): (
        "수신거부가 한도를 넘었습니다.",
        "A안 0.40%, B안 0.65%로 0.25%p 늘었고 한도는 0.10%p입니다.",
        "→ B안을 더 보내지 마세요. 계속하려면 담당자와 사유가 필요합니다.",
    ),
    ("harmful", "en"): (
        "Unsubscribes: over the limit.",
        "It was 0.40% with A안 and 0.65% with B안: 0.25 percentage points higher, and the "
        "limit is 0.10 percentage points.",
        "→ Stop sending B안. Going on needs the owner's decision and a reason.",
    ),
    ("trade_off", "ko"): (
        "얻는 것과 잃는 것이 함께 있습니다.",
        "B안은 A안보다 쿠폰 비용을 뺀 매출이 고객 1만 명당 392만 원 늘었습니다.",
        "대신 수신거부가 0.25%p(고객 1만 명당 25명) 늘어 한도 0.10%p를 넘었습니다.",
        "구매 전환율은 0.8%p(고객 1만 명당 80명) 줄었습니다.",
        "→ 자동으로 적용하지 않았습니다. 담당자가 적용할지 정해 주세요.",
    ),
    ("trade_off", "en"): (
        "There is something to gain and something to lose.",
        "Revenue after coupon costs: up by ₩3.92 million per 10,000 customers with B안 "
        "instead of A안.",
        "At a cost: Unsubscribes up by 0.25 percentage points (25 customers per "
        "10,000), beyond the limit of 0.10 percentage points.",
        "Purchase conversion: down by 0.8 percentage points (80 customers per 10,000).",
        "→ Nothing was applied automatically. The owner should decide whether to use it.",
    ),
    ("choice", "ko"): (
        "지금까지 가장 앞선 B안을 고릅니다.",
        "오픈율은 A안 17.7%, B안 19.3%입니다.",
        "다만 차이가 확인된 것은 아닙니다.",
        "→ 이번에는 B안을 보내고, 배운 점에는 ‘미확인’으로 남기세요.",
    ),
    ("choice", "en"): (
        "We choose B안, the best so far.",
        "Open rate: A안 17.7% and B안 19.3%.",
        "But a difference has not been shown.",
        "→ Send B안 this time, and keep the learning as “unproven”.",
    ),
    ("no_data", "ko"): (
        "아직 들어온 발송 기록이 없습니다.",
        "마지막 수신: 없음.",
        "→ 발송 도구의 웹훅이나 파일 가져오기가 연결되었는지 확인하세요.",
    ),
    ("no_data", "en"): (
        "No sends have arrived yet.",
        "Last received: never.",
        "→ Check that the sending tool's webhook or the file import is connected.",
    ),
    ("no_answer", "ko"): (
        "오픈율로는 안을 비교할 수 없습니다.",
        "비교할 안에 집계된 고객이 없습니다.",
        "→ 고객이 더 모인 뒤에 다시 확인하고, 그래도 같으면 다른 지표로 판단하세요.",
    ),
    ("no_answer", "en"): (
        "The variants cannot be compared by this KPI: Open rate.",
        "The variant compared has no customers.",
        "→ Look again with more customers; if it stays like this, judge by another KPI.",
    ),
    ("one_segment", "ko"): (
        "VIP 고객을 따로 본 수치입니다.",
        "집계한 고객은 6,000명입니다.",
        "한 고객군의 수치만으로는 결론을 내지 않습니다.",
        "→ 결론은 전체 고객의 보고서에서 확인하세요.",
    ),
    ("one_segment", "en"): (
        "These are the numbers of one segment: VIP customers.",
        "Counted: 6,000 customers.",
        "No verdict is given on one segment alone.",
        "→ See the report of all customers for the verdict.",
    ),
    ("target_missed", "ko"): (
        "B안이 A안보다 좋아졌지만 목표에는 못 미쳤습니다.",
        "재방문율은 12.0%에서 12.6%로 올랐고 목표는 13.0%입니다.",
        "오차를 고려해도 12.9% 이하입니다.",
        "→ B안을 적용하고, 남은 0.4%p를 채울 다음 테스트를 만드세요.",
    ),
    ("target_missed", "en"): (
        "B안 did better than A안 but missed the target.",
        "Revisits: up from 12.0% to 12.6%; the target is 13.0%.",
        "Even allowing for error, it is at most 12.9%.",
        "→ Use B안, and make a next test to close the remaining 0.4 percentage points.",
    ),
    ("target_nearly", "ko"): (
        "B안이 A안보다 좋아졌지만 목표에는 못 미쳤습니다.",
        "재방문율은 12.0%에서 12.9%로 올랐고 목표는 13.0%입니다.",
        "다만 오차를 고려하면 13.4%일 수도 있습니다.",
        "→ B안을 적용하고, 남은 0.1%p를 채울 다음 테스트를 만드세요.",
    ),
    ("target_nearly", "en"): (
        "B안 did better than A안 but missed the target.",
        "Revisits: up from 12.0% to 12.9%; the target is 13.0%.",
        "Allowing for error, though, it could be 13.4%.",
        "→ Use B안, and make a next test to close the remaining 0.1 percentage points.",
    ),
    ("lower_is_better", "ko"): (
        "B안이 더 좋습니다.",
        "이탈률이 A안 6.0%에서 B안 5.2%로 0.8%p 낮았습니다(−13%).",
        "오차를 고려하면 차이는 0.4~1.2%p입니다.",
        "낮을수록 좋은 지표입니다.",
        "→ B안을 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("lower_is_better", "en"): (
        "B안 is better.",
        "Churn: 6.0% with A안, 5.2% with B안, 0.8 percentage points lower (−13%).",
        "Allowing for error, the difference is 0.4 to 1.2 percentage points.",
        "For this KPI, lower is better.",
        "→ Use B안. The real effect may be a little smaller than this.",
    ),
    ("money", "ko"): (
        "B안이 더 좋습니다.",
        "쿠폰 비용을 뺀 매출이 A안 2,652원에서 B안 3,044원으로 392원 많았습니다(+15%).",
        "오차를 고려하면 차이는 126~658원입니다.",
        "→ B안을 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("money", "en"): (
        "B안 is better.",
        "Revenue after coupon costs: ₩2,652 with A안, ₩3,044 with B안, ₩392 higher (+15%).",
        "Allowing for error, the difference is ₩126 to ₩658.",
        "→ Use B안. The real effect may be a little smaller than this.",
    ),
    ("guardrail_unsure", "ko"): (
        "B안이 더 좋습니다.",
        "오픈율이 A안 17.7%에서 B안 20.4%로 2.7%p 높았습니다(+15%).",
        "오차를 고려하면 차이는 2.0~3.3%p입니다.",
        "수신거부는 안전하다고 아직 확인하지 못했습니다.",
        "→ B안을 적용할지 담당자가 정해 주세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("guardrail_unsure", "en"): (
        "B안 is better.",
        "Open rate: 17.7% with A안, 20.4% with B안, 2.7 percentage points higher (+15%).",
        "Allowing for error, the difference is 2.0 to 3.3 percentage points.",
        "Not yet shown to be safe: Unsubscribes.",
        "→ The owner should decide whether to use B안. The real effect may be a little "
        "smaller than this.",
    ),
    ("three_arms", "ko"): (
        "‘남성 메일’ 안이 미발송 대조군보다 더 좋습니다.",
        "방문율이 미발송 대조군 10.6%에서 ‘남성 메일’ 안 18.3%로 7.7%p 높았습니다(+72%).",
        "오차를 고려하면 차이는 6.9~8.4%p입니다.",
        "‘여성 메일’ 안도 미발송 대조군보다 좋았습니다.",
        "→ ‘남성 메일’ 안을 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("three_arms", "en"): (
        "“남성 메일” is better than “미발송 대조군”.",
        "Visits: 10.6% with “미발송 대조군”, 18.3% with “남성 메일”, 7.7 percentage "
        "points higher (+72%).",
        "Allowing for error, the difference is 6.9 to 8.4 percentage points.",
        "“여성 메일” also did better than “미발송 대조군”.",
        "→ Use “남성 메일”. The real effect may be a little smaller than this.",
    ),
    ("best_is_harmful", "ko"): (
        "B안이 A안보다 더 좋습니다.",
        "오픈율이 A안 17.7%에서 B안 19.5%로 1.8%p 높았습니다(+10%).",
        "오차를 고려하면 차이는 0.9~2.7%p입니다.",
        "C안은 차이가 더 컸지만 안전 지표의 한도를 넘었습니다.",
        "→ B안을 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("best_is_harmful", "en"): (
        "B안 is better than A안.",
        "Open rate: 17.7% with A안, 19.5% with B안, 1.8 percentage points higher (+10%).",
        "Allowing for error, the difference is 0.9 to 2.7 percentage points.",
        "C안 had a larger difference, but went beyond a guardrail's limit.",
        "→ Use B안. The real effect may be a little smaller than this.",
    ),
    ("all_worse", "ko"): (
        "B안, C안이 A안보다 나쁩니다.",
        "오픈율이 A안 20.0%에서 C안 17.5%로 2.5%p 낮아졌습니다(−12%).",
        "오차를 고려하면 차이는 1.6~3.4%p입니다.",
        "→ A안을 유지하세요. 무엇이 달랐는지 배운 점에 남겨 주세요.",
    ),
    ("all_worse", "en"): (
        "Worse than A안: B안 and C안.",
        "Open rate: 20.0% with A안, 17.5% with C안, 2.5 percentage points lower (−12%).",
        "Allowing for error, the difference is 1.6 to 3.4 percentage points.",
        "→ Keep A안. Write down what was different in the learnings.",
    ),
    ("none_better", "ko"): (
        "A안보다 좋은 안을 확인하지 못했습니다.",
        "C안은 A안보다 나빴습니다.",
        "나머지는 차이가 있더라도 −0.8~+0.9%p 안쪽이며, 처음에 정한 최소 효과 1.0%p에 못 미칩니다.",
        "→ C안을 뺀 나머지 가운데 비용이 적거나 관리하기 쉬운 안을 쓰세요.",
    ),
    ("none_better", "en"): (
        "We found no variant that is better than A안.",
        "Worse than A안: C안.",
        "Any difference of the rest is within −0.8 to +0.9 percentage points, short of "
        "the minimum effect you set, 1.0 percentage points.",
        "→ Leave out C안; of the rest, use what costs less or is easier to run.",
    ),
    ("fewer_buyers", "ko"): (
        "구매 전환율이 한도보다 더 나빠졌습니다.",
        "A안 6.0%, B안 5.2%로 0.8%p 줄었고 한도는 0.5%p입니다.",
        "→ B안을 더 보내지 마세요. 계속하려면 담당자와 사유가 필요합니다.",
    ),
    ("fewer_buyers", "en"): (
        "Purchase conversion: worse than the limit allows.",
        "It was 6.0% with A안 and 5.2% with B안: 0.8 percentage points lower, and the "
        "limit is 0.5 percentage points.",
        "→ Stop sending B안. Going on needs the owner's decision and a reason.",
    ),
    ("no_primary", "ko"): (
        "핵심 지표가 없어 결론을 낼 수 없습니다.",
        "→ 무엇으로 판단할지 핵심 지표를 하나 고르세요.",
    ),
    ("no_primary", "en"): (
        "Without a primary KPI there is no verdict.",
        "→ Choose one primary KPI to judge by.",
    ),
    ("not_started", "ko"): (
        "아직 들어온 발송 기록이 없습니다.",
        "테스트를 아직 시작하지 않았습니다.",
        "마지막 수신: 없음.",
        "→ 등록한 내용을 확인하고 테스트를 시작하세요.",
    ),
    ("not_started", "en"): (
        "No sends have arrived yet.",
        "The test has not been started yet.",
        "Last received: never.",
        "→ Check what was registered, then start the test.",
    ),
    ("any_names", "ko"): (
        "‘내일 끝나요’ 안이 더 좋습니다.",
        "오픈율이 ‘VIP 10%’ 안 17.7%에서 ‘내일 끝나요’ 안 20.4%로 2.7%p 높았습니다(+15%).",
        "오차를 고려하면 차이는 2.0~3.3%p입니다.",
        "→ ‘내일 끝나요’ 안을 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    ),
    ("any_names", "en"): (
        "“내일 끝나요” is better.",
        "Open rate: 17.7% with “VIP 10%”, 20.4% with “내일 끝나요”, 2.7 percentage "
        "points higher (+15%).",
        "Allowing for error, the difference is 2.0 to 3.3 percentage points.",
        "→ Use “내일 끝나요”. The real effect may be a little smaller than this.",
    ),
}
ALL = {state.value: case for state, case in CASES.items()} | VARIATIONS


@pytest.mark.parametrize(("name", "language"), sorted(GOLDEN))
def test_it_is_said_like_this(name: str, language: str) -> None:
    said = say(report_of(ALL[name]), language)
    assert (said.headline, *said.sentences, f"→ {said.next_step}") == GOLDEN[name, language]


def test_every_state_has_its_sentences_in_both_languages() -> None:
    assert set(GOLDEN) == {(name, language) for name in ALL for language in ("ko", "en")}
    assert set(CASES) == set(State)


@pytest.mark.parametrize("state", list(State))
def test_the_example_of_a_state_is_in_it(state: State) -> None:
    assert report_of(CASES[state]).verdict.state is state
