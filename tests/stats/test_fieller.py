"""The interval of a ratio."""

import numpy as np
import pytest

from stats.fieller import Measured, fieller_interval


def test_the_ends_solve_the_equation_that_defines_them() -> None:
    rng = np.random.default_rng(8)
    for _ in range(200):
        control = Measured(rng.uniform(1, 20), rng.uniform(0.001, 2))
        treatment = Measured(rng.uniform(-5, 20), rng.uniform(0, 2))
        shared = rng.uniform(-0.9, 0.9) * np.sqrt(control.variance * treatment.variance)
        interval = fieller_interval(control, treatment, 1.96, float(shared))
        if interval is None:
            continue
        for lift in (interval.lower, interval.upper):
            assert lift is not None
            r = 1 + lift
            distance = (treatment.value - r * control.value) ** 2
            allowed = 1.96**2 * (treatment.variance + r**2 * control.variance - 2 * r * shared)
            assert distance == pytest.approx(allowed, rel=1e-6, abs=1e-9)


def test_a_control_that_may_be_zero_leaves_no_interval() -> None:
    assert fieller_interval(Measured(1.0, 1.0), Measured(5.0, 1.0), 1.96) is None
    just_reached_by_its_limit = Measured(2.0, 1.0)
    assert fieller_interval(just_reached_by_its_limit, Measured(5.0, 1.0), 2.0) is None


def test_a_control_known_exactly_only_scales_the_treatment() -> None:
    interval = fieller_interval(Measured(10.0, 0.0), Measured(12.0, 1.0), 2.0)
    assert interval is not None
    assert (interval.lower, interval.upper) == pytest.approx((0.0, 0.4))
