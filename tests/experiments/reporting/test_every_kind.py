"""Every kind of KPI stands in each of the tables that a kind is added to (docs/decisions/0014)."""

from api.pages.labels import KINDS as WORDS
from experiments.kpis.kinds import KINDS
from experiments.measurement.kinds import MEASURED
from experiments.reporting.families import FAMILIES
from tests.experiments.measurement.formula_logs import FURTHER


def test_a_kind_is_measured_compared_and_has_a_word() -> None:
    assert set(MEASURED) == set(FAMILIES) == set(WORDS) == set(KINDS)


def test_a_kind_has_documents_that_are_held_against_plain_python() -> None:
    assert {kpi.kind for kpi in FURTHER.values()} == set(KINDS)
