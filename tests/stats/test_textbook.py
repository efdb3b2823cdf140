"""Textbook methods answer or refuse; their values are proved by the oracles."""

import numpy as np
import pytest
import statsmodels.api as sm

from stats import textbook
from stats.errors import NotEnoughData
from stats.samples import BinomialSample, CovariateSample, MeanSample, RatioSample

B = BinomialSample


def test_a_ratio_without_successes_has_no_logarithm() -> None:
    with pytest.raises(NotEnoughData, match="no successes"):
        textbook.katz_interval(B(100, 0), B(100, 5))


def test_a_ratio_of_nothing_to_nothing_has_no_score_interval() -> None:
    with pytest.raises(NotEnoughData, match="the same outcome"):
        textbook.koopman_interval(B(100, 0), B(100, 0))


def test_a_control_without_successes_sets_no_upper_limit() -> None:
    assert textbook.koopman_interval(B(100, 0), B(100, 5)).upper is None


@pytest.mark.parametrize(("successes", "lower", "upper"), [(0, 0, 0.3085), (10, 0.6915, 1)])
def test_clopper_and_pearson_at_the_ends(successes: int, lower: float, upper: float) -> None:
    interval = textbook.clopper_pearson_interval(B(10, successes))
    assert (interval.lower, interval.upper) == pytest.approx((lower, upper), abs=1e-4)


def test_the_delta_method_needs_a_control_above_or_below_zero() -> None:
    with pytest.raises(NotEnoughData, match="mean is 0"):
        textbook.relative_delta(MeanSample.of([-1, 1, 0]), MeanSample.of([1, 2, 3]))


def test_a_ratio_of_zero_has_no_logarithm() -> None:
    with pytest.raises(NotEnoughData, match="a ratio is not above 0"):
        textbook.ratio_log_lift(RatioSample.of([(0, 2), (0, 3)]), RatioSample.of([(1, 2), (0, 3)]))


def test_a_regression_needs_a_covariate_that_varies_and_units_to_spare() -> None:
    flat = CovariateSample.of([(1, 5), (2, 5), (4, 5)])
    few, some = CovariateSample.of([(1, 5)]), CovariateSample.of([(1, 5), (2, 6), (4, 9)])
    with pytest.raises(NotEnoughData, match="settle a slope"):
        textbook.ancova(flat, flat)
    with pytest.raises(NotEnoughData, match="settle a slope of their own"):
        textbook.ancova_interacted(flat, some)
    with pytest.raises(NotEnoughData, match="at least two units"):
        textbook.ancova(few, some)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_regressions_are_those_of_an_independent_implementation(seed: int) -> None:
    rng = np.random.default_rng(seed)
    x, arm = rng.integers(0, 50, 40), (rng.random(40) < 0.4).astype(int)
    y = 3 * x + 10 * arm + rng.integers(-20, 20, 40)
    rows = list(zip(y.tolist(), x.tolist(), arm.tolist(), strict=True))
    arms = [CovariateSample.of((one, z) for one, z, of in rows if of == a) for a in (0, 1)]
    centred = x - x.mean()
    for found, columns in (
        (textbook.ancova(*arms), [arm, x]),
        (textbook.ancova_interacted(*arms), [arm, centred, arm * centred]),
    ):
        fit = sm.OLS(y, np.column_stack([np.ones(40), *columns])).fit()
        assert found.difference == pytest.approx(fit.params[1], rel=1e-9)
        assert found.error == pytest.approx(fit.bse[1], rel=1e-9)


def test_strata_are_needed_for_an_average_of_strata() -> None:
    with pytest.raises(NotEnoughData, match="there are no strata"):
        textbook.post_stratified_wald([])
    with pytest.raises(NotEnoughData, match="at least one unit"):
        textbook.post_stratified_wald([(B(0, 0), B(5, 1))])


def test_every_method_has_a_name() -> None:
    assert len(textbook.METHODS) == 17
