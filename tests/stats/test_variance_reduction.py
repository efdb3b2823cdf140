"""Covariates: the adjusted comparison beside the plain one, and when it is withheld."""

import math
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import statsmodels.api as sm
from scipy import stats as reference

from stats.errors import NotEnoughData
from stats.fieller import fieller_interval
from stats.lift import Interval
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.ratios import compare_ratios
from stats.samples import BinomialSample, CovariateSample, MeanSample, RatioSample
from stats.variance_reduction import METHODS, AdjustedComparison, WhyNot, compare_adjusted
from stats.variance_reduction.adjustment import (
    compare_with_one_slope,
    compare_with_own_slopes,
    one_slope,
    own_slopes,
    scores_of,
)
from stats.variance_reduction.cuped import check_balance, correlation_of
from stats.variance_reduction.outcomes import compare_outcomes, estimate_outcome
from stats.variance_reduction.scores import Scores, solve

C = CovariateSample
Floats = npt.NDArray[np.float64]
Rows = Sequence[tuple[int, int | None]]

SCALE = 100


def spenders(
    seed: int, units: int, slope: float = 1.0, effect: float = 0.0, missing: float = 0.0
) -> Rows:
    """Scaled (spent, spent before or None); on average 70 at a slope of 1, and the effect."""
    rng = np.random.default_rng(seed)
    before = rng.gamma(2, 20, units)
    spent = 30 + slope * before + rng.normal(0, 15, units) + effect
    unknown = rng.random(units) < missing
    return [
        (round(SCALE * y), None if new else round(SCALE * x))
        for y, x, new in zip(spent.tolist(), before.tolist(), unknown.tolist(), strict=True)
    ]


def sample(rows: Rows) -> CovariateSample:
    return C.of(rows, SCALE, SCALE)


def arrays(control: Rows, treatment: Rows) -> tuple[Floats, Floats, Floats]:
    """The outcomes, covariates (with the indicator) and variants of all units."""
    rows = [*control, *treatment]
    y = np.array([row[0] / SCALE for row in rows])
    z = np.array([[(x or 0) / SCALE, float(x is None)] for _, x in rows])
    arm = np.r_[np.zeros(len(control)), np.ones(len(treatment))]
    return y, z if z[:, 1].any() else z[:, :1], arm


def interacted(y: Floats, z: Floats, arm: Floats, kind: str) -> Any:
    centred = z - z.mean(axis=0)
    design = np.column_stack([np.ones_like(y), arm, centred, arm[:, None] * centred])
    return sm.OLS(y, design).fit(cov_type=kind)


def sides(interval: Interval | None) -> tuple[float, float]:
    assert interval is not None
    assert interval.lower is not None
    assert interval.upper is not None
    return interval.lower, interval.upper


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_one_slope_is_welchs_test_of_adjusted_outcomes(missing: float) -> None:
    control, treatment = spenders(1, 300, missing=missing), spenders(2, 310, 1.2, 4, missing)
    y, z, arm = arrays(control, treatment)
    theta = sm.OLS(y, sm.add_constant(z)).fit().params[1:]
    adjusted = y - z @ theta
    other = reference.ttest_ind(adjusted[arm == 1], adjusted[arm == 0], equal_var=False)
    lift = compare_with_one_slope(sample(control), sample(treatment))
    assert lift.statistic == pytest.approx(other.statistic, rel=1e-9)
    assert lift.p_value == pytest.approx(other.pvalue, rel=1e-7)
    expected = other.confidence_interval(0.95)
    assert sides(lift.absolute.interval) == pytest.approx((expected.low, expected.high))
    assert lift.method == "cuped"


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_own_slopes_give_the_coefficient_of_the_interacted_regression(missing: float) -> None:
    control, treatment = spenders(3, 900, 0.7, missing=missing), spenders(4, 150, 1.3, 4, missing)
    fit = interacted(*arrays(control, treatment), "HC2")
    lift = compare_with_own_slopes(sample(control), sample(treatment))
    assert lift.absolute.value == pytest.approx(fit.params[1], rel=1e-9)
    assert lift.method == "cuped_interacted"


