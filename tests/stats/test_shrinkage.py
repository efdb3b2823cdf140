"""What to expect after a win: exact shrinkage, priors from past tests, the winner's curse."""

import math

import numpy as np
import pytest

from stats.errors import NotEnoughData
from stats.lift import Lift
from stats.means import compare_means
from stats.proportions import compare_by_score, compare_proportions
from stats.samples import BinomialSample, MeanSample
from stats.sequential.estimates import NormalEstimate
from stats.shrinkage import (
    DEFAULT_PRIOR,
    DEFAULT_SD,
    FEWEST_TESTS,
    METHODS,
    LiftPrior,
    expected_lift,
    prior_from_past,
)

B = BinomialSample
WIN = compare_proportions(B(9000, 360), B(9000, 432))


def sides(lift: float, error: float, sd: float) -> tuple[float, float, float]:
    weight = sd**2 / (sd**2 + error**2)
    middle, half = weight * math.log1p(lift), 1.959963984540054 * error * math.sqrt(weight)
    return math.expm1(middle - half), math.expm1(middle), math.expm1(middle + half)


def past_of(seed: int, sd: float, error: float, count: int) -> list[NormalEstimate]:
    rng = np.random.default_rng(seed)
    values = rng.normal(0, math.hypot(sd, error), count)
    return [NormalEstimate(float(value), error) for value in values]


def test_the_expectation_is_that_of_a_normal_prior_on_the_log_lift() -> None:
    found = expected_lift(NormalEstimate(math.log(1.2), 0.07), LiftPrior(0.08, 20, None))
    lower, middle, upper = sides(0.2, 0.07, 0.08)
    assert found.observed == pytest.approx(0.2)
    assert found.expected == pytest.approx(middle)
    assert (found.interval.lower, found.interval.upper) == pytest.approx((lower, upper))
    assert found.kept == pytest.approx(0.08**2 / (0.08**2 + 0.07**2))
    assert found.prior.past_tests == 20
    assert METHODS["shrinkage"] is expected_lift


def test_a_lift_is_shrunk_by_the_error_its_interval_implies() -> None:
    found = expected_lift(WIN)
    # Katz' standard error of a log ratio, near the score interval's.
    error = math.sqrt(1 / 432 - 1 / 9000 + 1 / 360 - 1 / 9000)
    assert found.observed == pytest.approx(0.2)
    assert found.expected == pytest.approx(sides(0.2, error, DEFAULT_SD)[1], abs=2e-4)
    assert 0 < found.expected < found.observed
    assert found.prior == DEFAULT_PRIOR


def test_the_confidence_of_the_lift_does_not_change_what_is_expected() -> None:
    control, treatment = B(9000, 360), B(9000, 432)
    strict, plain = (compare_by_score(control, treatment, c) for c in (0.99, 0.95))
    assert expected_lift(strict).expected == pytest.approx(expected_lift(plain).expected, abs=2e-4)


def test_the_asked_confidence_is_that_of_the_interval() -> None:
    inner, outer = (expected_lift(WIN, confidence=c).interval for c in (0.8, 0.99))
    assert outer.lower is not None
    assert inner.lower is not None
    assert inner.upper is not None
    assert outer.upper is not None
    assert outer.lower < inner.lower < inner.upper < outer.upper


def test_a_precise_lift_is_kept_and_a_vague_one_is_not() -> None:
    precise, vague = (expected_lift(NormalEstimate(0.2, error)) for error in (1e-4, 10.0))
    assert precise.expected == pytest.approx(precise.observed, rel=1e-5)
    assert vague.expected == pytest.approx(0, abs=1e-4)
    assert vague.kept < 2e-4


def test_exchanging_the_variants_turns_the_ratio_over() -> None:
    there = expected_lift(NormalEstimate(0.3, 0.1))
    back = expected_lift(NormalEstimate(-0.3, 0.1))
    assert (1 + there.expected) * (1 + back.expected) == pytest.approx(1)
    assert expected_lift(NormalEstimate(0.0, 0.1)).expected == 0


def test_means_are_shrunk_too() -> None:
    rng = np.random.default_rng(8)
    control, treatment = (
        MeanSample.of([int(v) for v in rng.lognormal(mean, 0.6, 4000)]) for mean in (6.0, 6.05)
    )
    lift = compare_means(control, treatment)
    found = expected_lift(lift)
    assert lift.relative.value is not None
    assert 0 < found.expected < lift.relative.value


@pytest.mark.parametrize(
    ("lift", "reason"),
    [
        (compare_proportions(B(1000, 0), B(1000, 8)), "control has no successes"),
        (compare_proportions(B(1000, 8), B(1000, 0)), "above 0"),
        (compare_proportions(B(20, 0), B(20, 0)), "same outcome"),
    ],
)
def test_a_lift_without_a_logarithm_is_refused(lift: Lift, reason: str) -> None:
    with pytest.raises(NotEnoughData, match=reason):
        expected_lift(lift)


