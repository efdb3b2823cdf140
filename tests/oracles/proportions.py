"""Calls of the comparisons of two rates, and of the interval of one."""

from collections.abc import Callable

from scipy.special import ndtri

from stats import textbook
from stats.fieller import Measured, fieller_interval
from stats.lift import Interval
from stats.proportions import compare_by_score, estimate_rate
from stats.samples import BinomialSample
from tests.oracles.answers import Answer, Inputs, confidence_of, sides


def _arms(inputs: Inputs) -> tuple[BinomialSample, BinomialSample]:
    return BinomialSample(inputs["n2"], inputs["x2"]), BinomialSample(inputs["n1"], inputs["x1"])


def _of_two_rates(method: Callable[..., Interval]) -> Callable[[Inputs], Answer]:
    return lambda inputs: sides(method(*_arms(inputs), confidence_of(inputs)))


def _score_difference(control: BinomialSample, treatment: BinomialSample, level: float) -> Interval:
    return compare_by_score(control, treatment, level).absolute.interval


def _score_ratio(control: BinomialSample, treatment: BinomialSample, level: float) -> Interval:
    lift = compare_by_score(control, treatment, level).relative.interval
    assert lift is not None
    assert lift.lower is not None
    return Interval(lift.lower + 1, None if lift.upper is None else lift.upper + 1)


def _one_rate(inputs: Inputs) -> BinomialSample:
    return BinomialSample(inputs["n"], inputs["x"])


def _wilson(inputs: Inputs) -> Answer:
    return sides(estimate_rate(_one_rate(inputs), confidence=confidence_of(inputs)).interval)


def _clopper_pearson(inputs: Inputs) -> Answer:
    return sides(textbook.clopper_pearson_interval(_one_rate(inputs), confidence_of(inputs)))


def _pooled_z(inputs: Inputs) -> Answer:
    z, p_value = textbook.pooled_z_test(*_arms(inputs))
    return {"z": z, "p": p_value}


def _non_inferiority(inputs: Inputs) -> Answer:
    control = BinomialSample(inputs["n_c"], inputs["x_c"])
    treatment = BinomialSample(inputs["n_t"], inputs["x_t"])
    z, p_value = textbook.farrington_manning_test(control, treatment, inputs["margin"])
    return {"z": z, "p_one_sided": p_value}


def _columns(inputs: Inputs) -> tuple[BinomialSample, BinomialSample]:
    (t, c), (t_without, c_without) = inputs["table"]
    return BinomialSample(c + c_without, c), BinomialSample(t + t_without, t)


def _fieller(inputs: Inputs) -> Answer:
    c, t = inputs["x_c"] / inputs["n_c"], inputs["x_t"] / inputs["n_t"]
    interval = fieller_interval(
        Measured(c, c * (1 - c) / inputs["n_c"]),
        Measured(t, t * (1 - t) / inputs["n_t"]),
        -float(ndtri((1 - confidence_of(inputs)) / 2)),
    )
    assert interval is not None, "the control's rate cannot be told from 0"
    return sides(interval)


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "diff_newcombe": _of_two_rates(textbook.newcombe_interval),
    "diff_miettinen_nurminen": _of_two_rates(_score_difference),
    "diff_mee": _of_two_rates(textbook.mee_interval),
    "diff_wald": _of_two_rates(textbook.wald_interval),
    "diff_wald_cc": _of_two_rates(textbook.wald_corrected_interval),
    "diff_agresti_caffo": _of_two_rates(textbook.agresti_caffo_interval),
    "ratio_koopman": _of_two_rates(textbook.koopman_interval),
    "ratio_katz": _of_two_rates(textbook.katz_interval),
    "ratio_miettinen_nurminen": _of_two_rates(_score_ratio),
    "wilson": _wilson,
    "clopper_pearson": _clopper_pearson,
    "ztest_pooled": _pooled_z,
    "non_inferiority_fm": _non_inferiority,
    "fisher": lambda inputs: {"p": textbook.fisher_p_value(*_columns(inputs))},
    "boschloo": lambda inputs: {"p": textbook.boschloo_p_value(*_columns(inputs))},
    "fieller_proportions": _fieller,
}
