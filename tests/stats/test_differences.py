"""Normal estimates of an effect, of samples and of comparisons."""

from dataclasses import replace
from math import exp, log, sqrt

import numpy as np
import pytest

from stats.differences import difference, difference_of, log_ratio, log_ratio_of, measured
from stats.errors import NotEnoughData
from stats.lift import Interval
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.samples import BinomialSample, MeanSample, RatioSample, ScoreSample

RNG = np.random.default_rng(4)
CONTROL = MeanSample.of(int(v) for v in RNG.poisson(40, 900))
TREATMENT = MeanSample.of(int(v) for v in RNG.poisson(43, 700))

CONTROL_LIFT = compare_means(CONTROL, TREATMENT)


def test_rates_differ_with_their_own_variances() -> None:
    estimate = difference(BinomialSample(200, 20), BinomialSample(300, 60))
    assert estimate.value == pytest.approx(0.1)
    assert estimate.standard_error == pytest.approx(sqrt(0.1 * 0.9 / 200 + 0.2 * 0.8 / 300))


def test_every_kind_of_sample_of_the_same_units_has_the_same_estimate() -> None:
    """A rate, the mean of its zeros and ones, a ratio over one each; a score and its mean."""
    answers = [1] * 30 + [0] * 170
    mean = measured(MeanSample.of(answers))
    assert measured(RatioSample.of([(y, 1) for y in answers])) == pytest.approx(mean)
    rate = measured(BinomialSample(200, 30))
    assert (rate.value, rate.variance * 200 / 199) == pytest.approx((mean.value, mean.variance))
    score = measured(ScoreSample(promoters=90, passives=30, detractors=80))
    assert score == measured(MeanSample.of([1] * 90 + [0] * 30 + [-1] * 80))


def test_the_error_of_a_log_ratio_is_that_of_many_simulated_ones() -> None:
    rng = np.random.default_rng(3)
    x, y = rng.binomial(2000, 0.1, 20_000), rng.binomial(3000, 0.12, 20_000)
    expected = np.std(np.log((y / 3000) / (x / 2000)))
    estimate = log_ratio(BinomialSample(2000, 200), BinomialSample(3000, 360))
    assert estimate.value == pytest.approx(log(1.2))
    assert estimate.standard_error == pytest.approx(expected, rel=0.03)


def test_a_log_ratio_needs_values_above_zero() -> None:
    for pair in [(0, 5), (5, 0)]:
        control, treatment = (BinomialSample(100, x) for x in pair)
        with pytest.raises(NotEnoughData, match="above 0"):
            log_ratio(control, treatment)


def test_nothing_that_varies_is_no_estimate() -> None:
    with pytest.raises(NotEnoughData, match="standard error"):
        difference(BinomialSample(100, 0), BinomialSample(100, 0))
    with pytest.raises(NotEnoughData, match="at least one unit"):
        difference(BinomialSample(0, 0), BinomialSample(100, 0))


def test_a_comparison_gives_back_the_estimate_it_was_made_of() -> None:
    lift, own = compare_means(CONTROL, TREATMENT), difference(CONTROL, TREATMENT)
    read = difference_of(lift)
    assert read.value == pytest.approx(own.value)
    assert read.standard_error == pytest.approx(own.standard_error, rel=2e-3)
    ratio, own_ratio = log_ratio_of(lift), log_ratio(CONTROL, TREATMENT)
    assert ratio.value == pytest.approx(own_ratio.value)
    assert ratio.standard_error == pytest.approx(own_ratio.standard_error, rel=5e-3)
    assert exp(ratio.value) == pytest.approx(TREATMENT.mean / CONTROL.mean)


def test_a_comparison_without_a_relative_lift_says_why() -> None:
    lift = compare_proportions(BinomialSample(500, 0), BinomialSample(500, 12))
    with pytest.raises(NotEnoughData, match="no upper limit"):
        log_ratio_of(lift)
    assert difference_of(lift).value == 0.024


def test_a_relative_lift_without_a_limit_or_down_to_all_is_none() -> None:
    one_sided = compare_proportions(BinomialSample(500, 12), BinomialSample(500, 0))
    with pytest.raises(NotEnoughData, match="above 0"):
        log_ratio_of(one_sided)
    wide = compare_means(MeanSample.of([1, 60, -50, 3]), MeanSample.of([1, 2, 3, 4]))
    with pytest.raises(NotEnoughData, match="told from 0"):
        log_ratio_of(wide)


def test_a_side_without_a_limit_is_no_error() -> None:
    none = replace(CONTROL_LIFT.absolute, interval=Interval(0.1, None))
    with pytest.raises(NotEnoughData, match="no limit"):
        difference_of(replace(CONTROL_LIFT, absolute=none))