@pytest.mark.parametrize(("missing", "near"), [(0.0, 0.001), (0.3, 0.02)])
def test_the_error_of_own_slopes_is_on_average_that_of_hc2_and_of_the_slopes(
    missing: float, near: float
) -> None:
    """HC2 knows which units vary more; sums know it only of variants."""
    shares = []
    for seed in range(0, 40, 2):
        control = spenders(seed, 2000, 0.7, missing=missing)
        treatment = spenders(seed + 1, 400, 1.3, 4, missing)
        y, z, arm = arrays(control, treatment)
        fit = interacted(y, z, arm, "HC2")
        apart = fit.params[2 + z.shape[1] :]
        spread = np.atleast_2d(np.cov(z.T))
        expected = math.sqrt(fit.bse[1] ** 2 + apart @ spread @ apart / len(y))
        found = own_slopes(*scores_of(sample(control), sample(treatment))).test.error
        shares.append(found / expected)
    assert np.mean(shares) == pytest.approx(1, abs=near)


def test_the_error_of_own_slopes_is_exact_where_the_slopes_are_one() -> None:
    """With one and the same slope it is that of two regressions, each with its variance."""
    control, treatment = spenders(7, 400), spenders(8, 150, effect=3)
    y, z, arm = arrays(control, treatment)
    own = own_slopes(*scores_of(sample(control), sample(treatment)))
    fits = [
        sm.OLS(y[arm == a], sm.add_constant(z[arm == a] - z.mean(axis=0))).fit() for a in (0, 1)
    ]
    slopes = [fit.params[1] for fit in fits]
    shares = [len(treatment) / len(y), len(control) / len(y)]
    common = shares[0] * slopes[0] + shares[1] * slopes[1]
    variance = sum(
        fit.bse[0] ** 2 + (fit.params[1] - common) ** 2 * z[arm == a].var(ddof=1) / sum(arm == a)
        for a, fit in enumerate(fits)
    )
    assert own.test.error == pytest.approx(math.sqrt(variance), rel=1e-9)


def test_a_ratio_is_adjusted_at_its_linearised_values() -> None:
    control, treatment = buyers(1, 300), buyers(2, 280, 1.3)
    lift = compare_with_one_slope(C.of_ratio(control), C.of_ratio(treatment))
    scores, before = zip(*(linearised(rows) for rows in (control, treatment)), strict=True)
    y, x = np.concatenate(scores), np.concatenate(before)
    theta = np.cov(y, x)[0, 1] / x.var(ddof=1)
    adjusted = [u - theta * z for u, z in zip(scores, before, strict=True)]
    other = reference.ttest_ind(adjusted[1], adjusted[0], equal_var=False)
    assert lift.statistic == pytest.approx(other.statistic, rel=1e-9)
    assert lift.absolute.value == pytest.approx(adjusted[1].mean() - adjusted[0].mean())


def buyers(seed: int, units: int, factor: float = 1.0) -> list[tuple[int, int, int]]:
    """Clicks, sends, and clicks before, of customers who differ; ``factor`` is an effect."""
    rng = np.random.default_rng(seed)
    own = rng.beta(0.8, 3.2, units)
    sends = 1 + rng.poisson(4, units)
    clicked = rng.binomial(sends, own * 0.7 * factor)
    return list(zip(clicked.tolist(), sends.tolist(), rng.binomial(6, own).tolist(), strict=True))


def linearised(rows: list[tuple[int, int, int]]) -> tuple[Floats, Floats]:
    y, d, x = np.array(rows, dtype=float).T
    ratio = y.sum() / d.sum()
    return ratio + (y - ratio * d) / d.mean(), x


