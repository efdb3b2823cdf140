"""The bars of the calibration, asserted: the slow tier in minutes, the release tier for longer."""

import pytest

from tests.calibration.bars import Bar
from tests.calibration.contradictions import (
    contradictions,
    contradictions_as_they_come,
    scaled_means,
    swapped_means,
    swapped_rates,
)
from tests.calibration.coverage import coverage_of
from tests.calibration.errors import powers, type_one_errors
from tests.calibration.tables import SCENARIOS, Scenario


def assert_held(*bars: Bar) -> None:
    assert [str(bar) for bar in bars if not bar.held] == []


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_intervals_cover_as_often_as_they_say(scenario: Scenario) -> None:
    assert_held(*coverage_of(scenario))


@pytest.mark.slow
def test_no_p_value_contradicts_an_interval() -> None:
    assert_held(contradictions())


@pytest.mark.release
@pytest.mark.parametrize("seed", range(110, 120))
def test_no_p_value_contradicts_an_interval_in_ten_times_a_thousand_more(seed: int) -> None:
    assert_held(contradictions_as_they_come(seed))


@pytest.mark.slow
def test_labels_and_units_of_measure_change_no_answer() -> None:
    assert_held(swapped_rates(), swapped_means(), scaled_means())


@pytest.mark.slow
@pytest.mark.parametrize("kpi", ["rate", "mean"])
def test_equal_variants_are_called_different_as_often_as_planned(kpi: str) -> None:
    assert_held(*type_one_errors(kpi))


@pytest.mark.release
@pytest.mark.parametrize("kpi", ["rate", "mean"])
def test_they_are_in_ten_times_as_many_tests(kpi: str) -> None:
    assert_held(*type_one_errors(kpi, runs=20_000))


@pytest.mark.slow
def test_planned_looks_keep_the_power() -> None:
    assert_held(*powers())


def test_a_bar_says_whether_it_was_held() -> None:
    assert str(Bar("share", 0.5, 0.4, 0.6)).split() == [
        "ok",
        "share",
        "0.5000",
        "0.4000",
        "to",
        "0.6000",
    ]
    assert str(Bar("faults", 1, 0, 0)).startswith(" FAIL ")
    assert Bar("alarms", 0.01, 0, 0.05).accepted == "at most 0.05"
    assert Bar("power", 0.99, 0.9, 1).accepted == "at least 0.9"
