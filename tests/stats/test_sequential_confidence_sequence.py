from collections.abc import Callable
from math import log1p, sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stats.errors import NotEnoughData
from stats.sequential import (
    NormalEstimate,
    Progress,
    always_valid,
    always_valid_lower,
    planned_looks,
    running_p_values,
)
from stats.sequential.confidence_sequence import (
    best_x,
    critical_z,
    critical_z_one_sided,
    first_iterate_x,
    p_value,
    p_value_one_sided,
)

MIDWAY = Progress(5000, 5000, planned_units=20_000)


@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.1, 0.5])
def test_the_tuning_solves_its_equation_and_gives_the_lowest_bound(alpha: float) -> None:
    x = best_x(alpha)
    assert x - log1p(x) == pytest.approx(-2 * np.log(alpha))
    assert critical_z(x, alpha) < min(critical_z(0.99 * x, alpha), critical_z(1.01 * x, alpha))


def test_growthbooks_tuning_costs_next_to_nothing() -> None:
    bound, lowest = critical_z(first_iterate_x(0.05), 0.05), critical_z(best_x(0.05), 0.05)
    assert 0 < bound / lowest - 1 < 1e-4


def test_the_two_ways_to_write_the_bound_agree() -> None:
    """Waudby-Smith et al. write it with sigma, n and rho; here x = rho^2 n."""
    n, rho, alpha = 700.0, 0.05, 0.05
    x = n * rho**2
    theirs = sqrt(2 * (x + 1) / (n**2 * rho**2) * np.log(sqrt(x + 1) / alpha))
    assert critical_z(x, alpha) / sqrt(n) == pytest.approx(theirs)


@given(z=st.floats(-6, 6), x=st.floats(0.01, 1000), alpha=st.floats(0.001, 0.4))
def test_the_p_value_is_below_alpha_exactly_beyond_the_bound(
    z: float, x: float, alpha: float
) -> None:
    bound, one_sided = critical_z(x, alpha), critical_z_one_sided(x, alpha)
    if abs(abs(z) - bound) > 1e-9:
        assert (p_value(z, x) < alpha) == (abs(z) > bound)
    if abs(z - one_sided) > 1e-9:
        assert (p_value_one_sided(z, x) < alpha) == (z > one_sided)


@given(z=st.floats(-1e6, 1e6), x=st.floats(1e-12, 1e12))
def test_p_values_are_fractions_for_any_input(z: float, x: float) -> None:
    assert 0 <= p_value(z, x) <= 1
    assert 0 <= p_value_one_sided(z, x) <= 1


def test_the_wrong_direction_is_no_evidence() -> None:
    assert p_value_one_sided(-5.0, 8.0) == p_value_one_sided(0.0, 8.0) == 1.0
    assert p_value_one_sided(1e-200, 8.0) == 1.0


def test_the_bound_is_tightest_at_the_planned_end() -> None:
    def bound(units: int) -> float:
        progress = Progress(units, units, planned_units=20_000)
        return always_valid(NormalEstimate(0.0, 0.01), progress).critical_z

    assert bound(10_000) == pytest.approx(3.035, abs=5e-4)
    assert bound(1000) == pytest.approx(3.823, abs=5e-4)
    assert bound(50_000) == pytest.approx(3.157, abs=5e-4)


def test_confidence_changes_the_interval_and_the_verdict_with_it() -> None:
    estimate = NormalEstimate(0.03, 0.01)
    usual = always_valid(estimate, MIDWAY)
    lower = always_valid(estimate, MIDWAY, confidence=0.8)
    assert usual.interval.contains(0.0)
    assert not lower.interval.contains(0.0)
    assert usual.p_value > 0.05
    assert lower.p_value < 0.2


