"""What is true of the send-time test: the rates it was drawn from, and what came of them."""

from dataclasses import asdict
from typing import Any

import numpy as np

from sample_data.audience import Bools, Ints
from sample_data.draws import DAY, HOUR
from sample_data.push_time import (
    BEFORE_NINE,
    DELIVERY,
    KEY,
    NAMED_SEED,
    OPEN,
    OPT_OUT,
    ORIGIN,
    REGISTERED_AT,
    REVISIT,
    SEED,
    SEGMENT_SHARES,
    SEGMENTS,
    SEND_DAYS,
    SEOUL_AHEAD,
    STOPPED_AT,
    VARIANTS,
    WEEKEND,
    PushTime,
)
from sample_data.tally import Window, tally
from sample_data.writing import instants

EXPECTED = (
    "B is opened more, and reaches its target of 4.8 % without being certain to hold it; on D+1 "
    "B stays below 13 %; opt-outs read as safe or as not yet shown safe, never as no effect"
)
OPEN_HOURS, OPT_OUT_HOURS = 24, 72


def tell_truth(test: PushTime) -> dict[str, Any]:
    """Everything a report can be held against. Rates are fractions, counts are customers."""
    return {
        "scenario": "push_time",
        "seed": SEED,
        "named_seed": NAMED_SEED,
        "assignment_seed": KEY,
        "registered_at": REGISTERED_AT.isoformat(),
        "stopped_at": STOPPED_AT.isoformat(),
        "expected_at_full_size": EXPECTED,
        "population": {name: _population(arm) for arm, name in enumerate(VARIANTS)},
        "segments": dict(zip(SEGMENTS, SEGMENT_SHARES, strict=True)),
        "weekend_visits": WEEKEND,
        "visits_before_nine": BEFORE_NINE,
        "realised": {name: _realised(test, test.arms == arm) for arm, name in enumerate(VARIANTS)},
        "realised_by_segment": {
            segment: {
                name: _of_segment(test, (test.arms == arm) & (test.segments == index))
                for arm, name in enumerate(VARIANTS)
            }
            for index, segment in enumerate(SEGMENTS)
        },
        "kpis": _kpis(test),
        "kpis_by_segment": {
            segment: _kpis(test, test.segments == index) for index, segment in enumerate(SEGMENTS)
        },
        "midnights": [_midnight(test, day) for day in range(1, SEND_DAYS + 2)],
        "at_noon_of_04_08": _mature_days(test, (SEND_DAYS * DAY) + 12 * HOUR),
        "by_utc_day": {
            f"revisit_d{after}": _by_arm(test, _by_utc_day(test, after)) for after in REVISIT
        },
        "accounting": _accounting(test),
        "dirt": asdict(test.dirt),
        "rows": {
            "customers": len(test.unit_ids),
            "exposures": 2 * len(test.unit_ids),
            "events": test.events.size,
            "distinct_events": int(np.unique(test.events.number).size),
        },
    }


def _population(arm: int) -> dict[str, float]:
    by_segment = dict(zip(SEGMENTS, OPEN[arm], strict=True))
    opened = sum(share * rate for share, rate in zip(SEGMENT_SHARES, OPEN[arm], strict=True))
    rates = {"push_open": opened, "push_opt_out": OPT_OUT[arm], "delivered": DELIVERY}
    rates |= {f"revisit_d{after}": rate[arm] for after, rate in REVISIT.items()}
    rates |= {f"push_open_{segment}": rate for segment, rate in by_segment.items()}
    return {f"{name}_per_sent": round(rate, 9) for name, rate in rates.items()}


def _realised(test: PushTime, here: Bools) -> dict[str, int]:
    counted = {
        "planned": np.ones_like(here),
        "delivered": test.delivered,
        "opened": test.opened,
        "opened_later": test.opened_later,
        "opted_out": test.opted_out,
    }
    counted |= {f"revisit_d{after}": test.visits[after][0] for after in REVISIT}
    return {name: int((happened & here).sum()) for name, happened in counted.items()}


def _of_segment(test: PushTime, here: Bools) -> dict[str, int]:
    return {"planned": int(here.sum()), "opened": int((test.opened & here).sum())}


def _kpis(test: PushTime, who: Bools | None = None) -> dict[str, dict[str, dict[str, int]]]:
    """Customers and total of every KPI, as the report must say."""
    totals = {"push_open": test.opened, "push_opt_out": test.opted_out}
    totals |= {f"revisit_d{after}": test.visits[after][0] for after in REVISIT}
    return {name: _by_arm(test, total, who) for name, total in totals.items()}


def _by_arm(test: PushTime, total: Bools, who: Bools | None = None) -> dict[str, dict[str, int]]:
    met = np.ones_like(total) if who is None else who
    return {
        name: {
            "units": int((met & (test.arms == arm)).sum()),
            "total": int((total & met & (test.arms == arm)).sum()),
        }
        for arm, name in enumerate(VARIANTS)
    }


def _midnight(test: PushTime, day: int) -> dict[str, Any]:
    """What was known at the end of a day: planned, opened so far, and of those with 24 hours."""
    now = day * DAY
    planned, mature = test.starts <= now, test.starts + DAY <= now
    opened = test.opened & (test.opened_at <= now)
    [at] = instants(ORIGIN, np.array([now]))
    return {"at": at} | {
        name: {
            "planned": int((planned & (test.arms == arm)).sum()),
            "opened_so_far": int((opened & (test.arms == arm)).sum()),
            "mature": int((mature & (test.arms == arm)).sum()),
            "mature_opened": int((mature & test.opened & (test.arms == arm)).sum()),
        }
        for arm, name in enumerate(VARIANTS)
    }


def _mature_days(test: PushTime, now: int) -> dict[str, Any]:
    """Of every D+N only those whose day is over; the others are no zeros."""
    return {
        f"revisit_d{after}": _by_arm(
            test, test.visits[after][0], (test.days + after + 1) * DAY <= now
        )
        for after in REVISIT
    }


def _by_utc_day(test: PushTime, after: int) -> Bools:
    """Who would have come back on that day, were days those of UTC: the trap."""
    sent_on = _utc_day(test.starts)
    found = np.zeros(test.arms.size, dtype=np.bool_)
    for did, at in test.visits.values():
        found |= did & (at >= test.starts) & (_utc_day(at) == sent_on + after)
    return found


def _utc_day(seconds: Ints) -> Ints:
    return (seconds - SEOUL_AHEAD) // DAY


def _accounting(test: PushTime) -> dict[str, Any]:
    windows = {"push_open": ("open", Window.hours(test.starts, OPEN_HOURS))}
    windows["push_opt_out"] = ("push_opt_out", Window.hours(test.starts, OPT_OUT_HOURS))
    for after in REVISIT:
        opens = (test.days + after) * DAY
        windows[f"revisit_d{after}"] = ("visit", Window(test.starts, opens, opens + DAY))
    return {name: tally(test.events, (kind,), window) for name, (kind, window) in windows.items()}
