"""Korean sentences on whether numbers can be trusted: split, opens, what is withheld."""

SENTENCES = {
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
    "split.bias": "빠진 고객 때문에 지표의 비율이 실제와 최대 {bias}까지 다를 수 있습니다.",
    "split.next": (
        "{variant}에서 {stage:이/가} 빠진 원인(예: 이름이 없는 고객 제외)을 먼저 확인하세요."
    ),
    "split.fine": "{stage} 비율에 이상이 없습니다. 계획 {planned}, 실제 {observed}({counts}).",
    "split.gap": "{stage} 비율은 확인할 수 없습니다. {reason}",
    # Opens that cannot decide.
    "opens.headline": "{kpi:으로/로}는 판단할 수 없습니다.",
    "opens.machines": "메일 앱이 자동으로 연 고객의 비율이 안마다 다릅니다({shares}).",
    "opens.share": "발송한 고객 가운데 메일 앱이 자동으로 연 비율은 {shares}입니다.",
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
        "{variant}: 자동 오픈에 가려진 실제 오픈을 어떻게 잡느냐에 따라 차이는 "
        "{range}일 수 있습니다(참고용)."
    ),
    "withheld.split": "배정 비율 이상으로 결론 보류",
    "withheld.opens": "오픈 수를 믿을 수 없어 결론 보류",
    # The way forward from a broken split.
    "way.lost": "{variant}에서 고객의 {share} 이상이 빠졌습니다.",
    "way.cause": "{stage} 단계, {group}: {observed}({counts}).",
    "way.nowhere": "빠진 고객이 몰린 채널, 고객 속성, 날짜는 찾지 못했습니다.",
    "way.next": (
        "원인을 고친 뒤 새 구간으로 다시 시작하거나, 결과를 보기 전에 정한 채널·날짜만 빼고 다시 "
        "확인하세요."
    ),
}
