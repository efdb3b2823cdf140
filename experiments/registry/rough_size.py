"""Rough sizes for warnings, by the normal approximation and nothing but the standard library.

The planner (``stats.planning``) has the exact answers; it loads SciPy, and this module is
on the way of every start.
"""

from decimal import Decimal
from math import sqrt
from statistics import NormalDist

from experiments.kpis.document import KpiDocument
from experiments.registry.experiment import ExperimentDraft
from experiments.registry.plan import Plan


def visible_difference(draft: ExperimentDraft, document: KpiDocument) -> Decimal | None:
    """The difference of two rates that the planned list shows with the planned power.

    (z_{1-alpha/2} + z_{power}) sqrt(p (1 - p) (1/n_c + 1/n_t)), for the control and the
    smallest other variant, both with the baseline's rate.

    Returns:
        As a fraction; None for other kinds of KPI, without a baseline inside (0, 1), or
        without a planned list.
    """
    units, baseline = draft.plan.units_planned, document.baseline
    if units is None or baseline is None or document.kind != "proportion" or not 0 < baseline < 1:
        return None
    smallest = min(variant.weight for variant in draft.variants if not variant.control)
    in_test = units * draft.coverage
    spread = float(baseline * (1 - baseline) * (1 / draft.control.weight + 1 / smallest) / in_test)
    return Decimal(_quantiles(draft.plan, 1) * sqrt(spread))


def price_of_kpis(count: int, plan: Plan) -> float:
    """The share of customers that a test needs on top to be as sure of each of many KPIs.

    By Bonferroni: the error rate is shared out among them.

    Examples:
        >>> round(price_of_kpis(6, Plan()), 2)
        0.54
    """
    return (_quantiles(plan, count) / _quantiles(plan, 1)) ** 2 - 1


def _quantiles(plan: Plan, comparisons: int) -> float:
    """Of the error rate shared among the comparisons, and of the power, summed."""
    normal = NormalDist()
    return normal.inv_cdf(1 - float(plan.alpha) / 2 / comparisons) + normal.inv_cdf(
        float(plan.power)
    )
