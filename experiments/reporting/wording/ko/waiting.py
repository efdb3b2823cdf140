"""Korean sentences on tests that have not answered: too early, no records, one segment."""

SENTENCES = {
    # Before the planned end.
    "early.headline": "아직 판단하기 이릅니다.",
    "early.share": "집계 기간 {window:을/를} 다 채운 고객이 {share}입니다.",
    "early.all": "지금까지 들어온 고객은 모두 집계 기간 {window:을/를} 다 채웠습니다.",
    "early.closes": "지금까지 들어온 고객의 집계 기간은 {at}에 모두 끝납니다.",
    "early.running": "테스트가 아직 끝나지 않았습니다.",
    "early.next": (
        "끝날 때까지 기다려 주세요. 지금 수치로 멈추면 우연한 차이를 효과로 착각할 수 있습니다."
    ),
    # Nothing to compare.
    "empty.headline": "아직 들어온 {records:이/가} 없습니다.",
    "empty.not_started": "테스트를 아직 시작하지 않았습니다.",
    "empty.last": "마지막 수신: {at}.",
    "empty.never": "없음",
    "empty.next": "발송 도구의 웹훅이나 파일 가져오기가 연결되었는지 확인하세요.",
    "empty.next.other": ("기록을 보내는 도구나 파일 가져오기가 연결되었는지 확인하세요."),
    "empty.next.start": "등록한 내용을 확인하고 테스트를 시작하세요.",
    "gap.headline": "{kpi:으로/로}는 안을 비교할 수 없습니다.",
    "gap.headline.no_primary": "핵심 지표가 없어 결론을 낼 수 없습니다.",
    "gap.next": "고객이 더 모인 뒤에 다시 확인하고, 그래도 같으면 다른 지표로 판단하세요.",
    "gap.next.no_primary": "무엇으로 판단할지 핵심 지표를 하나 고르세요.",
    "before_the_end": (
        "테스트가 끝날 때까지는 고객 수와 안별 값, 계속 지켜봐도 되는 범위만 보여 드립니다."
    ),
    # One segment only.
    "segment.headline": "{segment:을/를} 따로 본 수치입니다.",
    "segment.units": "집계한 고객은 {customers}입니다.",
    "segment.none": "한 고객군의 수치만으로는 결론을 내지 않습니다.",
    "segment.next": "결론은 전체 고객의 보고서에서 확인하세요.",
}
