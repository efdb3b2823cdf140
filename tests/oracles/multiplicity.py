"""Calls of Dunnett's test and of the corrections of many p-values."""

import math
from collections.abc import Callable

from stats import multiplicity
from stats.multiplicity import Family
from tests.oracles.answers import Answer, Inputs, confidence_of, values_samples


def _dunnett_critical(inputs: Inputs) -> Answer:
    degrees = None if inputs["df"] == "inf" else inputs["df"]
    family = Family(100, (100,) * inputs["k"], degrees)
    return {"d": family.critical(confidence_of(inputs))}


def _dunnett_p(inputs: Inputs) -> Answer:
    groups = dict(zip(inputs, values_samples(*inputs.values()), strict=True))
    control = groups.pop("control")
    everyone = [control, *groups.values()]
    degrees = sum(group.units - 1 for group in everyone)
    variance = sum(group.variance * (group.units - 1) for group in everyone) / degrees
    family = Family(control.units, tuple(group.units for group in groups.values()), degrees)
    t = [
        (group.mean - control.mean) / math.sqrt(variance * (1 / group.units + 1 / control.units))
        for group in groups.values()
    ]
    return {"t": t, "p": [family.exceeded(abs(value)) for value in t]}


def _adjusted(method: str) -> Callable[[Inputs], Answer]:
    def call(inputs: Inputs) -> Answer:
        found = list(multiplicity.METHODS[method](inputs["p"]))
        level = 1 - confidence_of(inputs)
        return {
            "adj": found,
            "adj_first5": found[:5],
            "adj_first8": found[:8],
            "rejected": sum(value < level for value in found),
        }

    return call


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "dunnett_critical": _dunnett_critical,
    "dunnett_p": _dunnett_p,
    "adjust_bh": _adjusted("benjamini_hochberg"),
    "adjust_by": _adjusted("benjamini_yekutieli"),
    "adjust_holm": _adjusted("holm"),
    "adjust_hommel": _adjusted("hommel"),
}
