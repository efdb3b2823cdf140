"""Calls of the interval of a quantile."""

from collections.abc import Callable

from stats.quantiles import order_ranks
from tests.oracles.answers import Answer, Inputs, confidence_of


def _order_indices(inputs: Inputs) -> Answer:
    """Give the binomial quantiles: the lower rank, and one less than the upper."""
    units = inputs["n"]
    lower, upper = order_ranks(units, quantile=inputs["q"], confidence=confidence_of(inputs))
    return {"qbinom": [lower or 0, units if upper is None else upper - 1]}


CALLS: dict[str, Callable[[Inputs], Answer]] = {"quantile_order_indices": _order_indices}
