"""Capped means: an exact threshold from everyone, both answers side by side."""

import random
from fractions import Fraction

import numpy as np
import pytest

from stats.errors import NotEnoughData
from stats.means import compare_means
from stats.samples import MeanSample, ValueCounts
from stats.winsorising import (
    METHODS,
    compare_winsorised,
    winsorised_sample,
    winsorising_threshold,
)

M = MeanSample
V = ValueCounts


def revenue(seed: int, units: int, size: float = 300) -> list[int]:
    rng = np.random.default_rng(seed)
    amounts = rng.lognormal(np.log(size), 1.5, units) * (rng.random(units) < 0.3)
    return [int(amount) for amount in amounts]


@pytest.mark.parametrize("quantile", [0.9, 0.95, 0.99, 0.999])
def test_the_threshold_is_numpys_of_the_inverted_distribution(quantile: float) -> None:
    for seed in range(20):
        values = revenue(seed, 1234)
        spent = [value for value in values if value]
        expected = np.quantile(spent, quantile, method="inverted_cdf")
        assert winsorising_threshold(V.of(values), quantile=quantile) == expected


def test_the_share_is_counted_exactly() -> None:
    """0.07 of 1,000 values is 70 of them, though in binary it is a little more."""
    values = V.of([*range(1, 1001)])
    assert winsorising_threshold(values) == 999
    assert winsorising_threshold(V.of([*range(1, 1002)])) == 1000
    assert winsorising_threshold(values, quantile=0.07) == 70


def test_zeros_do_not_move_the_threshold() -> None:
    values = revenue(1, 5000)
    assert winsorising_threshold(V.of(values)) == winsorising_threshold(V.of(values + [0] * 9999))


def test_the_threshold_favours_no_variant() -> None:
    control, treatment = V.of(revenue(1, 3000)), V.of(revenue(2, 3000, 900))
    assert winsorising_threshold(control + treatment) == winsorising_threshold(treatment + control)


@pytest.mark.parametrize("values", [[], [0, 0, 0]])
def test_without_values_there_is_nothing_to_cap(values: list[int]) -> None:
    with pytest.raises(NotEnoughData, match="every value is 0"):
        winsorising_threshold(V.of(values))


def test_refunds_alone_give_no_threshold() -> None:
    with pytest.raises(NotEnoughData, match="not above 0"):
        winsorising_threshold(V.of([-5, -9, 0, -1]))


@pytest.mark.parametrize("quantile", [0, 1, 99.9, -0.5])
def test_a_quantile_is_a_fraction(quantile: float) -> None:
    with pytest.raises(ValueError, match="expected a fraction"):
        winsorising_threshold(V.of([1, 2]), quantile=quantile)


def test_capped_sums_are_those_of_the_capped_values() -> None:
    draw = random.Random(3)
    values = [draw.choice([0, 0, -200, draw.randrange(10**6)]) for _ in range(500)]
    capped = winsorised_sample(V.of(values, 100), 250_000)
    assert capped == M.of([min(value, 250_000) for value in values], 100)
    assert capped.exact_mean == Fraction(sum(min(v, 250_000) for v in values), 500 * 100)


@pytest.mark.parametrize("threshold", [0, -1])
def test_a_threshold_is_above_zero(threshold: int) -> None:
    with pytest.raises(ValueError, match="expected a value above 0"):
        winsorised_sample(V.of([1, 2]), threshold)


def arms(seed: int) -> tuple[tuple[M, M], tuple[M, M]]:
    values = revenue(seed, 800), revenue(seed + 1, 700, 360)
    threshold = winsorising_threshold(V.of(values[0]) + V.of(values[1]), quantile=0.99)
    raw, capped = (
        [M.of(v) for v in values],
        [winsorised_sample(V.of(v), threshold) for v in values],
    )
    return (raw[0], raw[1]), (capped[0], capped[1])


def test_both_answers_are_those_of_two_means() -> None:
    raw, capped = arms(5)
    found = compare_winsorised(*raw, *capped, confidence=0.9)
    assert found.raw == compare_means(*raw, confidence=0.9)
    assert found.winsorised.p_value == compare_means(*capped, confidence=0.9).p_value
    assert found.winsorised.method == "winsorised"
    assert found.winsorised.confidence == 0.9
    assert set(METHODS) == {"winsorised"}


def test_capping_giants_makes_a_smaller_error() -> None:
    raw, capped = arms(7)
    found = compare_winsorised(*raw, *capped)

    def width(lift_interval: tuple[float | None, float | None]) -> float:
        lower, upper = lift_interval
        assert lower is not None
        assert upper is not None
        return upper - lower

    sides = [
        (lift.absolute.interval.lower, lift.absolute.interval.upper)
        for lift in (found.raw, found.winsorised)
    ]
    assert width(sides[1]) < width(sides[0])


def test_a_threshold_above_all_values_changes_nothing() -> None:
    values = revenue(8, 300), revenue(9, 300)
    raw = [M.of(v) for v in values]
    capped = [winsorised_sample(V.of(v), 10**9) for v in values]
    found = compare_winsorised(raw[0], raw[1], capped[0], capped[1])
    assert found.winsorised.p_value == found.raw.p_value
    assert found.agree


def test_answers_of_two_directions_do_not_agree() -> None:
    control, treatment = [9] * 50 + [1000] * 30, [30] * 80
    raw, capped = (M.of(control), M.of(treatment)), (M.of([9] * 50 + [30] * 30), M.of(treatment))
    found = compare_winsorised(*raw, *capped)
    assert found.raw.significant
    assert found.winsorised.significant
    assert found.raw.absolute.value < 0 < found.winsorised.absolute.value
    assert not found.agree
    assert compare_winsorised(*raw, *raw).agree


@pytest.mark.parametrize(
    "capped",
    [
        M.of([1, 2]),  # other units
        M.of([1, 2, 3], 10),
        M.of([1, 2, 9]),  # more than there was
        M.of([-9, 2, 3]),
    ],
)
def test_capped_values_belong_to_the_same_units(capped: M) -> None:
    raw = M.of([1, 2, 4])
    with pytest.raises(ValueError, match="expected those of its units"):
        compare_winsorised(raw, raw, raw, capped)
