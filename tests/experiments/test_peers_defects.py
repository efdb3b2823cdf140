"""Defects met in other tools that are Truelift's to avoid before numbers reach `stats`, or after.

`tests/stats/test_peers_defects.py` has the list of all.
"""

from datetime import timedelta
from pathlib import Path

from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.measurement.measure import MeasureRequest, measure
from experiments.measurement.openers import open_counts
from experiments.reporting.text import render_text
from stats.opens import OpenCounts, OpensFault, compare_opens
from stats.samples import BinomialSample
from tests.experiments.measurement.ledger import (
    HOUR,
    SENT,
    SENT_AT,
    Row,
    event,
    exposure,
    replica_of,
)
from tests.experiments.reporting.factories import THREE_ARMS, report_of

MINUTE = HOUR // 60


def request(machine: str = "exclude") -> MeasureRequest:
    formula = Formula("open", "occurrence", 72, machine=machine)
    return MeasureRequest(
        project_id=1, experiment_id=1, anchor="sent", variants=("a", "b"),
        as_of=SENT_AT + timedelta(days=10), allocation="external", window_hours=72,
        kpi=KpiDocument("opens", Text("오픈율", "Open rate"), "proportion", formula, "rate"),
    )  # fmt: skip


def sent(variant: str, count: int) -> list[Row]:
    return [exposure(f"s-{variant}-{n}", f"{variant}-{n}", variant) for n in range(count)]


def test_posthogs_customers_of_two_variants_counted_in_both(tmp_path: Path) -> None:
    """One customer in ten of the first variant also got the second's mail, later, and opened."""
    rows = [*sent("a", 100), *sent("b", 100)]
    both = [f"a-{n}" for n in range(10)]
    rows += [exposure(f"again-{unit}", unit, "b", occurred_at=SENT + HOUR) for unit in both]
    rows += [event(f"o-{unit}", unit, occurred_at=SENT + 2 * HOUR) for unit in both]
    found = measure(replica_of(tmp_path / "replica", rows), request())
    assert found.samples == {"a": BinomialSample(100, 10), "b": BinomialSample(100, 0)}
    assert found.two_variants == {"a": 10, "b": 0}


def test_posthogs_exclusion_that_itself_biases(tmp_path: Path) -> None:
    """The second variant is resent to those who opened: without them nobody opened the first."""
    rows = [*sent("a", 50), *sent("b", 50)]
    openers = [f"a-{n}" for n in range(20)]
    rows += [event(f"o-{unit}", unit, occurred_at=SENT + HOUR) for unit in openers]
    rows += [exposure(f"again-{unit}", unit, "b", occurred_at=SENT + 9 * HOUR) for unit in openers]
    found = measure(replica_of(tmp_path / "replica", rows), request())
    assert found.samples["a"] == BinomialSample(50, 20)
    assert found.two_variants["a"] == 20


def test_listmonks_opens_by_machines_within_minutes(tmp_path: Path) -> None:
    """Half of the first mail is opened by machines within minutes, none of the second."""
    rows = [*sent("a", 400), *sent("b", 400)]
    rows += [
        event(f"m-{n}", f"a-{n}", occurred_at=SENT + 3 * MINUTE, machine=True) for n in range(200)
    ]
    rows += [
        event(f"p-{variant}-{n}", f"{variant}-{n}") for variant in "ab" for n in range(150, 230)
    ]
    state = replica_of(tmp_path / "replica", rows)
    people = measure(state, request("exclude")).samples
    assert people == {"a": BinomialSample(400, 80), "b": BinomialSample(400, 80)}
    assert measure(state, request("include")).samples["a"] == BinomialSample(400, 230)
    counts = open_counts(state, request())
    assert counts == {"a": OpenCounts(400, 230, 80, 200), "b": OpenCounts(400, 80, 80, 0)}
    assert compare_opens(counts["a"], counts["b"]).faults == (OpensFault.MACHINES_DIFFER,)


def test_spotifys_correction_that_nobody_could_name() -> None:
    report = report_of(THREE_ARMS)
    assert report.provenance.correction == "dunnett"
    assert "Dunnett" in render_text(report, "en")
    for comparison in report.goals[0].comparisons:
        assert comparison.p_value is not None
        assert comparison.p_value_adjusted is not None
        assert comparison.p_value_adjusted >= comparison.p_value
        assert comparison.interval != comparison.interval_adjusted
