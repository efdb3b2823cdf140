"""Two ratios of sums: linearised at the unit, Fieller's lift, one verdict."""

import math

import numpy as np
import pytest
from scipy import stats as reference

from stats.effects import Effect, Part, studentised
from stats.errors import NotEnoughData
from stats.fieller import Measured, fieller_interval
from stats.means import compare_means
from stats.ratios import METHODS, compare_ratios, estimate_ratio, linearised_test
from stats.samples import MeanSample, RatioSample

R = RatioSample
Pairs = list[tuple[int, int]]


def clicks(seed: int, units: int, rate: float) -> Pairs:
    """Clicks of sends per customer; a customer's own rate spreads around ``rate``."""
    rng = np.random.default_rng(seed)
    sends = 1 + rng.poisson(3, units)
    own = rng.beta(5 * rate, 5 * (1 - rate), units)
    return list(zip(rng.binomial(sends, own).tolist(), sends.tolist(), strict=True))


def linearised(pairs: Pairs) -> list[float]:
    """Values whose mean is the ratio: the same by another way."""
    y, x = np.array(pairs, dtype=float).T
    ratio = y.sum() / x.sum()
    return list(ratio + (y - ratio * x) / x.mean())


def test_the_test_is_welchs_of_the_linearised_values() -> None:
    control, treatment = clicks(1, 400, 0.2), clicks(2, 300, 0.25)
    lift = compare_ratios(R.of(control), R.of(treatment))
    other = reference.ttest_ind(linearised(treatment), linearised(control), equal_var=False)
    assert lift.statistic == pytest.approx(other.statistic, rel=1e-10)
    assert lift.p_value == pytest.approx(other.pvalue, rel=1e-9)
    interval, expected = lift.absolute.interval, other.confidence_interval(0.95)
    assert (interval.lower, interval.upper) == pytest.approx((expected.low, expected.high))
    assert set(METHODS) == {"linearised"}
    assert lift.method == "linearised"


def test_the_error_is_the_jackknifes() -> None:
    pairs = clicks(3, 2000, 0.2)
    y, x = np.array(pairs, dtype=float).T
    without = (y.sum() - y) / (x.sum() - x)
    units = len(pairs)
    jackknife = (units - 1) / units * ((without - without.mean()) ** 2).sum()
    assert R.of(pairs).variance / units == pytest.approx(jackknife, rel=0.005)


def test_the_interval_of_one_ratio_is_students() -> None:
    pairs = clicks(4, 50, 0.3)
    expected = reference.ttest_1samp(linearised(pairs), 0).confidence_interval(0.9)
    estimate = estimate_ratio(R.of(pairs), confidence=0.9)
    assert estimate.value == pytest.approx(np.mean(linearised(pairs)))
    assert (estimate.interval.lower, estimate.interval.upper) == pytest.approx(
        (expected.low, expected.high)
    )


def test_denominators_of_one_make_it_the_comparison_of_means() -> None:
    control, treatment = [3, 2, 8, 4, 1, 5, 3], [5, 9, 2, 0, 7, 4]
    means = compare_means(MeanSample.of(control), MeanSample.of(treatment))
    ratios = compare_ratios(R.of((v, 1) for v in control), R.of((v, 1) for v in treatment))
    assert ratios.p_value == pytest.approx(means.p_value, rel=1e-12)
    assert ratios.absolute.value == pytest.approx(means.absolute.value)
    assert ratios.relative.interval is not None
    assert means.relative.interval is not None
    assert (ratios.relative.interval.lower, ratios.relative.interval.upper) == pytest.approx(
        (means.relative.interval.lower, means.relative.interval.upper)
    )


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    shown = 0
    for seed in range(100):
        rng = np.random.default_rng(seed)
        n_c, n_t = (int(n) for n in rng.integers(3, 300, 2))
        control = R.of(clicks(2 * seed, n_c, 0.2))
        treatment = R.of(clicks(2 * seed + 1, n_t, float(rng.uniform(0.1, 0.35))))
        lift = compare_ratios(control, treatment, confidence=confidence)
        assert lift.significant != lift.absolute.interval.contains(0)
        if lift.relative.interval is not None:
            assert lift.significant != lift.relative.interval.contains(0)
        _check_that_nothing_was_forced(control, treatment, confidence)
        shown += lift.significant
    assert shown > 5


def _check_that_nothing_was_forced(control: R, treatment: R, confidence: float) -> None:
    """Before a rounding is settled, the lift's interval already gives the verdict."""
    test = linearised_test(control, treatment)
    c, t = (Measured(s.ratio, s.variance / s.units) for s in (control, treatment))
    interval = fieller_interval(c, t, test.critical(confidence))
    if interval is not None and abs(test.p_value - (1 - confidence)) > 1e-9:
        assert interval.contains(0) == (test.p_value > 1 - confidence)


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    control, treatment = R.of(clicks(6, 90, 0.2)), R.of(clicks(7, 60, 0.3))
    there, back = compare_ratios(control, treatment), compare_ratios(treatment, control)
    assert back.p_value == pytest.approx(there.p_value, rel=1e-12)
    assert back.absolute.value == -there.absolute.value
    assert back.absolute.interval.lower == pytest.approx(-(there.absolute.interval.upper or 0))


