"""Samples of ratios: they add up, refuse the impossible, and are exact."""

import itertools
import random
from fractions import Fraction
from statistics import variance

import numpy as np
import pytest

from stats.errors import NotEnoughData
from stats.samples import BinomialSample, MeanSample, RatioSample, pool
from stats.samples.gram import is_gram

R = RatioSample


def pairs(seed: int, units: int) -> list[tuple[int, int]]:
    draw = random.Random(seed)
    return [(draw.randrange(-5, 30), draw.choice([0, 1, 2, 7])) for _ in range(units)]


def test_samples_of_days_add_up() -> None:
    days = [pairs(1, 20), [], pairs(2, 13), [(0, 0)]]
    everything = [pair for day in days for pair in day]
    assert pool(R.of(day) for day in days) == R.of(everything)


@pytest.mark.parametrize(
    "sums",
    [
        (3, 3, 3, 3, 3, 4),  # all y and x are 1, so all products are
        (3, 10, 3, 33, 3, 10),  # 3 * 33 < 10 * 10
        (3, 3, 10, 3, 33, 10),
        (2, 1, 1, 1, 1, 2),  # a correlation beyond 1
        (2, 1, 1, 1, 1, -1),
        (2, 3, 1, 2, 1, 1),  # the square of an integer is no smaller than it
        (5, 1, 3, 1, 2, 1),
        (0, 0, 0, 1, 0, 0),
        (0, 0, 0, 0, 0, 1),
        (-1, 0, 0, 0, 0, 0),
        (2, 3, 0, 5, 0, 1),  # products without denominators
    ],
)
def test_sums_that_no_pairs_have_are_refused(sums: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"no -?\d+ pairs of integers have the sums"):
        R(*sums)


@pytest.mark.parametrize(
    "sums", [(2, 1, -1, 1, 1, 0), (2, 1, 1, 1, 1, 0, 0, 1), (2, 1, 1, 1, 1, 0, 1, 0)]
)
def test_negative_denominators_and_scales_below_one_are_refused(sums: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="expected scales of 1 or more and no negative"):
        R(*sums)


def test_a_unit_with_a_negative_denominator_is_refused() -> None:
    with pytest.raises(ValueError, match="expected 0 or more"):
        R.of([(1, 5), (1, -1)])


def test_only_integers_are_sums() -> None:
    with pytest.raises(ValueError, match="expected an int"):
        R(2, 1.0, 1, 1, 1, 0)  # type: ignore[arg-type]  # it is what is refused
    with pytest.raises(ValueError, match="expected an int"):
        R(2, 1, 1, 1, 1, 0, 1, 1.0)  # type: ignore[arg-type]  # it is what is refused


def test_every_sample_of_pairs_is_accepted() -> None:
    for units in range(4):
        for kept in itertools.combinations_with_replacement(
            [(-1, 0), (0, 0), (0, 2), (3, 1), (3, 2)], units
        ):
            assert R.of(kept).units == units


@pytest.mark.parametrize("scales", [(1, 1), (100, 1), (1, 10), (100, 1000)])
def test_the_variance_is_that_of_the_linearised_values(scales: tuple[int, int]) -> None:
    kept = pairs(3, 50)
    sample = R.of(kept, *scales)
    y = [Fraction(one, scales[0]) for one, _ in kept]
    x = [Fraction(one, scales[1]) for _, one in kept]
    ratio, middle = sum(y, Fraction(0)) / sum(x, Fraction(0)), sum(x, Fraction(0)) / len(x)
    assert sample.exact_ratio == ratio
    assert sample.exact_variance == variance(
        (a - ratio * b) / middle for a, b in zip(y, x, strict=True)
    )
    assert sample.variance == pytest.approx(float(sample.exact_variance), rel=1e-15)


def test_a_mean_and_a_rate_are_ratios_with_denominators_of_one() -> None:
    values = MeanSample.of([3, 0, 0, 12, -4], 10)
    as_ratio = R.per_unit(values)
    assert as_ratio == R.of(((v, 1) for v in [3, 0, 0, 12, -4]), 10)
    assert as_ratio.exact_ratio == values.exact_mean
    assert as_ratio.exact_variance == values.exact_variance
    rate = R.per_unit(BinomialSample(50, 20))
    assert rate == R.of([(1, 1)] * 20 + [(0, 1)] * 30)


def covariance(one: list[Fraction], other: list[Fraction]) -> Fraction:
    middle, centre = sum(one, Fraction(0)) / len(one), sum(other, Fraction(0)) / len(other)
    products = ((a - middle) * (b - centre) for a, b in zip(one, other, strict=True))
    return sum(products, Fraction(0)) / (len(one) - 1)


