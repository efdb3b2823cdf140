"""Quantiles: exact ranks, one verdict of two, ties as they come."""

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from scipy import stats as scipy_stats

from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.quantiles import compare_quantiles, estimate_quantile, order_ranks
from stats.ranks import Ranks
from stats.samples import ValueCounts, pool

V = ValueCounts


def assert_one_verdict(lift: Lift) -> None:
    assert lift.significant != lift.absolute.interval.contains(0)
    assert lift.absolute.interval.contains(lift.absolute.value)
    if lift.relative.interval is not None and lift.relative.value is not None:
        assert lift.significant != lift.relative.interval.contains(0)
        assert lift.relative.interval.contains(lift.relative.value)


def random_values(rng: np.random.Generator, most: int = 60) -> list[int]:
    """Values with many ties, few, or none, some below 0."""
    spread = 10 ** rng.uniform(0.3, 4)
    values = rng.normal(rng.choice([0, 1, 3]) * spread, spread, rng.integers(1, most))
    return [int(value) for value in values]


@pytest.mark.parametrize(
    ("counts", "scale", "reason"),
    [
        (((1, 0),), 1, "expected at least one unit"),
        (((1, -2),), 1, "expected at least one unit"),
        (((2**64, 1),), 1, "a value of 64 bits"),
        (((2, 1), (1, 1)), 1, "expected ascending values"),
        (((1, 1), (1, 1)), 1, "expected ascending values"),
        (((1, 1),), 0, "expected 1 or more"),
        (((1.5, 1),), 1, "expected an int"),
        (((1, True),), 1, "expected an int"),
    ],
)
def test_impossible_counts_are_refused(
    counts: tuple[tuple[int, int], ...], scale: int, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        V(counts, scale)


def test_samples_of_days_add_up() -> None:
    days = [[3, 1, 3], [], [-2], [1, 1, 7]]
    assert pool(V.of(day) for day in days) == V.of([value for day in days for value in day])
    assert V.of([3, 1, 3]).units == 3
    with pytest.raises(ValueError, match="expected one scale"):
        V.of([1]) + V.of([1], 100)


@pytest.mark.parametrize("quantile", [0.01, 0.1, 0.25, 1 / 3, 0.5, 0.9, 0.999])
def test_the_sample_quantile_is_definition_2(quantile: float) -> None:
    rng = np.random.default_rng(1)
    share = Fraction(quantile).limit_denominator(1000)
    for _ in range(60):
        values = random_values(rng)
        position = share * len(values)
        ordered = sorted(values)
        expected = (
            ordered[math.ceil(position) - 1]
            if position.denominator > 1
            else (ordered[int(position) - 1] + ordered[int(position)]) / 2
        )
        assert estimate_quantile(V.of(values), quantile=quantile).value == expected
        if quantile == 0.5:
            assert expected == np.median(values)


@pytest.mark.parametrize("quantile", [0.05, 0.5, 0.9])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.99])
def test_ranks_are_the_quantiles_of_a_binomial(quantile: float, confidence: float) -> None:
    tail = (1 - confidence) / 2
    for units in (1, 2, 7, 30, 101, 5000):
        below = scipy_stats.binom(units, quantile)
        lower, upper = order_ranks(units, quantile=quantile, confidence=confidence)
        assert (lower or 0) == below.ppf(tail)
        assert (units if upper is None else upper - 1) == below.ppf(1 - tail)
        # The quantile is between the two as often as the number below it is.
        least, most = lower or 0, units + 1 if upper is None else upper
        assert below.cdf(most - 1) - below.cdf(least - 1) >= confidence - 1e-12


def test_ranks_of_a_hundred_units_cover_as_published() -> None:
    lower, upper = order_ranks(100, quantile=0.5)
    assert (lower, upper) == (40, 61)
    below = scipy_stats.binom(100, 0.5)
    assert below.cdf(60) - below.cdf(39) == pytest.approx(0.9648, abs=5e-5)


def test_a_side_that_few_units_cannot_limit_is_none() -> None:
    interval = estimate_quantile(V.of([3, 1, 2]), quantile=0.5).interval
    assert (interval.lower, interval.upper) == (None, None)
    interval = estimate_quantile(V.of(range(20)), quantile=0.9).interval
    assert (interval.lower, interval.upper) == (14, None)


def log_likelihood_ratio(values: list[int], quantile: float, at: float) -> float:
    """Of a value: the best of all numbers of units that can be below it."""
    units, best = len(values), math.inf
    below, up_to = sum(v < at for v in values), sum(v <= at for v in values)
    for number in itertools.chain(range(below, up_to + 1), [units * quantile]):
        if not below <= number <= up_to:
            continue
        parts = ((number, quantile), (units - number, 1 - quantile))
        ratio = 2 * sum(n * math.log(n / (units * q)) for n, q in parts if n)
        best = min(best, max(ratio, 0))
    return best


