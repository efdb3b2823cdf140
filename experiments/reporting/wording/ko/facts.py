"""Korean sentences on one KPI: target, comparison, 10,000 customers, secondary KPIs."""

SENTENCES = {
    # Targets.
    "target.yes": "목표를 달성했습니다.",
    "target.yes.at_least": (
        "{variant} {kpi:은/는} {value:으로/로} {passed}고, 오차를 고려해도 {limit} 이상입니다."
    ),
    "target.yes.at_most": (
        "{variant} {kpi:은/는} {value:으로/로} {passed}고, 오차를 고려해도 {limit} 이하입니다."
    ),
    "target.reached": "{variant} {kpi:은/는} {value:으로/로} {passed}습니다.",
    "target.reached.may": (
        "다만 오차를 고려하면 {limit}일 수도 있어 다음에도 그렇다고 단정할 수는 없습니다."
    ),
    "target.missed": "{variant} {kpi:은/는} {value:으로/로} 목표 {target}에 {rest} 못 미쳤습니다.",
    "target.missed.may": (
        "다만 오차를 고려하면 {limit}일 수도 있어 목표에 못 미친다고 단정할 수는 없습니다."
    ),
    "target.above": "목표 {target:을/를} 넘었",
    "target.below": "목표 {target}보다 낮았",
    "target.equal": "목표 {target}에 닿았",
    # One line of a comparison.
    "comparison": "{variant} {difference}{relative}{range}",
    "comparison.range": ", 오차를 고려하면 {range}",
    "comparison.worst": ", 나쁘면 {range}까지",
    "comparison.running": ", 지금까지의 오차를 고려하면 {range}",
    "comparison.gap": "{variant}: 비교할 수 없습니다. {reason}",
    "shown.yes": "차이를 확인했습니다.",
    "shown.no": "차이를 확인하지 못했습니다.",
    "shown.exploratory": "차이가 보입니다. 보조 지표이므로 참고만 하세요.",
    "per_10000": "고객 1만 명당 {total} {more}.",
    "per_10000.range": "고객 1만 명당 약 {total} {more}(오차를 고려하면 {range}).",
    "per_10000.open": (
        "고객 1만 명당 약 {total} {more_but} 오차를 고려하면 {range}일 수 있습니다."
    ),
    "rest.range": (
        "나머지 고객 {customers}에게 {control} 대신 {variant:을/를} 보내면 약 {total} {to_rise} "
        "것으로 예상합니다(오차를 고려하면 {range})."
    ),
    "rest.open": (
        "나머지 고객 {customers}에게 {control} 대신 {variant:을/를} 보내면 약 {total} {to_rise} "
        "것으로 예상하지만, 오차를 고려하면 {range}일 수 있습니다."
    ),
    "rest.corrected": (
        "테스트에서 본 차이는 우연으로 커졌을 수 있어, 그보다 작게 잡은 예상입니다."
    ),
    "secondary.shown": "보조 지표 가운데 {kpis:은/는} 차이가 보입니다.",
    "secondary.not_shown": "보조 지표 가운데 {kpis:은/는} 차이를 확인하지 못했습니다.",
    "secondary.gap": "보조 지표 가운데 {kpis:은/는} 비교할 수 없습니다.",
    "secondary.hint": "보조 지표는 참고만 하고, 중요하면 다음 테스트에서 확인하세요.",
    "at_least": "{value} 이상",
    "at_most": "{value} 이하",
    "unnamed": "이름 없는 안",
    "customers.one": "{number}명",
    "customers": "{number}명",
    "customers.large": "{number} 명",
    # Beside a comparison.
    "plain": "{difference}(오차를 고려하면 {range})",
}
