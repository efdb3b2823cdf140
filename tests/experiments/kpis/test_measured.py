from decimal import Decimal
from typing import Any

import pytest

from experiments.kpis.document import DayWindow, Formula, KpiDocument, Text
from experiments.kpis.measured import NotMeasuredYet, unmeasured_part
from experiments.kpis.terms import Requirement, Term
from experiments.registry.goals import DescriptiveKpi, KpiGoal, check_goals
from tests.experiments.kpis.documents import open_rate, revenue
from tests.experiments.kpis.test_fit import AOV, kpi


@pytest.mark.parametrize("document", [open_rate(), revenue(), open_rate(covariate_days=28)])
def test_what_was_measured_before_is_measured(document: KpiDocument) -> None:
    assert unmeasured_part(document) is None


@pytest.mark.parametrize(
    ("changes", "part"),
    [
        ({"formula": Formula("open", "occurrence", 72, at_least=2)}, "formula.at_least"),
        ({"formula": Formula("open", "occurrence", 72, channels=("email",))}, "formula.channels"),
        ({"formula": Formula("open", "absence", 72)}, "formula.value"),
        ({"formula": Formula("open", "occurrence", days=DayWindow(1, 1))}, "formula.days"),
        (
            {"formula": Formula("open", "occurrence", 72, requires=(Requirement("visit"),))},
            "formula.requires",
        ),
        ({"credit": "last_message"}, "credit"),
    ],
)
def test_what_would_be_left_out_is_refused_instead(changes: dict[str, Any], part: str) -> None:
    document = open_rate(**changes)
    assert unmeasured_part(document) == part
    with pytest.raises(NotMeasuredYet) as refusal:
        check_goals([KpiGoal("open", "primary")], ["email"], {"open": document})
    assert (refusal.value.field, refusal.value.params["part"]) == ("goals.0.kpi", part)


def test_further_terms_are_not_left_out() -> None:
    net = Formula("purchase", "amount", 72, plus=(Term("refund", "amount"),))
    assert unmeasured_part(revenue(formula=net)) == "formula.plus"


def test_a_descriptive_kpi_decides_nothing() -> None:
    with pytest.raises(DescriptiveKpi) as refusal:
        check_goals(
            [KpiGoal("kpi", "primary")], ["email"], {"kpi": kpi("ratio", AOV, "money", "KRW")}
        )
    assert refusal.value.field == "goals.0.role"
    guardrail = KpiGoal("kpi", "guardrail", margin=Decimal(1))
    with pytest.raises(NotMeasuredYet):
        check_goals([guardrail], ["email"], {"kpi": kpi("ratio", AOV, "money", "KRW")})


def test_every_event_of_a_formula_must_be_reported_by_a_channel() -> None:
    both = Formula("click", "count", 72, plus=(Term("open", "count"),))
    document = KpiDocument("both", Text("둘", "Both"), "mean", both, "count")
    with pytest.raises(Exception, match="open") as refusal:
        check_goals([KpiGoal("both", "primary")], ["sms"], {"both": document})
    assert refusal.typename == "OpensNotMeasurable"
