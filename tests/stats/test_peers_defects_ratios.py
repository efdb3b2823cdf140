"""Defects met in other tools' ratios and covariates, each with data that would show it."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats as reference

from stats.effects import Effect
from stats.fieller import Measured
from stats.means import compare_means
from stats.planning.means import MeanLift
from stats.planning.rules import Rules
from stats.planning.sizing import detectable_size, power_reached, required_units
from stats.proportions import compare_proportions
from stats.ratios import compare_ratios
from stats.samples import BinomialSample, CovariateSample, MeanSample, RatioSample
from stats.variance_reduction import compare_adjusted
from stats.variance_reduction.adjustment import one_slope, scores_of

C = CovariateSample
R = RatioSample


def spenders(seed: int, units: int, effect: float) -> CovariateSample:
    """What customers spent, 100 on average and the effect, beside what they spent before."""
    rng = np.random.default_rng(seed)
    before = rng.gamma(4, 15, units)
    spent = 40 + before + rng.normal(0, 10, units) + effect
    return C.of(
        [(round(100 * y), round(100 * x)) for y, x in zip(spent, before, strict=True)], 100, 100
    )


def test_growthbooks_relative_interval_of_cuped_that_was_too_narrow() -> None:
    """Its variance of the lift was too small (pull request 3610).

    One way to that: the adjusted control's error in the place of the unadjusted one's,
    which is the denominator's and much larger; it counts where the lift is large.
    """
    inside, narrow, runs = 0, 0, 300
    for run in range(runs):
        control, treatment = spenders(2 * run, 60, 0), spenders(2 * run + 1, 60, 100)
        effect = one_slope(*scores_of(control, treatment))
        interval = effect.relative(0.95).interval
        inside += interval is not None and interval.contains(1.0)
        wrong = _with_adjusted_control(effect).relative(0.95).interval
        narrow += wrong is not None and wrong.contains(1.0)
    assert inside / runs == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / runs))
    assert narrow / runs < 0.8


def _with_adjusted_control(effect: Effect) -> Effect:
    adjusted = effect.test.error**2 / 2
    return replace(effect, control=Measured(effect.control.value, adjusted), covariance=-adjusted)


def test_growthbooks_covariance_that_made_a_binomial_variance_negative() -> None:
    """Sums that would are refused; the sums of any units never do."""
    covariate = MeanSample.of([0] * 90 + [10] * 10)
    with pytest.raises(ValueError, match="no units have the sums"):
        C(BinomialSample(100, 10), covariate, sum_xy=101)
    rng = np.random.default_rng(1)
    for _ in range(50):
        arms = [
            C.of_binary([(bool(y), int(5 * y)) for y in rng.random(60) < rate])
            for rate in (0.4, 0.5)
        ]
        found = compare_adjusted(*arms)
        for lift in (found.unadjusted, found.adjusted or found.unadjusted):
            assert math.isfinite(lift.statistic)
            assert 0 <= lift.p_value <= 1


def test_cluster_experiments_centring_constant() -> None:
    """A lift of 10 % was shown as one of 193.6 % (pull request 270).

    The covariate was centred at its sum over the denominators, a twelfth of its mean, and
    what that left in every outcome stayed in the ratio that the lift is a share of.
    """
    control, treatment = before_and_after(3, 1.0), before_and_after(4, 1.1)
    found = compare_adjusted(control, treatment)
    assert isinstance(control.outcome, R)
    assert found.decisive is found.adjusted
    assert found.decisive.relative.value == pytest.approx(0.10, abs=0.01)
    assert found.decisive.relative.value == pytest.approx(found.unadjusted.relative.value, abs=0.01)
    assert found.decisive.control.value == control.outcome.ratio == pytest.approx(0.30, abs=0.005)
    assert found.decisive.treatment.value == pytest.approx(0.33, abs=0.005)


def before_and_after(seed: int, factor: float) -> CovariateSample:
    """Orders of about 12 visits per customer, beside the rate before, in thousandths."""
    rng = np.random.default_rng(seed)
    own = rng.beta(6, 14, 20_000)
    visits = 1 + rng.poisson(11, own.size)
    orders = rng.binomial(visits, own * factor)
    before = np.round(1000 * np.clip(own + rng.normal(0, 0.05, own.size), 0, 1)).astype(int)
    rows = zip(orders.tolist(), visits.tolist(), before.tolist(), strict=True)
    return C.of_ratio(rows, covariate_scale=1000)


def clicks(seed: int, units: int, rate: float, sends: float) -> list[tuple[int, int]]:
    rng = np.random.default_rng(seed)
    sent = 1 + rng.poisson(sends, units)
    own = rng.beta(2 * rate, 2 * (1 - rate), units)
    return list(zip(rng.binomial(sent, own).tolist(), sent.tolist(), strict=True))


def test_cluster_experiments_ratio_of_which_only_the_numerator_was_analysed() -> None:
    """Twice the sends at one rate are twice the clicks, and no lift of the ratio."""
    control, treatment = clicks(1, 3000, 0.2, 3), clicks(2, 3000, 0.2, 7)
    numerators = compare_means(*(MeanSample.of(y for y, _ in arm) for arm in (control, treatment)))
    assert numerators.p_value < 1e-20
    lift = compare_ratios(R.of(control), R.of(treatment))
    assert not lift.significant
    assert lift.relative.value == pytest.approx(0, abs=0.05)


@pytest.mark.parametrize("power", [0.5, 0.8, 0.95])
def test_cluster_experiments_least_effect_and_power_that_were_no_inverses(power: float) -> None:
    """Its least effect for a power of .8 had a power of .809."""
    sample = R.of(clicks(3, 500, 0.2, 3))
    rules = Rules(power=power)
    contrast = MeanLift(standard_deviation=math.sqrt(sample.variance), effect=0.01)
    least = detectable_size(contrast, 8000, rules)
    assert least is not None
    at_least = replace(contrast, effect=least)
    assert power_reached(at_least, 8000, rules) == pytest.approx(power, abs=1e-9)
    assert required_units(at_least, rules).total == pytest.approx(8000, rel=1e-9)


def test_eppos_missing_covariance_of_numerator_and_denominator() -> None:
    """Who gets more mails clicks more often; without the covariance the error is too large."""
    arms = [clicks(seed, 2000, 0.5, 6) for seed in (4, 5)]
    test = compare_ratios(*(R.of(arm) for arm in arms))
    error = test.absolute.value / test.statistic
    jackknife = math.sqrt(sum(_jackknife(arm) for arm in arms))
    assert error == pytest.approx(jackknife, rel=0.005)
    without = math.sqrt(sum(_without_covariance(arm) for arm in arms))
    assert without > 1.1 * error


def _jackknife(pairs: list[tuple[int, int]]) -> float:
    y, x = np.array(pairs, dtype=float).T
    left = (y.sum() - y) / (x.sum() - x)
    return float((len(pairs) - 1) / len(pairs) * ((left - left.mean()) ** 2).sum())


def _without_covariance(pairs: list[tuple[int, int]]) -> float:
    y, x = np.array(pairs, dtype=float).T
    ratio = y.sum() / x.sum()
    spread = y.var(ddof=1) + ratio**2 * x.var(ddof=1)
    return float(spread / len(pairs) / x.mean() ** 2)


def test_growthbooks_ratio_of_single_clicks() -> None:
    """Mails of one customer are alike; counted singly, equal variants differ too often."""
    runs = 400
    singly, by_unit = 0, 0
    for run in range(runs):
        control, treatment = (clicks(2 * run + k, 150, 0.3, 9) for k in (0, 1))
        singly += compare_events(control, treatment) < 0.05
        by_unit += compare_ratios(R.of(control), R.of(treatment)).significant
    assert singly / runs > 0.25
    assert by_unit / runs == pytest.approx(0.05, abs=3 * math.sqrt(0.95 * 0.05 / runs))


def compare_events(*arms: list[tuple[int, int]]) -> float:
    """The p-value of a test that takes every mail for a unit."""
    table = [[sum(y for y, _ in arm), sum(x - y for y, x in arm)] for arm in arms]
    return float(reference.chi2_contingency(np.array(table), correction=False).pvalue)


def test_a_rate_adjusted_for_nothing_that_helps_is_the_rate_itself() -> None:
    control, treatment = BinomialSample(900, 90), BinomialSample(900, 120)
    arms = [
        C.of_binary([(k < rate.successes, k % 2) for k in range(900)])
        for rate in (control, treatment)
    ]
    assert compare_adjusted(*arms).decisive == compare_proportions(control, treatment)
