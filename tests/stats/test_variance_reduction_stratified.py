"""Strata and phases: like compared with like, beside all units in one."""

import math
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from stats import textbook
from stats.errors import NotEnoughData
from stats.fieller import fieller_interval
from stats.means import compare_means
from stats.proportions import compare_proportions
from stats.ratios import compare_ratios
from stats.samples import BinomialSample, MeanSample, RatioSample, pool
from stats.variance_reduction import Stratum, WhyNot, compare_stratified
from stats.variance_reduction.stratified import stratified_effect

B = BinomialSample
M = MeanSample
R = RatioSample
S = Stratum


def baskets(seed: int, effect: float = 0.0) -> list[S]:
    """Three strata of other sizes, splits and means."""
    rng = np.random.default_rng(seed)
    return [
        S(
            *(
                M.of([int(v) for v in rng.normal(1000 * level + moved, 200, units)])
                for units, moved in ((n_c, 0), (n_t, effect))
            )
        )
        for level, n_c, n_t in ((1, 120, 100), (2, 60, 70), (5, 20, 30))
    ]


def test_the_difference_is_the_average_of_the_strata_by_their_units() -> None:
    strata = baskets(1, 50)
    found = compare_stratified(strata).adjusted
    assert found is not None
    differences, weights, variances = [], [], []
    for stratum in strata:
        assert isinstance(stratum.control, M)
        assert isinstance(stratum.treatment, M)
        alone = compare_means(stratum.control, stratum.treatment)
        differences.append(alone.absolute.value)
        variances.append((alone.absolute.value / alone.statistic) ** 2)
        weights.append(stratum.units / 400)
    assert found.absolute.value == pytest.approx(np.dot(weights, differences))
    error = math.sqrt(np.dot(np.square(weights), variances))
    assert found.statistic == pytest.approx(found.absolute.value / error)
    assert found.method == "post_stratified"


def test_it_is_the_regression_in_which_variant_and_strata_interact() -> None:
    rng = np.random.default_rng(2)
    levels = np.repeat([0, 1, 2], [200, 100, 60])
    arm = (rng.random(360) < 0.4).astype(int)
    y = np.round(rng.normal(100 * levels + 20 * arm, 40)).astype(int)
    dummies = np.column_stack([levels == level for level in (1, 2)]).astype(float)
    centred = dummies - dummies.mean(axis=0)
    design = np.column_stack([np.ones(360), arm, centred, arm[:, None] * centred])
    fit = sm.OLS(y, design).fit(cov_type="HC2")
    strata = [
        S(*(M.of(y[(levels == level) & (arm == a)].tolist()) for a in (0, 1)))
        for level in (0, 1, 2)
    ]
    effect = stratified_effect(strata)
    assert effect.test.difference == pytest.approx(fit.params[1], rel=1e-10)
    assert effect.test.error == pytest.approx(fit.bse[1], rel=1e-10)


def test_strata_of_rates_and_the_published_form() -> None:
    """The closed form divides by n, an unbiased variance by n - 1."""
    strata = [S(B(200, 20), B(200, 30)), S(B(200, 50), B(200, 65))]
    closed = textbook.post_stratified_wald([(B(200, 20), B(200, 30)), (B(200, 50), B(200, 65))])
    effect = stratified_effect(strata)
    assert effect.test.difference == closed.difference == 0.0625
    assert effect.test.error == pytest.approx(closed.error * math.sqrt(200 / 199), rel=1e-12)


def test_one_stratum_is_the_plain_comparison() -> None:
    values = M.of([1, 5, 3, 9, 4, 8]), M.of([4, 7, 8, 2, 9, 9, 8])
    found, plain = compare_stratified([S(*values)]), compare_means(*values)
    assert found.adjusted is not None
    assert found.adjusted.p_value == pytest.approx(plain.p_value, rel=1e-12)
    assert found.adjusted.absolute.value == pytest.approx(plain.absolute.value)
    assert found.unadjusted == plain
    assert found.gain == 0


def pairs(seed: int, units: int, rate: float) -> list[tuple[int, int]]:
    rng = np.random.default_rng(seed)
    sends = 1 + rng.poisson(3, units)
    return list(zip(rng.binomial(sends, rate).tolist(), sends.tolist(), strict=True))


def test_one_stratum_of_a_ratio_is_the_plain_comparison() -> None:
    values = R.of(pairs(1, 90, 0.2), 10, 2), R.of(pairs(2, 80, 0.3), 10, 2)
    found, plain = compare_stratified([S(*values)]), compare_ratios(*values)
    assert found.adjusted is not None
    assert found.adjusted.p_value == pytest.approx(plain.p_value, rel=1e-12)
    assert found.adjusted.relative.value == pytest.approx(plain.relative.value)


