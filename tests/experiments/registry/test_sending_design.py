"""Send-time tests that would compare something else: follow-up, days, weeks."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.registry.experiment import ExperimentDraft, Plan, Schedule
from experiments.registry.preflight import start_refusals, warnings
from experiments.registry.send_times import WEEKDAYS, SendTime, check_zone_attribute
from experiments.registry.sending_rules import SendingTerms
from experiments.zones import zone
from tests.experiments.kpis.documents import open_rate, unsubscribe_rate
from tests.experiments.registry.drafts import TWO_ARMS, UNSUBSCRIBES, subject_line

KPIS = {each.key: each for each in (open_rate(), unsubscribe_rate())}
SEOUL = SendingTerms((), "Asia/Seoul")
BERLIN = SendingTerms((), "Europe/Berlin")
MONDAY = datetime(2025, 3, 10, tzinfo=UTC)
TEN, SIX = SendTime("10:00"), SendTime("18:00")


def draft(*times: SendTime | None, **changes: Any) -> ExperimentDraft:
    """A send-time test, counted for 72 hours from the planned send."""
    arms = tuple(
        replace(arm, send_at=at) for arm, at in zip(TWO_ARMS, times or (TEN, SIX), strict=True)
    )
    values = {"variants": arms, "anchor": "planned_send", "element": "send_time"}
    return subject_line(**values | changes)


def flags(tested: ExperimentDraft, terms: SendingTerms = SEOUL) -> dict[str, dict[str, Any]]:
    return {each.code: dict(each.params) for each in warnings(tested, KPIS, terms)}


def refusals(tested: ExperimentDraft, terms: SendingTerms = SEOUL) -> list[str]:
    return [each.code for each in start_refusals(tested, KPIS, terms)]


def until(end: datetime | None, start: datetime | None = MONDAY) -> Schedule:
    return Schedule(start, end)


def test_a_sound_test_of_send_times_starts_without_a_word() -> None:
    tested = draft(schedule=until(MONDAY + timedelta(days=7)))
    assert (refusals(tested), flags(tested)) == ([], {})


def test_an_end_that_cuts_one_variant_short_is_refused() -> None:
    # 10:00 in Seoul is 01:00 UTC: of 72 hours the one has all, the other 64.
    tested = draft(schedule=until(MONDAY + timedelta(hours=73)))
    (refusal,) = start_refusals(tested, KPIS, SEOUL)
    assert (refusal.code, refusal.field) == ("unequal_follow_up", "schedule.ends_at")
    assert refusal.params == {"window": 72, "hours": "a: 72, b: 64"}
    assert refusals(replace(tested, schedule=until(MONDAY + timedelta(hours=81)))) == []


def test_an_end_that_cuts_all_alike_is_flagged() -> None:
    tested = draft(TEN, TEN, schedule=until(MONDAY + timedelta(hours=49)), element="content")
    assert refusals(tested) == []
    assert flags(tested) == {"follow_up_cut": {"hours": "48", "window": 72}}


def test_dates_of_their_own_are_counted_from() -> None:
    day = date(2025, 3, 20)
    times = (replace(TEN, on=day), replace(SIX, on=day))
    end = datetime(2025, 3, 23, 1, tzinfo=UTC)
    assert refusals(draft(*times, schedule=until(end, None))) == ["unequal_follow_up"]
    assert refusals(draft(*times, schedule=until(end + timedelta(hours=8), None))) == []
    before = datetime(2025, 3, 19, tzinfo=UTC)
    assert flags(draft(*times, schedule=until(before)))["follow_up_cut"]["hours"] == "0"


@pytest.mark.parametrize(
    "schedule", [Schedule(), until(None), until(MONDAY + timedelta(hours=1), None)]
)
def test_nothing_is_said_of_an_end_that_is_not_known(schedule: Schedule) -> None:
    tested = draft(schedule=schedule)
    assert (refusals(tested), flags(tested)) == ([], {})


def test_from_the_assignment_all_have_the_same_window() -> None:
    tested = draft(anchor="assignment", schedule=until(MONDAY + timedelta(hours=70)))
    assert refusals(tested) == []
    assert flags(tested) == {"follow_up_cut": {"hours": "70", "window": 72}}


@pytest.mark.parametrize("anchor", ["assignment", "trigger"])
@pytest.mark.parametrize(
    ("hours", "weekday", "late"),
    [(24, None, True), (25, None, False), (168, "friday", True), (169, "friday", False)],
)
def test_a_message_that_may_come_after_most_of_the_window_is_flagged(
    anchor: str, hours: int, weekday: str | None, late: bool
) -> None:
    when = replace(SIX, weekday=weekday)
    tested = draft(when, when, anchor=anchor, plan=Plan(window_hours=hours), element="content")
    assert ("sent_late" in flags(tested)) == late
    by_send = replace(tested, anchor="planned_send")
    assert "sent_late" not in flags(by_send)


def test_a_dated_or_silent_variant_does_not_come_late() -> None:
    tested = draft(
        replace(TEN, on=date(2025, 3, 20)), TEN, anchor="trigger", plan=Plan(window_hours=12)
    )
    one, other = tested.variants
    silent = replace(tested, variants=(one, replace(other, no_message=True)))
    assert "sent_late" in flags(tested)
    assert "sent_late" not in flags(silent)


@pytest.mark.parametrize(
    ("one", "other", "days"),
    [
        ({"weekday": "friday"}, {"weekday": "sunday"}, "a: friday, b: sunday"),
        ({"weekday": "friday"}, {}, "a: friday, b: any day"),
        (
            {"on": date(2025, 3, 14)},
            {"on": date(2025, 3, 21)},
            "a: 2025-03-14 friday, b: 2025-03-21 friday",
        ),
    ],
)
def test_variants_on_different_days_are_flagged_as_confounded(
    one: dict[str, Any], other: dict[str, Any], days: str
) -> None:
    tested = draft(replace(TEN, **one), replace(SIX, **other))
    assert flags(tested)["days_differ"] == {"days": days}
    assert refusals(tested) == []


@pytest.mark.parametrize("weekday", [None, *WEEKDAYS])
def test_variants_on_one_day_are_not(weekday: str | None) -> None:
    assert flags(draft(replace(TEN, weekday=weekday), replace(SIX, weekday=weekday))) == {}


def test_a_variant_without_a_send_time_among_others_is_flagged() -> None:
    assert flags(draft(TEN, None)) == {"send_time_missing": {"variant": "b"}}
    assert "send_time_missing" not in flags(draft(None, None))
    control, other = draft(TEN, None).variants
    arms = (control, replace(other, no_message=True))
    assert "send_time_missing" in flags(draft(variants=arms))
    assert "send_time_missing" not in flags(draft(variants=arms, anchor="assignment"))


def test_equal_send_times_are_flagged_where_they_are_under_test() -> None:
    assert "send_times_equal" in flags(draft(TEN, TEN))
    assert "send_times_equal" not in flags(draft(TEN, TEN, element="content"))


@pytest.mark.parametrize(
    ("shape", "days", "told"),
    [
        ("triggered", 14, None),
        ("triggered", 10.5, "10.5"),
        ("triggered", 6, "6"),
        ("recurring", 10, None),
        ("one_blast", 10, None),
    ],
)
def test_a_triggered_test_runs_whole_weeks(shape: str, days: float, told: str | None) -> None:
    schedule = until(MONDAY + timedelta(days=days))
    tested = subject_line(shape=shape, schedule=schedule)
    assert flags(tested).get("not_whole_weeks") == (None if told is None else {"days": told})


def test_a_week_in_which_clocks_change_is_whole_by_the_calendar() -> None:
    """From Monday 24 to Monday 31 March 2025 Berlin has 167 hours."""
    berlin = zone("Europe/Berlin")
    start, end = (datetime(2025, 3, day, 9, tzinfo=berlin) for day in (24, 31))
    assert end.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=167)
    tested = subject_line(shape="triggered", schedule=until(end, start))
    assert "not_whole_weeks" not in flags(tested, BERLIN)
    assert "not_whole_weeks" in flags(tested, SEOUL)


def test_without_a_primary_kpi_only_that_is_refused() -> None:
    tested = draft(goals=(UNSUBSCRIBES,), schedule=until(MONDAY + timedelta(hours=73)))
    assert refusals(tested) == ["no_primary_kpi"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"local_time": "24:00"}, "local_time"),
        ({"local_time": "١٠:٠٠"}, "local_time"),
        ({"local_time": "10:00\n"}, "local_time"),
        ({"local_time": "10:00", "weekday": "fri"}, "weekday"),
        ({"local_time": "10:00", "on": date(2101, 1, 1)}, "on"),
        ({"local_time": "10:00", "on": date(2025, 3, 14), "weekday": "friday"}, "on"),
    ],
)
def test_a_send_time_that_nobody_can_mean_is_refused(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        SendTime(**values)
    assert refusal.value.field == field


def test_send_times_read_as_people_say_them() -> None:
    assert str(TEN) == "10:00"
    assert str(replace(TEN, on=date(2025, 3, 14))) == "2025-03-14 10:00"
    check_zone_attribute(None)
