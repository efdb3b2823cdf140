"""Counting customers at every stage: each once, where it was first met."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

from experiments.measurement.anchors import Population
from experiments.measurement.exposures import ExposureCounts, StageCount, exposure_counts
from experiments.measurement.session import open_session
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, Row, exposure, replica_of

LATER = SENT_AT + timedelta(days=10)


def population(as_of: datetime = LATER) -> Population:
    return Population(
        project_id=1, experiment_id=1, anchor="sent", variants=("a", "b"), as_of=as_of,
        allocation="truelift",
    )  # fmt: skip


def counted(folder: Path, rows: list[Row], *starts: datetime) -> ExposureCounts:
    return exposure_counts(replica_of(folder / "replica", rows), population(), starts)


def test_each_customer_counts_once_per_stage(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [
            exposure("1", "u-1", "a", type="assigned"),
            exposure("2", "u-1", "a", type="viewed"),
            exposure("3", "u-1", "a"),
            exposure("4", "u-2", "b", type="assigned"),
            exposure("5", "u-2", "b", type="planned_send", suppressed_reason="capped"),
        ],
    )
    assert found.at("assigned") == {"a": 1, "b": 1}
    assert found.at("planned_send") == {"b": 1}
    assert found.at("sent") == {"a": 1}
    assert found.at("trigger") == {}
    assert found.units == {"a": 1, "b": 1}
    assert found.suppressed == {"capped": {"b": 1}}


def test_customers_in_two_variants_count_in_the_first(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [
            exposure("1", "u-1", "b", occurred_at=SENT + HOUR),
            exposure("2", "u-1", "a", occurred_at=SENT),
            exposure("3", "u-2", "b"),
        ],
    )
    assert found.at("sent") == {"a": 1, "b": 1}
    assert found.two_variants == {"a": 1, "b": 0}


def test_variants_may_change_between_stages(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [
            exposure("1", "u-1", "a", type="assigned"),
            exposure("2", "u-1", "b", occurred_at=SENT + HOUR),
        ],
    )
    assert (found.at("assigned"), found.at("sent")) == ({"a": 1}, {"b": 1})
    assert found.two_variants == {"a": 1}


def test_reported_variants_are_held_against_ours(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [
            exposure("1", "u-1", "a", expected_variant="a"),
            exposure("2", "u-2", "a", expected_variant="b"),
            exposure("3", "u-3", "a"),
        ],
    )
    assert found.stages == (StageCount("sent", 1, "a", units=3, mismatched=1, unverified=1),)


def test_what_counts_for_nobody_is_counted_by_its_reason(tmp_path: Path) -> None:
    found = counted(
        tmp_path,
        [
            exposure("1", "u-1", "a", expected_variant="~tester"),
            exposure("2", "u-2", "a", expected_variant="~outside"),
            exposure("3", "u-3", "a", expected_variant="~outside"),
            exposure("4", "u-3", "a", expected_variant="a", occurred_at=SENT + HOUR),
        ],
    )
    assert found.stages == (StageCount("sent", 1, "a", units=1, mismatched=0, unverified=0),)
    assert found.left_out == {"test_unit": 1, "outside_dates": 2}


def test_phases_are_told_apart(tmp_path: Path) -> None:
    second = SENT_AT + timedelta(hours=5)
    found = counted(
        tmp_path,
        [
            exposure("1", "u-1", "a", occurred_at=SENT - 1000 * HOUR),
            exposure("2", "u-2", "a", occurred_at=SENT + 5 * HOUR - 1),
            exposure("3", "u-3", "b", occurred_at=SENT + 5 * HOUR),
            exposure("4", "u-1", "a", occurred_at=SENT + 9 * HOUR),
            exposure("5", "u-5", "b", occurred_at=SENT + 21 * HOUR),
        ],
        SENT_AT,
        second,
        SENT_AT + timedelta(hours=20),
    )
    assert [found.at("sent", phase) for phase in (1, 2, 3)] == [{"a": 2}, {"b": 1}, {"b": 1}]
    assert found.at("sent") == {"a": 2, "b": 2}


def test_only_what_had_happened_is_seen(tmp_path: Path) -> None:
    rows = [exposure("1", "u-1", "a"), exposure("2", "u-2", "a", occurred_at=SENT + 1)]
    state = replica_of(tmp_path / "replica", rows)
    assert exposure_counts(state, population(SENT_AT)).at("sent") == {"a": 1}


def test_other_experiments_and_projects_are_not_seen(tmp_path: Path) -> None:
    rows = [exposure("1", "u-1", "a", experiment_id=2), exposure("2", "u-2", "a", project_id=2)]
    found = counted(tmp_path, rows)
    assert (found.stages, found.units, found.last_received_at) == ((), {}, None)


def test_the_last_arrival_is_told(tmp_path: Path) -> None:
    rows = [
        exposure("1", "u-1", "a", received_at=SENT + 3),
        exposure("2", "u-2", "a", received_at=SENT + 5),
    ]
    assert counted(tmp_path, rows).last_received_at == datetime(2025, 3, 10, 1, 0, 0, 5, tzinfo=UTC)


def test_counting_and_measuring_share_a_session(tmp_path: Path) -> None:
    state = replica_of(tmp_path / "replica", [exposure("1", "u-1", "a")])
    with open_session(state, 1) as session:
        assert exposure_counts(session, population()) == exposure_counts(state, population())
