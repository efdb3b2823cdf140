"""The documents that go with the coupon test."""

from typing import Any

from sample_data.coupon import CUSTOMERS, HOURS_7_DAYS, HOURS_30_DAYS, KEY
from sample_data.kpi_forms import OWNER, amount, kpi_document, occurrence, won
from sample_data.writing import event_mapping, exposure_mapping

_DUE = "2025-09-30"
# The 99.9th percentile of customers with the outliers in the file, rounded up; said beforehand.
CAP_WON = 230_000
_REFUNDS = [{"event": "refund", "value": "amount"}]
_COUPONS = [{"event": "coupon_used", "value": "amount"}]
_NET = {"plus": _REFUNDS, "minus": _COUPONS}
_CAP = {"at": str(CAP_WON), "source": "지난 캠페인 고객의 상위 0.1 %"}


def kpi_documents() -> list[dict[str, Any]]:
    """The KPIs, parents before children."""
    profit = amount("purchase", HOURS_30_DAYS, **_NET)
    return [
        _kpi(
            "profit_30d",
            ("쿠폰 비용을 뺀 매출", "Revenue after coupons"),
            ("고객당 30일 쿠폰 차감 매출", "Net of coupons per customer in 30 days"),
            profit,
            ("2600", "2800"),
            purpose="할인이 남는 장사인지 봅니다.",
            tier="strategic",
            **won("mean"),
        ),
        _kpi(
            "profit_30d_capped",
            ("쿠폰 비용을 뺀 매출(상한)", "Revenue after coupons, capped"),
            ("고객당 30일 쿠폰 차감 매출(상한)", "Net of coupons per customer, capped"),
            profit | {"cap": _CAP},
            ("2600", "2800"),
            purpose="몇몇 큰손에 흔들리지 않고 봅니다.",
            **won("mean"),
        ),
        _kpi(
            "revenue_30d",
            ("30일 매출", "Revenue in 30 days"),
            ("고객당 30일 순매출", "Net revenue per customer in 30 days"),
            amount("purchase", HOURS_30_DAYS, plus=_REFUNDS),
            ("2850", "3000"),
            purpose="환불을 뺀 매출을 봅니다.",
            **won("mean"),
        ),
        _kpi(
            "purchase_7d",
            ("7일 구매 전환율", "Purchase conversion in 7 days"),
            ("발송 대비 7일 구매 전환율", "Buyers in 7 days per sent"),
            occurrence("purchase", HOURS_7_DAYS),
            ("0.06", "0.065"),
            purpose="쿠폰이 바로 구매로 이어지는지 봅니다.",
            timing="leading",
            stage="revenue",
        ),
        _kpi(
            "first_order_revenue",
            ("첫 주문 매출", "First-order revenue"),
            ("고객당 첫 주문 매출", "First-order revenue per customer"),
            amount("purchase", HOURS_7_DAYS),
            ("2500", "2700"),
            purpose="첫 주문의 매출을 봅니다.",
            **won("mean"),
        ),
        _kpi(
            "first_order_value",
            ("첫 주문 금액", "First order value"),
            ("주문당 금액 AOV(첫 주문)", "Amount per first order AOV"),
            amount("purchase", HOURS_7_DAYS) | {"denominator": _counted("count")},
            ("42000", "45000"),
            purpose="구매자의 첫 주문 크기를 설명합니다.",
            **won("ratio"),
        ),
        _kpi(
            "repeat_30d",
            ("재구매율", "Repeat purchase"),
            ("발송 대비 30일 재구매율", "Repeat buyers in 30 days per sent"),
            occurrence("purchase", HOURS_30_DAYS, at_least=2),
            ("0.0108", "0.0120"),
            purpose="다시 사는 고객이 느는지 봅니다.",
            stage="retention",
        ),
        _kpi(
            "repeat_of_buyers",
            ("구매자 재구매율", "Repeat purchase of buyers"),
            ("구매자 대비 30일 재구매율", "Repeat buyers per buyer"),
            occurrence("purchase", HOURS_30_DAYS, at_least=2)
            | {"denominator": _counted("occurrence")},
            ("0.18", "0.20"),
            purpose="산 고객 가운데 다시 산 고객을 설명합니다.",
            kind="ratio",
            stage="retention",
        ),
        _kpi(
            "unsubscribe_30d",
            ("30일 수신거부율", "Unsubscribes in 30 days"),
            ("발송 대비 30일 수신거부율", "Unsubscribers in 30 days per sent"),
            occurrence("unsubscribe", HOURS_30_DAYS),
            ("0.004", "0.0035"),
            purpose="쿠폰이 고객을 떠나게 하지 않는지 지킵니다.",
            timing="leading",
            stage="retention",
            direction="down",
        ),
    ]


def _kpi(
    key: str,
    name: tuple[str, str],
    short: tuple[str, str],
    formula: dict[str, Any],
    levels: tuple[str, str],
    **rest: Any,
) -> dict[str, Any]:
    parent = {} if key == "profit_30d" else {"parent": "profit_30d"}
    return kpi_document(key, name, short, formula, levels=levels, due_on=_DUE, **parent, **rest)


def _counted(value: str) -> dict[str, str]:
    return {"event": "purchase", "value": value}


def experiment_document() -> dict[str, Any]:
    """The draft, as an API client would post it."""
    secondary = (
        "profit_30d_capped", "revenue_30d", "purchase_7d", "first_order_revenue",
        "first_order_value", "repeat_30d", "repeat_of_buyers",
    )  # fmt: skip
    return {
        "key": KEY,
        "name": "5월 쿠폰: 지금 또는 다음 구매",
        "hypothesis": "다음 구매 쿠폰은 다시 사는 고객을 늘려 더 많이 남깁니다.",
        "anchor": "sent",
        "shape": "one_blast",
        "purpose": "learn",
        "channels": ["app_push", "email", "friendtalk"],
        "element": "offer",
        "allocation": "truelift",
        "variants": [
            _variant("a", "A안 지금 5,000원", "지금 5,000원 할인", control=True),
            _variant("b", "B안 다음 구매 7,000원", "다음 구매 7,000원 할인", control=False),
        ],
        "goals": [
            {"kpi": "profit_30d", "role": "primary", "minimum_effect": "200"},
            *({"kpi": key, "role": "secondary"} for key in secondary),
            {"kpi": "unsubscribe_30d", "role": "guardrail", "margin": "0.001"},
        ],
        "plan": {"units_planned": CUSTOMERS},
        "schedule": {
            "starts_at": "2025-05-07T10:00:00+09:00",
            "ends_at": "2025-06-07T10:00:00+09:00",
        },
        "owner": OWNER,
        "tags": ["sample"],
    }


def _variant(key: str, name: str, offer: str, *, control: bool) -> dict[str, Any]:
    payload = {"offer": offer}
    return {"key": key, "name": name, "weight": "0.5", "control": control, "payload": payload}


def import_mappings(events: str = "events.csv") -> list[dict[str, Any]]:
    """How the files are read: in this order, each with its column mapping."""
    return [
        {"file": "exposures.csv", "mapping": exposure_mapping(KEY, channel="channel")},
        {"file": events, "mapping": event_mapping()},
    ]
