"""The documents that go with the cart reminder."""

from typing import Any

from sample_data.cart_reminder import CUSTOMERS, KEY, VARIANTS, WEIGHTS
from sample_data.kpi_forms import OWNER, amount, kpi_document, occurrence, won
from sample_data.writing import event_mapping, exposure_mapping

_DUE = "2025-12-31"
_HOURS = 168
_NAMES = dict(zip(VARIANTS, ("보내지 않음", "1시간 뒤", "24시간 뒤"), strict=True))


def kpi_documents() -> list[dict[str, Any]]:
    """The KPIs, parents before children."""
    return [
        kpi_document(
            "cart_revenue",
            ("장바구니 7일 매출", "Revenue of carts in 7 days"),
            ("장바구니 고객당 7일 매출", "Revenue in 7 days per cart"),
            amount("purchase", _HOURS),
            levels=("9000", "9500"),
            due_on=_DUE,
            purpose="알림이 매출로 남는지 봅니다.",
            tier="strategic",
            **won("mean"),
        ),
        kpi_document(
            "cart_purchase",
            ("장바구니 구매 전환율", "Cart conversion"),
            ("장바구니 고객 대비 7일 구매 전환율", "Buyers in 7 days per cart"),
            occurrence("purchase", _HOURS),
            levels=("0.26", "0.275"),
            due_on=_DUE,
            purpose="담아 둔 상품을 사는 고객이 느는지 봅니다.",
            stage="revenue",
            parent="cart_revenue",
        ),
    ]


def experiment_document() -> dict[str, Any]:
    """The draft, as an API client would post it."""
    return {
        "key": KEY,
        "name": "장바구니 알림",
        "hypothesis": "담고 떠난 고객에게 한 시간 뒤에 알리면 더 많이 삽니다.",
        "anchor": "trigger",
        "shape": "triggered",
        "purpose": "learn",
        "channels": ["app_push"],
        "element": "delay",
        "allocation": "truelift",
        "variants": [_variant(key) for key in VARIANTS],
        "goals": [
            {"kpi": "cart_purchase", "role": "primary", "minimum_effect": "0.01"},
            {"kpi": "cart_revenue", "role": "secondary"},
        ],
        "plan": {"units_planned": CUSTOMERS},
        "schedule": {
            "starts_at": "2025-06-02T00:00:00+09:00",
            "ends_at": "2025-06-30T00:00:00+09:00",
        },
        "owner": OWNER,
        "tags": ["sample"],
    }


def _variant(key: str) -> dict[str, Any]:
    silent = key == "never"
    said = {"no_message": True} if silent else {"payload": {"message": "담아 둔 상품이 있습니다."}}
    return {
        "key": key, "name": _NAMES[key], "weight": str(WEIGHTS[key]), "control": silent,
    } | said  # fmt: skip


def import_mappings(events: str = "events.csv") -> list[dict[str, Any]]:
    """How the files are read: in this order, each with its column mapping."""
    exposures = exposure_mapping(
        KEY, suppressed_reason="suppressed_reason", constants={"channel": "app_push"}
    )
    return [
        {"file": "exposures.csv", "mapping": exposures},
        {"file": events, "mapping": event_mapping()},
    ]
