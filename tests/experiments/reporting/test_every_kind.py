"""Every kind of KPI stands in each of the tables that a kind is added to (docs/decisions/0014)."""

from experiments.kpis.kinds import KINDS
from experiments.measurement.kinds import MEASURED
from experiments.reporting.families import FAMILIES
from tests.experiments.measurement.formula_logs import FURTHER


def test_a_kind_is_measured_and_compared() -> None:
    assert set(MEASURED) == set(KINDS)
    assert {kind.family for kind in KINDS.values()} == set(FAMILIES)


def test_a_kind_has_documents_that_are_held_against_plain_python() -> None:
    assert {kpi.kind for kpi in FURTHER.values()} == set(KINDS)
