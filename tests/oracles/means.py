"""Calls of the comparisons of two means."""

from collections.abc import Callable

from scipy.special import ndtri

from stats import textbook
from stats.fieller import Measured, fieller_interval
from stats.means import compare_means, welch_test
from tests.oracles.answers import Answer, Inputs, confidence_of, sides, sums_samples, values_samples


def _welch_sums(inputs: Inputs) -> Answer:
    control, treatment = sums_samples(inputs["ctrl"], inputs["treat"])
    lift = compare_means(control, treatment, confidence=confidence_of(inputs))
    return {
        "diff": lift.absolute.value,
        "se": welch_test(control, treatment).error,
        "p": lift.p_value,
        **sides(lift.absolute.interval),
    }


def _welch_raw(inputs: Inputs) -> Answer:
    treatment, control = values_samples(inputs["g1"], inputs["g2"])
    lift = compare_means(control, treatment, confidence=confidence_of(inputs))
    return {
        "t": lift.statistic,
        "df": welch_test(control, treatment).degrees,
        "p": lift.p_value,
        **sides(lift.absolute.interval),
    }


def _relative_delta(inputs: Inputs) -> Answer:
    control, treatment = sums_samples(inputs["ctrl"], inputs["treat"])
    found = textbook.relative_delta(control, treatment, confidence_of(inputs))
    return {"lift": found.value, "se": found.error, "p": found.p_value, **sides(found.interval)}


def _fieller(inputs: Inputs) -> Answer:
    control, treatment = (
        Measured(sample.mean, sample.variance / sample.units)
        for sample in sums_samples(inputs["ctrl"], inputs["treat"])
    )
    critical = -float(ndtri((1 - confidence_of(inputs)) / 2))
    interval = fieller_interval(control, treatment, critical)
    assert interval is not None, "the control's mean cannot be told from 0"
    return sides(interval)


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "welch_sums": _welch_sums,
    "welch_raw": _welch_raw,
    "relative_delta": _relative_delta,
    "fieller_means": _fieller,
}