@pytest.mark.parametrize("gap", [-1e-15, -1e-16, 0.0, 1e-16, 1e-15])
@pytest.mark.parametrize("units", [100, 3000, 10_000, 77_777])
def test_interval_and_p_value_agree_to_the_last_bit(units: int, gap: float) -> None:
    progress = Progress(units, units, planned_units=20_000)
    for answer_of in (always_valid, always_valid_lower):
        bound = answer_of(NormalEstimate(0.0, 0.01), progress).critical_z
        answer = answer_of(NormalEstimate(0.01 * bound * (1 + gap), 0.01), progress)
        assert answer.interval.contains(0.0) != (answer.p_value < 1 - 0.95)


def test_exchanging_the_variants_mirrors_the_answer() -> None:
    there = always_valid(NormalEstimate(0.04, 0.01), MIDWAY)
    back = always_valid(NormalEstimate(-0.04, 0.01), MIDWAY)
    assert there.interval.upper is not None
    assert back.interval.lower == -there.interval.upper
    assert there.p_value == back.p_value


def test_the_unit_of_measure_does_not_matter() -> None:
    points, won = NormalEstimate(0.04, 0.01), NormalEstimate(40_000.0, 10_000.0)
    assert always_valid(points, MIDWAY).p_value == always_valid(won, MIDWAY).p_value


def test_one_sided_limits_are_nearer_than_two_sided_ones() -> None:
    estimate = NormalEstimate(0.04, 0.01)
    one, two = always_valid_lower(estimate, MIDWAY), always_valid(estimate, MIDWAY)
    assert one.interval.upper is None
    assert one.interval.lower is not None
    assert two.interval.lower is not None
    assert one.interval.lower > two.interval.lower


def test_it_is_wider_than_the_planned_looks_allow() -> None:
    """The price of looking at any time, at the end of the plan and before."""
    for look in planned_looks([0.5, 1.0]):
        progress = Progress(
            round(10_000 * look.fraction), round(10_000 * look.fraction), planned_units=20_000
        )
        assert always_valid(NormalEstimate(0.0, 0.01), progress).critical_z > look.critical_z


def test_running_p_values_never_rise() -> None:
    assert running_p_values([1.0, 0.2, 0.6, 0.01, 1.0]) == (1.0, 0.2, 0.2, 0.01, 0.01)
    assert running_p_values([]) == ()


@pytest.mark.parametrize(
    ("control", "treatment", "conversions"), [(99, 1000, None), (1000, 0, 50), (1000, 1000, 9)]
)
def test_too_few_units_or_conversions_are_a_gap(
    control: int, treatment: int, conversions: int | None
) -> None:
    with pytest.raises(NotEnoughData, match="expected at least"):
        Progress(control, treatment, 20_000, conversions)


def test_just_enough_is_enough() -> None:
    assert Progress(100, 100, 20_000, 10).fraction == 0.01


@pytest.mark.parametrize("planned", [0, -1, float("nan"), float("inf")])
def test_a_plan_without_units_is_refused(planned: float) -> None:
    with pytest.raises(ValueError, match="planned units"):
        Progress(1000, 1000, planned)


def test_an_impossible_confidence_is_refused() -> None:
    with pytest.raises(ValueError, match="confidence"):
        always_valid(NormalEstimate(0.0, 1.0), MIDWAY, confidence=95)
    with pytest.raises(ValueError, match="confidence"):
        always_valid_lower(NormalEstimate(0.0, 1.0), MIDWAY, confidence=0.5)


@pytest.mark.parametrize("confidence", [0.5, 1.0, 1.5, 95])
def test_a_one_sided_confidence_is_above_one_half_and_below_one(confidence: float) -> None:
    with pytest.raises(ValueError, match=f"confidence is {confidence}, expected"):
        always_valid_lower(NormalEstimate(0.0, 1.0), MIDWAY, confidence=confidence)


@pytest.mark.parametrize("tuning", [best_x, first_iterate_x])
@pytest.mark.parametrize("alpha", [0.0, 1.0, 5.0])
def test_no_tuning_for_an_impossible_error(tuning: Callable[[float], float], alpha: float) -> None:
    with pytest.raises(ValueError, match=f"alpha is {alpha}, expected"):
        tuning(alpha)
