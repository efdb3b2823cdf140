"""A KPI against its target: two facts, and the pace."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from experiments.kpis.document import Formula, KpiDocument, KpiTarget, Milestone, Text
from experiments.tracking.pace import Between, Standing, standing

START, TODAY, DUE = date(2025, 1, 1), date(2025, 2, 20), date(2025, 4, 11)


def document(**other: Any) -> KpiDocument:
    target: dict[str, Any] = {
        "value": Decimal("0.048"),
        "bold": Decimal("0.06"),
        "due_on": DUE,
    } | other
    baseline, direction = target.pop("baseline", Decimal("0.042")), target.pop("direction", "up")
    return KpiDocument(
        "push", Text("푸시 오픈율", "Push opens"), "proportion", Formula("open", "occurrence", 24),
        "rate", baseline=baseline, direction=direction, target=KpiTarget(**target),
    )  # fmt: skip


def facts(kpi: KpiDocument, actual: str | None = "0.0497", **other: Any) -> Standing:
    given: dict[str, Any] = {
        "between": Between(Decimal("0.0468"), Decimal("0.0528")),
        "forecast": None, "today": TODAY, "since": START,
    } | other  # fmt: skip
    found = standing(kpi, actual=None if actual is None else Decimal(actual), **given)
    assert found is not None
    return found


def test_reached_and_certain_are_two_facts() -> None:
    realistic, bold = facts(document()).levels
    assert (realistic.reached, realistic.holds) == (True, "unclear")
    assert (bold.reached, bold.holds, bold.to_go) == (False, "no", Decimal("0.0103"))


def test_where_it_should_be_lies_on_the_line() -> None:
    pace = facts(document()).pace
    assert pace.expected == Decimal("0.045")
    assert (pace.ahead, pace.on_pace) == (Decimal("0.0047"), True)


def test_milestones_bend_the_line_and_are_levels() -> None:
    kpi = document(milestones=(Milestone(TODAY, Decimal("0.047")),))
    found = facts(kpi, "0.046")
    assert found.pace.expected == Decimal("0.047")
    assert found.pace.on_pace is False
    assert [each.level for each in found.levels] == ["milestone", "realistic", "bold"]


def test_growth_is_over_the_baseline() -> None:
    kpi = document(value=Decimal("0.1"), bold=Decimal("0.2"), relative=True)
    assert [each.value for each in facts(kpi).levels] == [Decimal("0.0462"), Decimal("0.0504")]


def test_where_less_is_better() -> None:
    kpi = document(value=Decimal("0.03"), bold=Decimal("0.02"), direction="down")
    found = facts(kpi, "0.025", between=Between(Decimal("0.021"), Decimal("0.029")))
    assert [(each.reached, each.holds) for each in found.levels] == [(True, "yes"), (False, "no")]
    assert found.pace.on_pace is True


def test_the_forecast_speaks_of_the_due_date() -> None:
    ahead = Between(Decimal("0.05"), Decimal("0.07"))
    assert [each.expected for each in facts(document(), forecast=ahead).levels] == [
        "yes", "unclear",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("kpi", "actual", "gap"),
    [
        (document(due_on=None), "0.05", "no_due_date"),
        (document(baseline=None), "0.05", "no_baseline"),
        (document(), None, "no_actual"),
    ],
)
def test_what_is_not_known_is_said(kpi: KpiDocument, actual: str | None, gap: str) -> None:
    found = facts(kpi, actual)
    assert (found.pace.gap, found.pace.ahead) == (gap, None)


def test_after_its_day_the_line_is_at_the_target() -> None:
    assert facts(document(), today=date(2026, 1, 1)).pace.expected == Decimal("0.048")
