"""Korean sentences on holdouts."""

SENTENCES = {
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
}
