"""Korean sentences on what stands behind a comparison: adjustments, caps, credit, days."""

SENTENCES = {
    "expected": (
        "{variant:을/를} 실제로 쓰면 차이는 {expected} 정도로 예상합니다(테스트에서는 {observed})."
    ),
    "expected.why": (
        "좋게 나온 안은 우연의 도움도 받았을 수 있어, 실제 효과는 테스트에서 본 차이보다 작은 "
        "편입니다."
    ),
    "covariate.used": (
        "고객마다 테스트 전 값이 다른 점을 고려해 판단했습니다. 고객이 {gain} 더 많은 것만큼 "
        "정확해졌습니다."
    ),
    "covariate.used.plain": "고객마다 테스트 전 값이 다른 점을 고려해 판단했습니다.",
    "covariate.without": "고려하지 않으면 차이는 {plain}입니다.",
    "covariate.beside": (
        "테스트 전 값을 고려하면 차이는 {adjusted}입니다. 결론은 고려하지 않은 수치로 냅니다."
    ),
    "covariate.not.too_few_units": "고객이 적어 테스트 전 값을 고려하지 않았습니다.",
    "covariate.not.no_covariate": ("고객들의 테스트 전 값이 모두 같거나 없어 고려하지 않았습니다."),
    "covariate.not.unbalanced": (
        "테스트 전 값이 안마다 달라 고려하지 않았습니다. 고객이 고르게 나뉘었는지 확인하세요."
    ),
    "covariate.not.weak_covariate": "테스트 전 값이 결과와 관련이 적어 고려하지 않았습니다.",
    "covariate.not.scarce_outcomes": "해당 고객이 적어 테스트 전 값을 고려하지 않았습니다.",
    "covariate.not.nothing_left": "테스트 전 값을 빼면 남는 차이가 없어 고려하지 않았습니다.",
    "phases.used": (
        "배분이 바뀐 구간마다 따로 비교해 합친 결과입니다. 고객이 {gain} 더 많은 것만큼 "
        "정확해졌습니다."
    ),
    "phases.used.plain": "배분이 바뀐 구간마다 따로 비교해 합친 결과입니다.",
    "phases.without": "나누지 않으면 차이는 {plain}이지만, 서로 다른 시기를 비교한 수치입니다.",
    "phases.beside": "구간마다 따로 비교하면 차이는 {adjusted}입니다.",
    "phases.left_out": "한 안에만 고객이 있던 구간의 고객 {share}는 비교하지 못했습니다.",
    "phases.not.no_shared_stratum": (
        "두 안에 모두 고객이 있는 구간이 없어 구간별로 비교하지 못했습니다."
    ),
    "phases.not.scarce_outcomes": "해당 고객이 적어 구간별로 비교하지 못했습니다.",
    "phases.not.nothing_left": "구간 안에서 값이 모두 같아 구간별로 비교하지 못했습니다.",
    "uncapped": "한 고객의 값은 {cap}까지만 셌습니다. 그대로 세면 차이는 {without}입니다.",
    "uncapped.agree": "어느 쪽으로 세어도 결론은 같습니다.",
    "uncapped.differ": "어떻게 세느냐에 따라 결론이 달라집니다. 큰 값 몇 개가 좌우한 것입니다.",
    "credit.own": "{rule}(이 지표의 기준): 차이 {result}.",
    "credit.other": "{rule}: 차이 {result}.",
    "credit.none": "{rule}: 셀 것이 없습니다.",
    "credit.agree": "어느 메시지의 성과로 보아도 결론은 같습니다.",
    "credit.differ": "어느 메시지의 성과로 보느냐에 따라 결론이 달라집니다.",
    "days.one": "{first}일째",
    "days.many": "{first}~{last}일째",
    "days.hours": "{first}~{last}시간",
    "days.each": "{stretch}: 차이 {result}.",
    "days.only": "차이를 확인한 때는 {stretches}입니다. 다른 때에는 확인하지 못했습니다.",
    "steps.each": "{event}: {parts}.",
    "steps.variant": "{variant} {units}명({share})",
    "needed.open": "이 지표의 차이는 아직 확인하지 못했습니다.",
    "needed.power": "이 테스트의 고객 수로 {effect} 차이를 알아볼 가능성은 {chance}였습니다.",
    "needed": "판단하려면 안마다 약 {customers}이 필요합니다.",
    "needed.days": "지금까지의 속도라면 약 {days}일이 더 걸립니다.",
    "needed.day": "지금까지의 속도라면 하루쯤 더 걸립니다.",
}
