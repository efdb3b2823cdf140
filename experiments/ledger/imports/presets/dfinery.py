"""Dfinery: a log of events, one row each.

https://docs.dfinery.ai/api-guide/
``external_id``, ``email`` and ``phone_no`` as ids of a customer, ``event_name``,
``event_datetime`` and ``event_log_id`` are described there, of events that are sent to
Dfinery. That a file of campaign results has the same columns, and what its events are called,
is unverified.
"""

from typing import Any

from experiments.ledger.imports.presets.contract import Columns, Preset

_NAME = "dfinery"
_TYPES: dict[str, str | None] = {
    "df_push_sent": "sent", "df_push_delivered": "delivered", "df_push_click": "click",
    "df_push_fail": "dropped", "df_kakao_sent": "sent", "df_kakao_click": "click",
    "df_text_sent": "sent", "df_text_click": "click", "df_email_sent": "sent",
    "df_email_open": "open", "df_email_click": "click", "df_purchase": "purchase",
    "df_refund": "refund",
    "발송": "sent", "발송 성공": "delivered", "클릭": "click", "오픈": "open",
    "발송 실패": "dropped", "구매": "purchase",
}  # fmt: skip
_ALIASES = {
    "email": ("email", "이메일"),
    "phone": ("phone_no", "전화번호"),
    "dfinery_device": ("ad_id", "df_id"),
}
_OTHERS = {
    "source_id": ("event_log_id",),
    "campaign": ("campaign_id", "df_campaign_id", "캠페인 ID"),
    "value": ("df_total_purchase_amount", "purchase_amount", "구매 금액"),
    "currency": ("df_currency", "currency", "통화"),
}


def propose(columns: Columns) -> dict[str, Any]:
    """A row per event.

    Raises:
        NotThisExport: If the columns are others.
    """
    fields = {
        "type": columns.needed(("event_name", "이벤트명", "이벤트"), _NAME),
        "occurred_at": columns.needed(("event_datetime", "이벤트 일시", "발생 일시"), _NAME),
    }
    for name, names in _OTHERS.items():
        found = columns.find(names)
        if found is not None:
            fields[name] = found
    unit = columns.find(("external_id", "회원 ID", "회원번호"))
    known = [(kind, columns.find(names)) for kind, names in _ALIASES.items()]
    aliases = [(kind, column) for kind, column in known if column is not None]
    if unit is None and aliases:
        kind, column = aliases[0]
        return _long(fields | {"unit_id": column}) | {"alias": kind}
    unit = unit or columns.needed(("external_id",), _NAME)
    return _long(fields | {"unit_id": unit})


def _long(fields: dict[str, str]) -> dict[str, Any]:
    return {
        "form": "long", "preset": _NAME, "fact": "message", "columns": fields,
        "values": {"type": _TYPES},
    }  # fmt: skip


PRESET = Preset(
    name=_NAME,
    title="Dfinery",
    documentation="https://docs.dfinery.ai/api-guide/",
    unverified="that a file of results has these columns; the names of its events",
    propose=propose,
    telling=(("event_name", "이벤트명"), ("event_datetime", "이벤트 일시")),
)
