"""A difference beside the control's value: Welch's answer for variants apart, and one verdict."""

import math

import numpy as np
import pytest

from stats.effects import Effect, Part, studentised
from stats.errors import NotEnoughData
from stats.fieller import Measured
from stats.lift import Estimate, Interval, Lift
from stats.means import compare_means
from stats.samples import MeanSample


def sample(seed: int, units: int, mean: float) -> MeanSample:
    rng = np.random.default_rng(seed)
    return MeanSample.of(int(value) for value in rng.normal(mean, 100, units))


def effect_of(control: MeanSample, treatment: MeanSample) -> Effect:
    """What `compare_means` measures, put together from parts."""
    c, t = (arm.variance / arm.units for arm in (control, treatment))
    parts = [Part(c, control.units - 1), Part(t, treatment.units - 1)]
    test = studentised(treatment.mean - control.mean, parts)
    return Effect(test, Measured(control.mean, c), covariance=-c)


def answer(effect: Effect, confidence: float) -> Lift:
    here = Estimate(0.0, Interval(None, None))
    return effect.lift(here, here, confidence, "linearised")


def sides(interval: Interval | None) -> tuple[float | None, float | None]:
    assert interval is not None
    return interval.lower, interval.upper


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_variants_measured_apart_have_welchs_answer(confidence: float) -> None:
    for seed in range(30):
        control, treatment = sample(seed, 12, 500), sample(seed + 100, 30, 560)
        found = answer(effect_of(control, treatment), confidence)
        expected = compare_means(control, treatment, confidence=confidence)
        assert found.p_value == pytest.approx(expected.p_value, rel=1e-9)
        assert found.statistic == pytest.approx(expected.statistic, rel=1e-9)
        assert found.absolute.value == pytest.approx(expected.absolute.value)
        assert sides(found.absolute.interval) == pytest.approx(sides(expected.absolute.interval))
        assert found.relative.value == pytest.approx(expected.relative.value)
        assert sides(found.relative.interval) == pytest.approx(sides(expected.relative.interval))
        assert (found.confidence, found.method) == (confidence, "linearised")


def test_the_treatments_value_is_the_controls_and_the_difference_with_its_own_error() -> None:
    control, treatment = sample(1, 12, 500), sample(2, 30, 560)
    found = effect_of(control, treatment).treatment
    assert found.value == pytest.approx(treatment.mean)
    assert found.variance == pytest.approx(treatment.variance / treatment.units)


def test_rounding_never_leaves_a_negative_variance() -> None:
    test = studentised(1.0, [Part(1.0, 10)])
    assert Effect(test, Measured(5.0, 1.0), covariance=-1.0 - 1e-12).treatment.variance == 0


def test_parts_with_degrees_of_their_own_are_weighed_by_satterthwaite() -> None:
    """One part gives its degrees; equal parts add theirs; a part of no weight adds none."""
    assert studentised(1.0, [Part(4.0, 7)]).degrees == pytest.approx(7)
    assert studentised(1.0, [Part(4.0, 7)]).error == 2.0
    assert studentised(1.0, [Part(1.0, 7), Part(1.0, 7), Part(1.0, 7)]).degrees == pytest.approx(21)
    assert studentised(1.0, [Part(1.0, 7), Part(0.0, 1)]).degrees == pytest.approx(7)


def test_tiny_and_huge_variances_neither_vanish_nor_overflow() -> None:
    for size in (1e-300, 1e300):
        found = studentised(1.0, [Part(size, 5), Part(size, 5)])
        assert found.degrees == pytest.approx(10)
        assert found.error == pytest.approx(math.sqrt(2 * size))


def test_what_does_not_vary_is_no_evidence() -> None:
    with pytest.raises(NotEnoughData, match="one and the same value"):
        studentised(1.0, [Part(0.0, 5), Part(0.0, 5)])


def test_a_control_just_above_zero_has_a_share() -> None:
    relative = Effect(studentised(0.1, [Part(1.0, 10)]), Measured(0.2, 1e-6), -1e-6).relative(0.95)
    assert relative.value == pytest.approx(0.5)


@pytest.mark.parametrize("value", [0.0, -3.0])
def test_a_control_that_is_not_above_zero_has_no_share(value: float) -> None:
    test = studentised(1.0, [Part(1.0, 10)])
    relative = Effect(test, Measured(value, 0.1), covariance=-0.1, noun="ratio").relative(0.95)
    assert (relative.value, relative.interval) == (None, None)
    assert relative.gap == "the control's ratio is not above 0"


def test_a_control_that_may_be_zero_has_a_share_without_an_interval() -> None:
    test = studentised(1.0, [Part(1.0, 10)])
    relative = Effect(test, Measured(2.0, 4.0), covariance=-4.0).relative(0.95)
    assert (relative.value, relative.interval) == (0.5, None)
    assert relative.gap == "the control's mean cannot be told from 0"


def test_the_interval_of_a_value_has_the_quantile_of_the_comparison() -> None:
    test = studentised(1.0, [Part(1.0, 10)])
    found = Effect(test, Measured(5.0, 0.25), covariance=0.0).estimate(Measured(5.0, 0.25), 0.95)
    assert found.value == 5.0
    # Student's t with 10 degrees of freedom: 2.228 in every table.
    assert sides(found.interval) == pytest.approx((5 - 1.114, 5 + 1.114), abs=5e-4)


def test_a_threshold_met_to_the_last_digit_still_gives_one_verdict() -> None:
    effect = effect_of(sample(3, 40, 500), sample(4, 40, 560))
    p_value = effect.test.p_value
    for shift in range(-40, 41):
        lift = answer(effect, 1 - p_value * (1 + shift * 1e-16))
        assert lift.significant != lift.absolute.interval.contains(0)
        assert lift.relative.interval is not None
        assert lift.significant != lift.relative.interval.contains(0)


def test_a_p_value_at_the_threshold_shows_nothing() -> None:
    """From one half upwards a p-value is exactly 1 minus a confidence."""
    effect = effect_of(MeanSample.of([1, 2, 3, 4, 6]), MeanSample.of([1, 2, 3, 4, 5, 6]))
    p_value = effect.test.p_value
    assert 0.5 < p_value < 1
    lift = answer(effect, 1 - p_value)
    assert not lift.significant
    assert lift.absolute.interval.contains(0)
    assert lift.relative.interval is not None
    assert lift.relative.interval.contains(0)
