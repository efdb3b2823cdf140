"""Times to an event: published curves, censoring, one verdict on the restricted mean."""

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.durations import (
    RestrictedMean,
    compare_durations,
    estimate_median_time,
    estimate_restricted_mean,
    estimate_survival,
    log_rank_test,
    restricted_mean,
    survival_curve,
)
from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.means import compare_means
from stats.samples import LifeTable, LifeTableRow, MeanSample, pool

# Freireich et al. (1963), Blood 21, 699-716: weeks of remission in acute leukaemia, with
# 6-mercaptopurine (censored where negative) and with placebo.
DRUG = [6, 6, 6, -6, 7, -9, 10, -10, -11, 13, 16, -17, -19, -20, 22, 23, -25, -32, -32, -34, -35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def table(times: list[int]) -> LifeTable:
    """A table of times, negative ones censored."""
    return LifeTable.of((abs(time), time > 0) for time in times)


def random_times(rng: np.random.Generator, units: int, mean: float, last: int) -> list[int]:
    """Exponential times in whole units, some censored."""
    times = 1 + rng.exponential(mean, units).astype(int)
    seen = rng.integers(last // 2, 3 * last, units)
    return [int(t) if t <= s else -int(s) for t, s in zip(times, seen, strict=True)]


def assert_one_verdict(lift: Lift) -> None:
    assert lift.significant != lift.absolute.interval.contains(0)
    assert lift.absolute.interval.contains(lift.absolute.value)
    if lift.relative.interval is not None:
        assert lift.significant != lift.relative.interval.contains(0)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ((-1, 1, 0), "nothing negative"),
        ((1, -1, 2), "nothing negative"),
        ((1, 0, 0), "at least one unit"),
        ((1.5, 1, 0), "expected an int"),
        ((0, 1, 0), "expected ascending times"),
    ],
)
def test_impossible_rows_are_refused(row: tuple[int, int, int], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        LifeTable((LifeTableRow(0, 1, 1), LifeTableRow(*row)))


def test_tables_of_days_add_up() -> None:
    days = [DRUG[:5], [], DRUG[5:9], DRUG[9:]]
    assert pool(table(day) for day in days) == table(DRUG)
    assert (table(DRUG).units, table(DRUG).events) == (21, 9)


def test_the_published_curve_is_given_back() -> None:
    curve = survival_curve(table(DRUG))
    assert [step.time for step in curve] == [6, 7, 10, 13, 16, 22, 23]
    assert [step.at_risk for step in curve] == [21, 17, 15, 12, 11, 7, 6]
    assert [step.events for step in curve] == [3, 1, 1, 1, 1, 1, 1]
    published = [0.857, 0.807, 0.753, 0.690, 0.627, 0.538, 0.448]
    assert [step.survival.value for step in curve] == pytest.approx(published, abs=5e-4)


def test_its_limits_are_greenwoods_on_the_log_log_scale() -> None:
    # Published standard errors of S: Collett, Modelling Survival Data in Medical Research.
    published = [0.0764, 0.0869, 0.0963, 0.1068, 0.1141, 0.1282, 0.1346]
    for step, error in zip(survival_curve(table(DRUG)), published, strict=True):
        share, interval = step.survival.value, step.survival.interval
        half = 1.959964 * error / (share * -math.log(share))
        assert interval.lower == pytest.approx(share ** math.exp(half), abs=5e-4)
        assert interval.upper == pytest.approx(share ** math.exp(-half), abs=5e-4)


def test_the_published_medians_are_given_back() -> None:
    drug, placebo = (estimate_median_time(table(times)) for times in (DRUG, PLACEBO))
    assert (drug.value, drug.interval.lower, drug.interval.upper) == (23, 13, None)
    assert (placebo.value, placebo.interval.lower, placebo.interval.upper) == (8, 4, 11)


def test_the_published_log_rank_test_is_given_back() -> None:
    test = log_rank_test(table(PLACEBO), table(DRUG))
    assert test.statistic**2 == pytest.approx(16.79294, abs=5e-6)
    assert (test.observed, round(test.expected, 2)) == (9, 19.25)
    assert test.p_value == pytest.approx(4.17e-5, abs=5e-8)
    assert test.statistic < 0
    back = log_rank_test(table(DRUG), table(PLACEBO))
    assert back.p_value == pytest.approx(test.p_value, rel=1e-12)


def test_the_published_restricted_means_are_given_back() -> None:
    # R's survfit, rmean = 35: 23.29 (2.83) and 8.67 (1.38).
    drug, placebo = (restricted_mean(table(times), 35) for times in (DRUG, PLACEBO))
    assert (round(drug.value, 2), round(drug.greenwood**0.5, 2)) == (23.29, 2.83)
    assert (round(placebo.value, 2), round(placebo.greenwood**0.5, 2)) == (8.67, 1.38)


@pytest.mark.parametrize("seed", range(5))
def test_the_curve_and_the_test_agree_with_scipy(seed: int) -> None:
    rng = np.random.default_rng(seed)
    control, treatment = random_times(rng, 60, 20, 20), random_times(rng, 45, 35, 20)
    censored: list[Any] = [
        scipy_stats.CensoredData(
            uncensored=[t for t in times if t > 0], right=[-t for t in times if t < 0]
        )
        for times in (treatment, control)
    ]
    curve = survival_curve(table(treatment), confidence=0.9)
    survival: Any = scipy_stats.ecdf(censored[0]).sf
    limits = survival.confidence_interval(0.9, method="log-log")
    for step in curve:
        if step.survival.value > 0:
            assert step.survival.value == pytest.approx(survival.evaluate(step.time))
            interval = step.survival.interval
            assert interval.lower == pytest.approx(limits.low.evaluate(step.time))
            assert interval.upper == pytest.approx(limits.high.evaluate(step.time))
    expected = scipy_stats.logrank(censored[0], censored[1])
    found = log_rank_test(table(control), table(treatment))
    assert found.statistic == pytest.approx(expected.statistic)
    assert found.p_value == pytest.approx(expected.pvalue)


def area_and_variance(times: list[int], horizon: int) -> tuple[Fraction, Fraction]:
    """The restricted mean and Greenwood's variance, unit of time by unit of time, exactly."""

    def survival(at: int) -> Fraction:
        share = Fraction(1)
        for time in sorted({t for t in times if 0 < t <= at}):
            at_risk = sum(abs(t) >= time for t in times)
            share *= 1 - Fraction(times.count(time), at_risk)
        return share

    curve = [survival(at) for at in range(horizon)]
    variance = Fraction(0)
    for time in sorted({t for t in times if 0 < t < horizon}):
        at_risk, events = sum(abs(t) >= time for t in times), times.count(time)
        if at_risk > events:
            variance += sum(curve[time:]) ** 2 * Fraction(events, at_risk * (at_risk - events))
    return sum(curve, Fraction(0)), variance


@pytest.mark.parametrize("seed", range(5))
def test_the_restricted_mean_is_the_area_under_the_curve(seed: int) -> None:
    times = random_times(np.random.default_rng(seed), 40, 15, 12)
    found = restricted_mean(table(times), 12)
    area, variance = area_and_variance(times, 12)
    assert found.value == pytest.approx(float(area), rel=1e-12)
    assert found.greenwood == pytest.approx(float(variance), rel=1e-12)
    assert found.known == sum(t > 0 or t <= -12 for t in times)


def test_without_censoring_the_comparison_is_that_of_the_mean_times() -> None:
    rng = np.random.default_rng(10)
    control, treatment = (rng.integers(1, most, 40).tolist() for most in (30, 45))
    lift = compare_durations(table(control), table(treatment), horizon=20, confidence=0.9).lift
    means = compare_means(
        *(MeanSample.of([min(t, 20) for t in times]) for times in (control, treatment)),
        confidence=0.9,
    )
    assert lift.p_value == pytest.approx(means.p_value, rel=1e-9)
    assert lift.statistic == pytest.approx(means.statistic, rel=1e-9)
    for ours, theirs in ((lift.absolute, means.absolute), (lift.relative, means.relative)):
        assert ours.value == pytest.approx(theirs.value)
        assert ours.interval is not None
        assert theirs.interval is not None
        assert ours.interval.lower == pytest.approx(theirs.interval.lower)
        assert ours.interval.upper == pytest.approx(theirs.interval.upper)
    assert lift.control.interval.lower == pytest.approx(means.control.interval.lower)


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    rng = np.random.default_rng(11)
    shown = 0
    for _ in range(150):
        control, treatment = (
            table(random_times(rng, int(rng.integers(5, 80)), rng.uniform(5, 20), 12))
            for _ in range(2)
        )
        try:
            lift = compare_durations(control, treatment, horizon=12, confidence=confidence).lift
        except NotEnoughData:
            continue
        assert_one_verdict(lift)
        shown += lift.significant
    assert shown > 3


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    there = compare_durations(table(PLACEBO), table(DRUG), horizon=20)
    back = compare_durations(table(DRUG), table(PLACEBO), horizon=20)
    assert back.lift.p_value == pytest.approx(there.lift.p_value, rel=1e-12)
    assert back.lift.absolute.value == -there.lift.absolute.value
    upper = there.lift.absolute.interval.upper or 0
    assert back.lift.absolute.interval.lower == pytest.approx(-upper)
    assert back.log_rank.p_value == pytest.approx(there.log_rank.p_value, rel=1e-12)


def test_another_unit_of_time_changes_no_verdict() -> None:
    weeks = compare_durations(table(PLACEBO), table(DRUG), horizon=20)
    days = compare_durations(
        table([7 * t for t in PLACEBO]), table([7 * t for t in DRUG]), horizon=140
    )
    assert days.lift.p_value == pytest.approx(weeks.lift.p_value, rel=1e-12)
    assert days.lift.absolute.value == pytest.approx(7 * weeks.lift.absolute.value)
    assert days.lift.relative.value == pytest.approx(weeks.lift.relative.value)
    assert days.log_rank == weeks.log_rank


def test_the_log_rank_test_stands_beside_the_verdict_under_its_own_name() -> None:
    found = compare_durations(table(PLACEBO), table(DRUG), horizon=10)
    assert found.log_rank == log_rank_test(table(PLACEBO), table(DRUG))
    assert found.lift.method == "restricted_mean"
    assert found.lift.p_value != found.log_rank.p_value
    assert found.horizon == 10


def test_events_come_before_censoring_at_the_same_time() -> None:
    assert survival_curve(table([5, -5]))[0].at_risk == 2
    assert restricted_mean(table([5, -5]), 5).value == 5


def test_before_the_first_event_the_limit_is_that_of_no_event_in_those_seen() -> None:
    estimate = estimate_survival(table([-3, -8, -8, 9, 9]), 5)
    assert estimate.value == estimate.interval.upper == 1
    expected = scipy_stats.binomtest(4, 4).proportion_ci(0.95, "exact").low
    assert estimate.interval.lower == pytest.approx(expected)


def test_after_the_last_unit_the_upper_limit_does_not_rise() -> None:
    everyone = survival_curve(table([4] * 20))[-1].survival
    assert everyone.value == everyone.interval.lower == 0
    expected = scipy_stats.binomtest(0, 20).proportion_ci(0.95, "exact").high
    assert everyone.interval.upper == pytest.approx(expected)
    steps = survival_curve(table(PLACEBO))
    assert steps[-1].survival.interval.upper == steps[-2].survival.interval.upper
    assert estimate_survival(table(PLACEBO), 500).value == 0


def test_beyond_what_was_seen_nothing_is_said() -> None:
    assert estimate_survival(table(DRUG), 35).value == pytest.approx(0.448, abs=5e-4)
    with pytest.raises(NotEnoughData, match="until time 35, not until 36"):
        estimate_survival(table(DRUG), 36)
    with pytest.raises(NotEnoughData, match="treatment's units were seen until time 35"):
        compare_durations(table(PLACEBO), table(DRUG), horizon=36)
    with pytest.raises(NotEnoughData, match="control's units were seen until time 35"):
        compare_durations(table(DRUG), table(PLACEBO), horizon=36)


def test_a_median_that_was_not_reached_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="fewer than half"):
        estimate_median_time(table([1, 2, -9, -9, -9]))
    assert estimate_median_time(table([1, 2, 3, -9, -9, -9])).value == 3


