"""What the shape of a campaign decides: how many, how long, whether to look."""

from collections.abc import Callable

import numpy as np
import pytest

from stats.planning import (
    SHAPES,
    OneBlast,
    Recurring,
    Rules,
    Shape,
    TestThenRest,
    Triggered,
    usual_rules,
)


def test_only_customers_who_come_over_time_take_days() -> None:
    assert OneBlast(5000).days(5000) is None
    assert TestThenRest(5000).days(1000) is None
    assert Triggered(900).days(7682) == 14
    assert Recurring(5000, sends=3, days_between=7).days(5000) == 14
    assert Recurring(5000, sends=1, days_between=7).days(5000) is None


def test_looks_need_results_that_come_over_time() -> None:
    assert [shape.may_look for shape in (OneBlast(9), TestThenRest(9), Triggered(9))] == [
        False,
        False,
        True,
    ]
    assert Recurring(9, 2, 7).may_look
    assert not Recurring(9, 1, 7).may_look


def test_lists_end_and_triggers_do_not() -> None:
    assert OneBlast(5000).list_size == 5000
    assert Triggered(900).list_size is None


def test_usual_rules_follow_the_shape() -> None:
    assert usual_rules(Triggered(900)).looks == (0.25, 0.5, 0.75, 1.0)
    for shape in (OneBlast(9), TestThenRest(9), Recurring(9, 3, 7)):
        assert usual_rules(shape) == Rules()


def test_looks_after_each_send_are_those_of_independent_sends_or_all_but_the_first_send() -> None:
    assert Recurring(9, 4, 7).looks(0.0) == pytest.approx((0.25, 0.5, 0.75, 1.0))
    assert Recurring(9, 4, 7).looks(0.999)[0] == pytest.approx(1, abs=0.001)
    with pytest.raises(ValueError, match="correlation"):
        Recurring(9, 4, 7).looks(1.0)


def test_means_of_more_sends_add_independent_information() -> None:
    """So that the looks of a group-sequential test apply: cov(mean_k, mean_m) = var(mean_m)."""
    rng = np.random.default_rng(11)
    sends = rng.standard_normal((400_000, 4)) * 0.8 + rng.standard_normal((400_000, 1)) * 0.6
    means = sends.cumsum(axis=1) / np.arange(1, 5)
    covariance = np.cov(means.T)
    assert covariance[0, 3] == pytest.approx(covariance[3, 3], rel=0.01)
    assert covariance[1, 2] == pytest.approx(covariance[2, 2], rel=0.01)
    fractions = covariance[3, 3] / np.diag(covariance)
    assert Recurring(9, 4, 7).looks(0.36) == pytest.approx(fractions, rel=0.01)


IMPOSSIBLE: list[Callable[[], Shape]] = [
    lambda: OneBlast(0),
    lambda: TestThenRest(0),
    lambda: TestThenRest(100, prior_sd=0.0),
    lambda: Triggered(0.0),
    lambda: Triggered(float("nan")),
    lambda: Recurring(0, 2, 7),
    lambda: Recurring(100, 0, 7),
    lambda: Recurring(100, 2, 0),
]


@pytest.mark.parametrize("make", IMPOSSIBLE)
def test_impossible_shapes_are_refused(make: Callable[[], Shape]) -> None:
    with pytest.raises(ValueError, match="expected above 0"):
        make()


def test_every_shape_has_a_name() -> None:
    assert set(SHAPES) == {"one_blast", "test_then_rest", "triggered", "recurring"}


@pytest.mark.slow
def test_a_list_that_is_tested_whole_still_needs_its_full_error() -> None:
    """With the same effect for all, splitting the whole list varies as the usual formula says.

    A finite population correction would say that there is no error at all.
    """
    rng = np.random.default_rng(12)
    values = rng.gamma(2.0, 10.0, 2000)
    differences = []
    for _ in range(20_000):
        shuffled = rng.permutation(values)
        differences.append(shuffled[:1000].mean() + 3.0 - shuffled[1000:].mean())
    formula = np.sqrt(2 * values.var(ddof=1) / 1000)
    assert np.std(differences) == pytest.approx(formula, rel=0.02)
