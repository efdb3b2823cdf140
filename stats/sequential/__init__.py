"""Tests that are looked at before they end.

- `spending`, `bounds`, `repeated`: group-sequential tests, the default of a test whose customers
  enter over time: few planned looks, bounds by error spending, intervals valid at each look.
- `operating`: what such a plan costs and gains; `recursion`: the integrals behind both.
- `confidence_sequence`: always-valid intervals, for every moment between the looks, timed by
  `progress`; `checkpoints`: the same for tens of thousands of moments at once.
- `harm`: stopping for harm at any moment; `msprt`: the mixture test with a tau of one's own.
- `futility`: whether it is worth going on.
- `sample_ratio`: the sample-ratio check of a running test.
- `peeking`: the error of looking again and again at the usual level.
"""

from collections.abc import Callable
from typing import Any

from stats.sequential.bounds import (
    Look,
    equally_spaced,
    final_looks,
    interim_looks,
    planned_looks,
)
from stats.sequential.checkpoints import Band, Checkpoints, always_valid_band, running_minimum
from stats.sequential.confidence_sequence import (
    AlwaysValid,
    always_valid,
    always_valid_lower,
    running_p_values,
)
from stats.sequential.estimates import NormalEstimate
from stats.sequential.futility import Futility, judge_futility
from stats.sequential.harm import HarmWatch, watch_harm
from stats.sequential.msprt import textbook_p_values
from stats.sequential.operating import (
    average_fraction,
    drift_for,
    expected_fraction,
    expected_sample_ratio,
    inflation_factor,
    power_at,
)
from stats.sequential.peeking import peeking_alpha
from stats.sequential.progress import Clock, Information, Progress
from stats.sequential.repeated import crosses, repeated_interval, repeated_p_value
from stats.sequential.sample_ratio import RunningSampleRatio, check_running_sample_ratio
from stats.sequential.spending import SPENDING_FUNCTIONS, Spending, obrien_fleming, pocock

__all__ = [
    "METHODS",
    "SPENDING_FUNCTIONS",
    "AlwaysValid",
    "Band",
    "Checkpoints",
    "Clock",
    "Futility",
    "HarmWatch",
    "Information",
    "Look",
    "NormalEstimate",
    "Progress",
    "RunningSampleRatio",
    "Spending",
    "always_valid",
    "always_valid_band",
    "always_valid_lower",
    "average_fraction",
    "check_running_sample_ratio",
    "crosses",
    "drift_for",
    "equally_spaced",
    "expected_fraction",
    "expected_sample_ratio",
    "final_looks",
    "inflation_factor",
    "interim_looks",
    "judge_futility",
    "obrien_fleming",
    "peeking_alpha",
    "planned_looks",
    "pocock",
    "power_at",
    "repeated_interval",
    "repeated_p_value",
    "running_minimum",
    "running_p_values",
    "textbook_p_values",
    "watch_harm",
]

METHODS: dict[str, Callable[..., Any]] = {
    "group_sequential": planned_looks,
    "repeated_interval": repeated_interval,
    "always_valid": always_valid,
    "always_valid_one_sided": always_valid_lower,
    "harm_watch": watch_harm,
    "mixture_sprt": textbook_p_values,
    "conditional_power": judge_futility,
    "sequential_sample_ratio": check_running_sample_ratio,
    "naive_peeking": peeking_alpha,
}
