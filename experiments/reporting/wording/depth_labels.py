"""Short names of what stands behind a verdict, Korean beside English."""

DEPTH_LABELS: dict[str, dict[str, tuple[str, str]]] = {
    "depth": {
        "expected": ("실제로 예상되는 효과", "What to expect in use"),
        "covariate": ("테스트 전 값 고려", "What customers did before"),
        "phases": ("배분이 바뀐 구간", "Phases of the allocation"),
        "uncapped": ("큰 값의 영향", "The weight of large values"),
        "credit": ("어느 메시지의 성과인가", "Which message gets the credit"),
        "days": ("시작한 뒤 며칠째의 효과인가", "When the effect came"),
        "steps": ("단계별 고객", "Customers at each step"),
        "needed": ("아직 말할 수 없는 것", "What is not supported yet"),
        "looks": ("중간 점검", "Planned checks"),
    },
    "cause": {
        "channel": ("채널", "channel"),
        "day": ("날짜", "day"),
    },
    "credit": {
        "any": ("받은 메시지와 관계없이 모두 셈", "every event, whichever message came before"),
        "last_message": ("마지막 메시지의 성과", "the last message gets the credit"),
        "first_message": ("첫 메시지의 성과", "the first message gets the credit"),
        "own_tag": ("이 테스트의 링크로 온 것만", "only what came by this test's own links"),
    },
}
"""Korean and English by kind and key."""
