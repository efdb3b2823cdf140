import pytest

from stats.errors import NotEnoughData
from stats.sequential import Information, NormalEstimate, Progress, always_valid


def test_both_clocks_time_a_sequence_alike() -> None:
    estimate = NormalEstimate(0.02, 0.005)
    by_units = always_valid(estimate, Progress(5000, 5000, 20_000))
    planned = 2 * estimate.information
    assert always_valid(estimate, Information(estimate.information, planned)) == by_units


@pytest.mark.parametrize(("seen", "planned"), [(0, 1), (1, 0), (-1, 1), (1, float("inf"))])
def test_information_is_positive(seen: float, planned: float) -> None:
    with pytest.raises(ValueError, match="information"):
        Information(seen, planned)


def test_too_early_is_said() -> None:
    with pytest.raises(NotEnoughData, match="99 units"):
        Progress(99, 5000, 20_000)
    with pytest.raises(NotEnoughData, match="9 conversions"):
        Progress(500, 500, 20_000, conversions=9)
    with pytest.raises(ValueError, match="planned units"):
        Progress(500, 500, 0)
