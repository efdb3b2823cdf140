"""Calls of the times to an event."""

from collections.abc import Callable, Sequence

from stats.durations import log_rank_test, survival_curve
from stats.samples import LifeTable
from tests.oracles.answers import Answer, Inputs
from tests.oracles.whole_numbers import whole_numbers


def _life_table(times: Sequence[int], events: Sequence[int]) -> LifeTable:
    return LifeTable.of(
        (time, bool(happened)) for time, happened in zip(times, events, strict=True)
    )


def _kaplan_meier(inputs: Inputs) -> Answer:
    (times,) = whole_numbers(inputs["t"])
    curve = survival_curve(_life_table(times, inputs["event"]))
    return {"S": [step.survival.value for step in curve]}


def _log_rank(inputs: Inputs) -> Answer:
    first, second = whole_numbers(inputs["t1"], inputs["t2"])
    treatment, control = _life_table(first, inputs["e1"]), _life_table(second, inputs["e2"])
    found = log_rank_test(control, treatment)
    return {"chi2": found.statistic**2, "p": found.p_value}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "kaplan_meier": _kaplan_meier,
    "log_rank": _log_rank,
}
