"""Published or independently computed values of the fixed-sample methods.

The file of values is shared by all parts of `stats`. A method is called here, is proved
in another file (`ELSEWHERE`), or is not there yet and says so (`PENDING`).
"""

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import ndtri

from stats import multiplicity, textbook
from stats.fieller import Measured, fieller_interval
from stats.lift import Interval
from stats.means import compare_means, welch_test
from stats.multiplicity import Family
from stats.proportions import compare_by_score, compare_proportions, estimate_rate
from stats.sample_ratio import check_sample_ratio
from stats.samples import BinomialSample, MeanSample
from stats.score import Ratio, Tables

SHARED = Path(__file__).resolve().parents[2].parent / "shared"
FILE = SHARED / "oracles" / "statistics.json"

Inputs = dict[str, Any]
Answer = dict[str, Any]

ELSEWHERE = {
    "pocock_constant",
    "obrien_fleming_constant",
    "group_sequential_inflation",
    "lan_demets_obf",
    "lan_demets_pocock",
    "kim_demets",
    "hwang_shih_decani",
    "naive_peeking_alpha",
    "power_group_sequential",
    "cs_optimal_x",
    "cs_rho_growthbook",
    "cs_halfwidth",
    "cs_halfwidth_one_sided",
    "cs_critical_z",
    "cs_absolute_proportions",
    "cs_relative_delta_proportions",
    "cs_relative_delta_means",
    "msprt_p",
    "srm_sequential",
    "n_two_proportions",
    "n_total_two_proportions",
    "n_evan_miller",
    "power_two_proportions",
    "power_t_test",
    "n_t_test",
    "n_arcsine",
    "power_arcsine_unequal",
    "n_total_non_inferiority",
    "n_means_cuped",
    "mde_two_proportions",
    "duration_days",
}

PENDING = {
    "bayes": {
        "beta_binomial",
        "beta_binomial_best",
        "bayes_relative_flat",
        "bayes_relative_normal_prior",
        "normal_risk",
        "normal_posterior",
        "shrinkage",
    },
    "variance reduction": {
        "cuped_identity",
        "cuped_ancova",
        "cuped_lin",
        "cuped_welch",
        "post_stratified_difference",
    },
    "ratios": {"ratio_linearised", "ratio_log_lift"},
    "segments": {"cochran_mantel_haenszel", "interaction_risk_difference"},
    "counts": {"poisson_rate_ratio_exact"},
    "quantiles": {"quantile_order_indices"},
    "durations": {"kaplan_meier", "log_rank"},
}


def arms(inputs: Inputs) -> tuple[BinomialSample, BinomialSample]:
    return BinomialSample(inputs["n2"], inputs["x2"]), BinomialSample(inputs["n1"], inputs["x1"])


def sides(interval: Interval) -> Answer:
    upper = math.inf if interval.upper is None else interval.upper
    return {"lo": interval.lower, "hi": upper}


def of_two_rates(method: Callable[..., Interval]) -> Callable[[Inputs], Answer]:
    return lambda inputs: sides(method(*arms(inputs)))


def score_ratio(inputs: Inputs) -> Answer:
    lift = compare_by_score(*arms(inputs), 0.95).relative.interval
    assert lift is not None
    assert lift.lower is not None
    return sides(Interval(lift.lower + 1, None if lift.upper is None else lift.upper + 1))


def one_rate(inputs: Inputs) -> BinomialSample:
    return BinomialSample(inputs["n"], inputs["x"])


def pooled_z(inputs: Inputs) -> Answer:
    z, p_value = textbook.pooled_z_test(*arms(inputs))
    return {"z": z, "p": p_value}


def non_inferiority(inputs: Inputs) -> Answer:
    control = BinomialSample(inputs["n_c"], inputs["x_c"])
    treatment = BinomialSample(inputs["n_t"], inputs["x_t"])
    z, p_value = textbook.farrington_manning_test(control, treatment, inputs["margin"])
    return {"z": z, "p_one_sided": p_value}


def columns(inputs: Inputs) -> tuple[BinomialSample, BinomialSample]:
    (t, c), (t_without, c_without) = inputs["table"]
    return BinomialSample(c + c_without, c), BinomialSample(t + t_without, t)


