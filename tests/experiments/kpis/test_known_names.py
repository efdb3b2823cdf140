from dataclasses import replace
from typing import Any

import pytest

from experiments.kpis.catalogue import entry
from experiments.kpis.document import Formula, KpiDocument, Quantity, Text
from experiments.kpis.known_names import NAME_WARNINGS, by_name, name_warnings
from experiments.kpis.meaning import MEANING, changed_meaning, differences
from experiments.kpis.terms import Requirement, Term
from experiments.kpis.tree import grow
from tests.experiments.kpis.documents import open_rate, revenue, unsubscribe_rate


def codes(document: KpiDocument, *others: KpiDocument) -> list[str]:
    found = name_warnings(document, by_name(others))
    assert all(each.message for each in found)
    return [each.code for each in found]


@pytest.mark.parametrize(
    "name", ["객단가", " 객 단가", "Order-Value", "평균 주문 금액(AOV)", "arppu"]
)
def test_a_known_name_for_something_else_is_pointed_out(name: str) -> None:
    [found] = name_warnings(revenue(name=Text(name, "Revenue of the week"), short_name=None))
    assert (found.code, found.field, found.params["name"]) == ("known_name", "name", name)
    assert found.params["known"] in {"aov", "arppu"}


def test_a_known_name_for_the_same_needs_no_word() -> None:
    opens = open_rate(name=Text("순 오픈율", "Unique open rate"))
    assert codes(opens) == []
    longer = replace(opens, formula=Formula("open", "occurrence", 24, where={"campaign": "x"}))
    assert codes(longer) == []


def test_a_name_with_many_meanings_wants_a_short_name_with_the_denominator() -> None:
    again = entry("repeat-purchase").document()
    vague = replace(again, name=Text("재구매율", "Repeat rate"), short_name=None)
    [found] = name_warnings(vague)
    assert found.code == "many_meanings"
    assert "Repeat buyers per buyer" in found.message
    assert codes(replace(vague, short_name=again.short_name)) == []


def test_a_short_name_is_looked_at_too() -> None:
    [found] = name_warnings(
        revenue(name=Text("우리 것", "Ours"), short_name=Text("객단가", "Our spend"))
    )
    assert (found.code, found.field) == ("known_name", "short_name")


def test_one_name_for_two_things_in_a_project_is_pointed_out() -> None:
    mine = open_rate(name=Text("반응", "Response"))
    theirs = unsubscribe_rate(name=Text("다른 반응", "response"))
    same = replace(mine, key="other")
    assert codes(mine, theirs) == ["same_name"]
    assert codes(mine, mine, same) == []


def test_every_warning_has_its_sentence() -> None:
    assert set(NAME_WARNINGS) == {"known_name", "many_meanings", "same_name"}


REVENUE = Formula("purchase", "amount", 72)


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"value": "count"}, "formula.value"),
        ({"event": "refund"}, "formula.event"),
        ({"plus": (Term("refund", "amount"),)}, "formula.plus"),
        ({"requires": (Requirement("visit"),)}, "formula.requires"),
        ({"denominator": Quantity("purchase", "count")}, "formula.denominator"),
    ],
)
def test_another_formula_is_told_by_its_parts(changes: dict[str, Any], path: str) -> None:
    kind = "ratio" if "denominator" in changes else "mean"
    unit = "count" if changes.get("value") == "count" else "money"
    other = KpiDocument(
        "k", Text("k", "k"), kind, replace(REVENUE, **changes), unit,
        currency="KRW" if unit == "money" else None,
    )  # fmt: skip
    found = differences(revenue(formula=REVENUE), other)
    assert path in found
    assert set(found) <= {path, "kind"}


def test_a_window_is_no_other_formula_but_another_meaning() -> None:
    shorter = revenue(formula=Formula("purchase", "amount", 24, where={"store": "online"}))
    assert differences(revenue(), shorter) == ()
    assert changed_meaning(revenue(), shorter) == ("formula",)
    assert changed_meaning(revenue(), revenue(owner="jisu")) == ()
    assert "owner" not in MEANING


def test_a_tree_keeps_those_whose_parent_is_not_there() -> None:
    top = revenue()
    middle = open_rate(parent="revenue")
    lost = unsubscribe_rate(parent="gone")
    [first, second] = grow([lost, middle, top])
    assert (first.document.key, [each.document.key for each in first.children]) == (
        "revenue", ["open"],
    ) or (second.document.key, second.size) == ("revenue", 2)  # fmt: skip
    assert grow([]) == ()
