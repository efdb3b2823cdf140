"""Textbook methods, on request: to reproduce a publication or another tool's answer.

No verdict rests on them. Most intervals here belong to no test, so they can contradict
the p-value beside which they are often printed; `stats.proportions` says what is used
instead, and why.
"""

from collections.abc import Callable

from stats.lift import Estimate, Interval
from stats.textbook.means import RelativeDelta, relative_delta
from stats.textbook.rates import (
    Significance,
    agresti_caffo_interval,
    boschloo_p_value,
    clopper_pearson_interval,
    farrington_manning_test,
    fisher_p_value,
    katz_interval,
    koopman_interval,
    mee_interval,
    newcombe_interval,
    pooled_z_test,
    wald_corrected_interval,
    wald_interval,
)
from stats.textbook.ratios import ratio_log_lift
from stats.textbook.regression import (
    Coefficient,
    ancova,
    ancova_interacted,
    post_stratified_wald,
)

__all__ = [
    "METHODS",
    "Coefficient",
    "RelativeDelta",
    "Significance",
    "agresti_caffo_interval",
    "ancova",
    "ancova_interacted",
    "boschloo_p_value",
    "clopper_pearson_interval",
    "farrington_manning_test",
    "fisher_p_value",
    "katz_interval",
    "koopman_interval",
    "mee_interval",
    "newcombe_interval",
    "pooled_z_test",
    "post_stratified_wald",
    "ratio_log_lift",
    "relative_delta",
    "wald_corrected_interval",
    "wald_interval",
]

METHODS: dict[
    str, Callable[..., Interval | Estimate | Significance | RelativeDelta | Coefficient | float]
] = {
    "newcombe": newcombe_interval,
    "mee": mee_interval,
    "wald": wald_interval,
    "wald_corrected": wald_corrected_interval,
    "agresti_caffo": agresti_caffo_interval,
    "koopman": koopman_interval,
    "katz": katz_interval,
    "clopper_pearson": clopper_pearson_interval,
    "pooled_z": pooled_z_test,
    "farrington_manning": farrington_manning_test,
    "relative_delta": relative_delta,
    "fisher": fisher_p_value,
    "boschloo": boschloo_p_value,
    "ratio_log_lift": ratio_log_lift,
    "ancova": ancova,
    "ancova_interacted": ancova_interacted,
    "post_stratified_wald": post_stratified_wald,
}