def test_a_median_reached_by_rounding_alone_is_reached() -> None:
    # 0.9 * 8/9 * 7/8 * 6/7 * 5/6 is one half, and a trace more in floating point.
    assert estimate_median_time(table([1, 2, 3, 4, 5, -9, -9, -9, -9, -9])).value == 5


def test_where_everyone_is_censored_there_is_no_comparison() -> None:
    nobody, some = table([-20] * 30), table([3, 5, 8, -20, -20])
    assert survival_curve(nobody) == ()
    assert restricted_mean(nobody, 20).value == 20
    with pytest.raises(NotEnoughData, match="the control's times up to the horizon do not vary"):
        compare_durations(nobody, some, horizon=20)
    with pytest.raises(NotEnoughData, match="the treatment's times up to the horizon do not vary"):
        compare_durations(some, nobody, horizon=20)
    with pytest.raises(NotEnoughData, match="no event happened"):
        log_rank_test(nobody, nobody)
    assert log_rank_test(nobody, some).expected < 3


def test_units_that_were_never_at_risk_together_are_not_compared() -> None:
    with pytest.raises(NotEnoughData, match="units of both variants were at risk"):
        log_rank_test(table([-1, -1]), table([2, 3]))
    with pytest.raises(NotEnoughData, match="units of both variants were at risk"):
        log_rank_test(table([4, 4]), table([4]))


