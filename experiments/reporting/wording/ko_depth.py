"""Korean sentences of what stands behind a verdict: groups of customers, adjustments, days."""

SENTENCES = {
    # One segment only.
    "segment.headline": "{segment:을/를} 따로 본 수치입니다.",
    "segment.units": "집계한 고객은 {customers}입니다.",
    "segment.none": "한 고객군의 수치만으로는 결론을 내지 않습니다.",
    "segment.next": "결론은 전체 고객의 보고서에서 확인하세요.",
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