@pytest.mark.parametrize(
    "kept", [pairs(7, 60), [(3, 1), (5, 1), (-9, 1)], [(4, 2), (4, 2)], [(4, 2), (6, 1)]]
)
def test_a_ratio_rebuilt_from_its_moments_has_them(kept: list[tuple[int, int]]) -> None:
    """Also where the denominators, or all values, are alike."""
    y, x = [Fraction(one, 7) for one, _ in kept], [Fraction(one, 3) for _, one in kept]
    sample = R.from_moments(
        len(kept),
        numerator=(sum(y, Fraction(0)) / len(y), variance(y)),
        denominator=(sum(x, Fraction(0)) / len(x), variance(x)),
        covariance=covariance(y, x),
    )
    counted = R.of(kept, 7, 3)
    assert (sample.units, sample.scale_y, sample.scale_x) == (len(kept), 10**9, 10**9)
    assert float(sample.exact_ratio) == pytest.approx(float(counted.exact_ratio), rel=1e-8)
    assert sample.variance == pytest.approx(counted.variance, rel=1e-7, abs=1e-15)


@pytest.mark.parametrize("slope", [Fraction(2), Fraction(-2), Fraction(1, 3)])
def test_moments_of_a_full_correlation_are_those_of_some_pairs(slope: Fraction) -> None:
    """Rounding may not carry the correlation beyond 1, in parts as coarse as tenths."""
    for spread in (Fraction(1, 3), Fraction(1, 700), Fraction(7, 3)):
        for scale in (10, 1000):
            sample = R.from_moments(
                4,
                numerator=(Fraction(0), slope**2 * spread),
                denominator=(Fraction(1), spread),
                covariance=slope * spread,
                scale=scale,
            )
            assert sample.exact_ratio == 0


def test_one_unit_has_a_mean_of_both_and_nothing_that_varies() -> None:
    still = (Fraction(3), Fraction(0))
    one = R.from_moments(1, numerator=still, denominator=still, covariance=Fraction(0), scale=1)
    assert one == R.of([(3, 3)])
    nobody = R.from_moments(0, numerator=still, denominator=still, covariance=Fraction(0))
    assert (nobody.units, nobody.sum_xx) == (0, 0)


@pytest.mark.parametrize("units", [0, 1])
@pytest.mark.parametrize("moments", [(1, 0, 0), (0, 1, 0), (0, 0, 1), (-1, 0, 0)])
def test_moments_that_no_pairs_have_are_refused(units: int, moments: tuple[int, ...]) -> None:
    y, x, shared = (Fraction(value) for value in moments)
    one = Fraction(1)
    with pytest.raises(ValueError, match=f"of {units} units is impossible"):
        R.from_moments(units, numerator=(one, y), denominator=(one, x), covariance=shared)
    with pytest.raises(ValueError, match="no 3 pairs of integers"):
        R.from_moments(3, numerator=(one, -one), denominator=(one, one), covariance=shared)


def test_samples_of_different_scales_do_not_add() -> None:
    with pytest.raises(ValueError, match="expected the same"):
        R.of([(1, 2)]) + R.of([(1, 2)], 10)


def test_without_denominators_there_is_no_ratio() -> None:
    empty = R.of([(0, 0), (3, 0)])
    with pytest.raises(NotEnoughData, match="a denominator above 0"):
        _ = empty.ratio
    with pytest.raises(NotEnoughData, match="a denominator above 0"):
        _ = empty.variance


def test_one_unit_has_a_ratio_but_no_variance() -> None:
    assert R.of([(1, 4)]).ratio == 0.25
    with pytest.raises(NotEnoughData, match="at least two units"):
        _ = R.of([(1, 4)]).variance


def test_integers_that_no_float_holds_stay_exact() -> None:
    large = 9_007_199_254_740_993  # 2**53 + 1
    sample = R.of([(large, 1), (large, 1), (large, 1)])
    assert sample.exact_ratio == large
    assert sample.exact_variance == 0


@pytest.mark.parametrize(
    ("sums", "possible"),
    [
        ([], True),
        ([[0]], True),
        ([[0, 1], [1, 5]], False),
        ([[-1]], False),
        ([[4, 2, 0], [2, 1, 0], [0, 0, -1]], False),
        ([[4, 2, 0], [2, 1, 0], [0, 0, 1]], True),
    ],
)
def test_sums_of_products_are_possible_or_not(sums: list[list[int]], possible: bool) -> None:
    assert is_gram(sums) is possible


def test_the_check_of_products_agrees_with_eigenvalues() -> None:
    rng = np.random.default_rng(4)
    agreed = {True: 0, False: 0}
    for _ in range(300):
        half = rng.integers(-3, 4, (4, 4))
        sums = half + half.T + np.diag(rng.integers(0, 12, 4))
        least = float(np.linalg.eigvalsh(sums).min())
        if abs(least) > 1e-9:
            possible = is_gram([[int(value) for value in row] for row in sums])
            assert possible is (least > 0)
            agreed[possible] += 1
    assert min(agreed.values()) > 20
