"""The sample-ratio check: shares as planned, phases added, no underflow."""

import math

import pytest
from scipy import stats as reference

from stats.errors import NotEnoughData
from stats.sample_ratio import (
    ALPHA,
    SampleRatio,
    Split,
    check_sample_ratio,
    check_sample_ratio_by_phase,
)


def test_the_p_value_is_that_of_an_independent_implementation() -> None:
    observed, weights = [1000, 1100, 950], [0.3, 0.4, 0.3]
    found = check_sample_ratio(observed, weights)
    other = reference.chisquare(observed, [sum(observed) * weight for weight in weights])
    assert found.chi_square == pytest.approx(other.statistic)
    assert found.p_value == pytest.approx(other.pvalue)
    assert found.degrees == 2


def test_a_broken_split_says_how_rare_it_is() -> None:
    found = check_sample_ratio([29_100, 30_900], [0.5, 0.5])
    assert found.broken
    assert found.one_in == pytest.approx(1 / found.p_value, rel=1e-6)
    assert found.observed_shares == (0.485, 0.515)
    assert found.expected_shares == (0.5, 0.5)


def test_a_very_broken_split_has_a_p_value_above_zero() -> None:
    assert check_sample_ratio([5450, 4550], [1, 1]).p_value == pytest.approx(2.257e-19, rel=1e-3)


def test_an_unspeakably_broken_split_is_rarer_than_floats_can_say() -> None:
    found = check_sample_ratio([1_000_000, 0], [1, 1])
    assert found.p_value == 0
    assert found.one_in is None
    assert found.broken


def test_weights_are_only_proportions() -> None:
    shares = check_sample_ratio([510, 260, 230], [0.5, 0.25, 0.25])
    buckets = check_sample_ratio([510, 260, 230], [5000, 2500, 2500])
    assert shares.p_value == pytest.approx(buckets.p_value, rel=1e-12)


def test_a_variant_of_weight_zero_is_no_part_but_its_units_are_told() -> None:
    with_it = check_sample_ratio([1000, 1200, 900], [0.5, 0.5, 0])
    without = check_sample_ratio([1000, 1200], [0.5, 0.5])
    assert with_it.p_value == without.p_value
    assert with_it.degrees == 1
    assert with_it.outside == 900
    assert without.outside == 0


def test_a_variant_without_units_is_a_part() -> None:
    found = check_sample_ratio([0, 100, 100], [1, 1, 1])
    assert found.degrees == 2
    assert found.broken


def test_phases_with_other_weights_are_held_against_their_own() -> None:
    ramp, even = Split([9_000, 1_000], [0.9, 0.1]), Split([5_000, 5_000], [0.5, 0.5])
    assert check_sample_ratio_by_phase([ramp, even]).p_value == 1
    one_weight_for_all = check_sample_ratio([14_000, 6_000], [0.5, 0.5])
    assert one_weight_for_all.broken


def test_a_variant_that_joins_later_is_expected_from_then_on() -> None:
    first, second = Split([600, 600, 0], [1, 1, 0]), Split([300, 300, 300], [1, 1, 1])
    found = check_sample_ratio_by_phase([first, second])
    assert found.expected == pytest.approx((900, 900, 300))
    assert found.p_value == 1
    assert found.degrees == 2


def test_units_met_before_a_variant_took_any_are_outside() -> None:
    first, second = Split([600, 600, 7], [1, 1, 0]), Split([300, 300, 300], [1, 1, 1])
    assert check_sample_ratio_by_phase([first, second]).outside == 7


@pytest.mark.parametrize(
    ("observed", "weights", "reason"),
    [
        ([0, 0], [1, 1], "fewer than two variants"),
        ([100, 0], [1, 0], "fewer than two variants"),
        ([0, 0], [0, 0], "fewer than two variants"),
        ([4, 5], [1, 1], "a variant expects 4.5 units"),
        ([100, 2], [0.99, 0.01], "a variant expects 1.0 units"),
    ],
)
def test_too_little_is_no_check(observed: list[int], weights: list[float], reason: str) -> None:
    with pytest.raises(NotEnoughData, match=reason):
        check_sample_ratio(observed, weights)


def test_five_expected_units_are_enough() -> None:
    assert check_sample_ratio([4, 6], [1, 1]).p_value == pytest.approx(0.527, abs=5e-4)


def test_no_phase_is_no_check() -> None:
    with pytest.raises(NotEnoughData, match="no phases"):
        check_sample_ratio_by_phase([])


@pytest.mark.parametrize(
    ("observed", "weights"),
    [
        ([1, 2], [1]),
        ([-1, 2], [1, 1]),
        ([1, 2], [1, -1]),
        ([1, 2], [1, math.nan]),
        ([1, 2], [1, math.inf]),
    ],
)
def test_counts_and_weights_are_as_many_and_not_negative(
    observed: list[int], weights: list[float]
) -> None:
    with pytest.raises(ValueError, match=r"expected as many|negative or not finite"):
        check_sample_ratio(observed, weights)


def test_the_alarm_is_rare() -> None:
    assert ALPHA == 0.001
    assert not check_sample_ratio([10_000, 10_400], [1, 1]).broken  # p is .005
    assert check_sample_ratio([10_000, 10_500], [1, 1]).broken  # p is .0005


@pytest.mark.parametrize(
    ("p_value", "broken", "countable"),
    [(ALPHA, False, True), (0.9 * ALPHA, True, True), (1e-300, True, True), (1e-301, True, False)],
)
def test_the_ends_of_the_scale_are_on_it(p_value: float, broken: bool, countable: bool) -> None:
    found = SampleRatio((9, 1), (5.0, 5.0), 0, 6.4, 1, p_value)
    assert found.broken is broken
    assert (found.one_in is not None) is countable


def test_the_size_of_an_imbalance_is_the_share_that_must_be_lost() -> None:
    """1,800 of 30,900 customers without a name dropped out of one variant."""
    lost = check_sample_ratio([29_100, 30_900], [1, 1]).lost_shares
    assert lost == pytest.approx((1800 / 30_900, 0))
    assert check_sample_ratio([500, 1000, 1500], [1, 2, 3]).lost_shares == pytest.approx((0, 0, 0))
    assert check_sample_ratio([50, 0, 0, 9], [1, 1, 0, 0]).lost_shares == (0, 1, 0, 0)