def test_a_rate_is_adjusted_as_a_mean_of_zeros_and_ones() -> None:
    control = [(y > 1, x) for y, _, x in buyers(3, 500)]
    treatment = [(y > 1, x) for y, _, x in buyers(4, 500, 1.3)]
    rate = compare_with_one_slope(C.of_binary(control), C.of_binary(treatment))
    mean = compare_with_one_slope(
        *(C.of([(int(y), x) for y, x in rows]) for rows in (control, treatment))
    )
    assert rate.p_value == mean.p_value
    assert rate.absolute == mean.absolute
    assert rate.relative == mean.relative
    plain = compare_proportions(*_rates(control, treatment))
    assert rate.control == plain.control  # Wilson's, as without covariate


def _rates(*arms: list[tuple[bool, int]]) -> tuple[BinomialSample, BinomialSample]:
    control, treatment = (BinomialSample(len(arm), sum(y for y, _ in arm)) for arm in arms)
    return control, treatment


def test_the_lift_is_a_share_of_the_unadjusted_control() -> None:
    control, treatment = sample(spenders(9, 200)), sample(spenders(10, 200, effect=7))
    assert isinstance(control.outcome, MeanSample)
    lift = compare_with_one_slope(control, treatment)
    assert lift.control.value == control.outcome.mean
    assert lift.relative.value == pytest.approx(lift.absolute.value / control.outcome.mean)
    assert lift.treatment.value == pytest.approx(lift.control.value + lift.absolute.value)


def test_the_lifts_interval_is_that_of_the_joint_influence_of_every_unit() -> None:
    """Fieller's condition, with variances and covariance from the units' own influences."""
    control, treatment = spenders(11, 150), spenders(12, 160, effect=7)
    y, z, arm = arrays(control, treatment)
    theta = np.cov(y, z[:, 0])[0, 1] / z[:, 0].var(ddof=1)
    adjusted = y - theta * z[:, 0]
    plain_c, c, t = y[arm == 0], adjusted[arm == 0], adjusted[arm == 1]
    effect = t.mean() - c.mean()
    joint = np.cov(plain_c, c) / len(c)
    v_effect, v_control, shared = t.var(ddof=1) / len(t) + joint[1, 1], joint[0, 0], -joint[0, 1]
    lift = compare_with_one_slope(sample(control), sample(treatment))
    q = one_slope(*scores_of(sample(control), sample(treatment))).test.critical(0.95)
    for side in sides(lift.relative.interval):
        distance = (effect - side * plain_c.mean()) ** 2
        assert distance == pytest.approx(
            q**2 * (v_effect + side**2 * v_control - 2 * side * shared), rel=1e-8
        )


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    shown, uneven = 0, 0
    for seed in range(120):
        rng = np.random.default_rng(seed)
        n_c, n_t = (int(n) for n in rng.integers(20, 400, 2))
        missing = float(rng.choice([0.0, 0.2]))
        control = sample(spenders(2 * seed, n_c, missing=missing))
        treatment = sample(spenders(2 * seed + 1, n_t, 1.2, float(rng.normal(-8, 6)), missing))
        lift = compare_adjusted(control, treatment, confidence=confidence).decisive
        assert lift.significant != lift.absolute.interval.contains(0)
        assert lift.significant != Interval(*sides(lift.relative.interval)).contains(0)
        _check_that_nothing_was_forced(control, treatment, confidence)
        shown += lift.significant
        uneven += lift.method == "cuped_interacted"
    assert shown > 10
    assert uneven > 10


def _check_that_nothing_was_forced(control: C, treatment: C, confidence: float) -> None:
    """Before a rounding is settled, the lift's interval already gives the verdict."""
    for adjust in (one_slope, own_slopes):
        effect = adjust(*scores_of(control, treatment))
        interval = fieller_interval(
            effect.control,
            effect.treatment,
            effect.test.critical(confidence),
            effect.control.variance + effect.covariance,
        )
        assert interval is not None
        if abs(effect.test.p_value - (1 - confidence)) > 1e-9:
            assert interval.contains(0) == (effect.test.p_value > 1 - confidence)


