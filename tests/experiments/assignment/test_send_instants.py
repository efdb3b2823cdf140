"""One send for every customer and day, whatever the clocks do."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import tzdata

from experiments.assignment.send_instants import (
    SendPlan,
    instant_on,
    next_instant,
    send_instant,
    told,
)
from experiments.registry.send_times import SendTime
from experiments.zones import VERSION, UnknownZone, zone, zone_names
from tests.experiments.assignment.offset_changes import OffsetChange, all_changes

DAY = timedelta(days=1)
CLOCKS = ("10:00", "18:00", "02:30")
# What the zone data 2025b have, and what 2026f have after Morocco and much of Canada stopped
# changing their clocks: the same scan over both.
CHANGES = {"2025b": (205, 4_833), "2026f": (205, 4_620)}


@pytest.fixture(scope="module")
def found() -> dict[str, list[OffsetChange]]:
    return all_changes()


def expected(local: datetime, change: OffsetChange) -> datetime:
    """Worked out from the change alone: when a wall shows ``local``, near that change."""
    naive = change.at.replace(tzinfo=None)
    shown = [
        *(at for at in [local - change.before] if at < naive),
        *(at for at in [local - change.after] if at >= naive),
    ]
    return min(shown, default=naive).replace(tzinfo=UTC)


def moments(change: OffsetChange) -> list[datetime]:
    """Local times that a message may be due at around a change."""
    low, high = change.walls
    days = [low.date() + number * DAY for number in (-1, 0, 1)]
    due = [clock_on(day, clock) for day in days for clock in CLOCKS]
    middle = low + (high - low) / 2
    edges = [low - timedelta(seconds=1), low, middle, high - timedelta(seconds=1), high]
    return due + [edge.replace(microsecond=0) for edge in edges]


def clock_on(day: date, clock: str) -> datetime:
    hour, minute = map(int, clock.split(":"))
    return datetime(day.year, day.month, day.day, hour, minute)  # noqa: DTZ001 - a wall clock


def test_the_zone_data_are_the_pinned_package_and_not_the_machines() -> None:
    assert tzdata.IANA_VERSION == VERSION
    assert len(zone_names()) > 590


def test_every_offset_change_of_twelve_years_is_found(
    found: dict[str, list[OffsetChange]],
) -> None:
    told_of = (len(found), sum(map(len, found.values())))
    assert told_of == CHANGES.get(VERSION, told_of)
    assert told_of[0] > 150
    assert told_of[1] > 4_000


@pytest.mark.slow
def test_no_zone_changes_twice_between_two_looks(found: dict[str, list[OffsetChange]]) -> None:
    assert all_changes(DAY) == found


def test_around_every_change_each_local_time_has_the_instant_worked_out_from_the_change(
    found: dict[str, list[OffsetChange]],
) -> None:
    wrong = [
        (name, local)
        for name, met in found.items()
        for change in met
        for local in moments(change)
        if send_instant(local, zone(name)) != expected(local, change)
    ]
    assert wrong == []


@pytest.mark.parametrize("clock", CLOCKS)
def test_around_every_change_each_day_is_sent_to_once(
    found: dict[str, list[OffsetChange]], clock: str
) -> None:
    """Whoever asks for the next send from each send on meets every local date once."""
    when = SendTime(clock)
    for name, met in found.items():
        where = zone(name)
        for change in met:
            first = change.walls[0].date() - 2 * DAY
            days = [first + number * DAY for number in range(1, 5)]
            at, sends = instant_on(when, first, where), []
            for _ in days:
                at = next_instant(when, at, where)
                sends.append(at)
            assert sends == [instant_on(when, day, where) for day in days], (name, change)
            assert [shown(at, where).date() for at in sends] == days, (name, change)


def shown(at: datetime, where: ZoneInfo) -> datetime:
    return at.astimezone(where).replace(tzinfo=None)


@pytest.mark.parametrize(
    ("name", "local", "instant"),
    [
        # 23 and 25 hours.
        ("Europe/Berlin", "2025-03-30T02:30", "2025-03-30T01:00:00Z"),
        ("Europe/Berlin", "2025-10-26T02:30", "2025-10-26T00:30:00Z"),
        # Half an hour: 02:00 becomes 02:30, and 02:00 becomes 01:30.
        ("Australia/Lord_Howe", "2025-10-05T02:15", "2025-10-04T15:30:00Z"),
        ("Australia/Lord_Howe", "2025-04-06T01:45", "2025-04-05T14:45:00Z"),
        # 45 minutes beside the hour.
        ("Pacific/Chatham", "2025-09-28T03:00", "2025-09-27T14:00:00Z"),
        ("Pacific/Chatham", "2025-04-06T03:00", "2025-04-05T13:15:00Z"),
        # Ramadan: an hour back in February, forward again in April.
        ("Africa/Casablanca", "2025-02-23T02:30", "2025-02-23T01:30:00Z"),
        ("Africa/Casablanca", "2025-04-06T02:30", "2025-04-06T02:00:00Z"),
        # A gap that ends at midnight.
        ("America/Nuuk", "2024-03-30T23:30", "2024-03-31T01:00:00Z"),
        # A gap that begins at midnight.
        ("Africa/Cairo", "2025-04-25T00:30", "2025-04-24T22:00:00Z"),
        # The day that Samoa left out when it crossed the date line.
        ("Pacific/Apia", "2011-12-30T10:00", "2011-12-30T10:00:00Z"),
        ("Pacific/Apia", "2011-12-31T10:00", "2011-12-30T20:00:00Z"),
        # The day that Kwajalein left out.
        ("Pacific/Kwajalein", "1993-08-21T18:00", "1993-08-21T12:00:00Z"),
    ],
)
def test_odd_days_have_one_instant_each(name: str, local: str, instant: str) -> None:
    assert told(send_instant(datetime.fromisoformat(local), zone(name))) == instant


def test_a_date_that_a_zone_left_out_has_no_daily_send() -> None:
    apia, when = zone("Pacific/Apia"), SendTime("10:00")
    before = instant_on(when, date(2011, 12, 29), apia)
    after = next_instant(when, before, apia)
    assert shown(after, apia) == datetime(2011, 12, 31, 10)  # noqa: DTZ001 - a wall clock
    assert after - before == DAY


def test_a_send_whose_time_fell_into_a_gap_is_still_to_come_while_the_gap_is() -> None:
    nuuk, when = zone("America/Nuuk"), SendTime("23:30")
    end_of_gap = datetime(2024, 3, 31, 1, tzinfo=UTC)
    assert next_instant(when, end_of_gap - timedelta(seconds=1), nuuk) == end_of_gap
    assert next_instant(when, end_of_gap, nuuk) > end_of_gap


def test_every_zone_has_a_next_send_of_every_weekday() -> None:
    now = datetime(2025, 3, 10, 1, tzinfo=UTC)
    for name in zone_names():
        at = next_instant(SendTime("10:00", weekday="sunday"), now, zone(name))
        assert now < at <= now + 8 * DAY
        assert f"{shown(at, zone(name)):%A %H:%M}" == "Sunday 10:00"


def test_a_date_of_its_own_goes_before_now_and_before_the_lists_date() -> None:
    plan = SendPlan({"a": SendTime("10:00", on=date(2025, 3, 1))}, "Asia/Seoul")
    now = datetime(2025, 3, 10, 1, tzinfo=UTC)
    assert told(plan.send_at("a", "Asia/Seoul", now)) == "2025-03-01T01:00:00Z"
    on = date(2025, 4, 1)
    assert told(plan.send_at("a", "Asia/Seoul", on)) == "2025-03-01T01:00:00Z"


def test_the_lists_date_counts_wherever_the_customer_is() -> None:
    plan = SendPlan({"a": SendTime("10:00"), "b": SendTime("18:00")}, "Asia/Seoul", "tz")
    now = datetime(2025, 3, 10, 1, tzinfo=UTC)
    on = date(2025, 3, 10)
    assert told(plan.send_at("a", "America/Los_Angeles", on)) == "2025-03-10T17:00:00Z"
    assert told(plan.send_at("b", "Asia/Seoul", on)) == "2025-03-10T09:00:00Z"
    assert plan.send_at("c", "Asia/Seoul", now) is None
    assert plan.send_at(None, "Asia/Seoul", now) is None


@pytest.mark.parametrize("given", ["Asia/Busan", "asia/seoul", "KST+9", "../Asia/Seoul", 9, True])
def test_a_zone_that_the_data_do_not_have_is_refused_and_never_guessed(given: object) -> None:
    with pytest.raises(UnknownZone) as refusal:
        SendPlan({}, "Asia/Seoul", "tz").zone_of({"tz": given})
    assert refusal.value.field == "attributes.tz"
    assert VERSION in str(refusal.value)


@pytest.mark.parametrize(
    "attributes", [None, {}, {"tz": None}, {"tz": ""}, {"zone": "Europe/Rome"}]
)
def test_a_zone_that_is_not_given_is_the_projects(attributes: dict[str, object] | None) -> None:
    assert SendPlan({}, "Asia/Seoul", "tz").zone_of(attributes) == "Asia/Seoul"


def test_without_an_attribute_everybody_has_the_projects_zone() -> None:
    assert SendPlan({}, "Asia/Seoul").zone_of({"tz": "Europe/Paris"}) == "Asia/Seoul"
