from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.formula import Bands, DayWindow, Formula
from experiments.kpis.terms import Cap, Events, Filter, Quantity, Requirement, Term
from experiments.storage.codec import from_document, to_document

PURCHASE = Formula("purchase", "amount", 168)
WHOLE = Formula(
    "purchase",
    "amount",
    720,
    machine="include",
    where={"store": "online"},
    filters=(
        Filter("category", one_of=("shoes", "bags")),
        Filter("quantity", at_least=Decimal(2), below=Decimal("10.5")),
        Filter("coupon", present=False),
    ),
    channels=("web",),
    plus=(Term("refund", "amount"),),
    minus=(Term("coupon_used", "count", times=Decimal(5000)), Term("sent", "message_cost")),
    cap=Cap(Decimal(300000), "99.9 % of the buyers of 2024"),
    requires=(Requirement("purchase", within_days=90), Requirement("cancel", absent=True)),
    denominator=Quantity("purchase", "distinct", of="order_id"),
)


def refused(**changes: Any) -> str | None:
    with pytest.raises(Invalid) as refusal:
        replace(PURCHASE, **changes)
    return refusal.value.field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"event": ""}, "formula.event"),
        ({"event": "Opened"}, "formula.event"),
        ({"value": "hope"}, "formula.value"),
        ({"window_hours": None}, "formula.window_hours"),
        ({"window_hours": 0}, "formula.window_hours"),
        ({"window_hours": -1}, "formula.window_hours"),
        ({"days": DayWindow(1, 1)}, "formula.days"),
        ({"days": DayWindow(-1, 1), "window_hours": None}, "formula.days.first"),
        ({"days": DayWindow(3, 1), "window_hours": None}, "formula.days.last"),
        ({"days": DayWindow(0, 401), "window_hours": None}, "formula.days.last"),
        ({"channels": ("pigeon",)}, "formula.channels.0"),
        ({"event": "open", "channels": ("sms",)}, "formula.channels"),
        ({"of": "price"}, "formula.of"),
        ({"value": "number"}, "formula.of"),
        ({"value": "distinct", "of": ""}, "formula.of"),
        ({"value": "message_cost"}, "formula.event"),
        ({"at_least": 2}, "formula.at_least"),
        ({"value": "occurrence", "at_least": 0}, "formula.at_least"),
        ({"times": Decimal(0)}, "formula.times"),
        ({"value": "absence", "times": Decimal(2)}, "formula.times"),
        ({"currency": "won"}, "formula.currency"),
        ({"value": "series", "where": {"a": "b"}}, "formula.where"),
        ({"value": "series", "event": "Media Cost"}, "formula.event"),
        ({"value": "series", "channels": ("pigeon",)}, "formula.channels.0"),
        ({"cap": Cap(Decimal(0), "a guess")}, "formula.cap.at"),
        ({"cap": Cap(Decimal(1), "")}, "formula.cap.source"),
        ({"plus": (Term("", "amount"),)}, "formula.plus.0.event"),
        ({"minus": (Term("refund", "amount"),)}, "formula.minus.0.event"),
        ({"plus": (Term("refund", "amount"),) * 11}, "formula.plus"),
        ({"denominator": Quantity("purchase", "number")}, "formula.denominator.of"),
        ({"requires": (Requirement("x", at_least=0),)}, "formula.requires.0.at_least"),
        ({"requires": (Requirement("x", within_days=0),)}, "formula.requires.0.within_days"),
        ({"requires": (Requirement("x"),) * 11}, "formula.requires"),
        ({"quantile": Decimal(1)}, "formula.quantile"),
        ({"quantile": Decimal("NaN")}, "formula.quantile"),
        ({"over": "everyone"}, "formula.over"),
        ({"step": "minute"}, "formula.step"),
        ({"since": Events("")}, "formula.since.event"),
        ({"then": (Events("clicks"),)}, "formula.then.0.event"),
        ({"then": (Events("visit"), Events("visit"))}, "formula.then.1.event"),
        ({"then": (Events("purchase"),)}, "formula.then.0.event"),
        ({"then": tuple(Events(f"s{n}") for n in range(10))}, "formula.then"),
        ({"bands": Bands(6, 9)}, "formula.bands.detractors_to"),
        ({"bands": Bands(answer="best")}, "formula.bands.answer"),
    ],
)
def test_a_formula_names_the_part_that_is_wrong(changes: dict[str, Any], field: str) -> None:
    assert refused(**changes) == field