def mean_sample(sums: dict[str, float]) -> MeanSample:
    scale = 10_000
    return MeanSample(
        int(sums["n"]), round(sums["sum"] * scale), round(sums["sumsq"] * scale**2), scale
    )


def welch_sums(inputs: Inputs) -> Answer:
    lift = compare_means(mean_sample(inputs["ctrl"]), mean_sample(inputs["treat"]))
    error = lift.absolute.value / lift.statistic
    return {
        "diff": lift.absolute.value,
        "se": error,
        "p": lift.p_value,
        **sides(lift.absolute.interval),
    }


def welch_raw(inputs: Inputs) -> Answer:
    first, second = (
        MeanSample.of([round(value * 10) for value in inputs[name]], 10) for name in ("g1", "g2")
    )
    lift, welch = compare_means(second, first), welch_test(second, first)
    return {
        "t": lift.statistic,
        "df": welch.degrees,
        "p": lift.p_value,
        **sides(lift.absolute.interval),
    }


def relative_delta(inputs: Inputs) -> Answer:
    found = textbook.relative_delta(mean_sample(inputs["ctrl"]), mean_sample(inputs["treat"]))
    return {"lift": found.value, "se": found.error, "p": found.p_value, **sides(found.interval)}


def fieller(control: Measured, treatment: Measured) -> Answer:
    interval = fieller_interval(control, treatment, float(ndtri(0.975)))
    assert interval is not None
    return sides(interval)


def fieller_means(inputs: Inputs) -> Answer:
    c, t = mean_sample(inputs["ctrl"]), mean_sample(inputs["treat"])
    return fieller(Measured(c.mean, c.variance / c.units), Measured(t.mean, t.variance / t.units))


def fieller_proportions(inputs: Inputs) -> Answer:
    c, t = inputs["x_c"] / inputs["n_c"], inputs["x_t"] / inputs["n_t"]
    return fieller(
        Measured(c, c * (1 - c) / inputs["n_c"]), Measured(t, t * (1 - t) / inputs["n_t"])
    )


def dunnett_critical(inputs: Inputs) -> Answer:
    degrees = None if inputs["df"] == "inf" else inputs["df"]
    return {"d": Family(100, (100,) * inputs["k"], degrees).critical(0.95)}


def dunnett_p(inputs: Inputs) -> Answer:
    groups = {
        name: MeanSample.of([round(v * 100) for v in values], 100)
        for name, values in inputs.items()
    }
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


def adjusted(method: str) -> Callable[[Inputs], Answer]:
    def call(inputs: Inputs) -> Answer:
        found = multiplicity.METHODS[method](inputs["p"])
        rejected = sum(value < 0.05 for value in found)
        return {
            "adj": list(found),
            "adj_first5": list(found[:5]),
            "adj_first8": list(found[:8]),
            "rejected": rejected,
        }

    return call


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "diff_newcombe": of_two_rates(textbook.newcombe_interval),
    "diff_miettinen_nurminen": of_two_rates(
        lambda c, t: compare_by_score(c, t, 0.95).absolute.interval
    ),
    "diff_mee": of_two_rates(textbook.mee_interval),
    "diff_wald": of_two_rates(textbook.wald_interval),
    "diff_wald_cc": of_two_rates(textbook.wald_corrected_interval),
    "diff_agresti_caffo": of_two_rates(textbook.agresti_caffo_interval),
    "ratio_koopman": of_two_rates(textbook.koopman_interval),
    "ratio_katz": of_two_rates(textbook.katz_interval),
    "ratio_miettinen_nurminen": score_ratio,
    "wilson": lambda inputs: sides(estimate_rate(one_rate(inputs)).interval),
    "clopper_pearson": lambda inputs: sides(
        textbook.clopper_pearson_interval(one_rate(inputs), 1 - inputs.get("alpha", 0.05))
    ),
    "ztest_pooled": pooled_z,
    "non_inferiority_fm": non_inferiority,
    "fisher": lambda inputs: {"p": textbook.fisher_p_value(*columns(inputs))},
    "boschloo": lambda inputs: {"p": textbook.boschloo_p_value(*columns(inputs))},
    "fieller_proportions": fieller_proportions,
    "fieller_means": fieller_means,
    "relative_delta": relative_delta,
    "welch_sums": welch_sums,
    "welch_raw": welch_raw,
    "dunnett_critical": dunnett_critical,
    "dunnett_p": dunnett_p,
    "adjust_bh": adjusted("benjamini_hochberg"),
    "adjust_by": adjusted("benjamini_yekutieli"),
    "adjust_holm": adjusted("holm"),
    "adjust_hommel": adjusted("hommel"),
    "srm_chi_square": lambda inputs: {
        "p": check_sample_ratio(inputs["observed"], inputs["weights"]).p_value
    },
}


