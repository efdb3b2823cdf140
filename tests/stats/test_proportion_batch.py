"""Many comparisons at once give what each gives alone."""

import numpy as np
import pytest

from stats.errors import NotEnoughData
from stats.lift import Interval, Lift
from stats.proportion_batch import ManyLifts, RateTables, compare_many_proportions
from stats.proportions import LEAST_EXPECTED, compare_proportions, least_expected_count

EDGES = [
    (10, 0, 10, 10), (10, 10, 10, 0), (5000, 5000, 5000, 4900), (5000, 4900, 5000, 5000),
    (2000, 0, 2000, 40), (2000, 40, 2000, 0), (20, 10, 20, 10), (1000, 500, 1000, 500),
    (1, 0, 1, 1), (30, 0, 30, 0), (30, 30, 30, 30), (1000, 3, 1000, 9), (9000, 90, 1000, 12),
]  # fmt: skip


def tables(rows: list[tuple[int, int, int, int]]) -> RateTables:
    return RateTables(*np.array(rows).T)


def random_tables(number: int, seed: int) -> RateTables:
    rng = np.random.default_rng(seed)
    control, treatment = rng.integers(200, 50_000, (2, number))
    rate = rng.uniform(0.03, 0.97, number)
    moved = np.clip(rate * rng.uniform(0.9, 1.1, number), 0, 1)
    return RateTables(
        control, rng.binomial(control, rate), treatment, rng.binomial(treatment, moved)
    )


def sides(interval: Interval | None) -> list[float | None]:
    return [None, None] if interval is None else [interval.lower, interval.upper]


def assert_same(lift: Lift, found: ManyLifts, test: int) -> None:
    assert found.p_value[test] == pytest.approx(lift.p_value, rel=1e-9)
    assert found.interval[test].tolist() == pytest.approx(
        sides(lift.absolute.interval), rel=1e-7, abs=1e-9
    )
    assert found.control_interval[test].tolist() == pytest.approx(
        sides(lift.control.interval), rel=1e-7, abs=1e-9
    )
    seen = [found.relative[test], *found.relative_interval[test]]
    alone = [lift.relative.value, *sides(lift.relative.interval)]
    for mine, other in zip(seen, alone, strict=True):
        assert (mine is np.ma.masked) == (other is None)
        if other is not None:
            assert float(mine) == pytest.approx(other, rel=1e-7, abs=1e-9)
    assert bool(found.exact[test]) == (lift.method == "exact")
    assert bool(found.significant[test]) == lift.significant


@pytest.mark.parametrize("row", EDGES)
def test_an_edge_is_answered_as_it_is_alone(row: tuple[int, int, int, int]) -> None:
    both = tables([row, (80, 48, 70, 56)])
    found = compare_many_proportions(both)
    assert_same(compare_proportions(*both.samples(0)), found, 0)
    assert_same(compare_proportions(*both.samples(1)), found, 1)


@pytest.mark.parametrize("row", EDGES)
def test_a_batch_of_one_test_is_a_batch(row: tuple[int, int, int, int]) -> None:
    one = tables([row])
    assert_same(compare_proportions(*one.samples(0)), compare_many_proportions(one), 0)


def test_random_tables_are_answered_as_they_are_alone() -> None:
    many = random_tables(60, seed=20250310)
    found = compare_many_proportions(many, confidence=0.9)
    for test in range(60):
        assert_same(compare_proportions(*many.samples(test), confidence=0.9), found, test)


def test_sparse_is_what_it_is_alone() -> None:
    """Of variants of any two sizes, an expected count of just five included."""
    rng = np.random.default_rng(3)
    units = rng.integers(1, 300, (2, 3000))
    some = rng.integers(0, 12, (2, 3000)).clip(max=units)
    successes = np.where(rng.random((2, 3000)) < 0.5, some, units - some)
    many = RateTables(units[0], successes[0], units[1], successes[1])
    alone = [least_expected_count(*many.samples(test)) < LEAST_EXPECTED for test in range(3000)]
    assert many.sparse.tolist() == alone
    assert 0.2 < np.mean(alone) < 0.9
    assert tables([(20, 4, 30, 8), (20, 5, 20, 5), (10, 9, 10, 2)]).sparse.tolist() == [
        True,
        False,
        True,
    ]


def test_no_interval_contradicts_its_p_value() -> None:
    found = compare_many_proportions(random_tables(20_000, seed=7))
    excluded = (found.interval[:, 0] > 0) | (found.interval[:, 1] < 0)
    lower, upper = found.relative_interval[:, 0], found.relative_interval[:, 1]
    assert (excluded == found.significant).all()
    assert (((lower > 0) | (upper < 0)) == found.significant).all()
    assert 0.2 < found.significant.mean() < 0.9


def test_counts_that_make_no_tests_are_refused() -> None:
    with pytest.raises(NotEnoughData, match="no units"):
        tables([(0, 0, 10, 1)])
    with pytest.raises(ValueError, match="0 to all units"):
        tables([(10, 11, 10, 1)])
    with pytest.raises(ValueError, match="one shape"):
        RateTables(np.array([1]), np.array([1]), np.array([1, 2]), np.array([1, 1]))
    with pytest.raises(ValueError, match="confidence"):
        compare_many_proportions(tables([(10, 1, 10, 1)]), confidence=95)
