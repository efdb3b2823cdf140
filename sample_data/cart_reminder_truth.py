"""What is true of the cart reminder, and what comes of reading it by messages sent."""

from dataclasses import asdict
from typing import Any

import numpy as np

from sample_data.audience import Bools
from sample_data.cart_reminder import (
    ADDED,
    KEY,
    NAMED_SEED,
    ORIGIN,
    REASONS,
    REGISTERED_AT,
    SEED,
    STOPPED_AT,
    SUPPRESSED,
    UNPROMPTED,
    VARIANTS,
    WINDOW,
    CartReminder,
)
from sample_data.draws import HOUR
from sample_data.tally import Window, tally

EXPECTED = (
    "per trigger: with events_no_effect.csv no difference is shown; with events.csv the reminder "
    "after 1 hour is ahead of no message, and that after 24 hours is undecided"
)


def tell_truth(test: CartReminder) -> dict[str, Any]:
    """Everything a report can be held against. Rates are fractions, money is won."""
    return {
        "scenario": "cart_reminder",
        "seed": SEED,
        "named_seed": NAMED_SEED,
        "assignment_seed": KEY,
        "origin": ORIGIN.isoformat(),
        "registered_at": REGISTERED_AT.isoformat(),
        "stopped_at": STOPPED_AT.isoformat(),
        "expected_at_full_size": EXPECTED,
        "population": _population(),
        "realised": {name: _realised(test, test.arms == arm) for arm, name in enumerate(VARIANTS)},
        "kpis": _kpis(test, effect=True),
        "suppressed": _suppressed(test),
        "by_message_sent": _by_message(test, effect=True),
        "accounting": _accounting(test, effect=True),
        "no_effect": {
            "file": "events_no_effect.csv",
            "kpis": _kpis(test, effect=False),
            "by_message_sent": _by_message(test, effect=False),
            "accounting": _accounting(test, effect=False),
            "dirt": asdict(test.no_effect_dirt),
        },
        "dirt": asdict(test.dirt),
        "rows": {
            "customers": len(test.unit_ids),
            "exposures": 2 * len(test.unit_ids) + int(test.again.sum()) + int(test.sent.sum()),
            "events": test.events.size,
            "distinct_events": int(np.unique(test.events.number).size),
        },
    }


def _population() -> dict[str, Any]:
    """Per trigger, and among the messages sent, where the later arm has lost its buyers."""
    shares = [share for share, _ in UNPROMPTED]
    whole = sum(shares)
    by_message = {"after_1h": 1 - (1 - whole) / (1 - shares[0])}
    by_message["after_24h"] = 1 - (1 - whole) / (1 - shares[0] - shares[1])
    return {
        "cart_purchase": {
            name: round(whole + added, 9) for name, added in zip(VARIANTS, ADDED, strict=True)
        },
        "cart_purchase_no_effect": dict.fromkeys(VARIANTS, round(whole, 9)),
        "by_message_sent_no_effect": {name: round(rate, 9) for name, rate in by_message.items()},
        "suppressed_share": SUPPRESSED,
    }


def _realised(test: CartReminder, here: Bools) -> dict[str, int]:
    counted = {
        "triggered": np.ones_like(here),
        "sent": test.sent,
        "bought_already": test.bought_already,
        "bought_unprompted": test.bought,
        "bought_prompted": test.prompted,
        "second_trigger": test.again,
    }
    return {name: int((happened & here).sum()) for name, happened in counted.items()}


def _kpis(test: CartReminder, *, effect: bool) -> dict[str, dict[str, dict[str, int]]]:
    """Customers and total of every KPI, as the report must say."""
    buyers = test.buyers(effect=effect)
    totals = {"cart_purchase": buyers.astype(np.int64), "cart_revenue": buyers * test.won}
    return {
        kpi: {
            name: {
                "units": int((test.arms == arm).sum()),
                "total": int(total[test.arms == arm].sum()),
            }
            for arm, name in enumerate(VARIANTS)
        }
        for kpi, total in totals.items()
    }


def _suppressed(test: CartReminder) -> dict[str, int]:
    """Customers by the reason why their planned send did not go out."""
    reminded = test.arms != 0
    found = {"no_message_arm": int((~reminded).sum())}
    found["bought_already"] = int(test.bought_already.sum())
    held = reminded & ~test.bought_already
    found |= {
        reason: int((held & (test.reasons == index)).sum()) for index, reason in enumerate(REASONS)
    }
    return {reason: count for reason, count in sorted(found.items()) if count}


def _by_message(test: CartReminder, *, effect: bool) -> dict[str, dict[str, int]]:
    """The wrong reading: of those sent to, who bought after the message."""
    after = test.bought & (test.bought_at >= test.planned_at)
    bought = after | (test.prompted & effect)
    return {
        name: {
            "units": int((test.sent & (test.arms == arm)).sum()),
            "total": int((test.sent & bought & (test.arms == arm)).sum()),
        }
        for arm, name in enumerate(VARIANTS)
        if arm
    }


def _accounting(test: CartReminder, *, effect: bool) -> dict[str, Any]:
    events = test.events if effect else test.no_effect
    window = Window.hours(test.starts, WINDOW // HOUR)
    return {"cart_purchase": tally(events, ("purchase",), window)}
