"""Korean sentences on groups of customers: channels, segments, other tests."""

SENTENCES = {
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
