"""Defects met in other tools, each with the data that showed it.

Each has a test named for it; `::` stands for a test of this module.

 1 statsmodels: a difference's score interval wrong, or a crash; a margin's p-value wrong
   ::test_statsmodels_wrong_score_interval_of_a_difference
   ::test_statsmodels_crash_where_a_variant_has_no_successes
   ::test_statsmodels_wrong_p_value_of_a_margin
 2 GrowthBook: two verdicts from one data set; p changes with the labels; a doubling missed
   ::test_growthbooks_two_verdicts_from_one_data_set
   ::test_growthbooks_p_value_that_changes_with_the_labels
   ::test_growthbooks_missed_doubling_of_a_rare_rate
 3 GrowthBook: effect 0, interval (0, 0), p 1 where the control had no conversions
   ::test_growthbooks_zero_lift_where_the_control_had_no_conversions
 4 GrowthBook: a variant of weight 0 in the sample ratio
   ::test_growthbooks_variant_of_weight_zero_in_the_sample_ratio
 5 GrowthBook: an absolute prior taken for a relative one
   test_bayes_effects.py::test_peers_absolute_prior_taken_for_a_relative_one
 6 GrowthBook, Spotify: p-values that vanish as one minus a probability
   ::test_p_values_that_vanish_as_one_minus_a_probability
 7 GrowthBook: one-sided sequential p-values clipped, and dependent on the unit of measure
   ::test_growthbooks_clipped_one_sided_sequential_p_values
   ::test_growthbooks_sequential_p_value_that_changes_with_the_unit_of_measure
 8 tea-tasting: p of one scale, interval of another; a lift below minus all, or without end
   ::test_tea_tastings_p_value_of_one_scale_and_interval_of_another
   ::test_tea_tastings_lift_below_minus_all
   ::test_tea_tastings_infinite_limit_of_a_mean
 9 statsmodels: NaN where nobody converted; intervals of no width, or beyond one
   ::test_statsmodels_nan_where_nobody_converted
   ::test_an_interval_beyond_one
10 GrowthBook, Experimenter: variants without units ignored; an equal split assumed, and a floor;
   no p-value at a low base rate
   ::test_growthbooks_variant_without_units_left_out_of_the_sample_ratio
   ::test_experimenters_equal_split_assumed_and_a_floor_below_which_none_is_broken
   ::test_growthbooks_missing_p_values_at_low_base_rates
11 GrowthBook, cluster-experiments: adjusted lifts with too small an error, a negative variance, or
   centred by another constant
   test_peers_defects_ratios.py::test_growthbooks_relative_interval_of_cuped_that_was_too_narrow
   test_peers_defects_ratios.py::test_growthbooks_covariance_that_made_a_binomial_variance_negative
   test_peers_defects_ratios.py::test_cluster_experiments_centring_constant
12 GrowthBook, PostHog: the confidence chosen changes no interval
   ::test_posthogs_confidence_that_changed_no_interval
13 Spotify: corrections row by row; sizes added over groups; intervals of one group for all; which
   correction it was; p above 1
   test_peers_defects_of_many.py::test_spotifys_corrections_applied_row_by_row
   test_peers_defects_of_many.py::test_spotifys_sample_size_added_over_groups
   test_peers_defects_of_many.py::test_spotifys_intervals_overwritten_with_more_than_two_groups
   ../experiments/test_peers_defects.py::test_spotifys_correction_that_nobody_could_name
   test_peers_defects_of_many.py::test_spotifys_p_values_above_one
14 PostHog: failures counted twice; a significance that knows nothing of the chance to win, or is
   wrong when the control wins; a chance against the control only; 0 persons in 0 days; customers of
   two variants in both, or left out; no sequential test
   test_peers_defects_of_many.py::test_posthogs_failures_counted_twice
   test_peers_defects_of_many.py::test_posthogs_significance_that_knew_nothing_of_the_chance_to_win
   test_peers_defects_of_many.py::test_posthogs_significance_that_was_wrong_when_the_control_won
   test_peers_defects_of_many.py::test_posthogs_chance_to_win_against_the_control_only
   test_peers_defects_of_many.py::test_posthogs_recommendation_of_no_persons_and_no_days
   ../experiments/test_peers_defects.py::test_posthogs_customers_of_two_variants_counted_in_both
   ../experiments/test_peers_defects.py::test_posthogs_exclusion_that_itself_biases
   test_peers_defects_of_many.py::test_posthogs_daily_looks_without_a_sequential_test
15 cluster-experiments, Eppo, GrowthBook: a ratio that is its numerator, without its covariance, or
   with the variance of single clicks; least effect and power that are no inverses
   test_peers_defects_ratios.py::test_cluster_experiments_ratio_of_which_only_the_numerator_was_analysed
   test_peers_defects_ratios.py::test_eppos_missing_covariance_of_numerator_and_denominator
   test_peers_defects_ratios.py::test_growthbooks_ratio_of_single_clicks
   test_peers_defects_ratios.py::test_cluster_experiments_least_effect_and_power_that_were_no_inverses
16 GeoLift: p and interval contradict each other
   ::test_geolifts_p_value_that_contradicts_its_interval
17 bucketeer: stopping when one variant is probably best
   test_bayes.py::test_peers_stopping_at_95_percent_best_finds_winners_in_a_third_of_tests
18 listmonk, Braze, SendGrid: opens of machines
   ../experiments/test_peers_defects.py::test_listmonks_opens_by_machines_within_minutes
   test_peers_defects_of_many.py::test_brazes_three_kinds_of_opens
"""

