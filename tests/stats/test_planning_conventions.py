import pytest

from stats.planning import MeanLift, RateLift, required_units
from stats.planning.conventions import (
    arcsine_effect,
    arcsine_power,
    arcsine_units,
    control_variance_units,
    t_test_power,
    t_test_units,
)


def test_conventions_differ_for_the_same_question() -> None:
    pooled = required_units(RateLift(0.10, 0.02)).total / 2
    assert pooled == pytest.approx(3840.8, abs=0.1)
    assert arcsine_units(arcsine_effect(0.10, 0.12)) == pytest.approx(3834.6, abs=0.1)
    assert control_variance_units(0.10, 0.02) == pytest.approx(3622.6, abs=0.1)


def test_the_arcsine_size_and_power_are_inverses_either_way() -> None:
    for effect in (0.3, -0.3):
        units = arcsine_units(effect, power=0.9)
        assert arcsine_power(effect, units, units) == pytest.approx(0.9)


@pytest.mark.parametrize(("effect", "power"), [(1.0, 0.9), (0.05, 0.8), (-3.0, 0.5)])
def test_the_t_tests_size_and_power_are_inverses(effect: float, power: float) -> None:
    units = t_test_units(effect, 1.0, power=power)
    assert t_test_power(units, effect, 1.0) == pytest.approx(power)


def test_a_t_test_needs_about_one_unit_more_than_the_normal_formula() -> None:
    normal = required_units(MeanLift(1.0, 0.1)).total / 2
    assert 0.5 < t_test_units(0.1, 1.0) - normal < 1.5
