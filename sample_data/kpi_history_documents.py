"""The KPIs that the nine months are followed by: most of them out of the catalogue."""

from typing import Any

from sample_data.kpi_forms import OWNER, both

ADOPTED = (
    "dau", "mau", "total-revenue", "aov", "arppu", "new-customers", "roas", "cac", "cpa",
    "purchase-conversion", "arpu", "human-open-rate", "nps", "retention-d1", "retention-d7",
    "retention-d30", "retention-d3", "roi", "open-rate", "conversion", "revenue-per-recipient",
    "repeat-purchase", "contacts-per-customer", "sign-up-conversion",
    "first-purchase-conversion", "ltv-90", "referral-share", "cart-to-purchase",
    "repeat-purchase-of-buyers", "repeat-purchase-of-new", "churn", "stickiness",
    "days-to-first-purchase", "purchase-cycle", "unique-visitors", "active-customers",
    "median-spend", "purchase-funnel",
)  # fmt: skip
_DAU_TARGET = {"value": "1500", "basis": "realistic", "due_on": "2025-09-30"}


def kpi_documents() -> list[dict[str, Any]]:
    """As posted to ``/api/v1/kpis``."""
    adopted: list[dict[str, Any]] = [{"from": key, "owner": OWNER} for key in ADOPTED]
    adopted[0] |= {"baseline": "1200", "target": _DAU_TARGET}
    return [*adopted, _sign_ups(), _welcome_funnel()]


def _sign_ups() -> dict[str, Any]:
    return {
        "key": "sign-ups",
        "name": both("가입 수", "Sign-ups"),
        "short_name": both("기간의 가입 수", "Sign-ups in the period (total)"),
        "kind": "mean",
        "formula": {"event": "sign_up", "value": "count", "window_hours": 720},
        "unit_of_measure": "count",
        "source": "앱·웹 행동 로그",
        "owner": OWNER,
        "stage": "acquisition",
        "aggregation_period": "month",
        "tracking": {"by": "period", "aggregate": "total", "split_by": ["source"]},
    }


def _welcome_funnel() -> dict[str, Any]:
    return {
        "key": "welcome-funnel",
        "name": both("가입 뒤 첫 주문까지", "From sign-up to the first order"),
        "short_name": both("가입 대비 30일 주문 도달률", "Orders in 30 days per sign-up"),
        "kind": "funnel",
        "formula": {
            "event": "visit",
            "value": "occurrence",
            "window_hours": 720,
            "then": [{"event": "cart_add"}, {"event": "purchase"}],
        },
        "unit_of_measure": "rate",
        "source": "앱·웹 행동 로그",
        "owner": OWNER,
        "stage": "activation",
        "aggregation_period": "month",
        "tracking": {"by": "cohort", "base": {"event": "sign_up"}},
    }
