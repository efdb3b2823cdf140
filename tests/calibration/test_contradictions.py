import pytest

from tests.calibration.bars import missed
from tests.calibration.contradictions import (
    contradictions,
    contradictions_as_they_come,
    contradictions_of_amounts,
    scaled_amounts,
    swapped_amounts,
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
def test_labels_change_no_comparison_of_rates() -> None:
    assert missed(swapped_rates()) == []


@pytest.mark.parametrize("kind", ["means", "ratios"])
def test_amounts_have_one_answer_whatever_the_labels_and_the_currency(kind: str) -> None:
    bars = (contradictions_of_amounts(kind), swapped_amounts(kind), scaled_amounts(kind))
    assert missed(*bars) == []