@pytest.mark.parametrize("units", [(150, 170), (400, 120)])
def test_exchanging_the_variants_mirrors_the_answer(units: tuple[int, int]) -> None:
    control = sample(spenders(13, units[0], missing=0.2))
    treatment = sample(spenders(14, units[1], 1.3, 5, missing=0.2))
    there = compare_adjusted(control, treatment)
    back = compare_adjusted(treatment, control)
    assert there.adjusted is not None
    assert back.adjusted is not None
    assert back.adjusted.p_value == pytest.approx(there.adjusted.p_value, rel=1e-10)
    assert back.adjusted.absolute.value == -there.adjusted.absolute.value
    assert back.gain == pytest.approx(there.gain)
    assert back.balance_p == pytest.approx(there.balance_p)
    assert back.correlation == pytest.approx(there.correlation)


def test_other_units_of_measure_change_no_verdict() -> None:
    control, treatment = spenders(15, 200, missing=0.1), spenders(16, 130, 1.2, 5, missing=0.1)
    plain = compare_adjusted(sample(control), sample(treatment))

    def in_cents(rows: Rows) -> CovariateSample:
        return C.of(((100 * y, None if x is None else 7 * x) for y, x in rows), 1, 7 * SCALE)

    cents = compare_adjusted(in_cents(control), in_cents(treatment))
    assert plain.adjusted is not None
    assert cents.adjusted is not None
    assert cents.adjusted.p_value == pytest.approx(plain.adjusted.p_value, rel=1e-10)
    assert cents.adjusted.absolute.value == pytest.approx(10_000 * plain.adjusted.absolute.value)
    assert cents.adjusted.relative.value == pytest.approx(plain.adjusted.relative.value)
    assert (cents.gain, cents.correlation) == pytest.approx((plain.gain, plain.correlation))


def test_a_covariate_moved_by_a_constant_changes_nothing() -> None:
    control, treatment = spenders(17, 200), spenders(18, 210, effect=5)
    here = compare_adjusted(sample(control), sample(treatment))
    moved = compare_adjusted(
        *(sample([(y, (x or 0) + 10**7) for y, x in rows]) for rows in (control, treatment))
    )
    assert here.adjusted == moved.adjusted


def test_days_added_up_give_the_answer_of_all_rows() -> None:
    control, treatment = spenders(19, 200, missing=0.2), spenders(20, 210, effect=5)
    whole = compare_adjusted(sample(control), sample(treatment))
    summed = compare_adjusted(
        sample(control[:77]) + sample(control[77:]), sample(treatment[:3]) + sample(treatment[3:])
    )
    assert summed == whole


def test_the_gain_is_the_square_of_the_correlation() -> None:
    control, treatment = spenders(21, 3000), spenders(22, 3000, effect=1)
    found = compare_adjusted(sample(control), sample(treatment))
    assert found.gain is not None
    assert found.correlation is not None
    assert found.gain == pytest.approx(found.correlation**2, abs=0.01)
    assert found.gain > 0.7
    assert found.decisive is found.adjusted


def test_an_uneven_split_has_slopes_of_its_own_if_its_units_settle_them() -> None:
    large = sample(spenders(23, 1000))
    methods = {
        units: compare_adjusted(large, sample(spenders(24, units, effect=5))).decisive.method
        for units in (99, 100, 818, 819, 1000, 1222, 1223)
    }
    assert methods == {
        99: "cuped",
        100: "cuped_interacted",
        818: "cuped_interacted",  # 45.0 % is even
        819: "cuped",
        1000: "cuped",
        1222: "cuped",
        1223: "cuped_interacted",
    }


def test_a_covariate_that_one_variant_does_not_settle_has_one_slope() -> None:
    control = sample(spenders(25, 1000, missing=0.01))
    treatment = sample(spenders(26, 150, effect=5))
    with pytest.raises(NotEnoughData, match="do not settle slopes of their own"):
        compare_with_own_slopes(control, treatment)
    assert compare_adjusted(control, treatment).decisive.method == "cuped"


