"""Times in files: with an offset, or local in a zone that is stated; never guessed."""

import pytest

from experiments.errors import Invalid
from experiments.ledger.imports.times import NoSuchTime, NoZone, Times

SEOUL = Times("Asia/Seoul")


@pytest.mark.parametrize(
    "cell",
    [
        "2025-03-10T13:05:00+09:00", "2025-03-10 04:05:00Z", "2025-03-10 13:05",
        "2025-03-10T13:05:00",
        "2025/3/10 13:05:00", "2025.03.10 13:05:00.000", "2025. 3. 10. 오후 1:05",
        "2025. 3. 10. 오후 1:05:00", "2025년 3월 10일 13시 05분", "2025년 3월 10일 오후 1시 5분",
        "2025-03-10 1:05 PM", "2025-03-10  PM 1:05 ", "2025-03-10 1:05:00pm",
    ],
)  # fmt: skip
def test_one_time_is_read_in_many_spellings(cell: str) -> None:
    assert SEOUL.read(cell, "time").isoformat() == "2025-03-10T04:05:00+00:00"


@pytest.mark.parametrize(
    ("order", "cell"),
    [
        ("mdy", "3/10/2025 1:05:00 PM"), ("dmy", "10/3/2025 13:05"), ("dmy", "10.03.2025 13:05"),
        ("mdy", "2025-03-10 13:05"), ("dmy", "2025-03-10 13:05"),
    ],
)  # fmt: skip
def test_a_date_with_its_year_last_is_read_in_the_order_that_is_stated(
    order: str, cell: str
) -> None:
    found = Times("Asia/Seoul", order).read(cell, "time")
    assert found.isoformat() == "2025-03-10T04:05:00+00:00"


def test_midnight_and_noon_have_their_hours() -> None:
    assert SEOUL.read("2025-03-10 12:00 AM", "time").hour == 15
    assert SEOUL.read("2025-03-10 12:00 PM", "time").hour == 3


@pytest.mark.parametrize("cell", ["2025-03-10 10:00", "3/10/2025 10:00", "2025. 3. 10. 오전 10:00"])
def test_without_a_zone_a_local_time_is_refused_by_that_name(cell: str) -> None:
    with pytest.raises(NoZone) as refusal:
        Times().read(cell, "time")
    assert refusal.value.field == "time"


@pytest.mark.parametrize(
    "cell",
    [
        "", "never", "2025-03-10", "10:00", "2025-13-10 10:00", "2025-02-30 10:00",
        "2025-03-10 24:00", "2025-03-10 13:00 PM", "2025-03-10 0:30 AM", "3/10/2025 10:00",
        "1969-12-31 10:00", "2025-03-10 10:00 tomorrow", "9" * 100,
    ],
)  # fmt: skip
def test_what_is_no_time_is_refused(cell: str) -> None:
    with pytest.raises(Invalid) as refusal:
        SEOUL.read(cell, "time")
    assert refusal.value.field == "time"


def test_an_hour_that_never_was_is_refused_and_one_that_came_twice_is_its_first() -> None:
    berlin = Times("Europe/Berlin")
    with pytest.raises(NoSuchTime):
        berlin.read("2025-03-30 02:30", "time")
    assert berlin.read("2025-10-26 02:30", "time").isoformat() == "2025-10-26T00:30:00+00:00"


def test_a_zone_and_an_order_that_are_none_are_refused() -> None:
    with pytest.raises(Invalid):
        Times("Asia/Busan")
    with pytest.raises(Invalid):
        Times("Asia/Seoul", "ydm")
