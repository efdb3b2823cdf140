"""Arguments are refused where they enter."""

import math

import pytest

from stats.checks import (
    check_alpha,
    check_confidence,
    check_margin,
    check_p_values,
    check_units,
)
from stats.errors import NotEnoughData, StatsError
from stats.samples import BinomialSample, MeanSample


@pytest.mark.parametrize("value", [0, 1, 95, -0.1, math.nan, math.inf])
def test_a_confidence_or_an_alpha_is_a_fraction_between_0_and_1(value: float) -> None:
    with pytest.raises(ValueError, match="expected a fraction"):
        check_confidence(value)
    with pytest.raises(ValueError, match="expected a fraction"):
        check_alpha(value)


@pytest.mark.parametrize("value", [0, -0.001, math.nan, math.inf])
def test_a_margin_is_positive_and_finite(value: float) -> None:
    with pytest.raises(ValueError, match="expected a positive amount"):
        check_margin(value)


@pytest.mark.parametrize("values", [(), (0.1, 1.2), (math.nan,)])
def test_p_values_are_fractions_and_at_least_one(values: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="p-value"):
        check_p_values(values)


def test_an_empty_variant_is_named() -> None:
    with pytest.raises(NotEnoughData, match="the control has no units") as refusal:
        check_units(BinomialSample(0, 0), BinomialSample(1, 0))
    assert refusal.value.reason == "the control has no units"
    with pytest.raises(StatsError, match="the treatment has no units"):
        check_units(MeanSample.of([1]), MeanSample(0, 0, 0))


def test_good_arguments_pass() -> None:
    check_confidence(0.95)
    check_alpha(0.05)
    check_margin(0.001)
    check_p_values((0.0, 1.0))
    check_units(BinomialSample(1, 0), BinomialSample(1, 1))
