"""Why the methods within batches give no number: patterns of the reasons, and the Korean."""

ADAPTIVE_GAPS: tuple[tuple[str, str], ...] = (
    (
        r"the shares of the variants follow the results: no range holds at any time, and "
        r"differences are told at the planned end",
        "배정 비율이 결과를 따라 바뀌는 테스트라 아무 때나 볼 수 있는 범위가 없습니다. "
        "차이는 예정된 종료 뒤에 알려 드립니다.",
    ),
    (
        r"the shares of the variants follow the results: what would settle it is not known",
        "배정 비율이 결과를 따라 바뀌는 테스트라 고객이 얼마나 더 필요한지 알 수 없습니다.",
    ),
    (
        r"no batch has (\d+) or more units in both variants",
        "두 안에 모두 고객이 {0}명 이상 있는 차수가 없어 비교할 수 없습니다.",
    ),
    (
        r"a variant expects ([\d.]+) units of one outcome, (\d+) needed",
        "한 안에 예상되는 해당 고객이 {0}명쯤이라 비교할 수 없습니다({1}명 이상 필요).",
    ),
)