@pytest.mark.parametrize("times", [[4], [4, 4, 4], [-9]])
def test_times_that_do_not_vary_are_no_evidence(times: list[int]) -> None:
    with pytest.raises(NotEnoughData, match="do not vary"):
        estimate_restricted_mean(table(times), horizon=9)


def test_one_known_time_has_no_variance() -> None:
    found = restricted_mean(LifeTable.of([(2, True), (3, False), (5, False)]), 5)
    assert found.known == 2
    with pytest.raises(NotEnoughData, match="known of fewer than two units"):
        _ = RestrictedMean(value=4.0, greenwood=1.0, known=1).variance


def test_without_units_everything_is_refused() -> None:
    empty, some = table([]), table([1, 2])
    for call in (
        lambda: survival_curve(empty),
        lambda: estimate_survival(empty, 1),
        lambda: estimate_median_time(empty),
        lambda: restricted_mean(empty, 1),
        lambda: log_rank_test(empty, some),
        lambda: log_rank_test(some, empty),
        lambda: compare_durations(empty, some, horizon=2),
        lambda: compare_durations(some, empty, horizon=2),
    ):
        with pytest.raises(NotEnoughData, match="has no units"):
            call()


@pytest.mark.parametrize("horizon", [0, -3, 2.0, True])
def test_only_whole_times_are_horizons(horizon: int) -> None:
    with pytest.raises(ValueError, match="expected an int of 1 or more"):
        compare_durations(table([1, 2]), table([1, 3]), horizon=horizon)


