"""What is true of the nine months: every KPI by month, counted from the draws."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from sample_data.kpi_history import (
    ALREADY_THERE,
    CAMPAIGN,
    HOLIDAYS,
    NAMED_SEED,
    OUTAGE,
    SEED,
    SOURCES,
    TREND,
    WEEKDAYS,
    History,
    days,
)
from sample_data.kpi_history_counts import (
    BY_MONTH,
    MONTHS,
    STARTS,
    Parts,
    by_day,
    in_month,
    returned,
)
from sample_data.kpi_history_lives import counted_by_hand


def tell_truth(made: History) -> dict[str, Any]:
    """Everything that tracking can be held against. Rates are parts, money is won."""
    return {
        "scenario": "kpi_history",
        "seed": SEED,
        "named_seed": NAMED_SEED,
        "first_day": days()[0].isoformat(),
        "last_day": days()[-1].isoformat(),
        "population": _population(),
        "by_day": {"dau": by_day(made).tolist()},
        "by_month": {
            name: [parts(made, index) for index in range(len(MONTHS))]
            for name, parts in BY_MONTH.items()
        }
        | counted_by_hand(made),
        "sign_ups_by_source": [_by_source(made, index) for index in range(len(MONTHS))],
        "returned_on_day": [returned(made, made.sign_ups, after) for after in range(1, 31)],
        "active_by_cohort": [_cohort(made, index) for index in range(len(MONTHS))],
        "baseline": _baseline(made),
        "forecast": _to_come(made),
        "rows": {
            "customers": len(made.unit_ids),
            "sign_ups": made.sign_ups.unit.size,
            "visits": made.visits.unit.size,
            "orders": made.orders.unit.size,
            "answers": made.answers.unit.size,
            "comments": int((made.comments >= 0).sum()),
        },
    }


def _population() -> dict[str, Any]:
    return {
        "already_there": ALREADY_THERE,
        "weekdays": dict(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), WEEKDAYS,
                             strict=True)),
        "trend_a_day": TREND,
        "holidays": {day.isoformat(): factor for day, factor in HOLIDAYS.items()},
        "outage": {day.isoformat(): factor for day, factor in OUTAGE.items()},
        "campaign": {day.isoformat(): factor for day, factor in CAMPAIGN.items()},
    }  # fmt: skip


def _by_source(made: History, month: int) -> Parts:
    joined = made.sign_ups.unit[in_month(made.sign_ups, month)]
    counts = np.bincount(made.sources[joined], minlength=len(SOURCES)).tolist()
    return dict(zip(SOURCES, counts, strict=True))


def _cohort(made: History, month: int) -> Sequence[int]:
    """How many of a month's sign-ups visited in each month from theirs on."""
    joined = made.sign_ups.unit[in_month(made.sign_ups, month)]
    return [
        int(np.isin(joined, made.visits.unit[in_month(made.visits, later)]).sum())
        for later in range(month, len(MONTHS))
    ]


def _baseline(made: History) -> dict[str, Any]:
    """Mean daily visitors of the last six months, by day."""
    since = STARTS[3]
    whole = by_day(made)[since:]
    return {"kpi": "dau", "from": "2025-04-01", "sum": int(whole.sum()), "days": whole.size}


def _to_come(made: History) -> dict[str, Any]:
    """What a forecast made on the first of September had to bracket."""
    since = STARTS[8]
    return {
        "as_of": "2025-09-01T00:00:00+09:00",
        "until": "2025-09-30",
        "dau": by_day(made)[since:].tolist(),
    }
