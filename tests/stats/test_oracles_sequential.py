"""Published or independently computed values of sequential methods and of planning."""

import json
from collections.abc import Callable, Sequence
from math import exp, sqrt
from pathlib import Path
from typing import Any

import pytest

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
from stats.sample_ratio import Split
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
from stats.sequential.sample_ratio import log_bayes_factor
from stats.sequential.spending import HwangShihDeCani, KimDeMets, obrien_fleming, pocock

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
ORACLES = SHARED / "oracles" / "statistics.json"

pytestmark = pytest.mark.skipif(
    not ORACLES.exists(), reason="the shared oracle values are not beside the repository"
)

Answer = dict[str, float | Sequence[float]]


def _lan_demets(spending: Callable[[float, float], float]) -> Callable[..., Answer]:
    def answer(t: list[float], alpha: float, power: float = 0.8) -> Answer:
        looks = planned_looks(t, alpha=alpha, spending=spending)
        return {
            "z": [look.critical_z for look in looks],
            "cum_alpha": [look.spent for look in looks],
            "inflation": inflation_factor(looks, power),
            "asn_ratio_h1": expected_sample_ratio(looks, power),
        }

    return answer


def _family(looks: int, alpha: float, spending: Callable[[float, float], float]) -> Answer:
    bounds = planned_looks(equally_spaced(looks), alpha=alpha, spending=spending)
    return {"z": [look.critical_z for look in bounds]}


def _classic_inflation(k: int) -> Answer:
    fractions = equally_spaced(k)
    level, steep = pocock_constant(k), obrien_fleming_constant(k)
    flat = [Look(t, level, 0.05) for t in fractions]
    falling = [Look(t, steep / sqrt(t), 0.05) for t in fractions]
    return {
        f"R_{name}_{round(100 * power)}": inflation_factor(bounds, power)
        for name, bounds in (("P", flat), ("B", falling))
        for power in (0.8, 0.9)
    }


def _growthbook_half_width(s2: float, n: float, n_star: float, alpha: float) -> Answer:
    x = first_iterate_x(alpha) * n / n_star
    return {"hw": sqrt(s2 / n) * critical_z(x, alpha)}


def _growthbook_half_width_one_sided(s2: float, n: float, n_star: float, alpha: float) -> Answer:
    x = first_iterate_x(2 * alpha) * n / n_star
    return {"hw": sqrt(s2 / n) * critical_z_one_sided(x, alpha)}


def _growthbook_difference(x_c: int, n_c: int, x_t: int, n_t: int, n_star: float) -> Answer:
    p_c, p_t = x_c / n_c, x_t / n_t
    error = sqrt(p_c * (1 - p_c) / n_c + p_t * (1 - p_t) / n_t)
    x = first_iterate_x(0.05) * (n_c + n_t) / n_star
    margin = error * critical_z(x, 0.05)
    effect = p_t - p_c
    return {"lo": effect - margin, "hi": effect + margin, "p": p_value(effect / error, x)}


def _relative_delta(ratio: float, error: float, units: int, n_star: float) -> Answer:
    x = first_iterate_x(0.05) * units / n_star
    lift, margin = ratio - 1, error * critical_z(x, 0.05)
    return {
        "lift": lift,
        "lo": lift - margin,
        "hi": lift + margin,
        "p": p_value(lift / error, x),
    }


def _relative_proportions(x_c: int, n_c: int, x_t: int, n_t: int, n_star: float) -> Answer:
    p_c, p_t = x_c / n_c, x_t / n_t
    v_c, v_t = p_c * (1 - p_c) / n_c, p_t * (1 - p_t) / n_t
    error = sqrt(v_t / p_c**2 + v_c * p_t**2 / p_c**4)
    return _relative_delta(p_t / p_c, error, n_c + n_t, n_star)


def _relative_means(ctrl: dict[str, float], treat: dict[str, float], n_star: float) -> Answer:
    def moments(arm: dict[str, float]) -> tuple[float, float]:
        mean = arm["sum"] / arm["n"]
        return mean, (arm["sumsq"] - arm["n"] * mean**2) / (arm["n"] - 1) / arm["n"]

    (m_c, v_c), (m_t, v_t) = moments(ctrl), moments(treat)
    error = sqrt(v_t / m_c**2 + v_c * m_t**2 / m_c**4)
    return _relative_delta(m_t / m_c, error, int(ctrl["n"] + treat["n"]), n_star)


def _group_sequential_power(pi1: float, pi2: float, n_total: int, k: int) -> Answer:
    rules = Rules(looks=equally_spaced(k))
    return {"power": power_reached(RateLift(pi2, pi1 - pi2), n_total, rules)}


def _non_inferiority(p: float, margin: float, power: float) -> Answer:
    rules = Rules(alpha=0.025, power=power)
    return {"n_total": required_units(RateMargin(p, -margin), rules).total}


