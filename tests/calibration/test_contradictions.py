import pytest

from tests.calibration.bars import missed
from tests.calibration.contradictions import (
    contradictions,
    contradictions_as_they_come,
    scaled_means,
    swapped_means,
    swapped_rates,
)


@pytest.mark.slow
def test_no_p_value_contradicts_an_interval() -> None:
    assert missed(contradictions()) == []


@pytest.mark.release
@pytest.mark.parametrize("seed", range(110, 120))
def test_none_does_in_ten_thousand_tables_as_they_come(seed: int) -> None:
    assert missed(contradictions_as_they_come(seed)) == []


@pytest.mark.slow
def test_labels_and_units_of_measure_change_no_answer() -> None:
    assert missed(swapped_rates(), swapped_means(), scaled_means()) == []