def test_more_confidence_widens_the_intervals() -> None:
    control, treatment = sample(spenders(27, 200)), sample(spenders(28, 200, effect=5))
    narrow, wide = (
        compare_adjusted(control, treatment, confidence=c).decisive for c in (0.9, 0.99)
    )
    assert sides(wide.absolute.interval)[0] < sides(narrow.absolute.interval)[0]
    assert sides(wide.relative.interval)[1] > sides(narrow.relative.interval)[1]


def test_a_constant_covariate_says_nothing() -> None:
    rows = [(y, 5) for y, _ in spenders(29, 100)]
    found = compare_adjusted(sample(rows), sample(rows))
    assert found.why_not is WhyNot.NO_COVARIATE
    assert (found.adjusted, found.gain, found.correlation, found.balance_p) == (None,) * 4
    assert found.decisive is found.unadjusted
    with pytest.raises(NotEnoughData, match="no covariate differs"):
        compare_with_one_slope(sample(rows), sample(rows))


def test_a_covariate_that_all_lack_says_nothing() -> None:
    rows: Rows = [(y, None) for y, _ in spenders(30, 100)]
    assert compare_adjusted(sample(rows), sample(rows)).why_not is WhyNot.NO_COVARIATE


def test_a_covariate_known_of_some_and_alike_in_them_still_says_who_is_new() -> None:
    """Old customers spend more: x is 7 for all of them, so x and its absence are one fact."""
    rows: Rows = [
        (y + 9000 * (k % 2), 7 if k % 2 else None) for k, (y, _) in enumerate(spenders(31, 200))
    ]
    zero: Rows = [(y, None if x is None else 0) for y, x in rows]
    found, same = (compare_adjusted(sample(r), sample(r[::-1])) for r in (rows, zero))
    assert found.gain is not None
    assert found.gain > 0.3
    assert same.gain == pytest.approx(found.gain)
    assert found.correlation == pytest.approx(-(same.correlation or 0))


def test_unbalanced_covariates_withhold_the_adjusted_answer() -> None:
    control, treatment = spenders(32, 400), spenders(33, 400)
    richer = [(y, (x or 0) + 1500) for y, x in treatment]
    found = compare_adjusted(sample(control), sample(richer))
    assert found.why_not is WhyNot.UNBALANCED
    assert found.balance_p is not None
    assert found.balance_p < 0.001
    assert found.correlation is not None
    assert found.adjusted is None


def test_more_missing_covariates_in_one_variant_are_unbalanced() -> None:
    control, treatment = spenders(34, 600), spenders(35, 600, missing=0.06)
    assert check_balance(sample(control), sample(treatment)) == pytest.approx(0, abs=1e-6)
    assert compare_adjusted(sample(control), sample(treatment)).why_not is WhyNot.UNBALANCED


def test_the_balance_is_welchs_test_of_the_covariates() -> None:
    control, treatment = spenders(36, 200), spenders(37, 300)
    other = reference.ttest_ind(
        [x or 0 for _, x in treatment], [x or 0 for _, x in control], equal_var=False
    )
    assert check_balance(sample(control), sample(treatment)) == pytest.approx(other.pvalue)


def test_few_missing_covariates_are_compared_by_fishers_test() -> None:
    known = spenders(36, 300)
    some: Rows = [(y, None if k < 3 else x) for k, (y, x) in enumerate(known)]
    expected = reference.fisher_exact(np.array([[0, 300], [3, 297]])).pvalue
    values = compare_means(sample(known).covariate, sample(some).covariate).p_value
    found = check_balance(sample(known), sample(some))
    assert found == pytest.approx(2 * min(expected, values))


def test_of_two_tests_of_balance_the_stricter_counts_double() -> None:
    control, treatment = (
        sample(spenders(38, 300, missing=0.3)),
        sample(spenders(39, 300, missing=0.3)),
    )
    missing = compare_proportions(
        BinomialSample(300, control.missing), BinomialSample(300, treatment.missing)
    ).p_value
    values = compare_means(control.covariate, treatment.covariate).p_value
    assert check_balance(control, treatment) == pytest.approx(min(1, 2 * min(missing, values)))


