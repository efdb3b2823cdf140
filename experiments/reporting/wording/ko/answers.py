"""Korean sentences on tests that have answered: better, worse, no difference, a choice."""

SENTENCES = {
    # A difference is shown, and it is the wanted one.
    "win.headline": "{variant:이/가} 더 좋습니다.",
    "win.headline.many": "{variant:이/가} {control}보다 더 좋습니다.",
    "win.values": (
        "{kpi:이/가} {control} {control_value}에서 {variant} {value:으로/로} "
        "{difference} {was}{relative}."
    ),
    "win.others": "{others}도 {control}보다 좋았습니다.",
    "win.ahead": "{others:은/는} 차이가 더 컸지만 안전 지표의 한도를 넘었습니다.",
    "win.harmed": "{others}도 {control}보다 좋았지만 안전 지표의 한도를 넘었습니다.",
    "win.gap": "{others:은/는} 비교할 수 없었습니다.",
    "win.next": "{variant:을/를} 적용하세요. 실제 효과는 이보다 조금 작을 수 있습니다.",
    "win.unsure": "{guardrails:은/는} 안전하다고 아직 확인하지 못했습니다.",
    "win.unsure.next": (
        "{variant:을/를} 적용할지 담당자가 정해 주세요. 실제 효과는 이보다 조금 작을 수 있습니다."
    ),
    "range": "오차를 고려하면 차이는 {range}입니다.",
    "lower_is_better": "낮을수록 좋은 지표입니다.",
    # Better than the control, short of the target.
    "missed.headline": "{variant:이/가} {control}보다 좋아졌지만 목표에는 못 미쳤습니다.",
    "missed.values": (
        "{kpi:은/는} {control_value}에서 {value:으로/로} {became_and} 목표는 {target}입니다."
    ),
    "missed.at_most": "오차를 고려해도 {limit} 이하입니다.",
    "missed.at_least": "오차를 고려해도 {limit} 이상입니다.",
    "missed.may": "다만 오차를 고려하면 {limit}일 수도 있습니다.",
    "missed.next": "{variant:을/를} 적용하고, 남은 {rest:을/를} 채울 다음 테스트를 만드세요.",
    # A difference is shown, and it is not the wanted one.
    "loss.headline": "{variant:이/가} 더 나쁩니다.",
    "loss.headline.many": "{others:이/가} {control}보다 나쁩니다.",
    "loss.values": (
        "{kpi:이/가} {control} {control_value}에서 {variant} {value:으로/로} "
        "{difference} {became}{relative}."
    ),
    "loss.next": "{control:을/를} 유지하세요. 무엇이 달랐는지 배운 점에 남겨 주세요.",
    # No difference worth knowing of.
    "none.headline": "두 안의 차이를 확인하지 못했습니다.",
    "none.headline.many": "{control}보다 좋은 안을 확인하지 못했습니다.",
    "none.range": (
        "차이가 있더라도 {range} 안쪽이며, 처음에 정한 최소 효과 {minimum}에 못 미칩니다."
    ),
    "none.rest": (
        "나머지는 차이가 있더라도 {range} 안쪽이며, 처음에 정한 최소 효과 {minimum}에 못 미칩니다."
    ),
    "none.worse": "{others:은/는} {control}보다 나빴습니다.",
    "none.next": "비용이 적거나 관리하기 쉬운 안을 쓰세요.",
    "none.unsure.next": ("{control:을/를} 유지하세요. 다른 안을 쓰려면 담당자가 정해 주세요."),
    "none.next.many": "{others:을/를} 뺀 나머지 가운데 비용이 적거나 관리하기 쉬운 안을 쓰세요.",
    # Too few customers.
    "small.headline": "이 인원으로는 판단할 수 없습니다.",
    "small.range": (
        "오차를 고려하면 {variant:은/는} {worse} 나쁠 수도, {better} 좋을 수도 있습니다."
    ),
    "small.range.open": "오차를 고려하면 차이가 얼마나 큰지 아직 알 수 없습니다.",
    "small.next": (
        "판단하려면 안마다 약 {customers}이 필요합니다. "
        "더 모을지, {faster} 빨리 움직이는 지표로 바꿀지 정하세요."
    ),
    "small.next.unknown": "더 모을지, {faster} 빨리 움직이는 지표로 바꿀지 정하세요.",
    "small.faster": "클릭률처럼",
    "small.faster.plain": "더",
    # A choice, not shown.
    "choice.headline": "지금까지 가장 앞선 {variant:을/를} 고릅니다.",
    "choice.values": "{kpi:은/는} {values}입니다.",
    "choice.open": "다만 차이가 확인된 것은 아닙니다.",
    "choice.next": "이번에는 {variant:을/를} 보내고, 배운 점에는 ‘미확인’으로 남기세요.",
    "choice.unsure.next": (
        "이번에 {variant:을/를} 보낼지 담당자가 정해 주세요. 배운 점에는 ‘미확인’으로 남기세요."
    ),
}
