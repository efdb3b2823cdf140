"""Calls of the sequential methods: planned looks, and looks at any time."""

from collections.abc import Callable
from math import sqrt

from stats.sequential.bounds import (
    Look,
    equally_spaced,
    obrien_fleming_constant,
    planned_looks,
    pocock_constant,
)
from stats.sequential.confidence_sequence import (
    best_x,
    critical_z,
    critical_z_one_sided,
    first_iterate_x,
    p_value,
)
from stats.sequential.operating import expected_sample_ratio, inflation_factor
from stats.sequential.peeking import peeking_alpha
from stats.sequential.spending import (
    HwangShihDeCani,
    KimDeMets,
    Spending,
    obrien_fleming,
    pocock,
)
from tests.oracles.answers import Answer, Inputs, sums_samples


def _lan_demets(spending: Spending) -> Callable[[Inputs], Answer]:
    def call(inputs: Inputs) -> Answer:
        looks = planned_looks(inputs["t"], alpha=inputs["alpha"], spending=spending)
        power = inputs.get("power", 0.8)
        return {
            "z": [look.critical_z for look in looks],
            "cum_alpha": [look.spent for look in looks],
            "inflation": inflation_factor(looks, power),
            "asn_ratio_h1": expected_sample_ratio(looks, power),
        }

    return call


def _evenly(looks: int, alpha: float, spending: Spending) -> Answer:
    bounds = planned_looks(equally_spaced(looks), alpha=alpha, spending=spending)
    return {"z": [look.critical_z for look in bounds], "cum_alpha": [look.spent for look in bounds]}


def _kim_demets(inputs: Inputs) -> Answer:
    return _evenly(inputs["K"], inputs["alpha"], KimDeMets(inputs["gamma"]))


def _hwang_shih_decani(inputs: Inputs) -> Answer:
    return _evenly(inputs["K"], 2 * inputs["alpha"], HwangShihDeCani(inputs["gamma"]))


def _classic_inflation(inputs: Inputs) -> Answer:
    k, alpha = inputs["K"], inputs.get("alpha", 0.05)
    level, steep = pocock_constant(k, alpha=alpha), obrien_fleming_constant(k, alpha=alpha)
    flat = [Look(t, level, alpha) for t in equally_spaced(k)]
    falling = [Look(t, steep / sqrt(t), alpha) for t in equally_spaced(k)]
    return {
        f"R_{name}_{round(100 * power)}": inflation_factor(bounds, power)
        for name, bounds in (("P", flat), ("B", falling))
        for power in (0.8, 0.9)
    }


def _growthbook_x(alpha: float, units: float, planned: float) -> float:
    return first_iterate_x(alpha) * units / planned


def _half_width(inputs: Inputs) -> Answer:
    x = _growthbook_x(inputs["alpha"], inputs["n"], inputs["n_star"])
    return {"hw": sqrt(inputs["s2"] / inputs["n"]) * critical_z(x, inputs["alpha"])}


def _half_width_one_sided(inputs: Inputs) -> Answer:
    x = _growthbook_x(2 * inputs["alpha"], inputs["n"], inputs["n_star"])
    return {"hw": sqrt(inputs["s2"] / inputs["n"]) * critical_z_one_sided(x, inputs["alpha"])}


def _always_valid(effect: float, error: float, units: float, inputs: Inputs) -> Answer:
    alpha = inputs.get("alpha", 0.05)
    x = _growthbook_x(alpha, units, inputs["n_star"])
    margin = error * critical_z(x, alpha)
    return {"lo": effect - margin, "hi": effect + margin, "p": p_value(effect / error, x)}


def _rates(inputs: Inputs) -> tuple[float, float, float, float]:
    p_c, p_t = inputs["x_c"] / inputs["n_c"], inputs["x_t"] / inputs["n_t"]
    return p_c, p_t, p_c * (1 - p_c) / inputs["n_c"], p_t * (1 - p_t) / inputs["n_t"]


def _difference_of_rates(inputs: Inputs) -> Answer:
    p_c, p_t, v_c, v_t = _rates(inputs)
    return _always_valid(p_t - p_c, sqrt(v_c + v_t), inputs["n_c"] + inputs["n_t"], inputs)


def _relative_delta(
    moments: tuple[float, float, float, float], units: int, inputs: Inputs
) -> Answer:
    c, t, v_c, v_t = moments
    lift, error = t / c - 1, sqrt(v_t / c**2 + v_c * t**2 / c**4)
    return {"lift": lift, **_always_valid(lift, error, units, inputs)}


def _relative_rates(inputs: Inputs) -> Answer:
    return _relative_delta(_rates(inputs), inputs["n_c"] + inputs["n_t"], inputs)


def _relative_means(inputs: Inputs) -> Answer:
    c, t = sums_samples(inputs["ctrl"], inputs["treat"])
    moments = (c.mean, t.mean, c.variance / c.units, t.variance / t.units)
    return _relative_delta(moments, c.units + t.units, inputs)


def _critical_values(inputs: Inputs) -> Answer:
    alpha = inputs["alpha"]
    return {"z": [critical_z(best_x(alpha) * share, alpha) for share in inputs["ratio"]]}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "pocock_constant": lambda i: {"c": pocock_constant(i["K"], alpha=i["alpha"])},
    "obrien_fleming_constant": lambda i: {"c": obrien_fleming_constant(i["K"], alpha=i["alpha"])},
    "group_sequential_inflation": _classic_inflation,
    "lan_demets_obf": _lan_demets(obrien_fleming),
    "lan_demets_pocock": _lan_demets(pocock),
    "kim_demets": _kim_demets,
    "hwang_shih_decani": _hwang_shih_decani,
    "naive_peeking_alpha": lambda i: {"alpha": peeking_alpha(i["looks"])},
    "cs_optimal_x": lambda i: {"x_star": best_x(i["alpha"])},
    "cs_rho_growthbook": lambda i: {"rho": sqrt(_growthbook_x(i["alpha"], 1, i["n_star"]))},
    "cs_halfwidth": _half_width,
    "cs_halfwidth_one_sided": _half_width_one_sided,
    "cs_critical_z": _critical_values,
    "cs_absolute_proportions": _difference_of_rates,
    "cs_relative_delta_proportions": _relative_rates,
    "cs_relative_delta_means": _relative_means,
    "msprt_p": lambda i: {"p": p_value(i["z"], i["tau2_over_V"])},
}
