"""FlareLane: the results of a message, one row per customer.

https://flarelane.com/en/docs/channels/email/
The page says that customers are matched by e-mail and user id. No page on a file of results
was found: its columns are unverified.
"""

from experiments.ledger.imports.presets.contract import Happening, Preset, WideExport
from experiments.ledger.imports.presets.mail_tool import WORDS

_USERS = ("userId", "user_id", "유저 ID", "사용자 ID")

_EXPORT = WideExport(
    preset="flarelane",
    units=_USERS,
    addresses={
        "email": ("email", "이메일"),
        "phone": ("phoneNumber", "phone_number", "전화번호"),
        "flarelane_device": ("deviceId", "device_id", "기기 ID"),
    },
    sent=("sentAt", "sent_at", "발송 시각", "발송 시간"),
    statuses=("status", "상태"),
    words=WORDS,
    happenings=(
        Happening("delivered", ("delivered", "received", "수신"), ("receivedAt", "수신 시각")),
        Happening("open", ("opened", "오픈"), ("openedAt", "opened_at", "오픈 시각")),
        Happening("click", ("clicked", "클릭"), ("clickedAt", "clicked_at", "클릭 시각")),
    ),
)

PRESET = Preset(
    name="flarelane",
    title="FlareLane",
    documentation="https://flarelane.com/en/docs/channels/email/",
    unverified="all columns",
    propose=_EXPORT.propose,
    telling=(
        ("userId", "deviceId", "기기 ID"),
        ("sentAt", "발송 시각"),
        ("clickedAt", "클릭 시각"),
    ),
)
