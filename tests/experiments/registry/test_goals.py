from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.document import Formula
from experiments.kpis.kinds import KINDS
from experiments.registry.experiment import GoalTarget, KpiGoal
from experiments.registry.goals import RoleNotPossible, UnknownKpi, check_goals, check_role
from tests.experiments.kpis.documents import open_rate, revenue, unsubscribe_rate
from tests.experiments.registry.drafts import OPENS, UNSUBSCRIBES

KPIS = {each.key: each for each in (open_rate(), unsubscribe_rate(), revenue())}


def test_goals_that_fit_their_kpis_pass() -> None:
    check_goals((OPENS, UNSUBSCRIBES), ("email",), KPIS)


def test_an_unknown_kpi_is_named_with_its_place() -> None:
    with pytest.raises(UnknownKpi) as refusal:
        check_goals((OPENS, KpiGoal("visits", "secondary")), ("email",), KPIS)
    assert refusal.value.field == "goals.1.kpi"
    assert str(refusal.value) == "no KPI 'visits' in this project"


def test_a_descriptive_kind_cannot_be_primary() -> None:
    ratio = replace(KINDS["ratio"], can_be_primary=False)
    check_role("secondary", ratio, "goals.0.role")
    with pytest.raises(RoleNotPossible) as refusal:
        check_role("primary", ratio, "goals.0.role")
    assert refusal.value.field == "goals.0.role"


def test_an_event_that_no_channel_reports_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        check_goals((OPENS,), ("sms",), KPIS)
    assert refusal.value.field == "goals.0.kpi"


@pytest.mark.parametrize(
    ("goal", "field"),
    [
        (replace(UNSUBSCRIBES, margin=Decimal("1.5")), "goals.0.margin"),
        (replace(OPENS, minimum_effect=Decimal(2)), "goals.0.minimum_effect"),
        (replace(OPENS, target=GoalTarget(Decimal("19.7"))), "goals.0.target.value"),
    ],
)
def test_a_rate_takes_fractions_not_percentages(goal: KpiGoal, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_goals((goal,), ("email",), KPIS)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    "changes",
    [{"minimum_effect": Decimal(200)}, {"target": GoalTarget(Decimal(3000))}],
)
def test_money_takes_whole_units_of_any_size(changes: dict[str, Any]) -> None:
    check_goals((replace(KpiGoal("revenue", "primary"), **changes),), ("offline",), KPIS)


def test_a_relative_target_may_be_growth_of_any_size() -> None:
    goal = replace(OPENS, target=GoalTarget(Decimal("1.5"), relative=True))
    check_goals((goal,), ("email",), KPIS)


def test_a_kpi_of_the_shop_is_measured_on_paper_too() -> None:
    visits = open_rate(key="visit", formula=Formula("visit", "occurrence", 24))
    check_goals((KpiGoal("visit", "primary"),), ("offline",), {"visit": visits})
