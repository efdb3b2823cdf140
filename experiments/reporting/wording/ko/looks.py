"""Korean sentences on planned looks."""

SENTENCES = {
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
}
