"""What is true of a mailing: the rates it was drawn from, and what came of them."""

from dataclasses import asdict
from typing import Any

import numpy as np

from sample_data.audience import PREFETCH_SHARE, SEGMENT_SHARES, SEGMENTS, VARIANTS
from sample_data.event_rows import TYPES
from sample_data.mailing import Mailing
from sample_data.outcomes import (
    CLICK,
    DELIVERY,
    HUMAN_OPEN,
    MACHINE_OPEN,
    PURCHASE,
    SEGMENT_MULTIPLIERS,
    UNSUBSCRIBE,
)
from sample_data.scenario import REGISTERED_AT, SENT_AT, STOPPED_AT, WINDOW_HOURS
from sample_data.tally import Window, tally

# By KPI: the outcome as counted below, and the type of its events.
KPIS = {
    "human_open": ("human_open", "open"),
    "open_all": ("all_open", "open"),
    "click": ("click", "click"),
    "conversion": ("purchase", "purchase"),
    "unsubscribe": ("unsubscribe", "unsubscribe"),
}


def tell_truth(mailing: Mailing) -> dict[str, Any]:
    """Everything a report can be held against. Rates are fractions, counts are customers."""
    scenario = mailing.scenario
    return {
        "scenario": scenario.folder,
        "seed": scenario.seed,
        "named_seed": scenario.named_seed,
        "assignment_seed": scenario.hash_seed,
        "sent_at": SENT_AT.isoformat(),
        "registered_at": REGISTERED_AT.isoformat(),
        "stopped_at": STOPPED_AT.isoformat(),
        "window_hours": WINDOW_HOURS,
        "expected_at_full_size": scenario.expected,
        "population": {
            variant: _population(rate) for variant, rate in zip(VARIANTS, HUMAN_OPEN, strict=True)
        },
        "segments": {
            name: {"share": share, "open_multiplier": multiplier}
            for name, share, multiplier in zip(
                SEGMENTS, SEGMENT_SHARES, SEGMENT_MULTIPLIERS, strict=True
            )
        },
        "realised": {variant: _realised(mailing, arm) for arm, variant in enumerate(VARIANTS)},
        "kpis": _kpis(mailing),
        "accounting": _accounting(mailing),
        "dirt": asdict(mailing.dirt),
        "rows": {
            "customers": len(mailing.audience.unit_ids),
            "exposures": len(mailing.audience.unit_ids) + int(mailing.outcomes.sent.sum()),
            "events": mailing.events.size,
            "distinct_events": int(np.unique(mailing.events.number).size),
        },
    }


def _population(human_open: float) -> dict[str, float]:
    machine_open = PREFETCH_SHARE * MACHINE_OPEN
    per_delivered = {
        "human_open": human_open,
        "machine_open": machine_open,
        "all_open": 1 - (1 - human_open) * (1 - machine_open),
        "click": human_open * CLICK,
        "conversion": human_open * CLICK * PURCHASE,
        "unsubscribe": UNSUBSCRIBE,
    }
    rates = {f"{name}_per_delivered": rate for name, rate in per_delivered.items()}
    rates |= {f"{name}_per_sent": rate * DELIVERY for name, rate in per_delivered.items()}
    rates |= {"delivered_per_sent": DELIVERY, "click_per_human_open": CLICK}
    return {name: round(rate, 9) for name, rate in rates.items()}


def _realised(mailing: Mailing, arm: int) -> dict[str, int]:
    told, here = mailing.outcomes, mailing.audience.arms == arm
    counted = {
        "assigned": here,
        "nameless": here & mailing.audience.nameless,
        "sent": told.sent,
        "delivered": told.delivered,
        "bounced": told.sent & ~told.delivered,
        "human_open": told.human_open,
        "machine_open": told.machine_open,
        "all_open": told.human_open | told.machine_open,
        "click": told.click,
        "scanned": told.scanned,
        "all_click": told.click | told.scanned,
        "purchase": told.purchase,
        "unsubscribe": told.unsubscribe,
    }
    counts = {name: int((happened & here).sum()) for name, happened in counted.items()}
    return counts | {
        "revenue_won": int(told.order_won[told.purchase & here].sum()),
        "click_rows_with_repeats": _click_rows(mailing, arm),
    }


def _kpis(mailing: Mailing) -> dict[str, dict[str, dict[str, int]]]:
    """Customers and total of every KPI, as the report must say."""
    found = {variant: _realised(mailing, arm) for arm, variant in enumerate(VARIANTS)}
    return {
        kpi: {
            variant: {"units": counts["sent"], "total": counts[outcome]}
            for variant, counts in found.items()
        }
        for kpi, (outcome, _) in KPIS.items()
    }


def _accounting(mailing: Mailing) -> dict[str, Any]:
    """Where every event of each KPI's type belongs."""
    window = Window.hours(np.zeros(mailing.audience.arms.size, dtype=np.int64), WINDOW_HOURS)
    return {
        kpi: tally(mailing.events, (kind,), window, machines=kpi == "open_all")
        for kpi, (_, kind) in KPIS.items()
    }


def _click_rows(mailing: Mailing, arm: int) -> int:
    """Human clicks as a count of rows finds them: too many, and more so in B."""
    events = mailing.events
    arms = np.append(mailing.audience.arms, np.full(len(mailing.strangers), -1))
    clicks = (events.type == TYPES.index("click")) & ~events.machine
    return int((clicks & (arms[events.unit] == arm)).sum())
