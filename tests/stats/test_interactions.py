"""Whether the effects of segments differ: one test, on either scale."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi2, norm
from statsmodels.stats.contingency_tables import StratifiedTable
from statsmodels.stats.meta_analysis import combine_effects

from stats.errors import NotEnoughData
from stats.interactions import (
    METHODS,
    check_common_effect,
    compare_differences,
    compare_effects,
    compare_ratios,
)
from stats.samples import BinomialSample, MeanSample, RatioSample
from stats.sequential import NormalEstimate

B = BinomialSample
SEGMENTS = [
    (B(200, 20), B(200, 30)),
    (B(500, 50), B(450, 65)),
    (B(90, 10), B(130, 11)),
    (B(1200, 300), B(1250, 310)),
]


def test_two_segments_are_compared_by_z() -> None:
    """R's closed form on the difference of two risk differences."""
    found = compare_differences([(B(200, 20), B(200, 30)), (B(200, 50), B(200, 65))])
    assert found.z == pytest.approx(0.44743737, abs=1e-8)
    assert found.p_value == pytest.approx(0.6545592987, abs=1e-9)
    assert found.chi_square == pytest.approx(0.44743737**2, abs=1e-8)


def test_several_segments_have_the_q_of_a_meta_analysis() -> None:
    rng = np.random.default_rng(1)
    for count in (2, 3, 7):
        values, errors = rng.normal(0, 1, count), rng.uniform(0.1, 2, count)
        found = compare_effects([NormalEstimate(v, e) for v, e in zip(values, errors, strict=True)])
        expected = combine_effects(values, errors**2)
        assert found.chi_square == pytest.approx(expected.q)
        assert found.p_value == pytest.approx(chi2.sf(expected.q, count - 1))
        assert found.common.value == pytest.approx(expected.mean_effect_fe)
        assert found.common.standard_error == pytest.approx(expected.sd_eff_w_fe)
        assert found.share_beyond_chance == pytest.approx(max(0, expected.i2))


def test_relative_effects_that_are_the_same_are_told_from_absolute_ones_that_are_not() -> None:
    """Plus 20 % in both segments: two points in one, six in the other."""
    pairs = [(B(20_000, 2000), B(20_000, 2400)), (B(20_000, 6000), B(20_000, 7200))]
    assert compare_differences(pairs).p_value < 1e-9
    assert compare_ratios(pairs).p_value == pytest.approx(1)


def test_means_and_ratios_are_compared_by_the_same_entry() -> None:
    rng = np.random.default_rng(2)
    values = [[int(v) for v in rng.poisson(mean, 400)] for mean in (5, 6, 10, 12)]
    a, b, c, d = (MeanSample.of(numbers) for numbers in values)
    by_means = compare_differences([(a, b), (c, d)])
    assert by_means.z is not None
    assert 2 * norm.sf(abs(by_means.z)) == pytest.approx(by_means.p_value)
    e, f, g, h = (RatioSample.of([(v, 1) for v in numbers]) for numbers in values)
    assert compare_differences([(e, f), (g, h)]).z == pytest.approx(by_means.z)
    on_logs = compare_ratios([(e, f), (g, h)])
    assert on_logs.p_value > 0.01
    assert on_logs.p_value == pytest.approx(compare_ratios([(a, b), (c, d)]).p_value)


@given(
    st.lists(st.tuples(st.floats(-1, 1), st.floats(0.01, 1)), min_size=2, max_size=6),
    st.floats(-5, 5),
    st.sampled_from([1e-9, 1.0, 1e6]),
)
def test_neither_signs_nor_shifts_nor_units_nor_order_matter(
    effects: list[tuple[float, float]], shift: float, unit: float
) -> None:
    plain = compare_effects([NormalEstimate(v, e) for v, e in effects])
    turned = compare_effects([NormalEstimate(-v, e) for v, e in effects])
    moved = compare_effects([NormalEstimate(unit * (v + shift), unit * e) for v, e in effects])
    mixed = compare_effects([NormalEstimate(v, e) for v, e in reversed(effects)])
    for other in (turned, moved, mixed):
        assert other.p_value == pytest.approx(plain.p_value, abs=1e-9)
    assert 0 <= plain.p_value <= 1
    assert 0 <= plain.share_beyond_chance < 1