def test_covariates_constant_within_the_variants() -> None:
    rows = spenders(40, 50)
    one, two = (sample([(y, x) for y, _ in rows]) for x in (1, 2))
    assert check_balance(one, one) is None
    assert check_balance(one, two) == 0
    assert compare_adjusted(one, two).why_not is WhyNot.UNBALANCED


def test_a_weak_covariate_is_not_worth_it() -> None:
    rng = np.random.default_rng(1)
    arms = [
        sample([(y, int(rng.integers(0, 100))) for y, _ in spenders(41 + k, 2000)]) for k in (0, 1)
    ]
    found = compare_adjusted(*arms)
    assert found.why_not is WhyNot.WEAK_COVARIATE
    assert found.correlation is not None
    assert abs(found.correlation) <= 0.1
    assert found.balance_p is not None


def test_few_units_settle_no_slope() -> None:
    found = compare_adjusted(sample(spenders(43, 19)), sample(spenders(44, 200)))
    assert found.why_not is WhyNot.TOO_FEW_UNITS
    assert compare_adjusted(sample(spenders(45, 20)), sample(spenders(46, 20))).why_not is None


def test_scarce_outcomes_are_left_to_the_test_of_rates() -> None:
    control = C.of_binary([(k < 5, 10 + (k < 60)) for k in range(500)])
    treatment = C.of_binary([(k < 12, 10 + (k < 60)) for k in range(500)])
    found = compare_adjusted(control, treatment)
    assert found.why_not is WhyNot.SCARCE_OUTCOMES
    assert found.unadjusted == compare_proportions(BinomialSample(500, 5), BinomialSample(500, 12))


def test_a_rate_that_everyone_shares_has_no_correlation() -> None:
    nobody = C.of_binary([(False, k) for k in range(50)])
    found = compare_adjusted(nobody, nobody)
    assert found.why_not is WhyNot.SCARCE_OUTCOMES
    assert found.correlation is None


def test_an_outcome_that_is_its_covariate_leaves_nothing() -> None:
    rows = [(3 * x, x) for x in range(40)]
    found = compare_adjusted(C.of(rows), C.of(rows))
    assert found.why_not is WhyNot.NOTHING_LEFT
    assert found.correlation == 1


def test_what_cannot_be_compared_at_all_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="has no units"):
        compare_adjusted(C.of([]), C.of([(1, 2), (2, 3)]))
    with pytest.raises(NotEnoughData, match="at least two units"):
        compare_with_one_slope(C.of([(1, 2)]), C.of([(1, 2), (2, 3)]))
    with pytest.raises(ValueError, match="expected one kind"):
        compare_adjusted(C.of([(1, 2)] * 9), C.of_binary([(True, 2)] * 9))
    with pytest.raises(ValueError, match="covariates' scales"):
        compare_adjusted(C.of([(1, 2), (2, 3)], 1, 10), C.of([(1, 2), (2, 3)], 1, 1))
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_adjusted(C.of([(1, 2)]), C.of([(1, 2)]), confidence=95)
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_with_own_slopes(C.of([(1, 2)]), C.of([(1, 2)]), confidence=95)


@pytest.mark.parametrize(
    ("rows", "noun"),
    [([(-y, x) for y, x in spenders(47, 60)], "mean")],
)
def test_a_control_that_is_not_above_zero_has_no_share(rows: Rows, noun: str) -> None:
    lift = compare_with_one_slope(sample(rows), sample(spenders(48, 60)))
    assert lift.relative.value is None
    assert lift.relative.gap == f"the control's {noun} is not above 0"


def test_gaps_name_the_kind_of_value() -> None:
    ratio = compare_with_one_slope(
        C.of_ratio([(0, 2 + x % 3, x) for x in range(30)]),
        C.of_ratio([(x % 2, 2 + x % 3, x) for x in range(30)]),
    )
    assert ratio.relative.gap == "the control's ratio is not above 0"
    rate = compare_with_one_slope(
        C.of_binary([(False, x) for x in range(30)]),
        C.of_binary([(x % 2 > 0, x) for x in range(30)]),
    )
    assert rate.relative.gap == "the control's rate is not above 0"


