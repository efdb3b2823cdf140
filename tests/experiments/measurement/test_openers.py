"""Opens three ways: per customer, at the same denominator."""

from datetime import timedelta
from pathlib import Path

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.measure import MeasureRequest
from experiments.measurement.openers import open_counts
from stats.opens import OpenCounts
from tests.experiments.measurement.ledger import HOUR, SENT, SENT_AT, event, exposure, replica_of


def request(machine: str = "exclude") -> MeasureRequest:
    formula = Formula("open", "occurrence", 72, machine=machine)
    return MeasureRequest(
        project_id=1, experiment_id=1, anchor="sent", variants=("a", "b"),
        as_of=SENT_AT + timedelta(hours=80), allocation="external", window_hours=72,
        kpi=KpiDocument("opens", Text("오픈율", "Open rate"), "proportion", formula, "rate"),
    )  # fmt: skip


def test_openers_are_people_or_machines_or_both(tmp_path: Path) -> None:
    rows = [
        *(exposure(f"s-{n}", f"u-{n}", "a") for n in range(5)),
        event("o-0", "u-0"),
        event("o-1", "u-1", machine=True),
        event("o-2", "u-2", machine=True),
        event("o-3", "u-2"),
        event("o-4", "u-3", machine=True, occurred_at=SENT + 72 * HOUR),
        exposure("s-9", "u-9", "b", occurred_at=SENT + 9 * HOUR),
        event("o-9", "u-9", occurred_at=SENT + 9 * HOUR),
    ]
    state = replica_of(tmp_path / "replica", rows)
    expected = {"a": OpenCounts(5, 3, 2, 2), "b": OpenCounts(0, 0, 0, 0)}
    assert open_counts(state, request("exclude")) == expected
    assert open_counts(state, request("include")) == expected
