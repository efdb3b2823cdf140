"""The local days of a test are those of its first customer, whether or not it is looked for."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from experiments.ledger.instants import microseconds
from experiments.measurement.formula.days import Stretch
from experiments.measurement.placed import met_since
from experiments.measurement.session import open_session
from experiments.measurement.stored.days import Days
from tests.experiments.measurement.formula_logs import Setting, request_of
from tests.experiments.measurement.ledger import HOUR, SENT, exposure, replica_of
from tests.experiments.measurement.test_measure import opens

AS_OF = datetime(2025, 7, 1, tzinfo=UTC)


class Met:
    """A test that met its first customer at some time, and notes who asks."""

    def __init__(self, *first: int) -> None:
        first_at = [datetime(year, 2, 1, tzinfo=UTC) for year in first]
        self.met = [microseconds(at) for at in first_at]
        self.asked: list[int | None] = []

    def met_since(self, *, before: int | None = None) -> int:
        """As of the facts."""
        self.asked.append(before)
        return min((at for at in self.met if before is None or at < before), default=0)


def days_of(test: Met, zone: str) -> Days:
    request = replace(request_of(opens(), Setting(AS_OF)), zone=zone)
    return Days(request, test.met_since)


@pytest.mark.parametrize("zone", ["Asia/Seoul", "America/New_York", "Asia/Almaty"])
@pytest.mark.parametrize("first", [2025, 2023, 1988])
def test_days_since_the_first_customer_are_right(zone: str, first: int) -> None:
    test = Met(first)
    exactly = Stretch(zone, test.met[0], microseconds(AS_OF)).calendar
    found = days_of(test, zone).calendar
    assert [offset for _, offset in found.offsets] == [offset for _, offset in exactly.offsets]
    assert found.offsets[1:] == exactly.offsets[1:]


def test_where_clocks_stand_nobody_looks_for_the_first() -> None:
    test = Met(2025)
    assert len(days_of(test, "Asia/Seoul").calendar.offsets) == 1
    assert test.asked == [microseconds(datetime(2024, 1, 1, tzinfo=UTC))]


def test_where_they_are_changed_somebody_does() -> None:
    test = Met(2025)
    assert len(days_of(test, "America/New_York").calendar.offsets) == 2
    assert test.asked == [None]


def test_a_test_that_met_nobody_has_days_too() -> None:
    assert len(days_of(Met(), "Asia/Seoul").calendar.offsets) == 1


def test_they_are_the_same_all_year() -> None:
    days = days_of(Met(2025), "Asia/Seoul")
    later = replace(days, request=replace(days.request, as_of=datetime(2025, 12, 1, tzinfo=UTC)))
    assert days.calendar == later.calendar


def test_the_first_customer_is_one_of_this_test(tmp_path: Path) -> None:
    rows = [
        exposure("s-1", "u-1", "a", experiment_id=2, occurred_at=SENT - HOUR),
        exposure("s-2", "u-2", "a", occurred_at=SENT + HOUR),
        exposure("s-3", "u-3", "a"),
    ]
    request = request_of(opens(), Setting(AS_OF))
    with open_session(replica_of(tmp_path / "replica", rows), 1) as session:
        assert met_since(session, request) == SENT
        found = [met_since(session, request, before=SENT + each) for each in (0, 1)]
        assert found == [0, SENT]
