from collections.abc import Callable
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import ndtri

from stats.errors import NotEnoughData
from stats.sequential.bounds import (
    MAX_LOOKS,
    MIN_STEP,
    equally_spaced,
    final_looks,
    interim_looks,
    obrien_fleming_constant,
    planned_looks,
    pocock_constant,
)
from stats.sequential.recursion import stop_chances
from stats.sequential.spending import HwangShihDeCani, KimDeMets, obrien_fleming, pocock

# Jennison and Turnbull (2000), tables 2.1 and 2.3, to their three decimals.
POCOCK_TABLE = [
    (2, 0.10, 1.875),
    (2, 0.01, 2.772),
    (3, 0.05, 2.289),
    (4, 0.10, 2.067),
    (5, 0.05, 2.413),
    (5, 0.01, 2.986),
]
OBRIEN_FLEMING_TABLE = [
    (2, 0.10, 1.678),
    (2, 0.01, 2.580),
    (3, 0.05, 2.004),
    (4, 0.10, 1.733),
    (5, 0.05, 2.040),
    (5, 0.01, 2.621),
]


@pytest.mark.parametrize(("looks", "alpha", "printed"), POCOCK_TABLE)
def test_pocock_constants_are_those_printed(looks: int, alpha: float, printed: float) -> None:
    assert pocock_constant(looks, alpha=alpha) == pytest.approx(printed, abs=6e-4)


@pytest.mark.parametrize(("looks", "alpha", "printed"), OBRIEN_FLEMING_TABLE)
def test_obrien_fleming_constants_are_those_printed(
    looks: int, alpha: float, printed: float
) -> None:
    assert obrien_fleming_constant(looks, alpha=alpha) == pytest.approx(printed, abs=6e-4)


@pytest.mark.parametrize("constant", [pocock_constant, obrien_fleming_constant])
def test_a_single_look_has_the_usual_bound(constant: object) -> None:
    assert callable(constant)
    assert constant(1) == pytest.approx(1.959964, abs=1e-6)
    (look,) = planned_looks([1.0])
    assert look.critical_z == pytest.approx(1.959964, abs=1e-6)
    assert look.nominal_alpha == pytest.approx(0.05)


@settings(max_examples=40, deadline=None)
@given(
    steps=st.lists(st.floats(0.02, 1.0), min_size=1, max_size=8),
    alpha=st.floats(0.001, 0.3),
    spending=st.sampled_from([obrien_fleming, pocock, HwangShihDeCani(-4), KimDeMets(2)]),
)
def test_every_plan_has_exactly_its_error(
    steps: list[float], alpha: float, spending: object
) -> None:
    assert callable(spending)
    fractions = [*(np.cumsum(steps[:-1]) / sum(steps)).tolist(), 1.0]
    looks = planned_looks(fractions, alpha=alpha, spending=spending)
    stops = stop_chances(fractions, [look.critical_z for look in looks])
    assert sum(stops.by_look) == pytest.approx(alpha, rel=1e-8)
    assert list(np.cumsum(stops.by_look)) == pytest.approx([look.spent for look in looks], abs=1e-9)


@pytest.mark.parametrize("last", [0.6, 0.9, 1.0, 1.3, 4.0])
def test_the_error_holds_when_the_test_ends_short_of_the_plan_or_beyond(last: float) -> None:
    fractions = [0.25, 0.5, last]
    looks = final_looks(fractions)
    stops = stop_chances(fractions, [look.critical_z for look in looks])
    assert sum(stops.by_look) == pytest.approx(0.05, rel=1e-8)
    assert looks[-1].spent == 0.05


def test_earlier_bounds_depend_on_no_later_look() -> None:
    plan = planned_looks([0.25, 0.5, 0.75, 1.0])
    assert interim_looks([0.25, 0.5]) == plan[:2]
    assert final_looks([0.25, 0.5, 1.2])[:2] == plan[:2]


