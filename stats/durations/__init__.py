"""Comparing times to an event: hours to the first order, days to cancellation.

Units that were not seen until their event are censored: they count for as long as they
were seen, and their event is never made up. `compare_durations` compares the mean time
up to a horizon, with the log-rank test beside it; the curves behind both are Kaplan and
Meier's.
"""

from collections.abc import Callable

from stats.durations.log_rank import LogRank, log_rank_test
from stats.durations.restricted_mean import (
    DurationComparison,
    RestrictedMean,
    compare_durations,
    estimate_restricted_mean,
    restricted_mean,
)
from stats.durations.survival import (
    SurvivalStep,
    estimate_median_time,
    estimate_survival,
    survival_curve,
)
from stats.lift import Estimate

__all__ = [
    "DurationComparison",
    "LogRank",
    "RestrictedMean",
    "SurvivalStep",
    "compare_durations",
    "estimate_median_time",
    "estimate_restricted_mean",
    "estimate_survival",
    "log_rank_test",
    "restricted_mean",
    "survival_curve",
]

METHODS: dict[
    str, Callable[..., DurationComparison | Estimate | LogRank | tuple[SurvivalStep, ...]]
] = {
    "restricted_mean": compare_durations,
    "log_rank": log_rank_test,
    "kaplan_meier": survival_curve,
    "median_time": estimate_median_time,
}
