import pytest

from experiments.kpis.catalogue import ENTRIES
from experiments.kpis.document import Formula, KpiDocument, Text
from experiments.kpis.measured import NotMeasuredYet, unmeasured_part
from experiments.kpis.terms import Quantity, Term
from experiments.registry.goals import DescriptiveKpi, KpiGoal, check_goals
from tests.experiments.kpis.test_fit import AOV, kpi


@pytest.mark.parametrize(
    "document", [each.document() for each in ENTRIES], ids=lambda each: each.key
)
def test_all_but_series_are_measured(document: KpiDocument) -> None:
    series = any(term.is_series for term in document.formula.all_terms.values())
    assert (unmeasured_part(document) is None) is not series


def test_what_knows_no_customers_is_refused() -> None:
    paid = Formula("purchase", "amount", denominator=Quantity("media_cost", "series"))
    document = kpi("ratio", paid, "rate", "KRW")
    assert unmeasured_part(document) == "formula.denominator.value"
    with pytest.raises(NotMeasuredYet) as refusal:
        check_goals([KpiGoal("kpi", "secondary")], ["email"], {"kpi": document})
    assert refusal.value.field == "goals.0.kpi"
    assert refusal.value.params["part"] == "formula.denominator.value"


def test_a_descriptive_kpi_decides_nothing() -> None:
    with pytest.raises(DescriptiveKpi) as refusal:
        check_goals(
            [KpiGoal("kpi", "primary")], ["email"], {"kpi": kpi("ratio", AOV, "money", "KRW")}
        )
    assert refusal.value.field == "goals.0.role"
    check_goals(
        [KpiGoal("kpi", "secondary")], ["email"], {"kpi": kpi("ratio", AOV, "money", "KRW")}
    )


def test_every_event_of_a_formula_must_be_reported_by_a_channel() -> None:
    both = Formula("click", "count", 72, plus=(Term("open", "count"),))
    document = KpiDocument("both", Text("둘", "Both"), "mean", both, "count")
    with pytest.raises(Exception, match="open") as refusal:
        check_goals([KpiGoal("both", "primary")], ["sms"], {"both": document})
    assert refusal.typename == "OpensNotMeasurable"
