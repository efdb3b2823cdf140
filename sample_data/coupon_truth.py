"""What is true of the coupon test: the rates it was drawn from, and what came of them."""

from dataclasses import asdict
from typing import Any

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.coupon import (
    CHANNEL_SHARES,
    CHANNELS,
    COUPON,
    DOLLARS,
    FIRST_ORDER,
    HOURS_7_DAYS,
    HOURS_30_DAYS,
    KEY,
    NAMED_SEED,
    PURCHASE,
    REFUND,
    REGISTERED_AT,
    REPEAT,
    REPEAT_ORDER,
    RESELLER,
    RESELLS,
    SEED,
    SENT_AT,
    STOPPED_AT,
    UNSUBSCRIBE,
    VARIANTS,
    Coupon,
    pooled_quantile,
)
from sample_data.coupon_documents import CAP_WON
from sample_data.event_rows import EventRows
from sample_data.tally import Window, tally

EXPECTED = (
    "a trade-off: B leaves more after coupons, fewer customers buy, and unsubscribes pass their "
    "limit; nothing is shipped by itself, the owner is asked; no channel differs from the others"
)
_MONEY = ("purchase", "refund", "coupon_used")
_TYPES = {
    "profit_30d": (_MONEY, HOURS_30_DAYS),
    "profit_30d_capped": (_MONEY, HOURS_30_DAYS),
    "revenue_30d": (("purchase", "refund"), HOURS_30_DAYS),
    "first_order_revenue": (("purchase",), HOURS_7_DAYS),
    "unsubscribe_30d": (("unsubscribe",), HOURS_30_DAYS),
}
"""KPIs by which every event is in one part at most, so that the file alone tells its place."""


def tell_truth(test: Coupon) -> dict[str, Any]:
    """Everything a report can be held against. Rates are fractions, money is won."""
    return {
        "scenario": "coupon",
        "seed": SEED,
        "named_seed": NAMED_SEED,
        "assignment_seed": KEY,
        "sent_at": SENT_AT.isoformat(),
        "registered_at": REGISTERED_AT.isoformat(),
        "stopped_at": STOPPED_AT.isoformat(),
        "expected_at_full_size": EXPECTED,
        "population": {name: _population(arm) for arm, name in enumerate(VARIANTS)},
        "channels": dict(zip(CHANNELS, CHANNEL_SHARES, strict=True)),
        "realised": {name: _realised(test, test.arms == arm) for arm, name in enumerate(VARIANTS)},
        "realised_by_channel": {
            channel: _by_arm(test, test.profit_won(outliers=False), test.channels == index)
            for index, channel in enumerate(CHANNELS)
        },
        "kpis": _kpis(test, outliers=False),
        "accounting": _accounting(test, test.events),
        "other_currency": DOLLARS,
        "outliers": {
            "file": "events_outliers.csv",
            "share_of_buyers": RESELLER,
            "times": RESELLS,
            "resellers": _marked(test),
            "kpis": _kpis(test, outliers=True),
            "pooled_999": pooled_quantile(test.profit_won(outliers=True), 0.999),
            "cap_won": CAP_WON,
        },
        "dirt": asdict(test.dirt),
        "rows": {
            "customers": len(test.unit_ids),
            "exposures": len(test.unit_ids),
            "events": test.events.size,
            "distinct_events": int(np.unique(test.events.number).size),
        },
    }


def _population(arm: int) -> dict[str, float]:
    bought, again = PURCHASE[arm], PURCHASE[arm] * REPEAT[arm]
    first, gross = bought * FIRST_ORDER[arm], bought * FIRST_ORDER[arm] + again * REPEAT_ORDER[arm]
    cost = (bought if arm == 0 else again) * COUPON[arm]
    net = gross * (1 - REFUND)
    values = {
        "purchase_7d": bought,
        "first_order_value": FIRST_ORDER[arm],
        "first_order_revenue": first,
        "repeat_of_buyers": REPEAT[arm],
        "repeat_30d": again,
        "revenue_30d_before_refunds": gross,
        "revenue_30d": net,
        "coupon_cost": cost,
        "profit_30d_before_refunds": gross - cost,
        "profit_30d": net - cost,
        "unsubscribe_30d": UNSUBSCRIBE[arm],
    }
    return {name: round(value, 9) for name, value in values.items()}


def _realised(test: Coupon, here: Bools) -> dict[str, int]:
    counted = {
        "sent": np.ones_like(here),
        "buyers": test.bought,
        "repeat_buyers": test.repeated,
        "refunds": test.first_back.astype(np.int64) + test.repeat_back,
        "left": test.left,
        "resellers": test.resellers,
        "first_orders_won": test.first_orders(outliers=False),
        "repeat_orders_won": test.repeated * test.repeat_won,
        "coupons_won": test.coupon_won,
    }
    return {name: int(values[here].sum()) for name, values in counted.items()}


def _kpis(test: Coupon, *, outliers: bool) -> dict[str, dict[str, dict[str, int]]]:
    """Customers and total of every KPI, as the report must say; a ratio's total is above it."""
    profit = test.profit_won(outliers=outliers)
    first = test.first_orders(outliers=outliers)
    totals = {
        "profit_30d": profit,
        "profit_30d_capped": np.minimum(profit, CAP_WON),
        "revenue_30d": test.net_won(outliers=outliers),
        "purchase_7d": test.bought,
        "first_order_revenue": first,
        "first_order_value": first,
        "repeat_30d": test.repeated,
        "repeat_of_buyers": test.repeated,
        "unsubscribe_30d": test.left,
    }
    found = {name: _by_arm(test, total) for name, total in totals.items()}
    for name in ("first_order_value", "repeat_of_buyers"):
        for arm, variant in enumerate(VARIANTS):
            found[name][variant]["below"] = int(test.bought[test.arms == arm].sum())
    return found


def _by_arm(
    test: Coupon, total: Ints | Bools, who: Bools | None = None
) -> dict[str, dict[str, int]]:
    met = np.ones(test.arms.size, dtype=np.bool_) if who is None else who
    return {
        name: {
            "units": int((met & (test.arms == arm)).sum()),
            "total": int(total[met & (test.arms == arm)].sum()),
        }
        for arm, name in enumerate(VARIANTS)
    }


def _marked(test: Coupon) -> list[str]:
    return [test.unit_ids[index] for index in np.flatnonzero(test.resellers).tolist()]


def _accounting(test: Coupon, events: EventRows) -> dict[str, Any]:
    sent = np.zeros(test.arms.size, dtype=np.int64)
    return {
        name: tally(events, types, Window.hours(sent, hours))
        for name, (types, hours) in _TYPES.items()
    }
