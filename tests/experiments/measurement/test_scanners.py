"""Clicks faster than a person's, found when measuring."""

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from experiments.ledger.machine import Click, MachineRules, clicked_by_scanner
from experiments.measurement.measure import measure
from experiments.measurement.replica import ReplicaState
from experiments.measurement.scanners import Pace, by_scanners
from experiments.measurement.session import open_session
from stats.samples import BinomialSample
from tests.experiments.measurement.ledger import HOUR, SENT, Row, alias, event, exposure, replica_of
from tests.experiments.measurement.test_measure import opens, request

Build = Callable[..., ReplicaState]
SECOND = 1_000_000
CLICKS = opens(event="click")


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Make a replica of the rows given."""
    return lambda *rows: replica_of(tmp_path / "replica", rows)


def click(number: int, unit: str | None, seconds: float, url: str, **other: Any) -> Row:
    at = SENT + HOUR + round(seconds * SECOND)
    said = {"message": "m-1", "url": url}
    usual: Row = {"occurred_at": at, "properties": said}
    return event(f"c-{number}", unit, "click", **usual | other)


def test_all_links_within_two_seconds_are_a_programs_in_any_order(build: Build) -> None:
    burst = [click(1, "u", 0, "a"), click(2, "u", 1, "b"), click(3, "u", 2, "c")]
    late = click(4, "u", 60, "a")
    for order in permutations(burst):
        found = measure(build(exposure("s", "u", "a"), *order, late), request(CLICKS))
        assert found.accounting.excluded == {"machine": 3}
        assert (found.accounting.used, found.scanned) == (1, 3)
        assert found.by_machines == {"a": 1, "b": 0}


def test_a_slower_pace_and_other_rules_leave_them_to_people(build: Build) -> None:
    rows = [click(1, "u", 0, "a"), click(2, "u", 1, "b"), click(3, "u", 2.1, "c")]
    state = build(exposure("s", "u", "a"), *rows)
    assert measure(state, request(CLICKS)).accounting.used == 3
    assert measure(state, request(CLICKS, pace=Pace(3, 3))).accounting.used == 0
    assert measure(state, request(CLICKS, pace=Pace(2, 1))).accounting.used == 1
    assert measure(state, request(opens())).scanned is None


def test_a_click_that_says_no_message_tells_nothing(build: Build) -> None:
    rows = [click(n, "u", 0, "a", properties={"url": str(n)}) for n in range(5)]
    assert measure(build(exposure("s", "u", "a"), *rows), request(CLICKS)).accounting.used == 5


def test_flagged_clicks_help_to_tell_and_are_not_counted_as_found(build: Build) -> None:
    rows = [click(n, "u", 0, str(n), machine=n == 0) for n in range(3)]
    found = measure(build(exposure("s", "u", "a"), *rows), request(CLICKS))
    assert (found.scanned, found.accounting.excluded) == (2, {"machine": 3})
    included = measure(
        build(exposure("s", "u", "a"), *rows), request(opens(event="click", machine="include"))
    )
    assert included.samples["a"] == BinomialSample(1, 1)
    assert included.by_machines["a"] == 1


def test_one_customers_clicks_are_seen_together_under_whatever_name(build: Build) -> None:
    rows = [
        click(1, "u", 0, "a"), click(2, None, 0, "b", alias="email:1"),
        click(3, None, 1, "c", alias="anon:2"),
    ]  # fmt: skip
    state = build(exposure("s", "u", "a"), *rows)
    assert measure(state, request(CLICKS)).accounting.used == 1
    names = [alias("a-1", "email:1", "u"), alias("a-2", "anon:2", "u")]
    found = measure(build(exposure("s", "u", "a"), *rows, *names), request(CLICKS))
    assert found.accounting.excluded == {"machine": 3}


def test_what_happened_after_the_moment_of_the_report_is_not_seen(build: Build) -> None:
    rows = [click(1, "u", 0, "a"), click(2, "u", 1, "b"), click(3, "u", 2, "c")]
    early = datetime.fromtimestamp((SENT + HOUR) // SECOND + 1, UTC)
    asked = request(CLICKS, as_of=early, window_hours=1)
    state = build(exposure("s", "u", "a", occurred_at=SENT - HOUR // 2), *rows)
    assert measure(state, asked).scanned == 0


@pytest.mark.parametrize("seed", range(3))
def test_the_engine_and_the_plain_rule_agree(build: Build, seed: int) -> None:
    rng = random.Random(seed)
    rows = [
        click(
            n, rng.choice("uv"), rng.randrange(0, 40) / 2, rng.choice("abcd"),
            properties={"message": rng.choice("mn"), "url": rng.choice("abcd")},
        )
        for n in range(80)
    ]  # fmt: skip
    start = datetime(2025, 1, 1, tzinfo=UTC)
    plain = [
        Click(
            row["source_id"], row["properties"]["message"], row["unit_id"],
            row["properties"]["url"], start + timedelta(microseconds=row["occurred_at"] - SENT),
        )
        for row in rows
    ]  # fmt: skip
    with open_session(build(*rows), 1) as session:
        for links, seconds in [(3, 2), (2, 1), (4, 5)]:
            found = by_scanners(session.events, Pace(links, seconds), request().as_of)
            places = {row["position"] for row in session.rows(found)}
            rule = MachineRules(links=links, seconds=seconds)
            assert {f"c-{place - 1}" for place in places} == clicked_by_scanner(plain, rule)
