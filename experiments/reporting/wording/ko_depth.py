"""Korean sentences of what stands behind a verdict: groups of customers, adjustments, days."""

SENTENCES = {
    # One segment only.
    "segment.headline": "{segment:을/를} 따로 본 수치입니다.",
    "segment.units": "집계한 고객은 {customers}입니다.",
    "segment.none": "한 고객군의 수치만으로는 결론을 내지 않습니다.",
    "segment.next": "결론은 전체 고객의 보고서에서 확인하세요.",
    # A planned look.
    "look.win": (
        "중간 점검 {looks}회 중 {number}회째에서 {variant:이/가} 더 좋다는 것을 확인했습니다."
    ),
    "look.loss": (
        "중간 점검 {looks}회 중 {number}회째에서 {variant:이/가} 더 나쁘다는 것을 확인했습니다."
    ),
    "look.why": "여러 번({looks}회) 확인하는 만큼 기준을 더 엄격하게 적용한 결과입니다.",
    "look.range": "그때 {kpi} 차이는 {difference}, 오차를 고려하면 {range}입니다.",
    "look.win.next": "지금 종료하고 {variant:을/를} 적용해도 됩니다.",
    "look.unsure.next": (
        "지금 종료해도 되지만, 안전하다고 확인하지 못한 지표가 있으니 담당자가 정해 주세요."
    ),
    "look.loss.next": "지금 종료하고 {control:을/를} 유지해도 됩니다.",
    "look.came": "{number}회째({at}): 계획한 고객의 {seen}, {findings}.",
    "look.due": "{number}회째: 계획한 고객의 {share}가 모이면 점검합니다.",
    "look.shown": "{variant} 차이 확인",
    "look.not_shown": "{variant} 차이 확인하지 못함",
    # Deliveries given sent.
    "quality.delivery": "발송한 고객 가운데 메시지가 도달한 비율: {rates}.",
    "quality.delivery.alike": "안마다 다르다는 것은 확인하지 못했습니다.",
    "quality.delivery.differ": (
        "안마다 다릅니다. 도달한 고객만으로 낸 비율은 서로 다른 고객을 재므로 견줄 수 없습니다"
        "(많게는 {share}만큼 어긋납니다). 결론은 발송한 고객 모두로 냈습니다."
    ),
    # A holdout.
    "holdout.gap": "전체 미발송 그룹과 비교할 수 없습니다. {reason}",
    "holdout.values": "{kpi}: 메시지를 받는 고객 {compared}, 받지 않는 고객 {held}.",
    "holdout.shown": "차이 {difference:을/를} 확인했습니다(오차를 고려하면 {range}).",
    "holdout.not_shown": (
        "차이는 {difference}이지만 확인하지는 못했습니다(오차를 고려하면 {range})."
    ),
    "holdout.total": (
        "비교한 고객 {customers}에게 보내서 더 생긴 것은 {total}입니다(오차를 고려하면 {range})."
    ),
    "holdout.returns": (
        "메시지 비용 {cost}의 {ratio}배가 더 들어왔습니다(오차를 고려하면 {range}배)."
    ),
    # The way forward from a broken split.
    "way.lost": "{variant}에서 적어도 고객의 {share}가 빠졌습니다.",
    "way.cause": "{stage} 단계, {group}: {observed}({counts}).",
    "way.nowhere": "채널, 고객 속성, 날짜 어느 하나에 몰려 있지 않습니다.",
    "way.next": (
        "원인을 고친 뒤 새 구간으로 다시 시작하거나, 결과를 보기 전에 정한 채널·날짜만 빼고 다시 "
        "확인하세요."
    ),
    # Beside a comparison.
    "plain": "{difference}(오차를 고려하면 {range})",
    "expected": (
        "{variant:을/를} 실제로 쓰면 차이는 {expected} 정도로 예상합니다(관찰 {observed}, 예상 "
        "{relative})."
    ),
    "expected.why": "좋게 나온 안은 우연의 도움도 받았기 때문에 실제로는 이보다 작을 수 있습니다.",
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
    "days.hours": "{first}~{last}",
    "days.each": "{stretch}: 차이 {result}.",
    "days.only": "차이를 확인한 때는 {stretches}입니다. 다른 때에는 확인하지 못했습니다.",
    "steps.each": "{event}: {parts}.",
    "steps.variant": "{variant} {units}명({share})",
    "needed.open": "이 지표의 차이는 아직 확인하지 못했습니다.",
    "needed": "판단하려면 안마다 약 {customers}이 필요합니다.",
    "needed.days": "지금까지의 속도라면 약 {days}일이 더 걸립니다.",
    # Groups, the interaction first.
    "groups.each": "{name}마다",
    "groups.whether": "{name}인지에 따라",
    "groups.differ": "{each} 효과가 다르다는 것을 확인했습니다. 차이가 있는 곳: {groups}.",
    "groups.differ.nowhere": (
        "{each} 효과가 다르다는 것을 확인했습니다. 다만 어디에서 차이가 나는지는 아직 알 수 "
        "없습니다."
    ),
    "groups.baselines": (
        "원래 수치가 높은 곳에서 차이도 클 뿐, 증감률까지 다르다고는 할 수 없습니다."
    ),
    "groups.look": (
        "{groups}에서만 차이가 커 보이지만, {each} 효과가 다르다는 것은 확인하지 못했습니다."
    ),
    "groups.same": "{each} 효과가 다르다는 것은 확인하지 못했습니다.",
    "groups.test": "‘{name}’ 테스트에서 받은 안에 따라",
    "groups.next.test": "두 테스트가 서로 영향을 준다고 볼 근거로 쓰지 마세요.",
    "groups.next": "{name}별로 다르게 보낼 근거로 쓰지 마세요.",
    "groups.next.whether": "{name:이/가} 아닌 고객과 다르게 보낼 근거로 쓰지 마세요.",
    "groups.gap": "{each} 효과가 다른지는 확인할 수 없습니다. {reason}",
}
