from math import sqrt

import numpy as np
import pytest
from scipy.special import ndtr

from stats.sequential import drift_for, judge_futility, planned_looks, power_at
from stats.sequential.futility import conditional_power, futility_bounds, stops_heeding_futility

LOOKS = planned_looks([0.25, 0.5, 0.75, 1.0])
DRIFT = drift_for(LOOKS, 0.8)
FINAL = LOOKS[-1].critical_z


def test_conditional_power_averages_to_the_power_of_the_last_look() -> None:
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    mean = DRIFT * sqrt(0.5)
    powers = [conditional_power(z + mean, 0.5, final_z=FINAL, drift=DRIFT) for z in nodes]
    assert weights @ powers / sqrt(2 * np.pi) == pytest.approx(ndtr(DRIFT - FINAL), rel=1e-9)


def test_near_the_end_it_is_nearly_decided() -> None:
    assert conditional_power(3.0, 0.9999, final_z=FINAL, drift=0.0) > 0.9999
    assert conditional_power(1.0, 0.9999, final_z=FINAL, drift=DRIFT) < 0.0001


def test_the_advice_turns_at_the_bound() -> None:
    for look, bound in zip(LOOKS, futility_bounds(LOOKS, planned_drift=DRIFT), strict=False):
        below, above = (
            judge_futility(bound + gap, look.fraction, final_z=FINAL, planned_drift=DRIFT)
            for gap in (-1e-9, 1e-9)
        )
        assert below.advised
        assert not above.advised


def test_heeding_the_advice_lowers_the_error_and_costs_little_power() -> None:
    """The bounds for efficacy do not move, so ignoring the advice leaves the error at alpha."""
    null = stops_heeding_futility(LOOKS, planned_drift=DRIFT, drift=0.0)
    planned = stops_heeding_futility(LOOKS, planned_drift=DRIFT, drift=DRIFT)
    assert sum(null.upper) < 0.025
    assert sum(null.lower[:-1]) > 0.5
    assert 0.79 < sum(planned.upper) < power_at(LOOKS, DRIFT)


def test_the_trend_so_far_is_a_second_opinion() -> None:
    prospects = judge_futility(0.5, 0.5, final_z=FINAL, planned_drift=DRIFT)
    assert prospects.power_as_observed < prospects.power_as_planned


@pytest.mark.parametrize("fraction", [0.0, 1.0, 1.2, float("nan")])
def test_there_is_nothing_ahead_outside_the_plan(fraction: float) -> None:
    with pytest.raises(ValueError, match="fraction"):
        judge_futility(1.0, fraction, final_z=FINAL, planned_drift=DRIFT)
