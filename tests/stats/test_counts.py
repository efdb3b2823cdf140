"""Rates of events: an exact test, limits that invert it, events that never happened."""

import math

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.counts import compare_counts, estimate_count_rate, poisson_test
from stats.direction import Direction
from stats.errors import NotEnoughData
from stats.guardrails import judge_guardrail
from stats.lift import Lift
from stats.poisson import as_unlikely_p_value
from stats.samples import CountSample, pool

C = CountSample


def random_pairs(count: int, seed: int, most: float = 4) -> list[tuple[C, C]]:
    """Samples of 0 to 10**most events, exposures up to a hundred times as long."""
    rng = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        exposures = [int(10 ** rng.uniform(0, 2) * 100) for _ in range(2)]
        rate = 10 ** rng.uniform(-1, most) / max(exposures)
        error = math.sqrt(rate * (1 / exposures[0] + 1 / exposures[1]))
        other = max(0.0, rate + error * rng.uniform(-3, 3))
        pairs.append(
            (
                C(int(rng.poisson(rate * exposures[0])), exposures[0]),
                C(int(rng.poisson(other * exposures[1])), exposures[1]),
            )
        )
    return pairs


def assert_one_verdict(lift: Lift) -> None:
    assert lift.significant != lift.absolute.interval.contains(0)
    assert lift.absolute.interval.contains(lift.absolute.value)
    if lift.relative.interval is not None:
        assert lift.significant != lift.relative.interval.contains(0)
        if lift.relative.value is not None:
            assert lift.relative.interval.contains(lift.relative.value)


@pytest.mark.parametrize(("events", "exposure"), [(-1, 5), (1, -5), (3, 0)])
def test_impossible_counts_are_refused(events: int, exposure: int) -> None:
    with pytest.raises(ValueError, match="expected none"):
        C(events, exposure)


def test_samples_of_days_add_up() -> None:
    assert pool([C(3, 100), C(0, 0), C(2, 50)]) == C(5, 150)


def test_a_rate_without_exposure_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="exposure above 0"):
        _ = C(0, 0).rate


def test_published_answers_of_poisson_test_are_given_back() -> None:
    # Fay (2010), The R Journal 2(1), 53-58: 2 events in 17,877 against 10 in 20,000.
    test = poisson_test(C(10, 20_000), C(2, 17_877))
    assert test.p_value == pytest.approx(0.04213, abs=5e-6)
    assert test.ratio == pytest.approx(0.2237512, abs=5e-8)
    assert test.interval.lower == pytest.approx(0.02383738, abs=5e-9)
    assert test.interval.upper == pytest.approx(1.04995468, abs=5e-9)


def test_the_contradiction_in_them_is_not_ours() -> None:
    lift = compare_counts(C(10, 20_000), C(2, 17_877))
    assert not lift.significant
    assert_one_verdict(lift)
    assert lift.relative.interval is not None
    assert lift.relative.interval.upper == pytest.approx(0.04995468, abs=5e-9)


def test_p_value_and_ratio_are_those_of_the_binomial_distribution() -> None:
    for control, treatment in random_pairs(60, seed=1):
        events = control.events + treatment.events
        if events == 0:
            continue
        share = treatment.exposure / (control.exposure + treatment.exposure)
        binomial = scipy_stats.binom(events, share)
        tails = binomial.sf(treatment.events - 1), binomial.cdf(treatment.events)
        lift = compare_counts(control, treatment)
        assert lift.p_value == pytest.approx(min(1, 2 * min(tails)), rel=1e-9)
        two_sided = scipy_stats.binomtest(treatment.events, events, share)
        found = poisson_test(control, treatment, confidence=0.9)
        assert found.p_value == pytest.approx(two_sided.pvalue, rel=1e-6)
        sides = two_sided.proportion_ci(0.9, "exact")
        exposures = control.exposure / treatment.exposure
        assert found.interval.lower == pytest.approx(sides.low / (1 - sides.low) * exposures)
        if control.events:
            assert found.interval.upper == pytest.approx(sides.high / (1 - sides.high) * exposures)
        else:
            assert found.interval.upper is None


@pytest.mark.parametrize("events", [0, 1, 10, 3000])
def test_one_rate_has_garwoods_limits(events: int) -> None:
    interval = estimate_count_rate(C(events, 7)).interval
    chi2 = scipy_stats.chi2
    assert interval.upper == pytest.approx(chi2.ppf(0.975, 2 * events + 2) / 2 / 7)
    expected = chi2.ppf(0.025, 2 * events) / 2 / 7 if events else 0
    assert interval.lower == pytest.approx(expected)


def test_the_difference_reaches_as_far_as_any_share_and_number_on_the_arc() -> None:
    control, treatment = C(7, 100), C(13, 250)
    normal, gamma, beta = scipy_stats.norm, scipy_stats.gamma, scipy_stats.beta
    critical = normal.ppf(0.975)
    angles = np.linspace(0, np.pi / 2, 100_001)
    share_tail, number_tail = normal.cdf(-critical * np.array([np.cos(angles), np.sin(angles)]))
    shares = beta.isf(share_tail, 13 + 1, 7), beta.ppf(share_tail, 13, 7 + 1)
    numbers = gamma.isf(number_tail, 20 + 1), gamma.ppf(number_tail, 20)
    reached = [number * (share / 250 - (1 - share) / 100) for share in shares for number in numbers]
    interval = compare_counts(control, treatment).absolute.interval
    assert interval.upper == pytest.approx(np.max(reached), rel=1e-7)
    assert interval.lower == pytest.approx(np.min(reached), rel=1e-7)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    shown = 0
    for control, treatment in random_pairs(250, seed=2):
        lift = compare_counts(control, treatment, confidence=confidence)
        assert_one_verdict(lift)
        shown += lift.significant
    assert shown > 3


