"""A test that customers enter day by day, told over the interface."""

from datetime import timedelta
from random import Random
from typing import Any

from tests.api.conftest import Api, Clock

KEY, DAYS = "cart", 12
KPI = {
    "key": "bought", "name": {"ko": "구매 전환율", "en": "Buyers"}, "kind": "proportion",
    "unit_of_measure": "rate", "source": "shop",
    "formula": {"event": "purchase", "value": "occurrence", "window_hours": 24},
}  # fmt: skip
TEST = {
    "key": KEY, "name": "장바구니 알림", "hypothesis": "빨리 알리면 더 산다.", "anchor": "trigger",
    "shape": "triggered", "purpose": "learn", "channels": ["alimtalk"], "element": "delay",
    "allocation": "external", "owner": "CRM",
    "variants": [
        {"key": "late", "name": "24시간 뒤", "weight": "0.5", "control": True},
        {"key": "soon", "name": "1시간 뒤", "weight": "0.5", "control": False},
    ],
    "goals": [{"kpi": "bought", "role": "primary", "minimum_effect": "0.02"}],
    "plan": {"looks": 4, "units_planned": 1200},
}  # fmt: skip


def run_triggered_test(api: Api, clock: Clock, units: int = 1000) -> None:
    """Register it, start it, and let customers enter over ``DAYS`` days."""
    for path, body in (("kpis", KPI), ("experiments", TEST)):
        answer = api.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
    assert api.post(f"/api/v1/experiments/{KEY}/start").status_code == 200
    began, rng = clock.at, Random(7)
    clock.at += timedelta(days=DAYS, hours=5)
    met: list[dict[str, Any]] = []
    bought: list[dict[str, Any]] = []
    for number in range(units):
        at = began + timedelta(days=DAYS) * rng.random()
        arm = ("late", "soon")[number % 2]
        met.append(
            {"source_id": f"x{number}", "unit_id": f"u{number}", "experiment": KEY, "variant": arm,
             "type": "trigger", "occurred_at": at.isoformat(), "channel": "alimtalk"}
        )  # fmt: skip
        if rng.random() < (0.18 if arm == "late" else 0.26):
            spent_at = (at + timedelta(hours=3)).isoformat()
            bought.append(
                {"source_id": f"p{number}", "unit_id": f"u{number}", "type": "purchase",
                 "occurred_at": spent_at, "value": 10_000, "currency": "KRW"}
            )  # fmt: skip
    for path, facts in (("exposures", met), ("events", bought)):
        answer = api.post(f"/api/v1/{path}", json=facts)
        assert answer.json is not None
        assert answer.json["accepted"] == len(facts), answer.text[:300]
