"""Words on the pictures and in the exports, Korean beside English."""

WORDS: dict[str, tuple[str, str]] = {
    "up": ("높을수록 좋음", "Higher is better"),
    "down": ("낮을수록 좋음", "Lower is better"),
    "forest": ("기준안과의 차이", "Differences from the control"),
    "rates": ("안별 수치", "Values by variant"),
    "timeline": ("날짜별 차이", "The difference, day by day"),
    "funnel": ("안별 단계별 고객", "Customers at each step, by variant"),
    "steps": ("퍼널: 안별 단계", "Funnel: the steps of each variant"),
    "steps_note": (
        "괄호 안은 집계한 고객 가운데 비율입니다.",
        "In brackets: the share of the customers counted.",
    ),
    "shares": ("차수별 배정 비율", "Shares, batch by batch"),
    "shares_note": (
        "막대 하나가 차수 하나, 높이는 새 고객의 비율입니다.",
        "A bar for each batch: the share of its new customers.",
    ),
    "customers_counted": ("집계한 고객", "Customers counted"),
    "of_step_before": ("앞 단계의 {share}", "{share} of the step before"),
    "control": ("기준안", "control"),
    "difference": ("차이와 오차 범위", "difference and its margin of error"),
    "thin": ("가는 선: 모든 안을 함께 고려", "thin: with all variants considered"),
    "so_far": (
        "지금까지의 범위(언제 보아도 되도록 넓게 잡음)",
        "range so far, wide on purpose because one may look at any time",
    ),
    "may_change": ("지금까지의 수치로, 바뀔 수 있습니다", "so far, may still change"),
    "band": ("차이가 없는 것과 같은 범위", "too small to matter"),
    "target": ("목표", "target"),
    "limit": ("안전 지표의 한도", "limit of the guardrail"),
    "value": ("값과 오차 범위", "value and its margin of error"),
    "value_alone": ("값", "value"),
    "line": ("그날까지의 차이", "difference up to that day"),
    "always": ("언제 보아도 되는 범위", "range that holds at any time"),
    "look": ("예정된 중간 점검", "planned check"),
    "no_difference": ("차이 없음", "no difference"),
    "funnel_note": (
        "지표 단계는 집계 기간을 다 채운 고객의 비율입니다.",
        "Steps that are KPIs: share of the customers whose window has closed.",
    ),
    "assigned": ("배정", "Assigned"),
    "trigger": ("트리거", "Triggered"),
    "planned": ("발송 예정", "Planned"),
    "planned_send": ("발송 예정", "Planned"),
    "sent": ("발송", "Sent"),
    "as_of": ("기준 시각", "As of"),
    "counted": ("집계 고객", "counted"),
}


def word(key: str, language: str) -> str:
    """The word in Korean for ``ko``, else in English.

    Examples:
        >>> word("target", "ko"), word("target", "en")
        ('목표', 'target')
    """
    korean, english = WORDS[key]
    return korean if language == "ko" else english
