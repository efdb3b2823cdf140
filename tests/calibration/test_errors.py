import pytest

from tests.calibration.bars import missed
from tests.calibration.errors import powers, type_one_errors


@pytest.mark.slow
@pytest.mark.parametrize("kpi", ["rate", "mean"])
def test_equal_variants_are_called_different_as_often_as_planned(kpi: str) -> None:
    assert missed(*type_one_errors(kpi)) == []


@pytest.mark.release
@pytest.mark.parametrize("kpi", ["rate", "mean"])
def test_they_are_in_ten_times_as_many_tests(kpi: str) -> None:
    assert missed(*type_one_errors(kpi, runs=20_000)) == []


@pytest.mark.slow
def test_planned_looks_keep_the_power() -> None:
    assert missed(*powers()) == []
