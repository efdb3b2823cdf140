"""Short names on screen, Korean beside English: terms, states, roles, channels and the like."""

from experiments.reporting.wording.depth_labels import DEPTH_LABELS

LABELS: dict[str, dict[str, tuple[str, str]]] = {
    **DEPTH_LABELS,
    "term": {
        "experiment": ("테스트", "Test"),
        "variant": ("안", "Variant"),
        "control": ("기준안", "Control"),
        "no_message": ("미발송 대조군", "No-message control"),
        "holdout": ("전체 미발송 그룹", "Holdout"),
        "unit": ("고객", "Customers"),
        "audience": ("대상", "Audience"),
        "coverage": ("테스트 참여 비율", "Coverage"),
        "layer": ("동시 진행 제외 그룹", "Layer"),
        "assignment": ("배정", "Assignment"),
        "exposure": ("발송·노출", "Exposure"),
        "primary": ("핵심 지표", "Primary KPI"),
        "secondary": ("보조 지표", "Secondary KPIs"),
        "guardrail": ("안전 지표", "Guardrails"),
        "lift": ("차이(증감)", "Difference"),
        "interval": ("오차 범위", "Allowing for error"),
        "look": ("중간 점검", "Planned check"),
        "segments": ("채널과 고객군", "Channels and segments"),
        "sample_ratio_mismatch": ("배정 비율 이상", "Broken split"),
        "verdict": ("결론", "Verdict"),
        "decision": ("결정", "Decision"),
        "learning": ("배운 점", "Learning"),
        "machine_open": ("자동 오픈(메일 앱이 대신 연 것)", "Machine open (made by the mail app)"),
        "baseline": ("기준값", "Baseline"),
        "target": ("목표", "Target"),
        "window": ("집계 기간", "Window"),
        "thompson": ("자동 배분", "Automatic allocation"),
        "winners_curse": (
            "실제로는 이보다 작을 수 있습니다",
            "the real effect may be smaller than this",
        ),
        "health": ("데이터 점검", "Health"),
        "provenance": ("근거", "What this rests on"),
        "hypothesis": ("가설", "Hypothesis"),
        "warnings": ("시작할 때 주의할 점", "Warnings at the start"),
        "value": ("값", "Value"),
        "with_outcome": ("해당 고객", "Counted"),
        "total": ("합계", "Total"),
        "needed": ("판단하려면 안마다 필요한 고객", "Needed to tell, per variant"),
        "as_of": ("기준 시각", "As of"),
        "started": ("시작", "Started"),
        "stopped": ("종료", "Stopped"),
        "split": ("배정 비율", "Split"),
        "events": ("이벤트", "Events"),
        "received": ("수신", "Received"),
        "used": ("집계", "Used"),
        "excluded": ("제외", "Left out"),
        "two_variants": ("두 안을 모두 받은 고객", "Customers met in two variants"),
        "other_variant": ("배정과 다른 안을 받은 고객", "Customers met in another variant"),
        "suppressed": ("발송하지 않은 고객", "Customers without a message"),
        "duplicates": (
            "다시 온 기록(프로젝트 전체, 한 번만 집계)",
            "Sent again in this project, counted once",
        ),
        "immature": ("집계 기간이 남은 고객", "Customers whose window is open"),
        "last_received": ("마지막 수신", "Last received"),
        "none": ("없음", "none"),
        "ledger": ("원장", "Ledger"),
        "kpi_versions": ("지표 버전", "KPI versions"),
        "code_version": ("프로그램 버전", "Code version"),
        "time_zone": ("시간대", "Time zone"),
        "revision": ("등록 차수", "Revision"),
        "alpha": ("허용 오류율", "Error rate"),
        "correction": ("여러 안 보정", "Several variants"),
        "method": ("계산 방법", "Method"),
    },
    "state": {
        "draft": ("작성 중", "draft"),
        "scheduled": ("예약됨", "scheduled"),
        "running": ("진행 중", "running"),
        "paused": ("일시 중지", "paused"),
        "stopped": ("종료", "stopped"),
        "decided": ("결정 완료", "decided"),
        "archived": ("보관됨", "archived"),
    },
    "verdict": {
        "win": ("더 좋은 안 확인", "better variant shown"),
        "loss": ("더 나쁨 확인", "worse shown"),
        "no_difference": ("차이 확인하지 못함", "no difference found"),
        "too_small": ("인원 부족", "too few customers"),
        "too_early": ("판단하기 이름", "too early"),
        "split_broken": ("배정 비율 이상", "broken split"),
        "opens_unreliable": ("오픈 수를 믿을 수 없음", "opens unreliable"),
        "harmful": ("안전 지표 한도 초과", "guardrail broken"),
        "trade_off": ("득과 실이 함께 있음", "gain and loss"),
        "choice": ("미확인 선택", "a choice, unproven"),
        "no_data": ("기록 없음", "no data"),
        "no_answer": ("비교할 수 없음", "cannot be compared"),
        "one_segment": ("고객군 하나", "one segment"),
    },
    "role": {
        "primary": ("핵심 지표", "primary KPI"),
        "secondary": ("보조 지표", "secondary KPI"),
        "guardrail": ("안전 지표(가드레일)", "guardrail"),
    },
    "channel": {
        "email": ("이메일", "e-mail"),
        "app_push": ("앱 푸시", "app push"),
        "web_push": ("웹 푸시", "web push"),
        "in_app": ("인앱 메시지", "in-app message"),
        "sms": ("문자(SMS)", "SMS"),
        "lms": ("장문 문자(LMS)", "LMS"),
        "alimtalk": ("카카오 알림톡", "Kakao Alimtalk"),
        "friendtalk": ("카카오 브랜드 메시지(친구톡)", "Kakao brand message (Friendtalk)"),
        "kakao_channel": ("카카오톡 채널", "Kakao channel"),
        "web": ("웹", "web"),
        "popup": ("팝업", "pop-up"),
        "offline": ("오프라인", "offline"),
    },
    "anchor": {
        "assignment": ("배정 시점부터", "from assignment"),
        "trigger": ("트리거 시점부터", "from the trigger"),
        "planned_send": ("발송 예정 시점부터", "from the planned send"),
        "sent": ("발송 시점부터", "from the send"),
    },
    "records": {
        "assignment": ("배정 기록", "assignments"),
        "trigger": ("트리거 기록", "triggers"),
        "planned_send": ("발송 예정 기록", "planned sends"),
        "sent": ("발송 기록", "sends"),
    },
    "stage": {
        "assigned": ("배정", "at assignment"),
        "trigger": ("트리거", "at the trigger"),
        "planned": ("발송 예정", "at the planned send"),
        "planned_send": ("발송 예정", "at the planned send"),
        "sent": ("발송", "at the send"),
    },
    "shape": {
        "one_blast": ("한 번에 모두 발송", "one blast"),
        "test_then_rest": ("일부 테스트 후 나머지 발송", "test, then the rest"),
        "triggered": ("조건 발생 시 발송", "triggered"),
        "recurring": ("반복 발송", "recurring"),
    },
    "purpose": {
        "learn": ("배우기", "learn"),
        "choose": ("고르기", "choose"),
    },
    "suppressed": {
        "capped": ("발송 횟수 제한", "frequency cap"),
        "no_consent": ("수신 동의 없음", "no consent"),
        "quiet_hours": ("발송 제한 시간", "quiet hours"),
        "bought_already": ("이미 구매", "bought already"),
        "no_message_arm": ("미발송 대조군", "no-message control"),
        "failed": ("발송 실패", "failed"),
    },
    "quality": {
        "two_variants": ("두 안을 모두 받은 고객", "Customers in two variants"),
        "merged_apart": ("합쳐진 고객", "Merged customers"),
        "delivery": ("도달률", "Delivery"),
        "machines": ("자동 오픈·클릭", "Opens and clicks by programs"),
        "scanners": ("링크 검사 프로그램", "Link scanners"),
        "contacts": ("연락 횟수", "Contact pressure"),
        "arrivals": ("도착 시간", "Arrival"),
        "left_out": ("제외한 기록", "Records left out"),
    },
    "exclusion": {
        "withdrawn": ("철회한 가져오기", "of a withdrawn import"),
        "test_unit": ("시험 삼아 보낸 고객", "of customers who only try the test out"),
        "outside_dates": ("테스트 기간 밖의 기록", "outside the dates of the test"),
        "unknown_identity": ("아직 누구인지 모르는 고객", "of customers not known yet"),
        "ambiguous_identity": ("두 고객을 가리키는 식별자", "of an alias that is two customers"),
        "merged_apart": (
            "서로 다른 안을 받은 뒤 합쳐진 고객",
            "by merged customers who met different variants",
        ),
        "erased": ("삭제한 고객", "of erased customers"),
        "after_as_of": ("기준 시각 이후의 이벤트", "happened after the moment of this report"),
        "never_assigned": ("이 테스트에 없는 고객", "by customers who are not in this test"),
        "unit_excluded": ("집계에서 제외한 고객", "by customers who are left out"),
        "outside_segment": (
            "이 고객군에 없던 고객",
            "by customers who were not in this segment",
        ),
        "not_required": (
            "지표가 세지 않는 고객",
            "by customers whom the KPI does not count",
        ),
        "suppressed": ("보내지 않은 메시지", "of messages that were not sent"),
        "same_message": ("이미 센 같은 메시지", "of a message that was counted already"),
        "other_experiment": ("다른 테스트의 메시지", "of another test's message"),
        "property_filter": ("지표 조건에 맞지 않음", "do not meet the KPI's conditions"),
        "without_value": ("금액이나 값이 없음", "carry no value"),
        "other_currency": ("다른 통화", "in another currency"),
        "machine": ("자동 오픈·클릭", "made by a program"),
        "not_credited": ("다른 메시지의 성과", "credited to another message"),
        "before_anchor": ("집계 시작 전", "before the window"),
        "before_window": ("세는 날이 되기 전", "before the days that count"),
        "after_window": ("집계 기간이 지난 뒤", "after the window"),
        "immature": ("집계 기간이 아직 남은 고객", "by customers whose window is open"),
        "other_variant": ("배정과 다른 안을 받은 고객", "by customers met in another variant"),
        "two_variants": ("두 안을 모두 받은 고객", "by customers met in two variants"),
        "duplicate": ("중복 수신", "sent again"),
        "conflict": ("같은 번호의 다른 기록", "another record with a known id"),
    },
    "correction": {
        "dunnett": ("모든 안을 함께 고려(Dunnett)", "all considered together (Dunnett)"),
        "holm": ("모든 안을 함께 고려(Holm)", "all considered together (Holm)"),
        "none": ("없음", "none"),
    },
    "document": {
        "purpose": ("목적", "purpose"),
        "owner": ("담당자", "owner"),
        "stage": ("단계", "stage"),
        "source": ("이벤트 출처", "source of events"),
        "baseline": ("기준값", "baseline"),
        "parent": ("상위 지표", "parent KPI"),
        "report_cycle": ("보고 주기", "report cycle"),
        "target": ("목표", "target"),
        "target.basis": ("목표 근거", "basis of the target"),
        "target.basis_source": ("목표 근거의 출처", "source of the benchmark"),
        "target.value": ("기준값보다 나은 목표", "a target better than the baseline"),
        "target.due_on": ("목표 기한", "due date of the target"),
    },
}
"""Korean and English by kind and key."""


def label(kind: str, key: str, language: str) -> str:
    """The name on screen; what has none is shown by its key, in words.

    Examples:
        >>> label("channel", "alimtalk", "ko"), label("state", "running", "en")
        ('카카오 알림톡', 'running')
        >>> label("exclusion", "held_back", "en")
        'held back'
    """
    pair = LABELS.get(kind, {}).get(key)
    if pair is None:
        return key.replace("_", " ")
    return pair[0] if language == "ko" else pair[1]


def say_exclusion(reason: str, language: str) -> str:
    """Why an event was not counted, as a label.

    Examples:
        >>> say_exclusion("after_window", "ko")
        '집계 기간이 지난 뒤'
    """
    return label("exclusion", reason, language)
