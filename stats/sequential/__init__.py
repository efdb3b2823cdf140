"""Tests that are looked at before they end.

- `spending`, `bounds`, `repeated`: group-sequential tests, the default of a test whose customers
  enter over time: few planned looks, bounds by error spending, intervals valid at each look.
- `operating`: what such a plan costs and gains; `recursion`: the integrals behind both.
- `confidence_sequence`: always-valid intervals, for every moment between the looks.
- `futility`: whether it is worth going on.
- `sample_ratio`: the sample-ratio check of a running test.
- `peeking`: the error of looking again and again at the usual level.
"""

from stats.sequential.bounds import (
    Look,
    equally_spaced,
    final_looks,
    interim_looks,
    planned_looks,
)
from stats.sequential.confidence_sequence import (
    AlwaysValid,
    Progress,
    always_valid,
    always_valid_lower,
    running_p_values,
)
from stats.sequential.estimates import NormalEstimate
from stats.sequential.futility import Futility, judge_futility
from stats.sequential.operating import (
    drift_for,
    expected_fraction,
    expected_sample_ratio,
    inflation_factor,
    power_at,
)
from stats.sequential.peeking import peeking_alpha
from stats.sequential.repeated import crosses, repeated_interval
from stats.sequential.sample_ratio import RunningSampleRatio, check_running_sample_ratio
from stats.sequential.spending import SPENDING_FUNCTIONS, Spending, obrien_fleming, pocock

__all__ = [
    "SPENDING_FUNCTIONS",
    "AlwaysValid",
    "Futility",
    "Look",
    "NormalEstimate",
    "Progress",
    "RunningSampleRatio",
    "Spending",
    "always_valid",
    "always_valid_lower",
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
    "running_p_values",
]