def test_what_cannot_be_asked_is_refused() -> None:
    with pytest.raises(ValueError, match="expected a fraction"):
        expected_lift(WIN, confidence=95)
    for sd in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match="expected a number above 0"):
            LiftPrior(sd, 0, None)


def test_few_past_tests_leave_the_default_and_say_so() -> None:
    assert prior_from_past([]) == DEFAULT_PRIOR
    few = prior_from_past(past_of(1, 0.05, 0.03, FEWEST_TESTS - 1))
    assert (few.sd, few.past_tests) == (DEFAULT_SD, 0)
    assert few.note == "only 9 past tests were given, 10 needed, so the default is used"
    enough = prior_from_past(past_of(1, 0.05, 0.03, FEWEST_TESTS))
    assert (enough.past_tests, enough.note) == (FEWEST_TESTS, None)
    assert enough.sd != DEFAULT_SD


def test_the_prior_solves_its_moment_equation() -> None:
    rng = np.random.default_rng(3)
    past = [
        NormalEstimate(float(rng.normal(0, 0.08)), float(error))
        for error in rng.uniform(0.02, 0.2, 40)
    ]
    sd = prior_from_past(past).sd
    terms = [test.value**2 / (sd**2 + test.standard_error**2) for test in past]
    assert sum(terms) + 5 * (DEFAULT_SD / sd) ** 2 == pytest.approx(45, rel=1e-9)


@pytest.mark.parametrize("sd", [0.03, 0.1, 0.3])
def test_many_past_tests_tell_how_much_lifts_differ(sd: float) -> None:
    found = prior_from_past(past_of(9, sd, 0.04, 4000)).sd
    assert found == pytest.approx(sd, rel=0.06)


def test_past_tests_that_tell_nothing_leave_the_default_as_it_is() -> None:
    found = prior_from_past([NormalEstimate(2.0 * (-1) ** i, 2.0) for i in range(30)])
    assert found.sd == pytest.approx(DEFAULT_SD, rel=0.01)


def test_past_tests_without_any_effect_never_make_the_prior_certain() -> None:
    found = prior_from_past([NormalEstimate(0.0, 0.01)] * 30)
    assert found.sd == pytest.approx(DEFAULT_SD * math.sqrt(5 / 35))
    wild = prior_from_past([NormalEstimate(3.0 * (-1) ** i, 0.01) for i in range(30)])
    assert 2.5 < wild.sd < 3.0


def curse(rng: np.random.Generator, tests: int) -> tuple[float, float, float]:
    """Mean true, observed and expected log lift of the tests that were called wins."""
    true = rng.normal(0, DEFAULT_SD, tests)
    error = 0.08
    observed = rng.normal(true, error)
    won = observed / error > 1.959964
    expected = [
        math.log1p(expected_lift(NormalEstimate(float(value), error)).expected)
        for value in observed[won]
    ]
    return float(true[won].mean()), float(observed[won].mean()), float(np.mean(expected))


def test_winners_are_observed_too_large_and_expected_right() -> None:
    true, observed, expected = curse(np.random.default_rng(21), 20_000)
    assert observed > 1.4 * true
    assert expected == pytest.approx(true, abs=0.005)


@pytest.mark.slow
def test_the_winners_curse_is_gone_in_whole_tests_with_a_learnt_prior() -> None:
    """Rates of 5 %, 8,000 units a variant; the prior comes from 400 earlier tests."""
    rng = np.random.default_rng(22)

    def run(tests: int, sd: float) -> list[tuple[float, Lift]]:
        found = []
        for lift in np.exp(rng.normal(0, sd, tests)):
            control, treatment = rng.binomial(8000, [0.05, 0.05 * lift])
            samples = B(8000, int(control)), B(8000, int(treatment))
            found.append((math.log(lift), compare_proportions(*samples)))
        return found

    past = []
    for _, lift in run(400, 0.15):
        assert lift.relative.value is not None
        error = math.sqrt(1 / (8000 * lift.control.value) + 1 / (8000 * lift.treatment.value))
        past.append(NormalEstimate(math.log1p(lift.relative.value), error))
    prior = prior_from_past(past)
    assert prior.sd == pytest.approx(0.15, abs=0.03)

    tests = run(3000, 0.15)
    won = [(true, lift) for true, lift in tests if lift.significant and lift.absolute.value > 0]
    true = np.array([value for value, _ in won])
    answers = [expected_lift(lift, prior) for _, lift in won]
    observed = np.log1p([answer.observed for answer in answers])
    expected = np.log1p([answer.expected for answer in answers])
    standard_error = (true - expected).std() / math.sqrt(len(won))
    assert observed.mean() > true.mean() + 5 * standard_error
    assert expected.mean() == pytest.approx(true.mean(), abs=3 * standard_error + 0.01)
    inside = [
        answer.interval.contains(math.expm1(value))
        for value, answer in zip(true, answers, strict=True)
    ]
    assert np.mean(inside) == pytest.approx(0.95, abs=0.025)
