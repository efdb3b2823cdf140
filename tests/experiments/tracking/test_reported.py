"""Figures that arrive added up: kept once, replaced with their history, added up by period."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from experiments.errors import Invalid, NotFound
from experiments.kpis.catalogue import BY_KEY
from experiments.operations.audit import Actor
from experiments.registry.keyed import Edit
from experiments.storage.database import Database
from experiments.storage.projects import Project
from experiments.storage.tables import audit, reported_values
from experiments.tracking.reported import read_delivery
from experiments.tracking.reported_lanes import Lanes
from experiments.tracking.reported_periods import reported_series
from experiments.tracking.reported_store import (
    Delivery,
    Wanted,
    deliver,
    list_values,
    take_back,
)
from experiments.tracking.series import ReportedPeriod, SeriesRequest

MONDAY = date(2025, 2, 3)
NOW = datetime(2025, 3, 10, 1, 0, tzinfo=UTC)


def figure(day: date = MONDAY, value: Any = 1000, **changes: Any) -> dict[str, Any]:
    return {
        "series": "media_cost", "day": day.isoformat(), "source": "google-ads",
        "channel": "web", "value": value, "currency": "KRW",
    } | changes  # fmt: skip


@pytest.fixture
def edit(project: Project, actor: Actor) -> Edit:
    return Edit(project, actor, NOW)


def given_figures(database: Database, edit: Edit, *items: object) -> Delivery:
    with database.transaction() as db:
        return deliver(db, read_delivery(items), edit)


def week_of(project: Project, **changes: Any) -> SeriesRequest:
    asked = SeriesRequest(
        project_id=project.id,
        document=BY_KEY["cpa"].document(),
        period="week",
        since=MONDAY,
        until=MONDAY + timedelta(days=13),
        as_of=NOW,
        zone=project.time_zone,
    )
    return replace(asked, **changes)


def test_a_later_delivery_replaces_and_the_former_stays(database: Database, edit: Edit) -> None:
    first = given_figures(database, edit, figure(), figure(channel="app_push"))
    again = given_figures(database, edit, figure(), figure(value=1200, channel="app_push"))
    assert (first.accepted, first.replaced, first.unchanged) == (2, 0, 0)
    assert (again.accepted, again.replaced, again.unchanged) == (0, 1, 1)
    with database.reading() as db:
        held = list_values(db, edit.project, Wanted())
        every = list_values(db, edit.project, Wanted(history=True))
        rows = db.execute(
            select(audit).where(audit.c.action == "reported_values.deliver").order_by(audit.c.id)
        ).all()
    assert [each.value.value for each in held] == [1000, 1200]
    assert [(each.value.value, each.replaced_at) for each in every] == [
        (1000, None), (1000, NOW), (1200, None),
    ]  # fmt: skip
    assert [row.after["replaced"] for row in rows] == [0, 1]
    assert first.unread == ("media_cost",)


def test_every_figure_is_told_apart_or_refused(database: Database, edit: Edit) -> None:
    done = given_figures(
        database,
        edit,
        figure(),
        figure(),
        figure(value=7),
        figure(day=date(2025, 3, 11)),
        figure(value=Decimal("0.5")),
        figure(value=-1),
        {"series": "reach"},
        figure(cost=1),
        figure(day=date(2025, 3, 10), currency="USD"),
    )
    assert (done.accepted, done.unchanged) == (2, 1)
    assert [(each.index, each.error.field) for each in done.rejected] == [
        (2, "value"), (3, "day"), (4, "value"), (5, "value"), (6, "day"), (7, "cost"),
    ]  # fmt: skip


@pytest.mark.parametrize("day", ["2025-02-30", "20250210", "2025-W07-1", "10.02.2025", ""])
def test_what_is_no_day_is_refused(day: str) -> None:
    [rejected] = read_delivery([figure() | {"day": day}]).rejected
    assert rejected.error.field == "day"


def test_figures_are_added_up_by_period_and_currency(database: Database, edit: Edit) -> None:
    days = [MONDAY + timedelta(days=each) for each in range(14)]
    items = [figure(day, 100 + place) for place, day in enumerate(days)]
    given_figures(database, edit, *items, figure(currency="USD", source="other", value=9))
    with database.reading() as db:
        found = reported_series(db, edit.project, week_of(edit.project), ["media_cost", "reach"])
    total = sum(range(100, 107)), sum(range(107, 114))
    assert found["reach"] == {}
    assert found["media_cost"] == {
        MONDAY: ReportedPeriod(Decimal(total[0]), 7, complete=True),
        MONDAY + timedelta(days=7): ReportedPeriod(Decimal(total[1]), 7, complete=True),
    }


def test_a_period_that_lacks_a_day_is_not_complete(database: Database, edit: Edit) -> None:
    days = [MONDAY + timedelta(days=each) for each in (0, 1, 2, 4, 5, 6, 7, 8)]
    given_figures(database, edit, *(figure(day) for day in days))
    asked = week_of(edit.project, as_of=datetime(2025, 2, 17, tzinfo=UTC))
    with database.reading() as db:
        found = reported_series(db, edit.project, asked, ["media_cost"])["media_cost"]
    assert [each.complete for each in found.values()] == [False, False]


def test_weekly_figures_make_whole_weeks() -> None:
    weeks = [MONDAY + timedelta(days=7 * each) for each in range(3)]
    lanes = Lanes.of(("", "buzz", day) for day in weeks)
    ends = [day + timedelta(days=7) for day in weeks]
    assert all(lanes.complete(start, end) for start, end in zip(weeks, ends, strict=True))
    assert not lanes.complete(ends[-1], ends[-1] + timedelta(days=7))


def test_a_source_that_fell_silent_long_ago_is_not_waited_for() -> None:
    lanes = Lanes.of([("", "a", MONDAY), ("", "b", MONDAY), ("", "b", MONDAY + timedelta(days=30))])
    later = MONDAY + timedelta(days=30)
    assert lanes.complete(later, later + timedelta(days=1))


def test_no_customer_is_asked_of_figures_that_know_none(database: Database, edit: Edit) -> None:
    with database.reading() as db, pytest.raises(Invalid) as refused:
        reported_series(db, edit.project, week_of(edit.project, segment="new"), ["media_cost"])
    assert refused.value.field == "segment"


def test_a_figure_is_taken_back_once(database: Database, edit: Edit) -> None:
    given_figures(database, edit, figure())
    with database.transaction() as db:
        gone = take_back(db, 1, edit)
        assert list_values(db, edit.project, Wanted()) == []
        with pytest.raises(NotFound):
            take_back(db, gone.id, edit)
    assert given_figures(database, edit, figure()).accepted == 1


@given(st.permutations(range(6)))
def test_the_order_within_a_delivery_changes_nothing(order: list[int]) -> None:
    items = [figure(MONDAY + timedelta(days=each % 4), 10 * (each % 4)) for each in order]
    read = read_delivery(items)
    assert not read.rejected
    assert {value.place for _, value in read.values} == {
        value.place for _, value in read_delivery([items[each] for each in sorted(order)]).values
    }


def test_numbers_of_another_project_stay_there(database: Database, edit: Edit) -> None:
    given_figures(database, edit, figure())
    with database.reading() as db:
        other = replace(edit.project, id=edit.project.id + 1)
        assert list_values(db, other, Wanted()) == []
        assert db.execute(select(reported_values)).first() is not None
