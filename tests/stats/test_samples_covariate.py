"""Samples of an outcome beside a covariate: they add up and refuse the impossible."""

import random
from dataclasses import replace

import pytest

from stats.samples import BinomialSample, CovariateSample, MeanSample, RatioSample, pool

C = CovariateSample

MEANS = [(10, 8), (0, 0), (30, None), (12, 14)]
RATIOS = [(1, 4, 8), (0, 3, None), (2, 5, 6), (3, 0, 1)]
RATES = [(True, 8), (False, None), (True, None), (False, 2)]


def test_a_missing_covariate_counts_as_zero_and_as_missing() -> None:
    sample = C.of(MEANS, 10, 100)
    assert sample.outcome == MeanSample.of([10, 0, 30, 12], 10)
    assert sample.covariate == MeanSample.of([8, 0, 0, 14], 100)
    assert (sample.sum_xy, sample.missing, sample.missing_y) == (248, 1, 30)
    assert (sample.covariate_by_denominator, sample.missing_by_denominator) == (22, 1)


def test_a_ratio_has_its_denominators_beside_the_covariate() -> None:
    sample = C.of_ratio(RATIOS, 10, 1, 100)
    assert sample.outcome == RatioSample.of([(1, 4), (0, 3), (2, 5), (3, 0)], 10, 1)
    assert (sample.sum_xy, sample.sum_xd, sample.missing_d) == (23, 62, 3)
    assert (sample.covariate_by_denominator, sample.missing_by_denominator) == (62, 3)
    assert sample.covariate.scale == 100


def test_a_rate_is_carried_as_its_counts() -> None:
    sample = C.of_binary(RATES, 10)
    assert sample.outcome == BinomialSample(4, 2)
    assert (sample.sum_xy, sample.missing, sample.missing_y) == (8, 2, 1)
    assert sample.covariate.scale == 10


def test_values_without_scales_are_themselves() -> None:
    assert C.of(MEANS) == C.of(MEANS, 1, 1)
    assert C.of_ratio(RATIOS) == C.of_ratio(RATIOS, 1, 1, 1)
    assert C.of_binary(RATES) == C.of_binary(RATES, 1)


def test_nobody_is_missing_unless_said() -> None:
    known = C(MeanSample.of([10, 0]), MeanSample.of([8, 0]), 80)
    assert known == C.of([(10, 8), (0, 0)])


def test_the_sums_of_products_are_those_of_the_units_own_rows() -> None:
    rows = [(1, y, d, x or 0, int(x is None)) for y, d, x in RATIOS]
    products = tuple(tuple(sum(r[i] * r[j] for r in rows) for j in range(5)) for i in range(5))
    assert C.of_ratio(RATIOS).gram == products


def test_samples_of_days_add_up() -> None:
    draw = random.Random(1)
    rows = [
        (draw.randrange(20), draw.randrange(4), draw.choice([None, draw.randrange(9)]))
        for _ in range(60)
    ]
    parts = [rows[:11], [], rows[11:40], rows[40:]]
    assert pool(C.of_ratio(part) for part in parts) == C.of_ratio(rows)
    assert pool(C.of((y, x) for y, _, x in part) for part in parts) == C.of(
        (y, x) for y, _, x in rows
    )
    assert pool(C.of_binary((y > 9, x) for y, _, x in part) for part in parts) == C.of_binary(
        (y > 9, x) for y, _, x in rows
    )


def test_outcomes_of_two_kinds_do_not_add() -> None:
    with pytest.raises(ValueError, match="expected one kind"):
        C.of(MEANS) + C.of_binary(RATES)
    with pytest.raises(ValueError, match="expected one scale"):
        C.of(MEANS, 1, 10) + C.of(MEANS, 1, 1)


@pytest.mark.parametrize(
    "change",
    [
        {"sum_xy": 10_000},  # a correlation beyond 1
        {"missing": 4},  # covariates of units without any
        {"missing": 5},
        {"missing": -1},
        {"missing_y": 60},  # one unit with more than the squares hold
        {"missing": 0},  # an outcome of no units
        {"covariate": MeanSample.of([8, 0, 14])},
    ],
)
def test_sums_that_no_units_have_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="no units have the sums"):
        replace(C.of(MEANS), **change)  # type: ignore[arg-type]  # of one dictionary


@pytest.mark.parametrize("missing_y", [-1, 3])
def test_missing_units_have_no_more_outcomes_than_there_are(missing_y: int) -> None:
    with pytest.raises(ValueError, match="no units have the sums"):
        replace(C.of_binary(RATES), missing_y=missing_y)


def test_units_with_a_covariate_have_no_more_outcomes_than_units() -> None:
    rows = [(True, 0), (True, None), (True, None), (False, None)]
    with pytest.raises(ValueError, match="no units have the sums"):
        replace(C.of_binary(rows), missing_y=0)


@pytest.mark.parametrize(
    ("successes", "missing", "missing_y"),
    [
        (75, 75, 40),  # 35 outcomes of 25 units with a covariate
        (50, 10, 15),  # 15 outcomes of 10 units without one
    ],
)
def test_counts_that_only_correlations_would_allow_are_refused(
    successes: int, missing: int, missing_y: int
) -> None:
    nothing = MeanSample.of([0] * 100)
    with pytest.raises(ValueError, match="no units have the sums"):
        C(BinomialSample(100, successes), nothing, 0, missing, missing_y)


def test_a_ratios_denominators_are_there_and_fit() -> None:
    sample = C.of_ratio(RATIOS)
    with pytest.raises(ValueError, match="sums with a denominator"):
        replace(sample, sum_xd=None)
    with pytest.raises(ValueError, match="sums with a denominator"):
        replace(C.of(MEANS), missing_d=1)
    with pytest.raises(ValueError, match="no units have the sums"):
        replace(sample, missing_d=-3)
    with pytest.raises(ValueError, match="expected an int"):
        replace(sample, sum_xd=62.0)  # type: ignore[arg-type]  # it is what is refused


def test_only_integers_are_sums() -> None:
    with pytest.raises(ValueError, match="expected an int"):
        replace(C.of(MEANS), sum_xy=248.0)  # type: ignore[arg-type]  # it is what is refused