def test_a_ratio_is_that_of_the_weighted_sums() -> None:
    strata = [
        S(R.of(pairs(3, 80, 0.1)), R.of(pairs(4, 40, 0.2))),
        S(R.of(pairs(5, 30, 0.5)), R.of(pairs(6, 90, 0.6))),
    ]
    found = compare_stratified(strata).adjusted
    assert found is not None
    weights = [0.5, 0.5]

    def combined(samples: list[R]) -> float:
        y = sum(w * s.sum_y / s.units for w, s in zip(weights, samples, strict=True))
        x = sum(w * s.sum_x / s.units for w, s in zip(weights, samples, strict=True))
        return y / x

    control, treatment = (
        combined([arm for arm in arms if isinstance(arm, R)])
        for arms in ([s.control for s in strata], [s.treatment for s in strata])
    )
    assert found.control.value == pytest.approx(control)
    assert found.treatment.value == pytest.approx(treatment)
    assert found.relative.value == pytest.approx(treatment / control - 1)


def test_the_error_of_a_stratified_ratio_is_the_jackknifes() -> None:
    """Leaving out each unit in turn, stratum by stratum."""
    arms = [pairs(7, 300, 0.2), pairs(8, 200, 0.5)]
    other = [pairs(9, 250, 0.2), pairs(10, 250, 0.5)]
    strata = [S(R.of(c), R.of(t)) for c, t in zip(arms, other, strict=True)]
    weights = [stratum.units / 1000 for stratum in strata]
    variance = 0.0
    for h, rows in enumerate(arms):
        left = np.array([_combined_ratio(arms, weights, (h, k)) for k in range(len(rows))])
        variance += (len(rows) - 1) / len(rows) * ((left - left.mean()) ** 2).sum()
    assert stratified_effect(strata).control.variance == pytest.approx(variance, rel=0.02)


def _combined_ratio(
    arms: list[list[tuple[int, int]]], weights: list[float], without: tuple[int, int]
) -> float:
    y = x = 0.0
    for h, rows in enumerate(arms):
        array = np.array(rows, dtype=float)
        if h == without[0]:
            array = np.delete(array, without[1], axis=0)
        y += weights[h] * array[:, 0].mean()
        x += weights[h] * array[:, 1].mean()
    return y / x


def test_phases_of_two_allocations_do_not_reverse_the_answer() -> None:
    """Everybody buys more in the second week, in which nine of ten get the treatment."""
    found = compare_stratified([S(B(5000, 250), B(5000, 200)), S(B(1000, 150), B(9000, 1170))])
    assert found.unadjusted.absolute.value > 0.03
    assert found.adjusted is not None
    assert found.adjusted.absolute.value == pytest.approx(-0.015)
    assert found.adjusted.significant


@pytest.mark.parametrize("confidence", [0.8, 0.95])
def test_p_value_and_both_intervals_give_one_verdict(confidence: float) -> None:
    shown = 0
    for seed in range(80):
        rng = np.random.default_rng(seed)
        strata = []
        for rate in rng.uniform(0.05, 0.4, int(rng.integers(1, 5))):
            n_c, n_t = (int(n) for n in rng.integers(50, 500, 2))
            better = rate * rng.uniform(0.8, 1.4)
            strata.append(
                S(B(n_c, int(rng.binomial(n_c, rate))), B(n_t, int(rng.binomial(n_t, better))))
            )
        found = compare_stratified(strata, confidence=confidence).adjusted
        if found is None:
            continue
        assert found.relative.interval is not None
        assert found.significant != found.absolute.interval.contains(0)
        assert found.significant != found.relative.interval.contains(0)
        _check_that_nothing_was_forced(strata, confidence)
        shown += found.significant
    assert shown > 10


def _check_that_nothing_was_forced(strata: list[S], confidence: float) -> None:
    """Before a rounding is settled, the lift's interval already gives the verdict."""
    effect = stratified_effect(strata)
    interval = fieller_interval(
        effect.control,
        effect.treatment,
        effect.test.critical(confidence),
        effect.control.variance + effect.covariance,
    )
    assert interval is not None
    if abs(effect.test.p_value - (1 - confidence)) > 1e-9:
        assert interval.contains(0) == (effect.test.p_value > 1 - confidence)


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    strata = baskets(3, 60)
    there = compare_stratified(strata)
    back = compare_stratified([S(stratum.treatment, stratum.control) for stratum in strata])
    assert there.adjusted is not None
    assert back.adjusted is not None
    assert back.adjusted.p_value == pytest.approx(there.adjusted.p_value, rel=1e-12)
    assert back.adjusted.absolute.value == -there.adjusted.absolute.value
    assert back.gain == pytest.approx(there.gain)


def test_the_order_of_the_strata_changes_nothing() -> None:
    strata = baskets(4, 60)
    there, back = compare_stratified(strata), compare_stratified(strata[::-1])
    assert there.adjusted is not None
    assert back.adjusted is not None
    assert back.adjusted.p_value == pytest.approx(there.adjusted.p_value, rel=1e-12)


