"""Defects met in other tools, each with the data that showed it."""

import pytest

from stats import textbook
from stats.means import compare_means
from stats.multiplicity import adjust_bh
from stats.proportions import compare_proportions
from stats.sample_ratio import check_sample_ratio
from stats.samples import BinomialSample, MeanSample

B = BinomialSample

# Revenue sums of GrowthBook's own test of its t-test, in hundredths.
GROWTHBOOK_CONTROL = MeanSample(3407, 139_687, 523_779_767, 100)
GROWTHBOOK_TREATMENT = MeanSample(3461, 242_270, 1_346_982_900, 100)


def test_statsmodels_wrong_score_interval_of_a_difference() -> None:
    """Its cubic has the successes where the units belong (issue 10269)."""
    interval = compare_proportions(B(80, 48), B(70, 56)).absolute.interval
    assert (interval.lower, interval.upper) == pytest.approx((0.0528297, 0.3381729), abs=2e-6)


def test_statsmodels_crash_where_a_variant_has_no_successes() -> None:
    for control, treatment in [(B(20, 0), B(10, 0)), (B(20, 0), B(10, 10)), (B(7, 2), B(7, 6))]:
        assert compare_proportions(control, treatment).absolute.interval.upper is not None


def test_growthbooks_two_verdicts_from_one_data_set() -> None:
    """It says p = .0202 of the difference and p = .0619 of the lift."""
    lift = compare_means(GROWTHBOOK_CONTROL, GROWTHBOOK_TREATMENT)
    assert lift.p_value == pytest.approx(0.02016, abs=1e-5)
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower is not None
    assert lift.relative.interval.lower > 0


def test_growthbooks_p_value_that_changes_with_the_labels() -> None:
    there = compare_means(GROWTHBOOK_CONTROL, GROWTHBOOK_TREATMENT).p_value
    back = compare_means(GROWTHBOOK_TREATMENT, GROWTHBOOK_CONTROL).p_value
    assert there == pytest.approx(back, rel=1e-12)
    one = textbook.relative_delta(GROWTHBOOK_CONTROL, GROWTHBOOK_TREATMENT).p_value
    other = textbook.relative_delta(GROWTHBOOK_TREATMENT, GROWTHBOOK_CONTROL).p_value
    assert (one, other) == pytest.approx((0.0619, 0.0014), abs=1e-4)


def test_growthbooks_missed_doubling_of_a_rare_rate() -> None:
    """10 against 22 of 1,000: p = .032 of the difference, .150 of its relative lift."""
    there = compare_proportions(B(1000, 10), B(1000, 22))
    back = compare_proportions(B(1000, 22), B(1000, 10))
    assert there.significant
    assert back.significant
    assert there.p_value == back.p_value


def test_growthbooks_zero_lift_where_the_control_had_no_conversions() -> None:
    lift = compare_proportions(B(1000, 0), B(1000, 8))
    assert lift.absolute.value == 0.008
    assert lift.p_value < 0.01
    assert lift.absolute.interval.lower is not None
    assert lift.absolute.interval.lower > 0
    assert lift.relative.value is None
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower is not None
    assert lift.relative.interval.lower > 0


def test_growthbooks_variant_of_weight_zero_in_the_sample_ratio() -> None:
    assert check_sample_ratio([1000, 1100, 0], [0.5, 0.5, 0]).p_value == pytest.approx(
        0.0291, abs=1e-4
    )
    assert check_sample_ratio([1000, 1200, 900], [0.5, 0.5, 0]).p_value == pytest.approx(
        2.0079e-05, abs=1e-9
    )


def test_growthbooks_variant_without_units_left_out_of_the_sample_ratio() -> None:
    assert check_sample_ratio([0, 10, 10], [0.34, 0.33, 0.33]).p_value == pytest.approx(
        0.005790624, abs=1e-9
    )


def test_experimenters_equal_split_assumed_and_a_floor_below_which_none_is_broken() -> None:
    assert check_sample_ratio([90_000, 10_000], [0.9, 0.1]).p_value == 1
    one_percent_off = check_sample_ratio([505_000, 495_000], [0.5, 0.5])
    assert one_percent_off.broken


def test_p_values_that_vanish_as_one_minus_a_probability() -> None:
    """A chi-square of 90 is 2.4e-21, not 0; a t of 20 is not 0 either."""
    split = check_sample_ratio([10_000 + 671, 10_000 - 671], [1, 1])
    assert split.chi_square == pytest.approx(90, abs=0.1)
    assert 1e-21 < split.p_value < 4e-21
    far = compare_means(MeanSample.of([0, 1, 2] * 300), MeanSample.of([1, 2, 3] * 300))
    assert 0 < far.p_value < 1e-80
    rates = compare_proportions(B(10_000, 1_000), B(10_000, 2_000))
    assert 0 < rates.p_value < 1e-80


def test_tea_tastings_p_value_of_one_scale_and_interval_of_another() -> None:
    """10 against 21 of 1,000: p = .0462, and a log interval that includes no effect."""
    lift = compare_proportions(B(1000, 10), B(1000, 21))
    log_interval = textbook.katz_interval(B(1000, 10), B(1000, 21))
    assert log_interval.contains(1)
    assert lift.significant
    assert lift.relative.interval is not None
    assert not lift.relative.interval.contains(0)
    assert not lift.absolute.interval.contains(0)


def test_tea_tastings_lift_below_minus_all() -> None:
    lift = compare_proportions(B(1000, 30), B(1000, 1))
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower is not None
    assert lift.relative.interval.lower >= -1


def test_statsmodels_nan_where_nobody_converted() -> None:
    lift = compare_proportions(B(1000, 0), B(1000, 0))
    assert lift.p_value == 1
    assert lift.absolute.interval.lower is not None
    assert lift.absolute.interval.upper is not None
    assert lift.absolute.interval.lower < 0 < lift.absolute.interval.upper
    wald = textbook.wald_interval(B(1000, 0), B(1000, 0))
    assert (wald.lower, wald.upper) == (0, 0)


def test_an_interval_beyond_one() -> None:
    agresti_caffo = textbook.agresti_caffo_interval(B(10, 0), B(10, 10))
    assert agresti_caffo.upper is not None
    assert agresti_caffo.upper > 1
    assert compare_proportions(B(10, 0), B(10, 10)).absolute.interval.upper == 1


def test_posthogs_confidence_that_changed_no_interval() -> None:
    narrow = compare_proportions(B(1000, 100), B(1000, 128), confidence=0.9)
    wide = compare_proportions(B(1000, 100), B(1000, 128), confidence=0.99)
    assert narrow.significant
    assert not wide.significant
    assert not narrow.absolute.interval.contains(0)
    assert wide.absolute.interval.contains(0)


def test_spotifys_corrections_applied_row_by_row() -> None:
    assert adjust_bh([0.04, 0.5, 0.9, 0.8])[0] > 0.05


def test_spotifys_p_values_above_one() -> None:
    assert max(adjust_bh([0.9, 0.95, 1.0])) <= 1
