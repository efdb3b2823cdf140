"""Groups of customers: one statement, and sums that are those of each group measured alone."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from experiments.kpis.text import Text
from experiments.measurement.anchor_segments import AnchorSegment
from experiments.measurement.groups import Cut, measure_cells, properties_met
from experiments.measurement.measure import measure
from experiments.measurement.ready_segments import READY
from experiments.measurement.replica import ReplicaState
from experiments.measurement.session import open_session
from stats.samples import BinomialSample
from tests.experiments.measurement.ledger import HOUR, SENT, Row, event, exposure, replica_of
from tests.experiments.measurement.test_measure import request

Build = Callable[..., ReplicaState]
DAY = 24 * HOUR
CHANNELS = ("email", "sms", None)
GRADES = ({"grade": "VIP", "seen": [1]}, {"grade": "일반"}, None)


@pytest.fixture
def build(tmp_path: Path) -> Build:
    """Make a replica of the rows given."""
    return lambda *rows: replica_of(tmp_path / "replica", rows)


def everybody() -> list[Row]:
    """36 customers, three channels and three grades in both variants; a third opens."""
    rows = []
    for n in range(36):
        unit, variant = f"u{n:02d}", "ab"[n % 2]
        later = SENT + (n // 18) * DAY
        rows.append(
            exposure(
                f"s{n}", unit, variant, channel=CHANNELS[n % 3], properties=GRADES[n // 2 % 3],
                occurred_at=later,
            )
        )  # fmt: skip
        if n % 4 == 0:
            rows.append(event(f"p{n}", unit, "purchase", occurred_at=SENT - DAY))
        if n % 3 == 1 or n % 5 == 0:
            rows.append(event(f"o{n}", unit, occurred_at=later + HOUR))
    return rows


def test_groups_add_up_to_everybody_and_agree_with_each_measured_alone(build: Build) -> None:
    state, asked = build(*everybody()), request()
    whole = measure(state, asked).samples
    with open_session(state, 1) as session:
        cells = measure_cells(session, asked, Cut(tuple(READY.values())))
        channels = cells.samples(lambda cell: cell.channel or "")
        grades = cells.samples(lambda cell: cell.properties.get("grade"))
        active = cells.samples(lambda cell: "in" if "active" in cell.segments else "rest")
    assert set(channels) == {"email", "sms", ""}
    for variant, sample in whole.items():
        added = sum((found[variant] for found in channels.values()), start=BinomialSample(0, 0))
        assert added == sample
    for key, segment in (
        ("email", AnchorSegment("x", Text("이", "e"), channel="email")),
        ("VIP", AnchorSegment("y", Text("이", "e"), properties=('{"grade": "VIP", "seen": [1]}',))),
        ("in", READY["active"]),
    ):
        alone = measure(state, request(segment=segment)).samples
        assert alone == (channels | grades | active)[key]


def test_a_group_has_all_variants_and_knows_its_phase(build: Build) -> None:
    rows = [
        exposure("1", "u", "a"),
        exposure("2", "v", "b", occurred_at=SENT + DAY),
        event("3", "u", "open"),
    ]
    opened = (
        datetime(2025, 3, 9, tzinfo=UTC),
        datetime(2025, 3, 10, 12, tzinfo=UTC),
    )
    with open_session(build(*rows), 1) as session:
        cells = measure_cells(
            session, request(as_of=opened[0] + timedelta(days=20)), Cut(phase_starts=opened)
        )
    phases = cells.samples(lambda cell: str(cell.phase))
    assert phases == {
        "1": {"a": BinomialSample(1, 1), "b": BinomialSample(0, 0)},
        "2": {"a": BinomialSample(0, 0), "b": BinomialSample(1, 0)},
    }


def test_properties_that_name_customers_are_no_groups(
    build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("experiments.measurement.groups.MOST_PROPERTIES", 2)
    rows = [exposure(str(n), f"u{n}", "a", properties={"mail": f"{n}@shop"}) for n in range(3)]
    state = build(*rows)
    with open_session(state, 1) as session:
        cells = measure_cells(session, request(), Cut())
        assert len(properties_met(session, request())) == 3
    assert not cells.with_properties
    assert [cell.known for cell in cells.cells] == [{}]