def test_other_units_of_measure_change_no_verdict() -> None:
    control, treatment = clicks(8, 90, 0.2), clicks(9, 60, 0.3)
    plain = compare_ratios(R.of(control), R.of(treatment))
    scaled = compare_ratios(
        *(R.of(((1000 * y, 7 * x) for y, x in arm), 10, 7) for arm in (control, treatment))
    )
    assert scaled.p_value == pytest.approx(plain.p_value, rel=1e-12)
    assert scaled.absolute.value == pytest.approx(100 * plain.absolute.value, rel=1e-12)
    assert scaled.relative.value == pytest.approx(plain.relative.value, rel=1e-12)


@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        ([], [(1, 2), (0, 2)], "the control has no units"),
        ([(1, 2), (0, 2)], [], "the treatment has no units"),
        ([(1, 2)], [(1, 2), (0, 2)], "at least two units"),
        ([(1, 2), (0, 2)], [(1, 2)], "at least two units"),
        ([(0, 0), (1, 0)], [(1, 2), (0, 2)], "the denominators of the control sum to 0"),
        ([(1, 2), (0, 2)], [(0, 0), (0, 0)], "the denominators of the treatment sum to 0"),
        ([(1, 2), (2, 4)], [(2, 2), (4, 4)], "one and the same value"),
    ],
)
def test_what_has_no_error_is_refused(control: Pairs, treatment: Pairs, reason: str) -> None:
    with pytest.raises(NotEnoughData, match=reason):
        compare_ratios(R.of(control), R.of(treatment))


def test_one_variant_may_follow_its_ratio_exactly() -> None:
    lift = compare_ratios(R.of([(1, 2), (2, 4), (3, 6)]), R.of([(2, 2), (1, 4), (5, 6)]))
    assert lift.control.interval.lower == lift.control.interval.upper == 0.5
    assert lift.relative.interval is not None
    assert lift.relative.value == pytest.approx(8 / 12 / 0.5 - 1)


def test_a_control_of_zero_has_no_share() -> None:
    lift = compare_ratios(R.of([(0, 2), (0, 4), (0, 3)]), R.of([(2, 2), (1, 4), (5, 6)]))
    assert lift.relative.value is None
    assert lift.relative.gap == "the control's ratio is not above 0"
    assert lift.absolute.value == pytest.approx(8 / 12)


def test_a_control_that_may_be_zero_has_a_lift_without_an_interval() -> None:
    lift = compare_ratios(R.of([(0, 2), (9, 4), (-6, 3)]), R.of([(2, 2), (1, 4), (5, 6)]))
    assert lift.relative.value is not None
    assert lift.relative.interval is None
    assert lift.relative.gap == "the control's ratio cannot be told from 0"


def test_variants_of_different_scales_are_not_compared() -> None:
    with pytest.raises(ValueError, match="expected the same"):
        compare_ratios(R.of([(1, 2), (0, 3)]), R.of([(1, 2), (0, 3)], 10))


@pytest.mark.parametrize("confidence", [0, 1, 95, math.nan])
def test_a_confidence_is_a_fraction(confidence: float) -> None:
    sample = R.of([(1, 2), (0, 3)])
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_ratios(sample, sample, confidence=confidence)
    with pytest.raises(ValueError, match="expected a fraction"):
        estimate_ratio(sample, confidence=confidence)


def test_sums_at_the_limit_of_64_bits_neither_overflow_nor_lose_digits() -> None:
    most = 2**63 - 1
    lift = compare_ratios(R.of([(most, 1), (0, most)]), R.of([(most, most), (0, 1)]))
    assert lift.absolute.value == 0
    assert lift.p_value == 1


def test_parts_that_are_all_zero_make_no_test() -> None:
    with pytest.raises(NotEnoughData, match="one and the same value"):
        studentised(1.0, [Part(0.0, 3), Part(0.0, 4)])


def test_a_treatment_without_error_of_its_own_has_none_left_by_rounding() -> None:
    test = studentised(0.3, [Part(0.1 + 0.2, 5), Part(0.0, 5)])
    effect = Effect(test, Measured(1.0, 0.1 + 0.2), covariance=-(0.1 + 0.2))
    assert effect.treatment.variance == pytest.approx(0, abs=1e-15)
    assert effect.treatment.variance >= 0
    assert effect.estimate(effect.treatment, 0.95).value == pytest.approx(1.3)


def coverage(units: tuple[int, int], runs: int, seed: int) -> tuple[float, float]:
    """Share of lifts covered when the true one is 20 %, and of equal variants told apart."""
    covered, called = 0, 0
    for run in range(runs):
        control = R.of(clicks(seed + 3 * run, units[0], 0.2))
        better = R.of(clicks(seed + 3 * run + 1, units[1], 0.24))
        equal = R.of(clicks(seed + 3 * run + 2, units[1], 0.2))
        interval = compare_ratios(control, better).relative.interval
        covered += interval is not None and interval.contains(0.2)
        called += compare_ratios(control, equal).significant
    return covered / runs, called / runs


def test_the_lift_is_covered_as_often_as_planned() -> None:
    covered, called = coverage((60, 60), 400, seed=10_000)
    assert covered == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 400))
    assert called == pytest.approx(0.05, abs=3 * math.sqrt(0.95 * 0.05 / 400))


@pytest.mark.slow
@pytest.mark.parametrize("units", [(40, 40), (200, 200), (900, 100)])
def test_the_lift_is_covered_as_often_as_planned_in_many_runs(units: tuple[int, int]) -> None:
    covered, called = coverage(units, 2000, seed=500_000)
    assert covered == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 2000))
    assert called == pytest.approx(0.05, abs=3 * math.sqrt(0.95 * 0.05 / 2000))
