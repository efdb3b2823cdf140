from math import log

import numpy as np
import pytest
from scipy.special import betaln

from stats.errors import NotEnoughData
from stats.sample_ratio import Split
from stats.sequential import check_running_sample_ratio


def test_two_variants_are_a_beta_binomial() -> None:
    check = check_running_sample_ratio([Split([480, 560], [0.5, 0.5])])
    expected = betaln(50 + 480, 50 + 560) - betaln(50, 50) - 1040 * log(0.5)
    assert check.log_bayes_factor == pytest.approx(expected, rel=1e-10)


def test_a_broken_split_is_found_and_a_sound_one_is_not() -> None:
    assert check_running_sample_ratio([Split([29_100, 30_900], [1, 1])]).broken
    assert not check_running_sample_ratio([Split([29_990, 30_010], [1, 1])]).broken


def test_weights_come_in_any_unit_and_variants_in_any_order() -> None:
    shares = check_running_sample_ratio([Split([900, 1100, 480], [0.4, 0.4, 0.2])])
    buckets = check_running_sample_ratio([Split([480, 900, 1100], [2000, 4000, 4000])])
    assert shares.p_value == pytest.approx(buckets.p_value)


def test_a_variant_of_weight_zero_is_left_out_and_an_empty_one_is_not() -> None:
    two = check_running_sample_ratio([Split([1000, 1100], [1, 1])])
    assert check_running_sample_ratio([Split([1000, 1100, 0], [1, 1, 0])]) == two
    assert check_running_sample_ratio([Split([1000, 1100, 0], [1, 1, 1])]).broken


def test_the_evidence_of_phases_adds_up() -> None:
    ramp, even = Split([900, 130], [9, 1]), Split([1000, 1050], [1, 1])
    apart = [check_running_sample_ratio([phase]).log_bayes_factor for phase in (ramp, even)]
    assert check_running_sample_ratio([ramp, even]).log_bayes_factor == pytest.approx(sum(apart))


def test_a_change_of_allocation_is_no_fault() -> None:
    assert not check_running_sample_ratio(
        [Split([900, 100], [9, 1]), Split([500, 500], [1, 1])]
    ).broken


def test_a_phase_with_one_variant_says_nothing() -> None:
    ramp, even = Split([900, 0], [1, 0]), Split([500, 520], [1, 1])
    assert check_running_sample_ratio([ramp, even]) == check_running_sample_ratio([even])


def test_no_units_are_no_evidence() -> None:
    check = check_running_sample_ratio([Split([0, 0], [1, 1])])
    assert check.log_bayes_factor == 0.0
    assert check.p_value == 1.0


def test_millions_of_units_stay_finite() -> None:
    check = check_running_sample_ratio([Split([10**9, 10**9 + 10**5], [1, 1])])
    assert np.isfinite(check.log_bayes_factor)
    assert check_running_sample_ratio([Split([10**9, 2 * 10**9], [1, 1])]).p_value == 0.0


@pytest.mark.parametrize("phases", [[], [Split([10], [1.0])], [Split([10, 0], [1, 0])]])
def test_without_a_split_there_is_nothing_to_check(phases: list[Split]) -> None:
    with pytest.raises(NotEnoughData, match="fewer than two"):
        check_running_sample_ratio(phases)


def test_a_prior_without_weight_is_refused() -> None:
    with pytest.raises(ValueError, match="concentration"):
        check_running_sample_ratio([Split([10, 10], [1, 1])], concentration=0)


@pytest.mark.slow
def test_looking_every_day_keeps_the_error() -> None:
    rng = np.random.default_rng(11)
    below = 0
    for _ in range(2000):
        days = rng.multinomial(200, [0.5, 0.3, 0.2], size=60).cumsum(axis=0)
        p_values = [
            check_running_sample_ratio([Split(day.tolist(), [5, 3, 2])]).p_value for day in days
        ]
        below += min(p_values) < 0.05
    assert below / 2000 <= 0.05
