"""Calls of the comparison of two rates of events."""

from collections.abc import Callable

from stats.counts import poisson_test
from stats.samples import CountSample
from tests.oracles.answers import Answer, Inputs, confidence_of, sides
from tests.oracles.whole_numbers import whole_numbers


def _rate_ratio(inputs: Inputs) -> Answer:
    (exposures,) = whole_numbers(inputs["T"])
    treatment, control = map(CountSample, inputs["x"], exposures)
    found = poisson_test(control, treatment, confidence=confidence_of(inputs))
    return {"p": found.p_value, "ci": list(sides(found.interval).values())}


CALLS: dict[str, Callable[[Inputs], Answer]] = {"poisson_rate_ratio_exact": _rate_ratio}