def test_a_confidence_of_95_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        compare_durations(table([1, 2]), table([1, 3]), horizon=2, confidence=95)
    with pytest.raises(ValueError, match="confidence"):
        estimate_restricted_mean(table([1, 2]), horizon=2, confidence=95)
    with pytest.raises(ValueError, match="confidence"):
        survival_curve(table([1, 2]), confidence=95)


def test_a_control_whose_mean_may_be_zero_has_a_lift_without_an_interval() -> None:
    lift = compare_durations(table([1, 40]), table([20, 30, 40]), horizon=40).lift
    assert lift.relative.interval is None
    assert lift.relative.gap == "the control's mean time cannot be told from 0"


def test_events_at_time_0_are_events() -> None:
    now = LifeTable.of([(0, True), (0, True), (4, True), (8, False)])
    assert restricted_mean(now, 8).value == 3
    assert survival_curve(now)[0].survival.value == 0.5


@pytest.mark.slow
def test_intervals_cover_and_errors_are_as_said_under_censoring() -> None:
    rng = np.random.default_rng(12)
    covered = called = 0
    horizon, scale = 30, 30
    truth = {s: sum(math.exp(-at / s) for at in range(horizon)) for s in (scale, 45)}
    for _ in range(1000):
        control, equal, other = (
            table(random_times(rng, 80, mean, horizon)) for mean in (scale, scale, 45)
        )
        interval = compare_durations(control, other, horizon=horizon).lift.absolute.interval
        covered += interval.contains(truth[45] - truth[scale])
        called += compare_durations(control, equal, horizon=horizon).lift.significant
    bar = 3 * math.sqrt(0.05 * 0.95 / 1000)
    assert abs(covered / 1000 - 0.95) < bar
    assert abs(called / 1000 - 0.05) < bar