def test_one_segment_is_no_comparison() -> None:
    with pytest.raises(NotEnoughData, match="fewer than two"):
        compare_effects([NormalEstimate(1, 1)])
    with pytest.raises(NotEnoughData, match="standard error"):
        compare_differences([(B(9, 0), B(9, 0)), (B(9, 1), B(9, 2))])
    with pytest.raises(NotEnoughData, match="above 0"):
        compare_ratios([(B(9, 0), B(9, 3)), (B(9, 1), B(9, 2))])


def test_effects_that_are_worlds_apart_keep_their_tail() -> None:
    found = compare_effects([NormalEstimate(0, 0.01), NormalEstimate(0.3, 0.01)])
    assert found.p_value == pytest.approx(2 * norm.sf(0.3 / 0.01 / np.sqrt(2)), rel=1e-9)


def test_a_common_effect_is_cochran_mantel_haenszels() -> None:
    """R's mantelhaen.test without the continuity correction."""
    found = check_common_effect([(B(200, 20), B(200, 30)), (B(200, 50), B(200, 65))])
    assert found.chi_square == pytest.approx(4.960218797, abs=1e-9)
    assert found.p_value == pytest.approx(0.0259369254, abs=1e-10)


def test_a_common_effect_is_that_of_an_independent_implementation() -> None:
    tables = np.array(
        [[[t.successes, t.failures], [c.successes, c.failures]] for c, t in SEGMENTS], dtype=float
    )
    expected = StratifiedTable(np.moveaxis(tables, 0, -1))
    found = check_common_effect(SEGMENTS)
    assert found.chi_square == pytest.approx(expected.test_null_odds().statistic)
    assert found.p_value == pytest.approx(expected.test_null_odds().pvalue)
    assert found.odds_ratio == pytest.approx(expected.oddsratio_pooled)


def test_segments_that_say_nothing_count_for_nothing() -> None:
    silent = [(B(0, 0), B(50, 5)), (B(50, 0), B(50, 0)), (B(9, 9), B(7, 7)), (B(0, 0), B(1, 0))]
    plain, more = check_common_effect(SEGMENTS), check_common_effect([*SEGMENTS, *silent])
    assert more.chi_square == plain.chi_square
    assert more.odds_ratio == plain.odds_ratio
    with pytest.raises(NotEnoughData, match="no segment"):
        check_common_effect(silent)
    with pytest.raises(NotEnoughData, match="no segment"):
        check_common_effect([])


def test_exchanged_variants_turn_the_odds_and_leave_the_test() -> None:
    there = check_common_effect(SEGMENTS)
    back = check_common_effect([(t, c) for c, t in SEGMENTS])
    assert back.chi_square == there.chi_square
    assert there.odds_ratio is not None
    assert back.odds_ratio == pytest.approx(1 / there.odds_ratio)


def test_odds_without_a_limit_have_a_reason() -> None:
    found = check_common_effect([(B(100, 0), B(100, 9))])
    assert (found.odds_ratio, found.p_value < 0.01) == (None, True)
    assert found.gap is not None


def test_confounding_by_segment_is_seen_through() -> None:
    """The treatment went to those who buy more: pooled it looks good, within it does nothing."""
    pairs = [(B(9000, 450), B(1000, 50)), (B(1000, 300), B(9000, 2700))]
    assert check_common_effect(pairs).p_value == pytest.approx(1)


def test_every_method_is_named() -> None:
    assert len(METHODS) == 4


@pytest.mark.slow
def test_equal_effects_are_called_different_as_often_as_they_should() -> None:
    rng = np.random.default_rng(5)
    false = 0
    for _ in range(4000):
        pairs = [
            (B(n, int(rng.binomial(n, p))), B(n, int(rng.binomial(n, p + 0.02))))
            for n, p in ((2000, 0.1), (1000, 0.3), (3000, 0.05))
        ]
        false += compare_differences(pairs).p_value < 0.05
    assert false / 4000 == pytest.approx(0.05, abs=3 * 0.0035)
