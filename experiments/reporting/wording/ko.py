"""Every Korean sentence of a report.

A placeholder such as ``{kpi:이/가}`` takes the particle that fits its value.
"""

SENTENCES = {
    # A difference is shown, and it is the wanted one.
    "win.headline": "{variant:이/가} 더 좋습니다.",
    "win.headline.many": "{variant:이/가} {control}보다 더 좋습니다.",
    "win.values": (
        "{kpi:이/가} {control} {control_value}에서 {variant} {value:으로/로} "
        "{difference} {was}{relative}."
    ),
    "win.others": "{others}도 {control}보다 좋았습니다.",
    "win.harmed": "{others}도 {control}보다 좋았지만 안전 지표가 한도를 넘었습니다.",
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
    "none.range.plain": "차이가 있더라도 {range} 안쪽입니다.",
    "none.rest": (
        "나머지는 차이가 있더라도 {range} 안쪽이며, 처음에 정한 최소 효과 {minimum}에 못 미칩니다."
    ),
    "none.rest.plain": "나머지는 차이가 있더라도 {range} 안쪽입니다.",
    "none.worse": "{others:은/는} {control}보다 나빴습니다.",
    "none.next": "비용이 적거나 관리하기 쉬운 안을 쓰세요.",
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
    # Before the planned end.
    "early.headline": "아직 판단하기 이릅니다.",
    "early.share": "집계 기간 {window:을/를} 다 채운 고객이 {share}입니다.",
    "early.closes": "지금까지 들어온 고객의 집계 기간은 {at}에 모두 끝납니다.",
    "early.running": "테스트가 아직 끝나지 않았습니다.",
    "early.next": (
        "끝날 때까지 기다려 주세요. 지금 수치로 멈추면 우연한 차이를 효과로 착각할 수 있습니다."
    ),
    # The split is not the planned one.
    "split.headline": "결론을 보류합니다.",
    "split.counts": (
        "{planned:으로/로} 배정했는데 실제 {stage:은/는} {observed:이었/였}습니다({counts})."
    ),
    "split.counts.assigned": (
        "{planned:으로/로} 나누기로 했는데 실제 {stage:은/는} {observed:이었/였}습니다({counts})."
    ),
    "split.never": "정상이라면 이런 차이는 100만 번에 한 번도 나오지 않습니다.",
    "split.seldom": "정상이라면 이런 차이는 약 {times}{gap}번에 한 번만 나옵니다.",
    "split.bias": "빠진 고객 때문에 비율이 실제와 최대 {bias}까지 다를 수 있습니다.",
    "split.next": (
        "{variant}에서 {stage:이/가} 빠진 원인(예: 이름이 없는 고객 제외)을 먼저 확인하세요."
    ),
    "split.fine": "{stage} 비율에 이상이 없습니다. 계획 {planned}, 실제 {observed}({counts}).",
    "split.gap": "{stage} 비율은 확인할 수 없습니다. {reason}",
    # Opens that cannot decide.
    "opens.headline": "{kpi:으로/로}는 판단할 수 없습니다.",
    "opens.machines": "메일 앱이 자동으로 연 고객이 안마다 다릅니다({shares}).",
    "opens.share": "메일 앱이 자동으로 연 고객은 발송 대비 {shares}입니다.",
    "opens.signs": (
        "자동 오픈을 어떻게 세느냐에 따라 앞서는 안이 바뀝니다(넣으면 {all}, 빼면 {human})."
    ),
    "opens.next": "{reference:이나/나} 구매로 판단하세요.",
    "opens.next.plain": "클릭률이나 구매로 판단하세요.",
    "opens.same": "{variant}: 자동 오픈을 넣으면 {all}, 빼면 {human:으로/로} 같은 쪽을 가리킵니다.",
    "opens.balanced": (
        "{variant}: 자동 오픈 고객의 비율이 안마다 다르다는 것은 확인하지 못했습니다({shares})."
    ),
    "opens.unequal": "{variant}: 자동 오픈 고객의 비율이 안마다 다릅니다({shares}).",
    "opens.differ": (
        "{variant}: 자동 오픈을 넣으면 {all}, 빼면 {human:으로/로} 앞서는 안이 바뀝니다."
    ),
    "opens.bounds": (
        "{variant}: 자동 오픈 뒤에 가려진 것을 가장 크게 잡으면 차이는 {range}입니다(참고용)."
    ),
    # The data.
    "quality.two.none": "두 안을 모두 받은 고객은 없습니다.",
    "quality.two.some": (
        "두 안을 모두 받은 고객은 {number}명({share})입니다. 먼저 받은 안으로 셉니다."
    ),
    "quality.two.warning": "1%를 넘습니다. 왜 두 번 배정되었는지 확인하세요.",
    "quality.two.alarm": "그 비율이 안마다 다릅니다({shares}). 비교가 틀어질 수 있습니다.",
    "quality.merged": "여러 식별자로 서로 다른 안을 받은 고객 {number}명은 제외했습니다.",
    "quality.machines.open": "메일 앱이 자동으로 연 고객의 비율: {shares}.",
    "quality.machines.click": "프로그램이 대신 클릭한 고객의 비율: {shares}.",
    "quality.machines.differ": "그 비율이 안마다 다릅니다.",
    "quality.scanners": (
        "한 고객이 한 메시지의 서로 다른 링크 {links}개 이상을 {seconds}초 안에 누르면 자동 "
        "클릭으로 봅니다. 이 규칙만으로 찾은 클릭은 {number}건입니다."
    ),
    "quality.contacts": "고객 한 명이 한 주에 받은 메시지: {rates}.",
    "quality.contacts.differ": (
        "안마다 연락 횟수가 다릅니다. 지표의 차이가 여기에서 왔을 수 있습니다."
    ),
    "quality.watermark": "{moment}까지의 이벤트는 모두 들어왔다고 볼 수 있습니다.",
    "quality.delay": "'{event}' 이벤트는 100건 가운데 99건이 {delay} 안에 들어옵니다.",
    "quality.late": "집계한 '{event}' 이벤트의 {share}는 집계 기간이 끝난 뒤에 들어왔습니다.",
    "quality.minutes": "{number}분",
    "quality.exposures": "제외한 이 테스트의 발송·노출 기록: {reasons}.",
    "quality.withdrawn": (
        "철회한 가져오기의 기록 {number}건은 처음부터 없었던 것으로 보고 제외했습니다."
    ),
    "quality.erased": "삭제한 고객의 기록 {number}건은 나중에 들어왔지만 받지 않았습니다.",
    # Harm.
    "harm.headline.down": "{where}{kpi:이/가} 한도를 넘었습니다.",
    "harm.headline.up": "{where}{kpi:이/가} 한도보다 더 나빠졌습니다.",
    "harm.values": (
        "{control} {control_value}, {variant} {value:으로/로} {worsening} {rose_and} "
        "한도는 {margin}입니다."
    ),
    "harm.others": "{others}도 한도를 넘었습니다.",
    "harm.next": "{variant:을/를} 더 보내지 마세요. 계속하려면 담당자와 사유가 필요합니다.",
    "safe.headline": "{where}{kpi:은/는} 안전합니다.",
    "safe.next": "이 지표만 보면 {variant:을/를} 써도 됩니다.",
    "unsafe.next": "위험하다는 뜻은 아닙니다. 담당자가 진행 여부를 정해 주세요.",
    "safe.worst": "{rose}더라도 {worst} 이내로 한도 {margin}보다 작습니다.",
    "safe.never": "오차를 고려해도 나빠지지 않았습니다(한도 {margin}).",
    "unsafe.headline": "{where}{kpi:이/가} {rise} 않았다고 아직 확인하지 못했습니다.",
    "unsafe.worst": (
        "지금 차이는 {difference:이지만/지만} 많게는 {worst}까지 {rose}을 수 있고, "
        "정해 둔 한도는 {margin}입니다."
    ),
    "unsafe.open": "지금 차이는 {difference}이고, 정해 둔 한도는 {margin}입니다.",
    "where": "{variant}에서 ",
    # Gain and loss together.
    "trade.headline": "얻는 것과 잃는 것이 함께 있습니다.",
    "trade.gain": "{variant:은/는} {control}보다 {kpi:이/가} {amount} {rose_formal}.",
    "trade.harm": "대신 {kpi:이/가} {amount} {rose_so} 한도 {margin:을/를} 넘었습니다.",
    "trade.cost": "{kpi:은/는} {amount} {rose_formal}.",
    "trade.next": "자동으로 적용하지 않았습니다. 담당자가 적용할지 정해 주세요.",
    "amount.rate": "{difference}(고객 1만 명당 {total})",
    "amount.total": "고객 1만 명당 {total}",
    # A choice, not shown.
    "choice.headline": "지금까지 가장 앞선 {variant:을/를} 고릅니다.",
    "choice.values": "{kpi:은/는} {values}입니다.",
    "choice.open": "다만 차이가 확인된 것은 아닙니다.",
    "choice.next": "이번에는 {variant:을/를} 보내고, 배운 점에는 ‘미확인’으로 남기세요.",
    # Nothing to compare.
    "empty.headline": "아직 들어온 {records:이/가} 없습니다.",
    "empty.not_started": "테스트를 아직 시작하지 않았습니다.",
    "empty.last": "마지막 수신: {at}.",
    "empty.never": "없음",
    "empty.next": "발송 도구의 웹훅이나 파일 가져오기가 연결되었는지 확인하세요.",
    "empty.next.start": "등록한 내용을 확인하고 테스트를 시작하세요.",
    "gap.headline": "{kpi:으로/로}는 안을 비교할 수 없습니다.",
    "gap.headline.no_primary": "핵심 지표가 없어 결론을 낼 수 없습니다.",
    "gap.next": "고객이 더 모인 뒤에 다시 확인하고, 그래도 같으면 다른 지표로 판단하세요.",
    "gap.next.no_primary": "무엇으로 판단할지 핵심 지표를 하나 고르세요.",
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
    "comparison.running": ", 지금까지의 오차를 고려하면 {range}",
    "comparison.gap": "{variant}: 비교할 수 없습니다. {reason}",
    "shown.yes": "차이를 확인했습니다.",
    "shown.no": "차이를 확인하지 못했습니다.",
    "shown.exploratory": "차이가 보입니다. 보조 지표이므로 참고만 하세요.",
    "per_10000": "고객 1만 명당 {total} {more}.",
    "per_10000.range": "고객 1만 명당 약 {total} {more}(오차를 고려하면 {range}).",
    "secondary.shown": "보조 지표 가운데 {kpis:은/는} 차이가 보입니다.",
    "secondary.not_shown": "보조 지표 가운데 {kpis:은/는} 차이를 확인하지 못했습니다.",
    "secondary.gap": "보조 지표 가운데 {kpis:은/는} 비교할 수 없습니다.",
    "secondary.hint": "보조 지표는 참고만 하고, 중요하면 다음 테스트에서 확인하세요.",
    "withheld.split": "배정 비율 이상으로 결론 보류",
    "withheld.opens": "오픈 수를 믿을 수 없어 결론 보류",
    "before_the_end": (
        "테스트가 끝날 때까지는 고객 수와 안별 값, 계속 지켜봐도 되는 범위만 보여 드립니다."
    ),
    "at_least": "{value} 이상",
    "at_most": "{value} 이하",
    "unnamed": "이름 없음",
    "customers": "{number}명",
    "customers.large": "{number} 명",
}

MOVES = {
    "any": {
        "up": {
            "rose": "늘었",
            "rose_and": "늘었고",
            "rose_so": "늘어",
            "rose_formal": "늘었습니다",
            "rise": "늘지",
            "more": "많습니다",
        },
        "down": {
            "rose": "줄었",
            "rose_and": "줄었고",
            "rose_so": "줄어",
            "rose_formal": "줄었습니다",
            "rise": "줄지",
            "more": "적습니다",
        },
    },
    "rate": {
        "up": {"was": "높았습니다", "became": "높아졌습니다", "became_and": "올랐고"},
        "down": {"was": "낮았습니다", "became": "낮아졌습니다", "became_and": "내렸고"},
    },
    "amount": {
        "up": {"was": "많았습니다", "became": "늘었습니다", "became_and": "늘었고"},
        "down": {"was": "적었습니다", "became": "줄었습니다", "became_and": "줄었고"},
    },
    "days": {
        "up": {"was": "길었습니다", "became": "길어졌습니다", "became_and": "길어졌고"},
        "down": {"was": "짧았습니다", "became": "짧아졌습니다", "became_and": "짧아졌고"},
    },
}
"""Words for a move up or down; ``any`` fits every KPI, the others one family of units."""
