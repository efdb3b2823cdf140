"""How often customers were written to, by variant and channel."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from experiments.measurement.contacts import contact_counts
from experiments.measurement.replica import ReplicaState
from stats.samples import MeanSample
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    alias,
    event,
    exposure,
    replica_of,
)
from tests.experiments.measurement.test_measure import request

Build = Callable[..., ReplicaState]
WEEK = 168


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Make a replica of the rows given."""
    return lambda *rows: replica_of(tmp_path / "replica", rows)


def test_messages_of_every_test_and_tool_are_counted_by_channel(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"), exposure("s-2", "u-2", "b"), exposure("s-3", "u-3", "b"),
        exposure("s-4", "u-1", "x", experiment_id=2, channel="sms", occurred_at=SENT + HOUR),
        event("e-1", "u-2", "sent", channel="email"),
        event("e-2", "u-2", "sent", channel=None),
        exposure("s-5", "u-3", "b", suppressed_reason="capped", occurred_at=SENT + HOUR),
        exposure("s-6", "u-1", "a", type="planned_send"),
        event("e-3", "stranger", "sent"),
    )  # fmt: skip
    found = contact_counts(state, request(window_hours=WEEK))
    assert found["a"].by_channel == {"email": 1, "sms": 1}
    assert found["b"].by_channel == {"email": 3, "unknown": 1}
    assert found["a"].per_week == {"email": 1.0, "sms": 1.0}
    assert found["b"].per_week == {"email": 1.5, "unknown": 0.5}
    assert found["b"].sample == MeanSample(2, 4, 10)


def test_a_message_told_by_both_is_one(build: Build) -> None:
    told = [
        event("e-1", "u-1", "sent", experiment_id=1, channel="email", occurred_at=SENT),
        event("e-2", "u-1", "sent", experiment_id=1, channel="email", occurred_at=SENT + HOUR),
    ]
    state = build(exposure("s-1", "u-1", "a"), *told)
    assert contact_counts(state, request())["a"].by_channel == {"email": 2}


def test_only_what_came_between_the_anchor_and_the_end(build: Build) -> None:
    state = build(
        exposure("s-1", "u-1", "a"),
        event("e-1", "u-1", "sent", occurred_at=SENT - 1),
        event("e-2", "u-1", "sent", occurred_at=SENT + 72 * HOUR),
        event("e-3", "u-1", "sent", occurred_at=SENT + 50 * HOUR),
    )
    assert contact_counts(state, request())["a"].by_channel == {"email": 1, "unknown": 1}
    early = request(as_of=SENT_AT + timedelta(hours=42))
    assert contact_counts(state, early)["a"].by_channel == {"email": 1}
    assert contact_counts(state, early)["a"].per_week == {"email": 4.0}


def test_nobody_is_written_to_in_an_empty_test(build: Build) -> None:
    found = contact_counts(build(), request())
    assert found["a"].per_week == {}
    assert found["a"].units == 0


def test_sends_under_a_known_alias_count(build: Build) -> None:
    sent = event("e-1", None, "sent", alias="email:1", channel="email")
    rows = [exposure("s-1", "u-1", "a"), sent]
    assert contact_counts(build(*rows), request())["a"].by_channel == {"email": 1}
    known = build(*rows, alias("a-1", "email:1", "u-1"))
    assert contact_counts(known, request())["a"].by_channel == {"email": 2}
