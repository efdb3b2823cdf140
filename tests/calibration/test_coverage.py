import pytest

from tests.calibration.bars import missed
from tests.calibration.coverage import coverage_of
from tests.calibration.tables import SCENARIOS, Scenario


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=str)
def test_intervals_cover_as_often_as_they_say(scenario: Scenario) -> None:
    assert missed(*coverage_of(scenario)) == []