@pytest.mark.parametrize(
    ("each", "field"),
    [
        (Filter("", present=True), "formula.filters.0.property"),
        (Filter("x"), "formula.filters.0"),
        (Filter("x", present=True, one_of=("a",)), "formula.filters.0"),
        (Filter("x", one_of=("a",) * 201), "formula.filters.0.one_of"),
        (Filter("x", one_of=("\0",)), "formula.filters.0.one_of.0"),
        (Filter("x", over=Decimal("NaN")), "formula.filters.0.over"),
        (Filter("x", over=Decimal(1), at_least=Decimal(1)), "formula.filters.0.at_least"),
        (Filter("x", below=Decimal(1), at_most=Decimal(1)), "formula.filters.0.at_most"),
        (Filter("x", over=Decimal(2), below=Decimal(1)), "formula.filters.0"),
        (Filter("x", over=Decimal(1), at_most=Decimal(1)), "formula.filters.0"),
    ],
)
def test_a_filter_asks_one_thing_that_can_be_met(each: Filter, field: str) -> None:
    assert refused(filters=(each,)) == field


def test_a_range_of_one_number_can_be_met() -> None:
    exact = Filter("x", at_least=Decimal(1), at_most=Decimal(1))
    assert replace(PURCHASE, filters=(exact,)).conditions == (exact,)


def test_equal_texts_are_conditions_like_the_others() -> None:
    assert WHOLE.conditions == (Filter("store", one_of=("online",)), *WHOLE.filters)


def test_every_term_has_its_path_and_its_sign() -> None:
    assert list(WHOLE.all_terms) == [
        "formula", "formula.plus.0", "formula.minus.0", "formula.minus.1", "formula.denominator",
    ]  # fmt: skip
    assert [sign for sign, _ in WHOLE.terms] == [1, 1, -1, -1]
    assert WHOLE.event_types == ("purchase", "refund", "coupon_used", "sent")
    assert WHOLE.series == ()


def test_a_series_is_no_event_of_a_customer() -> None:
    cost = Formula("media_cost", "series", denominator=Quantity("purchase", "occurrence"))
    assert (cost.series, cost.event_types) == (("media_cost",), ("purchase",))
    assert cost.longest_hours == 0


def test_steps_of_a_funnel_come_in_order() -> None:
    funnel = Formula("visit", "occurrence", 24, then=(Events("cart_add"), Events("purchase")))
    assert [step.event for step in funnel.steps] == ["visit", "cart_add", "purchase"]
    assert funnel.event_types == ("visit", "cart_add", "purchase")


def test_a_window_of_days_is_over_at_the_latest_after_all_its_days() -> None:
    assert Formula("visit", "occurrence", days=DayWindow(3, 3)).longest_hours == 97
    assert PURCHASE.longest_hours == 168


def test_a_formula_survives_storage_unchanged() -> None:
    since = replace(PURCHASE, since=Events("sign_up"), step="hour", bands=Bands())
    for formula in (WHOLE, since, replace(PURCHASE, quantile=Decimal("0.5"), over="with_value")):
        assert from_document(Formula, to_document(formula)) == formula


def test_a_formula_written_by_an_earlier_version_is_read() -> None:
    stored = {"event": "open", "value": "occurrence", "window_hours": 72, "machine": "exclude"}
    assert from_document(Formula, stored | {"where": {}}) == Formula("open", "occurrence", 72)
