"""Samples check themselves, add up and stay exact."""

import random
from fractions import Fraction
from statistics import variance

import pytest

from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample, pool


@pytest.mark.parametrize(("units", "successes"), [(10, 11), (-1, 0), (10, -1), (0, 1)])
def test_impossible_counts_are_refused(units: int, successes: int) -> None:
    with pytest.raises(ValueError, match="expected 0 to all"):
        BinomialSample(units, successes)


@pytest.mark.parametrize("units", [10.0, True, "10", None])
def test_only_integers_are_sums(units: object) -> None:
    with pytest.raises(ValueError, match="expected an int"):
        BinomialSample(units, 0)  # type: ignore[arg-type]  # it is what is refused


@pytest.mark.parametrize(
    ("units", "total", "squares", "scale"),
    [
        (3, 10, 33, 1),  # 3 * 33 < 10 * 10
        (-1, 0, 0, 1),
        (2, 0, -4, 1),
        (2, 1, 1, 0),
        (0, 0, 4, 1),
        (0, 1, 1, 1),
        (5, 3, 2, 1),  # the square of an integer is no smaller than it
        (5, 3, 4, 1),  # 3 is odd, so the squares must be
    ],
)
def test_sums_that_no_values_have_are_refused(
    units: int, total: int, squares: int, scale: int
) -> None:
    with pytest.raises(ValueError, match=r"expected none negative|no .* sum to"):
        MeanSample(units, total, squares, scale)


def test_units_without_the_outcome_are_the_others() -> None:
    sample = BinomialSample(80, 48)
    assert (sample.successes, sample.failures) == (48, 32)


def test_sums_too_large_for_floats_are_refused() -> None:
    with pytest.raises(ValueError, match="bits"):
        MeanSample(1, 2**300, 2**600)


def test_samples_of_days_add_up() -> None:
    days = [BinomialSample(100, 7), BinomialSample(0, 0), BinomialSample(50, 5)]
    assert pool(days) == BinomialSample(150, 12)
    values = [[0, 500, 0], [], [1200], [0, -300]]
    everything = [value for day in values for value in day]
    assert pool(MeanSample.of(day) for day in values) == MeanSample.of(everything)


def test_adding_nothing_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="no samples"):
        pool(list[BinomialSample]())


def test_values_of_different_scales_do_not_add() -> None:
    with pytest.raises(ValueError, match="expected one scale"):
        MeanSample.of([1], 1) + MeanSample.of([1], 100)


def test_an_empty_sample_has_no_rate_and_no_mean() -> None:
    with pytest.raises(NotEnoughData, match="at least one unit"):
        _ = BinomialSample(0, 0).rate
    with pytest.raises(NotEnoughData, match="at least one unit"):
        _ = MeanSample(0, 0, 0).mean


def test_one_unit_has_a_mean_but_no_variance() -> None:
    sample = MeanSample.of([7])
    assert sample.mean == 7
    with pytest.raises(NotEnoughData, match="at least two units"):
        _ = sample.variance


def test_integers_that_no_float_holds_stay_exact() -> None:
    value = 9_007_199_254_740_993  # 2**53 + 1
    sample = MeanSample.of([value, value, value])
    assert sample.exact_mean == value
    assert sample.variance == 0
    shifted = MeanSample.of([value, value + 2, value + 1])
    assert shifted.variance == 1.0


def test_values_above_four_billion_keep_their_variance() -> None:
    values = [4_300_000_000, 4_300_000_001, 4_300_000_002, 4_300_000_005]
    assert MeanSample.of(values).variance == pytest.approx(14 / 3, rel=1e-15)


def test_the_variance_is_that_of_exact_fractions() -> None:
    draw = random.Random(5)
    values = [draw.choice([0, 0, 0, draw.randrange(-(10**9), 10**12)]) for _ in range(200)]
    sample = MeanSample.of(values, scale=100)
    assert sample.exact_variance == variance(Fraction(value, 100) for value in values)
    assert sample.exact_mean == Fraction(sum(values), 100 * 200)


def test_a_mean_rebuilt_from_its_moments_has_them() -> None:
    draw = random.Random(11)
    for units in (2, 3, 10, 999):
        values = [Fraction(draw.randrange(-9000, 90_000), 100) for _ in range(units)]
        mean, spread = sum(values, Fraction(0)) / units, variance(values)
        sample = MeanSample.from_moments(units, mean, spread)
        assert sample.units == units
        assert abs(sample.exact_mean - mean) <= Fraction(1, 2 * 10**9)
        # Rounded up, by less than two squared parts, so that no variance becomes 0.
        assert 0 <= sample.exact_variance - spread < Fraction(2, (units - 1) * 10**18)


def test_moments_are_kept_to_a_billionth() -> None:
    sample = MeanSample.from_moments(4, Fraction(1, 3), Fraction(1, 2))
    assert (sample.scale, sample.total) == (10**9, 4 * 333_333_333)
    assert sample.variance == pytest.approx(0.5, rel=1e-15)


def test_moments_of_one_unit_are_its_value() -> None:
    assert MeanSample.from_moments(1, Fraction(7), Fraction(0), scale=1) == MeanSample.of([7])
    assert MeanSample.from_moments(3, Fraction(7), Fraction(0), scale=1) == MeanSample.of([7] * 3)


@pytest.mark.parametrize(("units", "spread"), [(5, -1), (1, 1), (0, 1)])
def test_moments_that_no_values_have_are_refused(units: int, spread: int) -> None:
    with pytest.raises(ValueError, match=f"a variance of {spread}.0 for {units} units"):
        MeanSample.from_moments(units, Fraction(1), Fraction(spread))


def test_a_value_without_a_scale_is_itself() -> None:
    assert MeanSample(2, 14, 98).exact_mean == 7
    assert MeanSample.of([7, 7]).exact_mean == 7