import math
import re
from pathlib import Path

import pytest

from stats import textbook
from stats.lift import Interval
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.sample_ratio import check_sample_ratio
from stats.samples import BinomialSample, MeanSample
from stats.sequential import NormalEstimate, Progress, always_valid_lower
from stats.sequential.confidence_sequence import p_value_one_sided
from tests.calibration.contradictions import contradicts
from tests.calibration.tables import random_pairs

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


def test_statsmodels_wrong_p_value_of_a_margin() -> None:
    """It says .0012068 and .022748; a maximum of the likelihood found by a search says these."""
    for margin, p_value in ((-0.03, 0.00120026), (0.05, 0.02256889)):
        found = textbook.farrington_manning_test(B(80, 48), B(70, 56), margin)
        assert found.p_value == pytest.approx(p_value, abs=1e-8)


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


def test_growthbooks_clipped_one_sided_sequential_p_values() -> None:
    """It searches between .00001 and .4999 and answers with an end of that."""
    assert 0 < p_value_one_sided(12.0, 8.0) < 1e-20
    assert p_value_one_sided(0.5, 8.0) > 0.5
    assert p_value_one_sided(-3.0, 8.0) == 1


def test_growthbooks_sequential_p_value_that_changes_with_the_unit_of_measure() -> None:
    """Its search stops at an absolute distance of a millionth, whatever the unit."""
    halfway = Progress(5_000, 5_000, planned_units=20_000)
    plain = always_valid_lower(NormalEstimate(0.03, 0.01), halfway)
    for scale in (1e-9, 1e9):
        scaled = always_valid_lower(NormalEstimate(0.03 * scale, 0.01 * scale), halfway)
        assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-12)
        assert plain.interval.lower is not None
        assert scaled.interval.lower == pytest.approx(plain.interval.lower * scale, rel=1e-12)


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


def test_tea_tastings_infinite_limit_of_a_mean() -> None:
    """Its one-sided "less" gives a lift from minus infinity; a side without limit is None here."""
    lift = compare_means(MeanSample.of([0, 3, 9, 30] * 9), MeanSample.of([0, 1, 0, 2] * 9))
    interval = lift.relative.interval
    assert interval is not None
    assert None not in (interval.lower, interval.upper)
    with pytest.raises(ValueError, match="expected a finite number or None"):
        Interval(-math.inf, 0.1)


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


def test_growthbooks_missing_p_values_at_low_base_rates() -> None:
    """A large test, a small rate and a large effect: its p-value of nearly 0 was not shown."""
    for control, treatment in (
        (B(5_000_000, 500), B(5_000_000, 1_500)),
        (B(5_000_000, 500), B(5_000_000, 5_000)),
        (B(2_000_000, 2), B(2_000_000, 40)),
    ):
        lift = compare_proportions(control, treatment)
        assert 0 <= lift.p_value < 1e-8
        assert lift.significant
        assert lift.relative.interval is not None


def test_geolifts_p_value_that_contradicts_its_interval() -> None:
    for control, treatment in random_pairs(8, seed=16, most=2):
        assert not contradicts(compare_proportions(control, treatment))
    for shift in range(40):
        values = [7 * n % 13 for n in range(50)]
        moved = [value + shift / 8 for value in values]
        lift = compare_means(
            MeanSample.of([8 * value for value in values], 8),
            MeanSample.of([round(8 * value) for value in moved], 8),
        )
        assert not contradicts(lift)


def test_every_test_of_the_table_is_there() -> None:
    here = Path(__file__)
    listed = re.findall(r"^   (\S*)::(test_\w+)$", __doc__ or "", re.MULTILINE)
    assert len(listed) >= 45
    for module, name in listed:
        text = (here.parent / module if module else here).read_text(encoding="utf-8")
        assert f"def {name}(" in text, f"{module}::{name}"
