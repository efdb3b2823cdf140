"""Across past tests: did the lift of a leading KPI foretell that of a lagging one?

A weighted regression of lagging on leading lifts, one point per test (its first variant
against the control), weights 1 / (error of the lagging lift)^2, the residual scale estimated
from the points themselves. Stated assumptions: tests do not share customers, the relation is
a straight line and the same in all of them. Leading lifts have errors of their own, which
draw the slope towards zero (Fuller 1987, "Measurement Error Models", 1.1); how far, the
reliability says. It is correlation: a test moves both KPIs, and neither the other.
"""

from collections.abc import Sequence

import numpy as np
import statsmodels.api as sm

from experiments.tracking.correlations import (
    FEWEST_TESTS,
    NO_VARIATION,
    TOO_FEW_TESTS,
    Foretelling,
    LeftOut,
    LiftsOfTest,
)


def foretold(tests: Sequence[LiftsOfTest], left_out: Sequence[LeftOut] = ()) -> Foretelling:
    """Regress lagging on leading lifts; with too few tests, a stated gap."""
    same = sum(each.leading * each.lagging > 0 for each in tests)
    if len(tests) < FEWEST_TESTS:
        return _gap(tests, left_out, same, TOO_FEW_TESTS)
    leading = np.array([each.leading for each in tests])
    lagging = np.array([each.lagging for each in tests])
    weights = np.array([each.lagging_error for each in tests]) ** -2.0
    spread = float(leading.var(ddof=1))
    if np.ptp(leading) == 0 or not np.isfinite(weights).all():
        return _gap(tests, left_out, same, NO_VARIATION)
    fit = sm.WLS(lagging, sm.add_constant(leading), weights=weights).fit()
    lower, upper = (float(each) for each in fit.conf_int(alpha=0.05)[1])
    noise = float(np.mean([each.leading_error**2 for each in tests]))
    return Foretelling(
        tuple(tests),
        tuple(left_out),
        slope=float(fit.params[1]),
        interval=(lower, upper),
        p_value=float(fit.pvalues[1]),
        same_direction=same,
        reliability=max(0.0, 1 - noise / spread),
        gap=None,
        intercept=float(fit.params[0]),
    )


def _gap(
    tests: Sequence[LiftsOfTest], left_out: Sequence[LeftOut], same: int, gap: str
) -> Foretelling:
    return Foretelling(tuple(tests), tuple(left_out), None, None, None, same, None, gap)
