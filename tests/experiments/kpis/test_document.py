from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.document import Formula, KpiTarget, Milestone, Text, Tracking
from experiments.storage.codec import from_document, to_document
from tests.experiments.kpis.documents import open_rate, revenue


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"key": "Open"}, "key"),
        ({"key": ""}, "key"),
        ({"name": Text("", "Open rate")}, "name.ko"),
        ({"name": Text("오픈율", "x" * 201)}, "name.en"),
        ({"short_name": Text("오픈율", "")}, "short_name.en"),
        ({"purpose": "nul \0"}, "purpose"),
        ({"purpose": "half \ud83d"}, "purpose"),
        ({"source": ""}, "source"),
        ({"kind": "hope"}, "kind"),
        ({"kind": "ratio"}, "formula.denominator"),
        ({"definition": Text("", "x")}, "definition.ko"),
        ({"purpose": Text("nul \0", "")}, "purpose.ko"),
        ({"credit": "everybody"}, "credit"),
        ({"covariate_days": 0}, "covariate_days"),
        ({"catalogue": "Not A Key"}, "catalogue"),
        ({"tracking": Tracking(by="period", aggregate="total")}, "tracking.aggregate"),
        ({"formula": Formula("open", "amount", 72)}, "formula.value"),
        ({"unit_of_measure": "percent"}, "unit_of_measure"),
        ({"unit_of_measure": "count"}, "unit_of_measure"),
        ({"direction": "sideways"}, "direction"),
        ({"tier": "top"}, "tier"),
        ({"timing": "late"}, "timing"),
        ({"stage": "love"}, "stage"),
        ({"aggregation_period": "year"}, "aggregation_period"),
        ({"report_cycle": "yearly"}, "report_cycle"),
        ({"status": "secret"}, "status"),
        ({"currency": "KRW"}, "currency"),
        ({"baseline": Decimal("17.7")}, "baseline"),
        ({"baseline": Decimal("NaN")}, "baseline"),
        ({"baseline": Decimal("0.198")}, "target.value"),
        ({"target": KpiTarget(Decimal("-0.1"), relative=True)}, "target.value"),
        ({"target": KpiTarget(Decimal("0.1"), True), "baseline": Decimal(0)}, "target.relative"),
        ({"direction": "down"}, "target.value"),
        ({"baseline": Decimal("1e40")}, "baseline"),
        ({"baseline": Decimal("1e-40")}, "baseline"),
        ({"target": KpiTarget(Decimal("19.7"))}, "target.value"),
        ({"target": KpiTarget(Decimal("0.2"), bold=Decimal("0.19"))}, "target.bold"),
        ({"parent": "No"}, "parent"),
        ({"parent": "open"}, "parent"),
        ({"successor": "click"}, "successor"),
    ],
)
def test_a_document_names_the_field_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        open_rate(**changes)
    assert refusal.value.field == field


@pytest.mark.parametrize("currency", [None, "won", "krw", "KRWX"])
def test_money_needs_a_currency_code(currency: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        revenue(currency=currency)
    assert refusal.value.field == "currency"


def test_money_is_summed_and_not_counted() -> None:
    with pytest.raises(Invalid) as refusal:
        revenue(formula=Formula("purchase", "count", 168))
    assert refusal.value.field == "formula.value"


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"event": ""}, "formula.event"),
        ({"event": "x" * 65}, "formula.event"),
        ({"machine": "maybe"}, "formula.machine"),
        ({"window_hours": 0}, "formula.window_hours"),
        ({"window_hours": 24 * 400 + 1}, "formula.window_hours"),
        ({"where": {"": "x"}}, "formula.where"),
        ({"where": {"store": "\0"}}, "formula.where.store"),
        ({"where": {str(number): "x" for number in range(21)}}, "formula.where"),
    ],
)
def test_a_formula_names_the_field_that_is_wrong(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(Formula("open", "occurrence", 72), **arguments)
    assert refusal.value.field == field


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"value": Decimal("Infinity")}, "target.value"),
        ({"bold": Decimal("NaN")}, "target.bold"),
        ({"basis": "hope"}, "target.basis"),
        ({"basis_source": ""}, "target.basis_source"),
        (
            {"milestones": (Milestone(date(2025, 4, 1), Decimal("NaN")),)},
            "target.milestones.0.value",
        ),
        (
            {
                "milestones": (Milestone(date(2025, 7, 1), Decimal("0.18")),),
                "due_on": date(2025, 6, 30),
            },
            "target.milestones",
        ),
        (
            {"milestones": tuple(Milestone(date(2025, 1, d + 1), Decimal(0)) for d in range(25))},
            "target.milestones",
        ),
    ],
)
def test_a_target_names_the_field_that_is_wrong(arguments: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        replace(KpiTarget(Decimal("0.2")), **arguments)
    assert refusal.value.field == field


def test_the_bold_level_lies_beyond_the_realistic_one_in_the_wanted_direction() -> None:
    fewer = KpiTarget(Decimal("0.002"), bold=Decimal("0.001"))
    assert open_rate(direction="down", target=fewer).target == fewer
    relative = KpiTarget(Decimal("0.1"), relative=True, bold=Decimal("1.5"))
    assert open_rate(target=relative).target == relative


def test_a_document_survives_storage_unchanged() -> None:
    target = KpiTarget(
        Decimal("0.1970000"),
        basis="benchmark",
        basis_source="industry survey",
        bold=Decimal("0.21"),
        due_on=date(2025, 6, 30),
        milestones=(Milestone(date(2025, 4, 30), Decimal("0.185")),),
    )
    for document in (open_rate(target=target), revenue(status="retired", successor="profit")):
        assert from_document(type(document), to_document(document)) == document


def test_a_name_is_said_in_the_language_of_the_reader() -> None:
    name = open_rate().name
    assert (name.in_language("ko"), name.in_language("en")) == ("오픈율", "Open rate")