def test_two_quantiles_agree_with_a_search_of_all_pairs() -> None:
    rng = np.random.default_rng(2)
    for _ in range(40):
        control, treatment = random_values(rng, 25), random_values(rng, 25)
        quantile, confidence = float(rng.choice([0.2, 0.5, 0.75])), 0.9
        lift = compare_quantiles(
            V.of(control), V.of(treatment), quantile=quantile, confidence=confidence
        )
        places = sorted({*control, *treatment})
        places = [places[0] - 1, *places, places[-1] + 1]
        c, t = (
            {at: log_likelihood_ratio(values, quantile, at) for at in places}
            for values in (control, treatment)
        )
        best = min(c[at] + t[at] for at in places)
        assert lift.p_value == pytest.approx(scipy_stats.chi2.sf(best, 1), rel=1e-6, abs=1e-12)
        critical = scipy_stats.chi2.ppf(confidence, 1)
        pairs = [
            (u, v)
            for u, v in itertools.product(places, places)
            if c[u] + t[v] <= critical and u in control and v in treatment
        ]
        interval = lift.absolute.interval
        if interval.lower is not None:
            assert interval.lower == min(v - u for u, v in pairs)
        if interval.upper is not None:
            assert interval.upper == max(v - u for u, v in pairs)
        open_below = t[places[0]] <= critical or c[places[-1]] <= critical
        assert (interval.lower is None) == open_below
        if lift.relative.interval is not None and lift.relative.interval.upper is not None:
            expected = max(Fraction(v, u) for u, v in pairs) - 1
            beyond = c[places[-1]] <= critical
            assert lift.relative.interval.upper == max(float(expected), -1 if beyond else -9e9)


def test_the_log_likelihood_ratio_is_that_of_the_number_below() -> None:
    ranks = Ranks.of(V.of(range(1, 21)), Fraction(1, 2))
    at_8 = ranks.likelihood_ratios(np.array([8]))[0]
    assert at_8 == pytest.approx(2 * (8 * math.log(8 / 10) + 12 * math.log(12 / 10)))
    assert ranks.beyond() == pytest.approx((40 * math.log(2), 40 * math.log(2)))


@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    rng = np.random.default_rng(4)
    shown = 0
    for _ in range(250):
        lift = compare_quantiles(
            V.of(random_values(rng)),
            V.of(random_values(rng)),
            quantile=float(rng.choice([0.1, 0.5, 0.8])),
            confidence=confidence,
        )
        assert_one_verdict(lift)
        shown += lift.significant
    assert shown > 3


def test_a_threshold_met_to_the_last_digit_still_gives_one_verdict() -> None:
    control, treatment = V.of(range(1, 100)), V.of(range(15, 114))
    p_value = compare_quantiles(control, treatment, quantile=0.5).p_value
    assert p_value > 0
    for shift in range(-40, 41):
        confidence = 1 - p_value * (1 + shift * 1e-16)
        assert_one_verdict(
            compare_quantiles(control, treatment, quantile=0.5, confidence=confidence)
        )


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        control, treatment = V.of(random_values(rng)), V.of(random_values(rng))
        there = compare_quantiles(control, treatment, quantile=0.3)
        back = compare_quantiles(treatment, control, quantile=0.3)
        assert back.p_value == there.p_value
        assert back.statistic == -there.statistic
        assert back.absolute.value == -there.absolute.value
        upper = there.absolute.interval.upper
        assert back.absolute.interval.lower == (None if upper is None else -upper)


def test_another_unit_of_measure_changes_no_verdict() -> None:
    control, treatment = list(range(5, 90)), list(range(20, 130))
    won = compare_quantiles(V.of(control), V.of(treatment), quantile=0.9)
    cents = compare_quantiles(
        V.of([100 * v for v in control], 1000),
        V.of([100 * v for v in treatment], 1000),
        quantile=0.9,
    )
    assert cents.p_value == won.p_value
    assert cents.absolute.value == pytest.approx(won.absolute.value / 10)
    assert cents.relative == won.relative


def test_no_transformation_that_keeps_the_order_changes_the_p_value() -> None:
    rng = np.random.default_rng(6)
    control, treatment = rng.integers(1, 400, 80).tolist(), rng.integers(50, 500, 90).tolist()
    plain = compare_quantiles(V.of(control), V.of(treatment), quantile=0.5)
    cubes = compare_quantiles(
        V.of([v**3 for v in control]), V.of([v**3 for v in treatment]), quantile=0.5
    )
    assert cubes.p_value == plain.p_value
    assert cubes.statistic == plain.statistic


def test_values_that_are_mostly_zero_have_a_quantile_of_zero_and_no_share() -> None:
    lift = compare_quantiles(V.of([0] * 90 + [10] * 10), V.of([0] * 85 + [20] * 15), quantile=0.5)
    assert (lift.absolute.value, lift.p_value, lift.statistic) == (0, 1, 0)
    assert lift.relative.value is None
    assert lift.relative.gap == "the control's quantile is not above 0"


