"""Calls of the sizes, powers and least effects of a plan."""

from collections.abc import Callable
from typing import Any

from stats.planning import MeanLift, RateLift, RateMargin, Rules, enrolment_days
from stats.planning.conventions import (
    arcsine_effect,
    arcsine_power,
    arcsine_units,
    control_variance_units,
    t_test_power,
    t_test_units,
)
from stats.planning.sizing import detectable_size, power_reached, required_units
from stats.sequential.bounds import equally_spaced
from tests.oracles.answers import Answer, Inputs


def _rules(inputs: Inputs, **changes: Any) -> Rules:
    """Take error and power from the inputs, if they name them."""
    named = {name: inputs[name] for name in ("alpha", "power") if name in inputs}
    return Rules(**named, **changes)


def _size(inputs: Inputs) -> Answer:
    lift = RateLift(inputs["p1"], inputs["p2"] - inputs["p1"])
    return {"n": required_units(lift, _rules(inputs)).total / 2}


def _total_size(inputs: Inputs) -> Answer:
    lift = RateLift(inputs["pi2"], inputs["pi1"] - inputs["pi2"])
    return {
        "n_total": required_units(lift, _rules(inputs, weights=(1, inputs.get("ratio", 1)))).total
    }


def _power(inputs: Inputs) -> Answer:
    lift = RateLift(inputs["p1"], inputs["p2"] - inputs["p1"])
    return {"power": power_reached(lift, 2 * inputs["n"], Rules(alpha=inputs["alpha"]))}


def _power_with_looks(inputs: Inputs) -> Answer:
    lift = RateLift(inputs["pi2"], inputs["pi1"] - inputs["pi2"])
    rules = Rules(alpha=inputs.get("alpha", 0.05), looks=equally_spaced(inputs["K"]))
    return {"power": power_reached(lift, inputs["n_total"], rules)}


def _non_inferiority(inputs: Inputs) -> Answer:
    rules = Rules(alpha=inputs.get("alpha", 0.025), power=inputs["power"])
    return {"n_total": required_units(RateMargin(inputs["p"], -inputs["margin"]), rules).total}


def _means_with_cuped(inputs: Inputs) -> Answer:
    lift = MeanLift(inputs["sd"], inputs["delta"])
    adjusted = _rules(inputs, covariate_correlation=inputs["rho"])
    return {
        "n": required_units(lift, _rules(inputs)).total / 2,
        "n_cuped": required_units(lift, adjusted).total / 2,
    }


def _detectable(inputs: Inputs) -> Answer:
    upward = RateLift(inputs["p"], 0.01)
    return {"mde": detectable_size(upward, 2 * inputs["n"], _rules(inputs))}


def _t_power(inputs: Inputs) -> Answer:
    n, delta, sd = inputs["n"], inputs["delta"], inputs["sd"]
    return {"power": t_test_power(n, delta, sd, alpha=inputs["alpha"])}


def _t_size(inputs: Inputs) -> Answer:
    return {"n": t_test_units(inputs["delta"], inputs["sd"], power=inputs["power"])}


def _control_variance(inputs: Inputs) -> Answer:
    levels = {"alpha": inputs["alpha"], "power": inputs["power"]}
    return {"n": control_variance_units(inputs["p"], inputs["d"], **levels)}


def _arcsine_size(inputs: Inputs) -> Answer:
    effect = arcsine_effect(inputs["p1"], inputs["p2"])
    return {"n": arcsine_units(effect, power=inputs["power"])}


def _days(inputs: Inputs) -> Answer:
    return {"days": enrolment_days(inputs["n_per_arm"] * inputs["arms"], inputs["per_day"])}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "n_two_proportions": _size,
    "n_total_two_proportions": _total_size,
    "power_two_proportions": _power,
    "power_group_sequential": _power_with_looks,
    "n_total_non_inferiority": _non_inferiority,
    "n_means_cuped": _means_with_cuped,
    "mde_two_proportions": _detectable,
    "power_t_test": _t_power,
    "n_t_test": _t_size,
    "n_evan_miller": _control_variance,
    "n_arcsine": _arcsine_size,
    "power_arcsine_unequal": lambda i: {"power": arcsine_power(i["h"], i["n1"], i["n2"])},
    "duration_days": _days,
}
