"""A test whose shares follow its results, told over the interface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any

from tests.api.conftest import Api, Clock

KEY = "cart-wording"
ONE = f"/api/v1/experiments/{KEY}"
KPI = {
    "key": "bought", "name": {"ko": "구매 전환율", "en": "Buyers"}, "kind": "proportion",
    "unit_of_measure": "rate", "source": "shop",
    "formula": {"event": "purchase", "value": "occurrence", "window_hours": 12},
}  # fmt: skip
SPENT = {
    "key": "spent", "name": {"ko": "고객당 매출", "en": "Revenue"}, "kind": "mean",
    "unit_of_measure": "money", "currency": "KRW", "source": "shop",
    "formula": {"event": "purchase", "value": "amount", "window_hours": 12},
}  # fmt: skip
UNSUBSCRIBED = {
    "key": "unsubscribed", "name": {"ko": "수신거부율", "en": "Unsubscribes"},
    "kind": "proportion", "unit_of_measure": "rate", "source": "shop", "direction": "down",
    "formula": {"event": "unsubscribe", "value": "occurrence", "window_hours": 12},
}  # fmt: skip
ADAPTIVE = {"method": "thompson", "floor": "0.1", "batch": "day"}
TEST = {
    "key": KEY, "name": "장바구니 문구", "hypothesis": "짧게 쓰면 더 산다.", "anchor": "trigger",
    "shape": "triggered", "purpose": "choose", "channels": ["alimtalk"], "element": "content",
    "owner": "CRM",
    "variants": [
        {"key": "long", "name": "긴 문구", "weight": "0.5", "control": True},
        {"key": "short", "name": "짧은 문구", "weight": "0.5", "control": False},
    ],
    "goals": [
        {"kpi": "bought", "role": "primary", "minimum_effect": "0.02"},
        {"kpi": "spent", "role": "secondary"},
        {"kpi": "unsubscribed", "role": "guardrail", "margin": "0.05"},
    ],
    "plan": {"units_planned": 3000},
    "adaptive": ADAPTIVE,
}  # fmt: skip


@dataclass(frozen=True)
class Day:
    """Customers of one day, the variant of each, and what they spent."""

    given: Mapping[str, str]
    spent: Mapping[str, int]

    def spent_in(self, variant: str) -> list[int]:
        """What each customer of a variant spent, 0 of those who bought nothing."""
        return [self.spent.get(unit, 0) for unit, key in self.given.items() if key == variant]


def begin(api: Api, **changes: Any) -> None:
    """Register the KPIs and the test, and start it."""
    for path, body in (
        ("kpis", KPI), ("kpis", SPENT), ("kpis", UNSUBSCRIBED), ("experiments", TEST | changes),
    ):  # fmt: skip
        answer = api.post(f"/api/v1/{path}", json=body)
        assert answer.status_code == 201, answer.text
    assert api.post(f"{ONE}/start").status_code == 200


def assigned(api: Api, units: list[str]) -> dict[str, str]:
    """The variant of each customer, as the interface gives it now."""
    asked = {"experiment": KEY, "units": [{"unit_id": unit} for unit in units]}
    answer = api.post("/api/v1/assign/batch", json=asked).get_json()
    return {each["unit_id"]: each["variant"] for each in answer["assignments"]}


def a_day(
    api: Api, clock: Clock, day: int, units: int, rates: Mapping[str, float], seed: int = 1
) -> Day:
    """Customers who enter now, and buy within the hour at the rate of their variant."""
    rng = Random(f"{seed}/{day}")
    given = assigned(api, [f"u{day}-{number}" for number in range(units)])
    at = clock.at.isoformat()
    met = [
        {"source_id": f"x-{unit}", "unit_id": unit, "experiment": KEY, "variant": variant,
         "type": "trigger", "occurred_at": at, "channel": "alimtalk"}
        for unit, variant in given.items()
    ]  # fmt: skip
    spent = {
        unit: rng.choice([9_000, 12_000, 30_000])
        for unit, variant in given.items()
        if rng.random() < rates[variant]
    }
    bought = [
        {"source_id": f"p-{unit}", "unit_id": unit, "type": "purchase",
         "occurred_at": (clock.at + timedelta(minutes=30)).isoformat(),
         "value": amount, "currency": "KRW"}
        for unit, amount in spent.items()
    ]  # fmt: skip
    clock.at += timedelta(hours=1)
    for path, facts in (("exposures", met), ("events", bought)):
        answer = api.post(f"/api/v1/{path}", json=facts)
        assert answer.get_json()["accepted"] == len(facts), answer.text[:300]
    clock.at -= timedelta(hours=1)
    return Day(given, spent)


def next_batch(api: Api, clock: Clock) -> dict[str, Any]:
    """The batch of the next day, opened a minute after its midnight; then it is ten o'clock."""
    clock.at += timedelta(hours=14, minutes=1)
    answer = api.post(f"{ONE}/batches", json={})
    assert answer.status_code == 200, answer.text
    clock.at += timedelta(hours=9, minutes=59)
    body: dict[str, Any] = answer.get_json()
    return body


def run(
    api: Api, clock: Clock, rates: Sequence[Mapping[str, float]], units: int = 600
) -> list[Day]:
    """A run of several batches, stopped at its end, all windows closed."""
    days = []
    for day, of_day in enumerate(rates, start=1):
        if day > 1:
            next_batch(api, clock)
        days.append(a_day(api, clock, day, units, of_day))
    clock.at += timedelta(days=1)
    assert api.post(f"{ONE}/stop").status_code == 200
    return days