def test_a_control_that_may_be_zero_has_a_lift_without_an_interval() -> None:
    lift = compare_quantiles(V.of([0] * 48 + [10] * 52), V.of([30] * 100), quantile=0.5)
    assert lift.relative.value == 2
    assert lift.relative.interval is None
    assert lift.relative.gap == "the control's quantile cannot be told from 0"
    few = compare_quantiles(V.of([10, 11]), V.of(range(30, 130)), quantile=0.5)
    assert few.relative.interval is None


def test_too_few_units_of_the_treatment_leave_sides_open() -> None:
    lift = compare_quantiles(V.of(range(100, 300)), V.of([500, 600]), quantile=0.5)
    assert (lift.absolute.interval.lower, lift.absolute.interval.upper) == (None, None)
    assert lift.relative.interval is not None
    assert (lift.relative.interval.lower, lift.relative.interval.upper) == (None, None)
    assert "too few units" in str(lift.relative.gap)
    assert not lift.significant


def test_beside_a_control_without_an_upper_limit_the_treatment_may_be_nothing_of_it() -> None:
    lift = compare_quantiles(V.of(range(100, 120)), V.of(range(100, 400)), quantile=0.95)
    assert lift.absolute.interval.lower is None
    assert lift.relative.interval is not None
    assert lift.relative.interval.lower == -1


def test_one_unit_in_each_variant_shows_nothing() -> None:
    lift = compare_quantiles(V.of([5]), V.of([9]), quantile=0.5)
    assert lift.absolute.value == 4
    assert (lift.absolute.interval.lower, lift.absolute.interval.upper) == (None, None)
    assert not lift.significant


def test_values_at_the_limit_of_64_bits_are_exact() -> None:
    most = 2**62
    lift = compare_quantiles(V.of([-most] * 40), V.of([most] * 40), quantile=0.5)
    assert lift.absolute.value == 2.0**63
    assert lift.significant
    assert_one_verdict(lift)


@pytest.mark.parametrize("quantile", [0, 1, -0.1, 50, float("nan"), 1e-9])
def test_only_fractions_are_quantiles(quantile: float) -> None:
    for call in (
        lambda: compare_quantiles(V.of([1]), V.of([1]), quantile=quantile),
        lambda: estimate_quantile(V.of([1]), quantile=quantile),
        lambda: order_ranks(5, quantile=quantile),
    ):
        with pytest.raises(ValueError, match="quantile is"):
            call()


def test_other_bad_arguments_are_refused() -> None:
    with pytest.raises(ValueError, match="expected one scale"):
        compare_quantiles(V.of([1]), V.of([1], 10), quantile=0.5)
    with pytest.raises(ValueError, match="confidence"):
        compare_quantiles(V.of([1]), V.of([1]), quantile=0.5, confidence=95)
    with pytest.raises(NotEnoughData, match="the control has no units"):
        compare_quantiles(V.of([]), V.of([1]), quantile=0.5)
    with pytest.raises(NotEnoughData, match="the treatment has no units"):
        compare_quantiles(V.of([1]), V.of([]), quantile=0.5)
    with pytest.raises(NotEnoughData, match="at least one unit"):
        estimate_quantile(V.of([]), quantile=0.5)


@pytest.mark.slow
@pytest.mark.parametrize(("units", "quantile"), [(30, 0.5), (200, 0.5), (500, 0.95), (2000, 0.9)])
def test_intervals_cover_at_least_as_often_as_said(units: int, quantile: float) -> None:
    rng = np.random.default_rng(7)
    shape = scipy_stats.norm.ppf(quantile)
    truth = np.exp(shape), np.exp(0.2 + 0.7 * shape)
    covered = lifts = 0
    for _ in range(1000):
        control, treatment = (
            V.of((10**6 * rng.lognormal(mean, sigma, units)).astype(int).tolist(), 10**6)
            for mean, sigma in ((0, 1), (0.2, 0.7))
        )
        lift = compare_quantiles(control, treatment, quantile=quantile)
        covered += lift.absolute.interval.contains(truth[1] - truth[0])
        relative = lift.relative.interval
        lifts += relative is None or relative.contains(truth[1] / truth[0] - 1)
    assert min(covered, lifts) / 1000 > 0.945


@pytest.mark.slow
def test_equal_variants_with_ties_are_rarely_called_different() -> None:
    rng = np.random.default_rng(8)
    called = 0
    for _ in range(1000):
        control, treatment = (V.of(rng.geometric(0.1, 300).tolist()) for _ in range(2))
        called += compare_quantiles(control, treatment, quantile=0.5).significant
    assert called / 1000 <= 0.05 + 3 * math.sqrt(0.05 * 0.95 / 1000)
