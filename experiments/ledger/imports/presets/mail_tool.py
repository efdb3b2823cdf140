"""Any mail tool: one row per recipient, under the usual names in English or Korean.

There is no one documentation; the names are gathered from what such exports are known to
have, and unverified.
"""

from experiments.ledger.imports.presets.contract import Happening, Preset, WideExport

UNITS = (
    "unit_id", "customer_id", "user_id", "external_id", "member_no", "member_id", "subscriber key",
    "회원번호", "회원 ID", "회원 아이디", "고객번호", "고객 ID", "고객 아이디", "사용자 ID",
    "유저 ID",
)  # fmt: skip
ADDRESSES = {
    "email": (
        "email", "email address", "e-mail", "recipient", "to", "이메일", "이메일 주소", "메일 주소",
        "받는사람", "수신자", "수신자 이메일",
    ),
    "phone": (
        "phone", "phone number", "mobile", "전화번호", "휴대폰", "휴대폰 번호", "휴대전화",
        "수신번호",
    ),
}  # fmt: skip
SENT = (
    "sent at", "send time", "sent date", "sent time", "send date", "발송 시간", "발송 시각",
    "발송 일시", "전송 일시", "보낸 시간",
)  # fmt: skip
STATUSES = (
    "status",
    "result",
    "delivery status",
    "발송결과",
    "발송 결과",
    "발송상태",
    "전송결과",
    "상태",
)
WORDS: dict[str, str | None] = {
    "sent": None, "delivered": "delivered", "success": "delivered", "bounced": "bounced",
    "bounce": "bounced", "hard bounce": "bounced", "soft bounce": "bounced", "failed": "dropped",
    "dropped": "dropped", "deferred": "deferred", "발송": None, "발송완료": None,
    "성공": "delivered", "발송성공": "delivered", "발송 성공": "delivered", "전송성공": "delivered",
    "실패": "dropped", "발송실패": "dropped", "발송 실패": "dropped", "전송실패": "dropped",
    "반송": "bounced",
}  # fmt: skip
HAPPENINGS = (
    Happening("delivered", ("delivered", "수신", "도착"), ("delivered at", "도착시간")),
    Happening(
        "open",
        ("opens", "opened", "open", "open count", "오픈", "오픈수", "오픈 수", "오픈 횟수",
         "오픈 여부", "열람", "열람수", "열람 여부", "읽음"),
        ("opened at", "open time", "open date", "first open", "오픈시간", "오픈 시각", "오픈일시",
         "오픈 일시", "열람일시", "읽은 시간", "최초 오픈"),
    ),
    Happening(
        "click",
        ("clicks", "clicked", "click", "click count", "클릭", "클릭수", "클릭 수", "클릭 횟수",
         "클릭 여부"),
        ("clicked at", "click time", "click date", "first click", "클릭시간", "클릭 시각",
         "클릭일시", "클릭 일시", "최초 클릭"),
    ),
    Happening("bounced", ("bounced", "bounce", "반송", "반송 여부"), ("bounced at", "반송일시")),
    Happening(
        "unsubscribe",
        ("unsubscribed", "unsubscribe", "unsubs", "수신거부", "수신 거부", "수신거부 여부"),
        ("unsubscribed at", "unsubscribe time", "수신거부일시", "수신거부 일시"),
    ),
    Happening("complaint", ("complaint", "spam", "spam report", "스팸신고", "스팸 신고")),
)  # fmt: skip

_EXPORT = WideExport("mail_tool", UNITS, ADDRESSES, SENT, STATUSES, WORDS, HAPPENINGS)

PRESET = Preset(
    name="mail_tool",
    title="Mail tool, one row per recipient",
    documentation=None,
    unverified="all names",
    propose=_EXPORT.propose,
    telling=(
        (*UNITS, *ADDRESSES["email"], *ADDRESSES["phone"]),
        (*HAPPENINGS[1].flags, *HAPPENINGS[1].times, *HAPPENINGS[2].flags, *HAPPENINGS[2].times),
    ),
)
