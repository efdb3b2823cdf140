"""Calls of the comparisons that account for covariates and strata."""

from collections.abc import Callable

from stats import textbook
from stats.samples import BinomialSample, CovariateSample
from stats.variance_reduction.adjustment import one_slope, scores_of
from stats.variance_reduction.cuped import correlation_of
from stats.variance_reduction.scores import Scores
from tests.oracles.answers import Answer, Inputs, scaled_values


def _everyone(inputs: Inputs) -> CovariateSample:
    return _arms({**inputs, "arm": [0] * len(inputs["y"])})[0]


def _arms(inputs: Inputs) -> tuple[CovariateSample, CovariateSample]:
    (y,), scale = scaled_values(inputs["y"])
    (x,), covariate_scale = scaled_values(inputs["x"])
    rows = list(zip(y, x, inputs["arm"], strict=True))
    control, treatment = (
        CovariateSample.of(
            ((one, value) for one, value, of in rows if of == arm), scale, covariate_scale
        )
        for arm in (0, 1)
    )
    return control, treatment


def _identity(inputs: Inputs) -> Answer:
    scores = Scores.of(_everyone(inputs)).keep((0,))
    slopes = scores.slopes
    assert slopes is not None, "the covariate does not vary"
    return {
        "theta": float(slopes[0]),
        "rho": correlation_of(scores),
        "var": float(scores.squares / (scores.units - 1)),
        "var_adj": float(scores.squares_after(slopes) / (scores.units - 1)),
    }


def _welch(inputs: Inputs) -> Answer:
    test = one_slope(*scores_of(*_arms(inputs))).test
    return {"effect": test.difference, "t": test.statistic, "df": test.degrees, "p": test.p_value}


def _ancova(inputs: Inputs) -> Answer:
    found = textbook.ancova(*_arms(inputs))
    return {"effect": found.difference, "se": found.error}


def _lin(inputs: Inputs) -> Answer:
    found = textbook.ancova_interacted(*_arms(inputs))
    return {"effect": found.difference, "ols_se": found.error}


def _post_stratified(inputs: Inputs) -> Answer:
    """Take the first of a segment's two counts as the control's."""
    found = textbook.post_stratified_wald(
        [
            (
                BinomialSample(segment["n"][0], segment["x"][0]),
                BinomialSample(segment["n"][1], segment["x"][1]),
            )
            for segment in inputs.values()
        ]
    )
    return {"diff": found.difference, "se": found.error}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "cuped_identity": _identity,
    "cuped_welch": _welch,
    "cuped_ancova": _ancova,
    "cuped_lin": _lin,
    "post_stratified_difference": _post_stratified,
}
