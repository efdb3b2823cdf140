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
    "look.why": "여러 번 확인하는 만큼 기준을 더 엄격하게 적용한 결과입니다.",
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
    "groups.next": "{name}별로 다르게 보낼 근거로 쓰지 마세요.",
    "groups.next.whether": "{name:이/가} 아닌 고객과 다르게 보낼 근거로 쓰지 마세요.",
    "groups.gap": "{each} 효과가 다른지는 확인할 수 없습니다. {reason}",
}