def test_a_threshold_met_to_the_last_digit_still_gives_one_verdict() -> None:
    control, treatment = C(42, 1000), C(60, 900)
    p_value = compare_counts(control, treatment).p_value
    for shift in range(-40, 41):
        assert_one_verdict(
            compare_counts(control, treatment, confidence=1 - p_value * (1 + shift * 1e-16))
        )


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    for control, treatment in random_pairs(50, seed=3):
        there, back = compare_counts(control, treatment), compare_counts(treatment, control)
        assert back.p_value == there.p_value
        assert back.statistic == -there.statistic
        assert back.absolute.value == -there.absolute.value
        assert back.absolute.interval.lower == -(there.absolute.interval.upper or 0.0)
        if there.relative.interval and there.relative.interval.upper is not None:
            assert back.relative.interval is not None
            inverse = 1 / (1 + there.relative.interval.upper) - 1
            assert back.relative.interval.lower == pytest.approx(inverse)


def test_another_unit_of_exposure_changes_no_verdict() -> None:
    days = compare_counts(C(42, 1000), C(60, 1100))
    hours = compare_counts(C(42, 24_000), C(60, 26_400))
    assert hours.p_value == pytest.approx(days.p_value, rel=1e-12)
    assert hours.relative.value == pytest.approx(days.relative.value)
    for side in ("lower", "upper"):
        in_hours = getattr(hours.absolute.interval, side)
        assert in_hours == pytest.approx(getattr(days.absolute.interval, side) / 24)


def test_no_events_at_all_leave_a_difference_with_limits() -> None:
    lift = compare_counts(C(0, 100), C(0, 200))
    assert (lift.p_value, lift.statistic, lift.absolute.value) == (1, 0, 0)
    # 3.689 expected events are the most that none of them is met by chance, at .025.
    assert lift.absolute.interval.lower == pytest.approx(-3.688879 / 100, abs=1e-8)
    assert lift.absolute.interval.upper == pytest.approx(3.688879 / 200, abs=1e-8)
    assert lift.relative.value is None
    assert lift.relative.gap == "neither variant has an event"
    with pytest.raises(NotEnoughData, match="neither variant has an event"):
        poisson_test(C(0, 100), C(0, 200))
    assert as_unlikely_p_value(C(0, 100), C(0, 200)) == 1


def test_a_control_without_events_sets_no_upper_limit() -> None:
    lift = compare_counts(C(0, 100), C(9, 100))
    assert lift.significant
    assert_one_verdict(lift)
    assert lift.relative.value is None
    assert lift.relative.interval is not None
    assert lift.relative.interval.upper is None
    assert "no upper limit" in str(lift.relative.gap)
    assert poisson_test(C(0, 100), C(9, 100)).ratio is None
    # With all events in one variant, the most of the difference is the most of its rate.
    assert lift.absolute.interval.upper == pytest.approx(lift.treatment.interval.upper)


def test_a_treatment_without_events_lost_everything() -> None:
    lift = compare_counts(C(9, 100), C(0, 100))
    assert_one_verdict(lift)
    assert lift.relative.value == -1
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower == -1


@pytest.mark.parametrize(
    ("control", "treatment", "name"), [(C(0, 0), C(1, 5), "control"), (C(1, 5), C(0, 0), "treat")]
)
def test_a_variant_without_exposure_is_refused(control: C, treatment: C, name: str) -> None:
    with pytest.raises(NotEnoughData, match=f"the {name}.* has no exposure"):
        compare_counts(control, treatment)
    with pytest.raises(NotEnoughData, match=f"the {name}.* has no exposure"):
        poisson_test(control, treatment)


def test_a_confidence_of_95_is_refused() -> None:
    for method in (compare_counts, poisson_test):
        with pytest.raises(ValueError, match="confidence"):
            method(C(1, 5), C(1, 5), confidence=95)


def test_counts_and_exposures_of_any_size_are_answered() -> None:
    lift = compare_counts(C(3, 10**40), C(10, 10**40))
    assert lift.p_value == compare_counts(C(3, 10), C(10, 10)).p_value
    assert_one_verdict(lift)
    assert_one_verdict(compare_counts(C(10**9, 10**12), C(10**9 + 10**5, 10**12)))


def test_a_guardrail_is_judged_in_events_for_each_part_of_the_exposure() -> None:
    lift = compare_counts(C(30, 100_000), C(28, 100_000), confidence=0.9)
    judged = judge_guardrail(lift, margin=0.0003, wanted=Direction.DECREASE)
    assert judged.outcome.value == "safe"


def coverage(control_mean: float, treatment_mean: float, exposures: tuple[int, int]) -> float:
    """Probability that the interval contains the difference, over all likely counts."""
    likely = [
        [(n, scipy_stats.poisson.pmf(n, mean)) for n in range(int(mean + 8 * mean**0.5 + 8))]
        for mean in (control_mean, treatment_mean)
    ]
    truth = treatment_mean / exposures[1] - control_mean / exposures[0]
    return sum(
        p * q
        for x, p in likely[0]
        for y, q in likely[1]
        if p * q > 1e-6
        and compare_counts(C(x, exposures[0]), C(y, exposures[1])).absolute.interval.contains(truth)
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    ("control", "treatment", "exposures"),
    [(3, 3, (1, 1)), (2, 6, (1, 1)), (5, 20, (1, 4)), (10, 14, (1, 1)), (0.1, 8, (1, 5))],
)
def test_the_difference_is_covered_at_least_as_often_as_said(
    control: float, treatment: float, exposures: tuple[int, int]
) -> None:
    assert coverage(control, treatment, exposures) > 0.95
