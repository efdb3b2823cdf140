"""Smaller errors from what was known before: covariates, and strata of customers or time.

`compare_adjusted` accounts for a value from before the start (CUPED), `compare_stratified`
for segments and phases. Each shows the plain comparison beside its own, and says what it
gained or why it was withheld.
"""

from collections.abc import Callable

from stats.lift import Lift
from stats.variance_reduction.adjustment import compare_with_one_slope, compare_with_own_slopes
from stats.variance_reduction.cuped import AdjustedComparison, WhyNot, compare_adjusted
from stats.variance_reduction.stratified import (
    StratifiedComparison,
    Stratum,
    compare_stratified,
)

__all__ = [
    "METHODS",
    "AdjustedComparison",
    "StratifiedComparison",
    "Stratum",
    "WhyNot",
    "compare_adjusted",
    "compare_stratified",
]

METHODS: dict[str, Callable[..., Lift | StratifiedComparison]] = {
    "cuped": compare_with_one_slope,
    "cuped_interacted": compare_with_own_slopes,
    "post_stratified": compare_stratified,
}
