import time

import numpy as np
import pytest
from scipy.special import ndtr

from stats.sequential.bounds import equally_spaced, final_looks, planned_looks
from stats.sequential.futility import stops_heeding_futility
from stats.sequential.operating import (
    average_fraction,
    drift_for,
    expected_fraction,
    expected_sample_ratio,
    inflation_factor,
    power_at,
    stops,
)
from stats.sequential.spending import Spending, obrien_fleming, pocock


@pytest.mark.parametrize("power", [0.03, 0.5, 0.8, 0.9, 0.999])
@pytest.mark.parametrize("looks", [1, 2, 4, 12])
def test_power_and_drift_are_inverses(power: float, looks: int) -> None:
    plan = planned_looks(equally_spaced(looks))
    assert power_at(plan, drift_for(plan, power)) == pytest.approx(power, rel=1e-9)


def test_a_single_look_has_the_fixed_tests_power_and_costs_nothing() -> None:
    plan = planned_looks([1.0])
    assert power_at(plan, 2.8) == pytest.approx(ndtr(2.8 - 1.959963985))
    assert inflation_factor(plan, 0.8) == 1.0
    assert expected_sample_ratio(plan, 0.8) == pytest.approx(1.0)


def test_pocock_pays_more_at_the_end_and_stops_earlier() -> None:
    late, early = (
        planned_looks(equally_spaced(4)),
        planned_looks(equally_spaced(4), spending=pocock),
    )
    assert inflation_factor(early, 0.8) > inflation_factor(late, 0.8) > 1
    assert expected_fraction(early, 3.0) < expected_fraction(late, 3.0) < 1


def test_no_effect_leaves_the_error() -> None:
    assert sum(stops(planned_looks([0.5, 1.0]), 0.0).by_look) == pytest.approx(0.05)


def test_nearly_everything_is_used_when_nothing_works() -> None:
    assert expected_fraction(planned_looks(equally_spaced(4)), 0.0) == pytest.approx(
        0.994, abs=1e-3
    )


@pytest.mark.parametrize("power", [0.0, 0.025, 1.0, float("nan")])
def test_a_power_no_drift_has_is_refused(power: float) -> None:
    with pytest.raises(ValueError, match="power"):
        drift_for(planned_looks([0.5, 1.0]), power)


def test_a_test_that_did_not_end_as_planned_has_no_planned_drift() -> None:
    with pytest.raises(ValueError, match="last look"):
        drift_for(final_looks([0.5, 0.9]), 0.8)


@pytest.mark.slow
def test_simulated_tests_stop_as_often_as_computed() -> None:
    rng = np.random.default_rng(20250401)
    plan = planned_looks([0.2, 0.5, 0.8, 1.0])
    fractions = np.array([look.fraction for look in plan])
    bounds = np.array([look.critical_z for look in plan])
    gaps = np.diff(fractions, prepend=0.0)
    for drift in (0.0, 2.8):
        steps = rng.standard_normal((400_000, 4)) * np.sqrt(gaps) + drift * gaps
        crossed = np.cumsum(steps, axis=1) / np.sqrt(fractions) > bounds
        first = np.bincount(crossed.argmax(axis=1)[crossed.any(axis=1)], minlength=4) / 400_000
        expected = np.array(stops(plan, drift).upper)
        error = np.sqrt(expected * (1 - expected) / 400_000)
        assert np.all(np.abs(first - expected) < 4 * error + 1e-6)


def test_a_design_of_ten_looks_takes_less_than_thirty_milliseconds() -> None:
    times = []
    for _ in range(9):
        started = time.perf_counter()
        planned_looks(equally_spaced(10))
        times.append(time.perf_counter() - started)
    assert min(times) < 0.03


def test_heeding_futility_saves_units_where_there_is_no_effect() -> None:
    looks = planned_looks(equally_spaced(4))
    planned = drift_for(looks, 0.8)
    nobody = average_fraction(looks, stops(looks, 0.0))
    everybody = average_fraction(
        looks, stops_heeding_futility(looks, planned_drift=planned, drift=0.0)
    )
    assert nobody == expected_fraction(looks, 0.0)
    assert everybody < 0.75 < nobody


@pytest.mark.parametrize("spending", [obrien_fleming, pocock])
@pytest.mark.parametrize("alpha", [0.001, 0.05, 0.4])
def test_any_power_has_a_drift(spending: Spending, alpha: float) -> None:
    looks = planned_looks((0.3, 0.7, 1.0), alpha=alpha, spending=spending)
    for power in (alpha / 2 + 1e-6, 0.5, 0.9, 1 - 1e-9):
        assert power_at(looks, drift_for(looks, power)) == pytest.approx(power, abs=1e-10)