def document() -> dict[str, Any]:
    if not FILE.exists():
        return {"oracles": [], "also_dispatched": {}}
    found: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


MINE = [oracle for oracle in document()["oracles"] if oracle["method"] in CALLS]


def numbers(value: Any) -> list[float]:
    values = value if isinstance(value, list) else [value]
    return [float(item) for item in values]


@pytest.mark.skipif(not FILE.exists(), reason="the shared file of oracle values is not here")
def test_every_method_of_the_file_is_called_proved_elsewhere_or_pending() -> None:
    file = document()
    known = {oracle["method"] for oracle in file["oracles"]} | set(file["also_dispatched"])
    pending = set().union(*PENDING.values())
    listed = [*CALLS, *ELSEWHERE, *pending]
    assert sorted(known) == sorted(listed)


@pytest.mark.skipif(not FILE.exists(), reason="the shared file of oracle values is not here")
@pytest.mark.parametrize("oracle", MINE, ids=lambda oracle: oracle["id"])
def test_the_published_value_is_reproduced(oracle: dict[str, Any]) -> None:
    answer = CALLS[oracle["method"]](oracle["inputs"])
    for key, expected in oracle["expected"].items():
        tolerance = oracle["tolerance"]
        allowed = tolerance[key] if isinstance(tolerance, dict) else tolerance
        found = numbers(answer[key])
        assert found == pytest.approx(numbers(expected), abs=allowed, rel=0), key


def test_zero_of_n_in_both_variants_has_a_p_value_of_one_and_no_lift() -> None:
    lift = compare_proportions(BinomialSample(20, 0), BinomialSample(10, 0))
    assert lift.p_value == 1
    assert lift.relative.value is None


@pytest.mark.parametrize("margin", [-0.03, 0.0, 0.02])
def test_the_non_inferiority_z_is_that_of_a_maximum_of_the_likelihood(margin: float) -> None:
    control, treatment = BinomialSample(400, 52), BinomialSample(300, 33)
    from scipy.optimize import minimize_scalar  # noqa: PLC0415 - slow

    def minus_log_likelihood(c: float) -> float:
        t = c + margin
        return -(
            control.successes * math.log(c)
            + control.failures * math.log1p(-c)
            + treatment.successes * math.log(t)
            + treatment.failures * math.log1p(-t)
        )

    best = minimize_scalar(
        minus_log_likelihood, bounds=(max(1e-9, -margin + 1e-9), 0.5), options={"xatol": 1e-12}
    )
    c, t = best.x, best.x + margin
    error = math.sqrt(c * (1 - c) / control.units + t * (1 - t) / treatment.units)
    found = textbook.farrington_manning_test(control, treatment, margin)
    expected = (treatment.rate - control.rate - margin) / error
    assert found.statistic == pytest.approx(expected, abs=1e-6)


def test_benjamini_yekutieli_is_hochberg_times_the_harmonic_sum() -> None:
    p_values = [0.001, 0.008, 0.039, 0.041, 0.6]
    harmonic = sum(1 / k for k in range(1, 6))
    hochberg = multiplicity.adjust_bh(p_values)
    expected = [min(1.0, value * harmonic) for value in hochberg]
    assert multiplicity.adjust_by(p_values) == pytest.approx(expected)


def test_the_ratio_statistic_is_koopmans_chi_square_but_for_the_factor() -> None:
    tables = Tables.of(BinomialSample(80, 16), BinomialSample(40, 36))

    z = Ratio(np.asarray([2.939569, 7.152223])).statistic(tables) * math.sqrt(120 / 119)
    assert z.tolist() == pytest.approx([1.959964, -1.959964], abs=1e-5)
