import pytest

from stats.planning import enrolment_days, planned_days


def test_days_are_rounded_up() -> None:
    assert enrolment_days(7000, 1000) == 7
    assert enrolment_days(7001, 1000) == 8
    assert enrolment_days(1, 1000) == 1


def test_triggered_tests_run_whole_weeks() -> None:
    assert planned_days(7000, 1000) == 7
    assert planned_days(7001, 1000) == 14
    assert planned_days(1, 1000) == 7


def test_one_blast_has_no_days_to_fill() -> None:
    assert planned_days(7000, None) is None


@pytest.mark.parametrize(("units", "per_day"), [(0, 10), (10, 0), (-1, 10), (10, float("nan"))])
def test_nothing_to_enrol_is_refused(units: float, per_day: float) -> None:
    with pytest.raises(ValueError, match="above 0"):
        planned_days(units, per_day)
