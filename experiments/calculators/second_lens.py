"""The second lens on an analysis: what to believe of the variants, and what to expect of a lift.

Beside the verdict, never in place of it, and only at the planned end: a probability that is
watched until it passes a bar finds winners where nothing differs.
"""

from collections.abc import Callable
from typing import Any

from experiments.calculators.analysis import Analysis
from experiments.reporting.families import family_of, wanted
from stats.bayes import Standing, standings_of_means, standings_of_rates
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.shrinkage import expected_lift

_STANDINGS: dict[str, Callable[..., tuple[Standing, ...]]] = {
    "proportion": standings_of_rates,
    "mean": standings_of_means,
    "ratio": standings_of_means,
}


def second_lens(found: Analysis) -> dict[str, Any]:
    """Posterior chances by variant key, with the lift to expect; a gap says why there is none.

    The prior of a rate is flat, Beta(1, 1); means and ratios have none. The lift is shrunk by a
    normal prior on its logarithm with standard deviation 0.1.
    """
    question = found.question
    if not question.finished:
        return {"gap": "the test has not ended: a posterior is no stopping rule"}
    if question.kind not in _STANDINGS:
        return {"gap": "a score has no second lens"}
    samples = question.samples()
    control = samples.pop(question.draft().control.key)
    try:
        standings = _STANDINGS[question.kind](
            control, list(samples.values()), direction=wanted(question.direction)
        )
    except NotEnoughData as gap:
        return {"gap": gap.reason}
    keys = (question.draft().control.key, *samples)
    told = {key: _standing(each) for key, each in zip(keys, standings, strict=True)}
    compare = family_of(question.kind).compare
    for key, treatment in samples.items():
        told[key]["expected_lift"] = _expected(compare, control, treatment)
    return {"gap": None, "variants": told}


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "best": standing.best,
        "beats_control": standing.beats_control,
        "expected_loss": standing.expected_loss,
    }


def _expected(compare: Callable[..., Lift], control: Any, treatment: Any) -> dict[str, Any] | None:
    try:
        expectation = expected_lift(compare(control, treatment))
    except NotEnoughData:
        return None
    return {
        "observed": expectation.observed,
        "expected": expectation.expected,
        "lower": expectation.interval.lower,
        "upper": expectation.interval.upper,
    }
