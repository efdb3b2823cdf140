"""Calls of the comparisons of two ratios of sums."""

from collections.abc import Callable, Sequence

from stats import textbook
from stats.ratios import linearised_test
from stats.samples import RatioSample
from stats.textbook.normal import around, quantile
from tests.oracles.answers import Answer, Inputs, confidence_of, scaled_values, sides


def _arms(inputs: Inputs) -> tuple[RatioSample, RatioSample]:
    """Take arm a as the control, b as the treatment."""
    (y_c, y_t), scale_y = scaled_values(inputs["xa"], inputs["xb"])
    (x_c, x_t), scale_x = scaled_values(inputs["da"], inputs["db"])

    def sample(y: Sequence[int], x: Sequence[int]) -> RatioSample:
        return RatioSample.of(zip(y, x, strict=True), scale_y, scale_x)

    return sample(y_c, x_c), sample(y_t, x_t)


def _linearised(inputs: Inputs) -> Answer:
    control, treatment = _arms(inputs)
    test = linearised_test(control, treatment)
    half = quantile(confidence_of(inputs)) * test.error
    return {
        "ra": control.ratio,
        "rb": treatment.ratio,
        "diff": test.difference,
        "se": test.error,
        "ci": list(sides(around(test.difference, half)).values()),
    }


def _log_lift(inputs: Inputs) -> Answer:
    lift = textbook.ratio_log_lift(*_arms(inputs), confidence_of(inputs))
    return {"lift": lift.value, "ci": list(sides(lift.interval).values())}


CALLS: dict[str, Callable[[Inputs], Answer]] = {
    "ratio_linearised": _linearised,
    "ratio_log_lift": _log_lift,
}