def test_another_unit_of_measure_changes_no_verdict() -> None:
    strata = baskets(5, 60)

    def in_cents(sample: M) -> M:
        return M(sample.units, 100 * sample.total, 10_000 * sample.squares, 10)

    scaled = [
        S(in_cents(s.control), in_cents(s.treatment))
        for s in strata
        if isinstance(s.control, M) and isinstance(s.treatment, M)
    ]
    won, cents = compare_stratified(strata).adjusted, compare_stratified(scaled).adjusted
    assert won is not None
    assert cents is not None
    assert cents.p_value == pytest.approx(won.p_value, rel=1e-12)
    assert cents.absolute.value == pytest.approx(10 * won.absolute.value)


def test_strata_that_differ_much_are_worth_much() -> None:
    found = compare_stratified(baskets(6, 60))
    assert found.gain is not None
    assert found.gain > 0.9


def test_a_stratum_without_a_variant_is_left_out_and_its_share_said() -> None:
    whole = [S(B(200, 20), B(200, 30)), S(B(200, 50), B(200, 65))]
    more = [*whole, S(B(0, 0), B(150, 90)), S(B(49, 3), B(1, 1))]
    found, without = compare_stratified(more), compare_stratified(whole)
    assert found.adjusted == without.adjusted
    assert found.gain == without.gain
    assert found.left_out == pytest.approx(200 / 1000)
    assert found.unadjusted == compare_proportions(B(449, 73), B(551, 186))
    assert without.left_out == 0


def test_strata_that_share_nothing_compare_nothing() -> None:
    found = compare_stratified([S(B(50, 20), B(0, 0)), S(B(1, 0), B(60, 30))])
    assert found.why_not is WhyNot.NO_SHARED_STRATUM
    assert (found.adjusted, found.gain, found.left_out) == (None, None, 1)


def test_scarce_outcomes_are_left_to_the_test_of_rates() -> None:
    found = compare_stratified([S(B(500, 3), B(500, 4)), S(B(500, 2), B(500, 9))])
    assert found.why_not is WhyNot.SCARCE_OUTCOMES
    assert found.unadjusted == compare_proportions(B(1000, 5), B(1000, 13))


def test_values_that_vary_between_strata_only_leave_nothing() -> None:
    found = compare_stratified([S(M.of([1, 1]), M.of([1, 1])), S(M.of([5, 5]), M.of([5, 5]))])
    assert found.why_not is WhyNot.NOTHING_LEFT
    assert found.unadjusted.p_value == 1


def test_a_variant_whose_shared_strata_have_no_denominators() -> None:
    some, none = R.of([(1, 2), (1, 3), (0, 2)]), R.of([(0, 0), (0, 0)])
    found = compare_stratified([S(none, some), S(some, R.of([(1, 1)]))])
    assert found.why_not is WhyNot.NOTHING_LEFT


def test_what_cannot_be_compared_at_all_is_refused() -> None:
    with pytest.raises(NotEnoughData, match="there are no strata"):
        compare_stratified([])
    with pytest.raises(NotEnoughData, match="the control has no units"):
        compare_stratified([S(B(0, 0), B(5, 1))])
    with pytest.raises(ValueError, match="expected one kind"):
        S(B(5, 1), M.of([1, 2]))
    with pytest.raises(ValueError, match="expected one kind"):
        compare_stratified([S(B(5, 1), B(5, 1)), S(M.of([1, 2]), M.of([1, 2]))])
    with pytest.raises(ValueError, match="expected one scale"):
        S(M.of([1, 2]), M.of([1, 2], 10))
    with pytest.raises(ValueError, match="expected a fraction"):
        compare_stratified([S(B(5, 1), B(5, 1))], confidence=95)


def test_strata_add_up() -> None:
    strata = [S(B(5, 1), B(6, 2)), S(B(7, 3), B(8, 4))]
    assert pool(strata) == S(B(12, 4), B(14, 6))


def test_an_answer_says_why_something_is_missing() -> None:
    found = compare_stratified(baskets(7))
    with pytest.raises(ValueError, match="why_not is"):
        replace(found, why_not=WhyNot.SCARCE_OUTCOMES)


def test_the_lift_is_covered_as_often_as_planned() -> None:
    rng = np.random.default_rng(8)
    inside, runs = 0, 400
    for _ in range(runs):
        strata = [
            S(
                *(
                    B(units, int(rng.binomial(units, r)))
                    for units, r in ((n_c, rate), (n_t, 1.2 * rate))
                )
            )
            for n_c, n_t, rate in ((300, 150, 0.05), (200, 200, 0.1), (60, 120, 0.3))
        ]
        interval = stratified_effect(strata).relative(0.95).interval
        inside += interval is not None and interval.contains(0.2)
    assert inside / runs == pytest.approx(0.95, abs=3 * math.sqrt(0.95 * 0.05 / runs))
