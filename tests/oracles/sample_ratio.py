"""Calls of the two sample-ratio checks."""

from collections.abc import Callable
from math import exp

from stats.sample_ratio import Split, check_sample_ratio
from stats.sequential.sample_ratio import log_bayes_factor
from tests.oracles.answers import Answer, Inputs


def _chi_square(inputs: Inputs) -> Answer:
    found = check_sample_ratio(inputs["observed"], inputs["weights"])
    return {"p": found.p_value, "chi2": found.chi_square, "df": found.degrees}


def _sequential(inputs: Inputs) -> Answer:
    phase = Split(inputs["observed"], inputs["theta0"])
    return {"inv_bf": exp(-log_bayes_factor(phase, inputs["k"]))}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "srm_chi_square": _chi_square,
    "srm_sequential": _sequential,
}