def test_the_end_as_planned_is_the_plan() -> None:
    assert final_looks([0.25, 0.5, 1.0]) == planned_looks([0.25, 0.5, 1.0])


def test_an_interim_look_past_the_plan_spends_all_that_is_left() -> None:
    assert interim_looks([0.5, 1.1]) == final_looks([0.5, 1.1])


def test_running_over_raises_the_last_bound_and_falling_short_lowers_it() -> None:
    short, planned, over = (final_looks([0.5, last])[-1].critical_z for last in (0.8, 1.0, 1.5))
    assert short < planned < over


def test_a_look_too_early_to_spend_anything_has_a_finite_bound() -> None:
    looks = planned_looks([0.001, 0.5, 1.0])
    assert looks[0].critical_z == 8.0
    assert looks[-1].critical_z == pytest.approx(planned_looks([0.5, 1.0])[-1].critical_z)


def test_bounds_of_obrien_fleming_shape_fall_with_the_root_of_information() -> None:
    constant = obrien_fleming_constant(4)
    bounds = [constant / sqrt(t) for t in equally_spaced(4)]
    assert sum(stop_chances(equally_spaced(4), bounds).by_look) == pytest.approx(0.05)


@pytest.mark.parametrize(
    "fractions", [[], [0.5], [0.5, 0.4, 1.0], [0.0, 1.0], [-0.5, 1.0], [float("nan"), 1.0]]
)
def test_a_plan_that_does_not_rise_to_one_is_refused(fractions: list[float]) -> None:
    with pytest.raises(ValueError, match="looks"):
        planned_looks(fractions)


@pytest.mark.parametrize("alpha", [0.0, 1.0, 5.0, float("nan")])
def test_an_impossible_error_is_refused(alpha: float) -> None:
    with pytest.raises(ValueError, match="alpha"):
        planned_looks([1.0], alpha=alpha)


def test_too_many_looks_are_refused() -> None:
    with pytest.raises(ValueError, match="367 looks"):
        interim_looks(equally_spaced(MAX_LOOKS + 1))


def test_a_look_after_the_last_is_refused() -> None:
    with pytest.raises(ValueError, match="none after fraction 1"):
        final_looks([0.5, 1.0, 1.2])


def test_a_look_that_adds_next_to_nothing_is_a_gap_and_no_answer() -> None:
    with pytest.raises(NotEnoughData, match=r"0\.0001"):
        interim_looks([0.5, 0.50001])


def test_an_error_of_one_half_has_a_bound_below_one() -> None:
    assert planned_looks([1.0], alpha=0.5)[0].critical_z == pytest.approx(0.67449, abs=1e-5)


def test_the_least_step_and_the_most_looks_are_answered() -> None:
    assert len(interim_looks([MIN_STEP, 1.0])) == 2
    daily = planned_looks(equally_spaced(MAX_LOOKS))
    assert len(daily) == MAX_LOOKS


def test_the_bound_of_daily_looks_is_that_of_looking_all_the_time_but_for_the_steps() -> None:
    """Of a Brownian motion it is z at alpha / 4; Siegmund (1985): less 0.583 roots of a step."""
    daily = planned_looks(equally_spaced(MAX_LOOKS))
    expected = -ndtri(0.05 / 4) - 0.5826 * sqrt(1 / MAX_LOOKS)
    assert daily[-1].critical_z == pytest.approx(expected, abs=2e-3)


@pytest.mark.parametrize("constant", [pocock_constant, obrien_fleming_constant])
def test_constants_of_no_looks_or_of_impossible_errors_are_refused(
    constant: Callable[..., float],
) -> None:
    with pytest.raises(ValueError, match="there are 0 looks"):
        constant(0)
    with pytest.raises(ValueError, match="alpha is 5"):
        constant(3, alpha=5)
    with pytest.raises(ValueError, match="there are 0 looks"):
        interim_looks([])