def test_an_answer_says_why_something_is_missing() -> None:
    found = compare_adjusted(sample(spenders(49, 50)), sample(spenders(50, 50)))
    with pytest.raises(ValueError, match="why_not is"):
        replace(found, why_not=WhyNot.UNBALANCED)
    with pytest.raises(ValueError, match="why_not is None"):
        AdjustedComparison(found.unadjusted, None, None, None, None, None)
    with pytest.raises(ValueError, match="beside a gain"):
        replace(found, gain=None)


def test_outcomes_are_compared_and_estimated_by_their_kind() -> None:
    mean, ratio = MeanSample.of([1, 4, 2, 8]), RatioSample.of([(1, 2), (3, 4), (2, 7)])
    assert compare_outcomes(mean, mean) == compare_means(mean, mean)
    assert compare_outcomes(ratio, ratio) == compare_ratios(ratio, ratio)
    assert estimate_outcome(mean) == compare_means(mean, mean).control
    assert estimate_outcome(ratio) == compare_ratios(ratio, ratio).control
    assert set(METHODS) == {"cuped", "cuped_interacted", "post_stratified"}


def test_equations_without_one_answer_have_none() -> None:
    zero, one = Fraction(0), Fraction(1)
    assert solve(((zero,),), (one,)) is None
    assert solve(((one, one), (one, one)), (one, one)) is None


def test_pooled_moments_are_those_of_all_units() -> None:
    control, treatment = (
        sample(spenders(51, 40, missing=0.3)),
        sample(spenders(52, 70, missing=0.3)),
    )
    pooled = Scores.of(control) + Scores.of(treatment)
    assert pooled == Scores.of(control + treatment)
    assert correlation_of(pooled.keep((0,))) is not None


def covered(units: tuple[int, int], runs: int, seed: int) -> tuple[float, float]:
    """Share of true lifts of 10 % in the interval, and of equal variants told apart."""
    inside, called = 0, 0
    for run in range(runs):
        control = sample(spenders(seed + 3 * run, units[0], missing=0.1))
        better = sample(spenders(seed + 3 * run + 1, units[1], 1.15, 1.0, missing=0.1))
        equal = sample(spenders(seed + 3 * run + 2, units[1], missing=0.1))
        relative = compare_adjusted(control, better).decisive.relative.interval
        inside += relative is not None and relative.contains(0.1)
        called += compare_adjusted(control, equal).decisive.significant
    return inside / runs, called / runs


def test_the_lift_is_covered_as_often_as_planned() -> None:
    inside, called = covered((60, 60), 300, seed=20_000)
    assert inside == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 300))
    assert called == pytest.approx(0.05, abs=3 * math.sqrt(0.95 * 0.05 / 300))


@pytest.mark.slow
@pytest.mark.parametrize("units", [(60, 60), (400, 400), (900, 120)])
def test_the_lift_is_covered_as_often_as_planned_in_many_runs(units: tuple[int, int]) -> None:
    inside, called = covered(units, 2000, seed=600_000)
    assert inside == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / 2000))
    assert called == pytest.approx(0.05, abs=3 * math.sqrt(0.95 * 0.05 / 2000))


@pytest.mark.slow
def test_hc2_alone_covers_too_seldom_where_the_slopes_differ() -> None:
    """The true effect is 40; the share covered with and without what the slopes add."""
    alone, ours, runs = 0, 0, 2000
    for run in range(runs):
        control = spenders(700_000 + 2 * run, 270, 0.5)
        treatment = spenders(700_001 + 2 * run, 30, 1.5)
        fit = interacted(*arrays(control, treatment), "HC2")
        half = reference.t.ppf(0.975, 28) * fit.bse[1]
        alone += abs(fit.params[1] - 40) <= half
        lift = compare_with_own_slopes(sample(control), sample(treatment))
        ours += lift.absolute.interval.contains(40)
    assert alone / runs < 0.93
    assert ours / runs == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / runs))
