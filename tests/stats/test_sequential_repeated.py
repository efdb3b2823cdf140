import numpy as np
import pytest
from scipy.special import ndtr

from stats.errors import NotEnoughData
from stats.sequential import (
    Look,
    NormalEstimate,
    Spending,
    crosses,
    final_looks,
    interim_looks,
    obrien_fleming,
    planned_looks,
    pocock,
    repeated_interval,
    repeated_p_value,
)


def test_the_interval_leaves_out_zero_exactly_when_the_bound_is_crossed() -> None:
    rng = np.random.default_rng(7)
    looks = planned_looks([0.25, 0.5, 0.75, 1.0])
    for _ in range(2000):
        estimate = NormalEstimate(rng.normal(0, 0.02), rng.uniform(0.001, 0.01))
        look = looks[rng.integers(4)]
        assert repeated_interval(estimate, look).contains(0.0) != crosses(estimate, look)


def test_an_estimate_on_the_bound_does_not_cross_it() -> None:
    look = planned_looks([1.0])[0]
    on_it = NormalEstimate(look.critical_z * 0.01, 0.01)
    assert not crosses(on_it, look)
    assert repeated_interval(on_it, look).contains(0.0)


def test_exchanging_the_variants_mirrors_the_interval() -> None:
    look = final_looks([0.5, 0.9])[-1]
    there = repeated_interval(NormalEstimate(0.03, 0.01), look)
    back = repeated_interval(NormalEstimate(-0.03, 0.01), look)
    assert there.lower is not None
    assert there.upper is not None
    assert (back.lower, back.upper) == (-there.upper, -there.lower)


def test_information_is_one_over_the_squared_error() -> None:
    assert NormalEstimate(0.0, 0.5).information == 4.0


def test_an_error_of_zero_is_a_gap() -> None:
    with pytest.raises(NotEnoughData, match="no unit differs"):
        NormalEstimate(0.1, 0.0)


@pytest.mark.parametrize(
    ("value", "error"), [(float("nan"), 1.0), (float("inf"), 1.0), (0.0, float("inf")), (0.0, -1.0)]
)
def test_numbers_that_are_none_are_refused(value: float, error: float) -> None:
    with pytest.raises(ValueError, match="expected finite"):
        NormalEstimate(value, error)


@pytest.mark.parametrize("spending", [obrien_fleming, pocock])
@pytest.mark.parametrize("fractions", [(0.4,), (0.25, 0.5, 0.75), (0.3, 0.6, 1.2)])
def test_the_repeated_p_value_is_below_alpha_exactly_beyond_the_bound(
    spending: Spending, fractions: tuple[float, ...]
) -> None:
    def look_at(alpha: float) -> Look:
        return interim_looks(fractions, alpha=alpha, spending=spending)[-1]

    for alpha in (0.001, 0.05, 0.2):
        bound = look_at(alpha).critical_z
        above = repeated_p_value(NormalEstimate(bound + 1e-6, 1.0), look_at)
        below = repeated_p_value(NormalEstimate(-bound + 1e-6, 1.0), look_at)
        assert above < alpha < below
        assert above == pytest.approx(alpha, rel=1e-3)


def test_without_looks_it_is_the_usual_p_value() -> None:
    def only(alpha: float) -> Look:
        return planned_looks([1.0], alpha=alpha)[0]

    for z in (0.02, 2.5, 7.5):
        usual = pytest.approx(2 * ndtr(-z), rel=1e-6, abs=0)
        assert repeated_p_value(NormalEstimate(z, 1.0), only) == usual


def test_the_ends_of_the_repeated_p_value_are_fractions() -> None:
    def only(alpha: float) -> Look:
        return planned_looks([1.0], alpha=alpha)[0]

    assert repeated_p_value(NormalEstimate(0.0, 1.0), only) == 1.0
    assert repeated_p_value(NormalEstimate(40.0, 1.0), only) == 1e-14
