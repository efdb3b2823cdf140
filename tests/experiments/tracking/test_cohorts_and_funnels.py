"""Funnels and cohort tables, held against a plain reading of the same events."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from pathlib import Path
from random import Random
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.terms import Events
from experiments.measurement.replica import ReplicaState
from experiments.tracking.cohorts import CohortQuestion
from experiments.tracking.funnels import FunnelGroup, FunnelQuestion
from experiments.tracking.measured_cohorts import measured_cohorts
from experiments.tracking.measured_funnels import measured_funnel
from experiments.zones import zone
from tests.experiments.measurement.ledger import Row, event, replica_of

SEOUL = "Asia/Seoul"
MARCH = date(2025, 3, 1)
AS_OF = datetime(2025, 4, 1, tzinfo=UTC)
Build = Callable[..., ReplicaState]


@pytest.fixture
def build(tmp_path: Path) -> Build:
    return lambda *rows: replica_of(tmp_path / "replica", rows)


def at(text: str) -> int:
    """Microseconds of a local time in Seoul."""
    local = datetime.fromisoformat(text).replace(tzinfo=zone(SEOUL))
    return int(local.timestamp()) * 1_000_000


def did(unit: str, kind: str, when: str, **other: Any) -> Row:
    return event(f"{unit}-{kind}-{when}", unit, kind, occurred_at=at(when), **other)


def funnel_of(**changes: Any) -> FunnelQuestion:
    asked = FunnelQuestion(
        project_id=1,
        steps=(Events("visit"), Events("cart"), Events("purchase")),
        since=MARCH,
        until=date(2025, 3, 31),
        window_hours=24,
        as_of=AS_OF,
        zone=SEOUL,
    )
    return replace(asked, **changes)


def cohorts_of(**changes: Any) -> CohortQuestion:
    asked = CohortQuestion(
        project_id=1,
        base=Events("sign_up"),
        back=Events("visit"),
        cohort="week",
        unit="day",
        numbers=(1, 3, 7),
        since=date(2025, 3, 3),
        until=date(2025, 3, 30),
        as_of=AS_OF,
        zone=SEOUL,
    )
    return replace(asked, **changes)


def test_steps_count_in_their_order_and_within_the_window(build: Build) -> None:
    state = build(
        did("in-order", "visit", "2025-03-10T10:00"),
        did("in-order", "cart", "2025-03-10T10:05"),
        did("in-order", "purchase", "2025-03-10T10:05"),
        did("backwards", "cart", "2025-03-10T09:00"),
        did("backwards", "visit", "2025-03-10T10:00"),
        did("backwards", "purchase", "2025-03-10T11:00"),
        did("too-late", "visit", "2025-03-10T10:00"),
        did("too-late", "cart", "2025-03-11T10:00"),
        did("by-program", "visit", "2025-03-10T10:00", machine=True),
        did("in-april", "visit", "2025-04-01T00:00"),
        did("still-open", "visit", "2025-03-31T23:00"),
        did("before", "visit", "2025-02-28T23:59"),
    )
    found = measured_funnel(state, funnel_of())
    assert found.whole == FunnelGroup(None, (3, 1, 1), 1)
    assert found.whole.shares == (Fraction(1), Fraction(1, 3), Fraction(1, 3))
    assert found.whole.gap == "too_few_customers"
    assert "exposures" not in found.sql


def test_a_funnel_by_channel_or_property_adds_up(build: Build) -> None:
    rng, rows = Random(3), []
    for number in range(200):
        channel = ("email", "app_push", None)[number % 3]
        rows.append(did(f"u{number}", "visit", "2025-03-10T10:00", channel=channel,
                        properties={"plan": "free" if number % 2 else "paid"}))  # fmt: skip
        if rng.random() < 0.5:
            rows.append(did(f"u{number}", "cart", "2025-03-10T11:00", channel="web"))
            if rng.random() < 0.2:
                rows.append(did(f"u{number}", "purchase", "2025-03-10T12:00"))
    state = build(*rows)
    by_channel = measured_funnel(state, funnel_of(by="channel"))
    by_plan = measured_funnel(state, funnel_of(by="property:plan"))
    assert {each.name for each in by_channel.groups} == {"email", "app_push", None}
    assert {each.name for each in by_plan.groups} == {"free", "paid"}
    for found in (by_channel, by_plan):
        assert found.whole.reached[0] == 200
        assert found.whole.weakest == 2
        for place in range(3):
            assert sum(each.reached[place] for each in found.groups) == found.whole.reached[place]


def test_a_funnel_of_a_segment_asks_who_they_were_then(build: Build) -> None:
    state = build(
        did("new", "sign_up", "2025-03-01T10:00"),
        did("new", "visit", "2025-03-10T10:00"),
        did("old", "sign_up", "2024-03-01T10:00"),
        did("old", "visit", "2025-03-10T10:00"),
    )
    assert measured_funnel(state, funnel_of(segment="new")).whole.reached == (1, 0, 0)
    with pytest.raises(Invalid) as refused:
        measured_funnel(state, funnel_of(segment="rich"))
    assert refused.value.field == "segment"


def test_days_are_the_projects_own_and_immature_cells_are_blank(build: Build) -> None:
    state = build(
        did("a", "sign_up", "2025-03-10T23:30"),
        # Half an hour later is the next local day, and the same one in UTC.
        did("a", "visit", "2025-03-11T00:10"),
        did("b", "sign_up", "2025-03-16T10:00"),
        did("b", "visit", "2025-03-19T10:00"),
        did("c", "sign_up", "2025-03-30T10:00"),
        did("c", "visit", "2025-03-30T12:00"),
        did("d", "visit", "2025-03-12T10:00"),
    )
    found = measured_cohorts(state, cohorts_of(as_of=datetime(2025, 3, 31, tzinfo=UTC)))
    assert [row.customers for row in found.rows] == [0, 2, 0, 1]
    empty, second, _, last = found.rows
    assert [cell.rate for cell in second.cells] == [Fraction(1, 2), Fraction(1, 2), 0]
    assert {cell.gap for cell in empty.cells} == {"nobody"}
    assert [(cell.rate, cell.gap, cell.waiting) for cell in last.cells] == [
        (None, "immature", 1)
    ] * 3
    assert last.cells[0].whole_on == date(2025, 4, 1)
    assert found.whole.cells[0].customers == 2


def test_a_week_that_is_half_grown_up_counts_those_who_are(build: Build) -> None:
    state = build(
        did("a", "sign_up", "2025-03-24T10:00"),
        did("a", "visit", "2025-03-25T10:00"),
        did("b", "sign_up", "2025-03-30T10:00"),
    )
    found = measured_cohorts(state, cohorts_of(as_of=datetime(2025, 3, 31, tzinfo=UTC)))
    assert [(each.customers, each.returned, each.waiting) for each in found.rows[3].cells] == [
        (1, 1, 1), (1, 0, 1), (0, 0, 2),
    ]  # fmt: skip


def test_months_are_those_of_the_calendar(build: Build) -> None:
    state = build(
        did("a", "sign_up", "2025-01-31T23:59"),
        did("a", "visit", "2025-02-01T00:00"),
        did("b", "sign_up", "2025-01-01T00:00"),
        did("b", "visit", "2025-03-31T23:00"),
        did("c", "sign_up", "2025-03-02T10:00"),
    )
    asked = cohorts_of(
        cohort="month", unit="month", numbers=(1, 2), since=date(2025, 1, 1), until=MARCH
    )
    found = measured_cohorts(state, asked)
    january, february, march = found.rows
    assert [cell.rate for cell in january.cells] == [Fraction(1, 2), Fraction(1, 2)]
    assert [cell.gap for cell in february.cells] == ["nobody", "nobody"]
    assert [cell.gap for cell in march.cells] == ["immature", "immature"]
    assert march.cells[0].whole_on == date(2025, 5, 1)


def test_a_table_is_what_a_plain_reading_gives(build: Build) -> None:
    rng, rows, began, back = Random(5), [], {}, set()
    start = datetime(2025, 3, 3, tzinfo=zone(SEOUL))
    for number in range(150):
        unit, when = f"u{number}", start + timedelta(hours=rng.randrange(24 * 28))
        began[unit] = when.date()
        rows.append(did(unit, "sign_up", when.replace(tzinfo=None).isoformat()))
        for _ in range(rng.randrange(6)):
            later = when + timedelta(hours=rng.randrange(24 * 9))
            if later < AS_OF:
                back.add((unit, later.date()))
                stamp = later.replace(tzinfo=None).isoformat()
                rows.append(did(unit, "visit", stamp) | {"source_id": f"{unit}-{stamp}"})
    unique = list({row["source_id"]: row for row in rows}.values())
    found = measured_cohorts(build(*unique), cohorts_of())
    today = AS_OF.astimezone(zone(SEOUL)).date()
    for row in found.rows:
        assert row.starts_on is not None
        mine = [unit for unit, day in began.items()
                if row.starts_on <= day < row.starts_on + timedelta(days=7)]  # fmt: skip
        for cell in row.cells:
            ripe = [unit for unit in mine if began[unit] + timedelta(days=cell.number) < today]
            came = [u for u in ripe if (u, began[u] + timedelta(days=cell.number)) in back]
            assert (cell.customers, cell.returned) == (len(ripe), len(came))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"steps": (Events("visit"),)}, "steps"),
        ({"window_hours": 0}, "formula.window_hours"),
        ({"by": "mood"}, "by"),
        ({"until": date(2025, 2, 1)}, "until"),
    ],
)
def test_a_funnel_that_makes_no_sense_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        funnel_of(**changes)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"numbers": ()}, "numbers"), ({"numbers": (-1,)}, "numbers"), ({"cohort": "year"}, "cohort")],
)
def test_a_table_that_makes_no_sense_is_refused(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        cohorts_of(**changes)
    assert refused.value.field == field