def _two_proportions_total(
    pi1: float, pi2: float, alpha: float, power: float, ratio: float = 1.0
) -> Answer:
    rules = Rules(alpha=alpha, power=power, weights=(1, ratio))
    return {"n_total": required_units(RateLift(pi2, pi1 - pi2), rules).total}


def _two_proportions(p1: float, p2: float, power: float, alpha: float) -> Answer:
    size = required_units(RateLift(p1, p2 - p1), Rules(alpha=alpha, power=power))
    return {"n": size.total / 2}


def _means_with_cuped(sd: float, delta: float, rho: float) -> Answer:
    lift = MeanLift(sd, delta)
    return {
        "n": required_units(lift).total / 2,
        "n_cuped": required_units(lift, Rules(covariate_correlation=rho)).total / 2,
    }


def _detectable(p: float, n: int) -> Answer:
    found = detectable_size(RateLift(p, 0.01), 2 * n)
    assert found is not None
    return {"mde": found}


METHODS: dict[str, Callable[..., Answer]] = {
    "pocock_constant": lambda k, alpha: {"c": pocock_constant(k, alpha=alpha)},
    "obrien_fleming_constant": lambda k, alpha: {"c": obrien_fleming_constant(k, alpha=alpha)},
    "group_sequential_inflation": _classic_inflation,
    "lan_demets_obf": _lan_demets(obrien_fleming),
    "lan_demets_pocock": _lan_demets(pocock),
    "kim_demets": lambda k, gamma, alpha: _family(k, alpha, KimDeMets(gamma)),
    "hwang_shih_decani": lambda k, gamma, alpha: _family(k, 2 * alpha, HwangShihDeCani(gamma)),
    "naive_peeking_alpha": lambda looks: {"alpha": peeking_alpha(looks)},
    "power_group_sequential": _group_sequential_power,
    "cs_optimal_x": lambda alpha: {"x_star": best_x(alpha)},
    "cs_rho_growthbook": lambda alpha, n_star: {"rho": sqrt(first_iterate_x(alpha) / n_star)},
    "cs_halfwidth": _growthbook_half_width,
    "cs_halfwidth_one_sided": _growthbook_half_width_one_sided,
    "cs_critical_z": lambda alpha, ratio: {
        "z": [critical_z(best_x(alpha) * share, alpha) for share in ratio]
    },
    "cs_absolute_proportions": _growthbook_difference,
    "cs_relative_delta_proportions": _relative_proportions,
    "cs_relative_delta_means": _relative_means,
    "msprt_p": lambda z, tau2_over_v: {"p": p_value(z, tau2_over_v)},
    "srm_sequential": lambda observed, theta0, k: {
        "inv_bf": exp(-log_bayes_factor(Split(observed, theta0), k))
    },
    "n_two_proportions": _two_proportions,
    "n_total_two_proportions": _two_proportions_total,
    "n_evan_miller": lambda p, d, alpha, power: {
        "n": control_variance_units(p, d, alpha=alpha, power=power)
    },
    "power_two_proportions": lambda p1, p2, n, alpha: {
        "power": power_reached(RateLift(p1, p2 - p1), 2 * n, Rules(alpha=alpha))
    },
    "power_t_test": lambda n, delta, sd, alpha: {"power": t_test_power(n, delta, sd, alpha=alpha)},
    "n_t_test": lambda power, delta, sd: {"n": t_test_units(delta, sd, power=power)},
    "n_arcsine": lambda p1, p2, power: {"n": arcsine_units(arcsine_effect(p1, p2), power=power)},
    "power_arcsine_unequal": lambda h, n1, n2: {"power": arcsine_power(h, n1, n2)},
    "n_total_non_inferiority": _non_inferiority,
    "n_means_cuped": _means_with_cuped,
    "mde_two_proportions": _detectable,
    "duration_days": lambda n_per_arm, arms, per_day: {
        "days": enrolment_days(n_per_arm * arms, per_day)
    },
}


def _oracles() -> list[Any]:
    if not ORACLES.exists():
        return []
    every = json.loads(ORACLES.read_text(encoding="utf-8"))["oracles"]
    return [pytest.param(o, id=o["id"]) for o in every if o["method"] in METHODS]


def test_every_method_here_has_an_oracle_or_is_dispatched() -> None:
    document = json.loads(ORACLES.read_text(encoding="utf-8"))
    known = {oracle["method"] for oracle in document["oracles"]} | set(document["also_dispatched"])
    assert set(METHODS) <= known


@pytest.mark.parametrize("oracle", _oracles())
def test_the_oracle_value_is_reproduced(oracle: dict[str, Any]) -> None:
    inputs = {name.lower(): value for name, value in oracle["inputs"].items() if name != "mode"}
    answer = METHODS[oracle["method"]](**inputs)
    tolerance = oracle["tolerance"]
    for key, expected in oracle["expected"].items():
        within = tolerance[key] if isinstance(tolerance, dict) else tolerance
        assert answer[key] == pytest.approx(expected, abs=within, rel=0), key
