"""Two means: exact sums, Welch's test, Fieller's lift, one verdict."""

import numpy as np
import pytest
from scipy import stats as reference

from stats.errors import NotEnoughData
from stats.means import METHODS, compare_means, estimate_mean
from stats.samples import MeanSample

M = MeanSample


def revenue(seed: int, units: int, buyers: float, size: float) -> list[int]:
    rng = np.random.default_rng(seed)
    amounts = rng.lognormal(np.log(size), 0.8, units) * (rng.random(units) < buyers)
    return [int(amount) for amount in amounts]


def test_the_test_and_the_interval_are_those_of_an_independent_implementation() -> None:
    control, treatment = revenue(1, 400, 0.3, 40_000), revenue(2, 300, 0.35, 46_000)
    lift = compare_means(M.of(control), M.of(treatment))
    other = reference.ttest_ind(treatment, control, equal_var=False)
    assert lift.statistic == pytest.approx(other.statistic, rel=1e-10)
    assert lift.p_value == pytest.approx(other.pvalue, rel=1e-9)
    interval, expected = lift.absolute.interval, other.confidence_interval(0.95)
    assert (interval.lower, interval.upper) == pytest.approx((expected.low, expected.high))
    assert set(METHODS) == {"welch"}
    assert lift.method == "welch"


def test_the_interval_of_one_mean_is_students() -> None:
    values = revenue(3, 50, 0.5, 1000)
    expected = reference.ttest_1samp(values, 0).confidence_interval(0.9)
    interval = estimate_mean(M.of(values), confidence=0.9).interval
    assert (interval.lower, interval.upper) == pytest.approx((expected.low, expected.high))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    shown = 0
    for seed in range(300):
        rng = np.random.default_rng(seed)
        n_c, n_t = (int(n) for n in rng.integers(2, 400, 2))
        control = M.of(revenue(2 * seed, n_c, 0.4, 1000))
        treatment = M.of(revenue(2 * seed + 1, n_t, 0.4, 1000 * rng.uniform(0.6, 1.6)))
        if control.squares == 0 and treatment.squares == 0:
            continue
        lift = compare_means(control, treatment, confidence=confidence)
        assert lift.significant != lift.absolute.interval.contains(0)
        if lift.relative.interval is not None:
            assert lift.significant != lift.relative.interval.contains(0)
        shown += lift.significant
    assert shown > 10


def test_a_threshold_met_to_the_last_digit_still_gives_one_verdict() -> None:
    control, treatment = M.of(revenue(4, 100, 0.5, 900)), M.of(revenue(5, 100, 0.5, 1500))
    p_value = compare_means(control, treatment).p_value
    for shift in range(-40, 41):
        confidence = 1 - p_value * (1 + shift * 1e-16)
        lift = compare_means(control, treatment, confidence=confidence)
        assert lift.significant != lift.absolute.interval.contains(0)
        assert lift.relative.interval is not None
        assert lift.significant != lift.relative.interval.contains(0)


def test_a_p_value_at_the_threshold_shows_nothing() -> None:
    """From one half upwards a p-value is exactly 1 minus a confidence."""
    control, treatment = M.of([1, 2, 3, 4, 6]), M.of([1, 2, 3, 4, 5, 6])
    p_value = compare_means(control, treatment).p_value
    assert 0.5 < p_value < 1
    lift = compare_means(control, treatment, confidence=1 - p_value)
    assert not lift.significant
    assert lift.absolute.interval.contains(0)
    assert lift.relative.interval is not None
    assert lift.relative.interval.contains(0)


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    control, treatment = M.of(revenue(6, 90, 0.5, 900)), M.of(revenue(7, 60, 0.5, 1500))
    there, back = compare_means(control, treatment), compare_means(treatment, control)
    assert back.p_value == pytest.approx(there.p_value, rel=1e-12)
    assert back.absolute.value == -there.absolute.value
    assert back.absolute.interval.lower == pytest.approx(-(there.absolute.interval.upper or 0))


def test_another_unit_of_measure_changes_no_verdict() -> None:
    control, treatment = revenue(8, 90, 0.5, 900), revenue(9, 60, 0.5, 1500)
    won = compare_means(M.of(control), M.of(treatment))
    cents = compare_means(
        M.of([100 * value for value in control], 1000), M.of([100 * v for v in treatment], 1000)
    )
    assert cents.p_value == pytest.approx(won.p_value, rel=1e-12)
    assert cents.absolute.value == pytest.approx(won.absolute.value / 10, rel=1e-12)
    assert cents.relative.value == pytest.approx(won.relative.value, rel=1e-12)


def test_a_tiny_difference_of_huge_values_is_seen() -> None:
    base = 9_007_199_254_740_993
    control, treatment = [base, base + 2] * 50, [base + 1, base + 3] * 50
    lift = compare_means(M.of(control), M.of(treatment))
    assert lift.absolute.value == 1
    assert lift.significant


def test_values_that_do_not_vary_are_no_evidence_of_anything() -> None:
    with pytest.raises(NotEnoughData, match="every unit of a variant has one and the same value"):
        compare_means(M.of([0, 0, 0]), M.of([0, 0]))


def test_one_variant_may_be_constant() -> None:
    lift = compare_means(M.of([0, 0, 0, 0]), M.of([1, 2, 3, 4]))
    assert lift.control.interval.lower == lift.control.interval.upper == 0
    assert lift.relative.value is None
    assert lift.relative.gap == "the control's mean is not above 0"


@pytest.mark.parametrize(
    ("control", "treatment", "reason"),
    [
        ([], [1, 2], "the control has no units"),
        ([1, 2], [], "the treatment has no units"),
        ([1], [1, 2], "at least two units"),
        ([1, 2], [1], "at least two units"),
    ],
)
def test_too_few_units_are_refused(control: list[int], treatment: list[int], reason: str) -> None:
    with pytest.raises(NotEnoughData, match=reason):
        compare_means(M.of(control), M.of(treatment))


def test_a_negative_control_has_no_share() -> None:
    lift = compare_means(M.of([-10, -12, -9]), M.of([-3, -5, -4]))
    assert lift.relative.value is None
    assert lift.absolute.value > 0


def test_a_control_that_may_be_zero_has_a_lift_without_an_interval() -> None:
    lift = compare_means(M.of([-5, 6, 1, -2, 4]), M.of([10, 12, 9, 14]))
    assert lift.relative.value is not None
    assert lift.relative.interval is None
    assert lift.relative.gap == "the control's mean cannot be told from 0"


def test_variants_of_different_scales_are_not_compared() -> None:
    with pytest.raises(ValueError, match="expected one scale"):
        compare_means(M.of([1, 2], 1), M.of([1, 2], 100))


def test_sums_at_the_limit_of_64_bits_neither_overflow_nor_lose_digits() -> None:
    most = 2**63 - 1
    lift = compare_means(M.of([most, 0, most]), M.of([most, most, 0], 1))
    assert lift.absolute.value == 0
    assert lift.p_value == 1


def test_a_control_of_one_won_in_all_has_a_share() -> None:
    lift = compare_means(M.of([0, 1, 0, 0, 0]), M.of([1, 0, 1, 0]))
    assert lift.relative.value == pytest.approx(1.5)
    assert lift.relative.interval is None


def test_a_confidence_in_percent_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence is 95"):
        compare_means(M.of([1, 2]), M.of([3, 5]), confidence=95)
    with pytest.raises(ValueError, match="confidence is 95"):
        estimate_mean(M.of([1, 2]), confidence=95)
