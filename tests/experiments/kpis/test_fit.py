from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.kpis.document import KpiDocument, KpiTarget, Text, Tracking
from experiments.kpis.formula import Bands, DayWindow, Formula
from experiments.kpis.terms import Cap, Events, Quantity, Requirement, Term

ORDERS = Quantity("purchase", "count")
SPENT = Quantity("purchase", "amount")
SENT = Quantity("sent", "count")
REFUNDS = Term("refund", "amount")
MEDIA = Quantity("media_cost", "series")


def kpi(
    kind: str, formula: Formula, unit: str, currency: str | None = None, **rest: Any
) -> KpiDocument:
    name = Text("지표", "KPI")
    return KpiDocument("kpi", name, kind, formula, unit, currency=currency, **rest)


@pytest.mark.parametrize(
    ("kind", "formula", "unit", "currency"),
    [
        ("proportion", Formula("purchase", "occurrence", 72, at_least=2), "rate", None),
        ("proportion", Formula("purchase", "absence", 2160), "rate", None),
        ("proportion", Formula("visit", "occurrence", days=DayWindow(3, 3)), "rate", None),
        ("mean", Formula("purchase", "amount", 72, plus=(REFUNDS,)), "money", "KRW"),
        ("mean", Formula("coupon_used", "count", 72, times=Decimal(5000)), "money", "KRW"),
        ("mean", Formula("sent", "message_cost", 72), "money", "KRW"),
        ("mean", Formula("visit", "days", 720), "days", None),
        ("mean", Formula("page_view", "distinct", 72, of="session_id"), "count", None),
        ("mean", Formula("score", "amount", 72), "score", None),
        ("ratio", Formula("purchase", "amount", 72, denominator=ORDERS), "money", "KRW"),
        ("ratio", Formula("purchase", "amount", 72, denominator=MEDIA), "rate", "KRW"),
        ("ratio", Formula("media_cost", "series", denominator=ORDERS), "money", "KRW"),
        ("ratio", Formula("click", "count", 72, denominator=SENT), "rate", None),
        ("score", Formula("nps_answer", "number", 720, of="score", bands=Bands()), "score", None),
        ("time_to_event", Formula("purchase", "occurrence", 2160, step="day"), "days", None),
        ("quantile", Formula("purchase", "amount", 72, quantile=Decimal("0.5")), "money", "KRW"),
        ("funnel", Formula("visit", "occurrence", 72, then=(Events("purchase"),)), "rate", None),
    ],
)  # fmt: skip
def test_every_kind_has_documents(
    kind: str, formula: Formula, unit: str, currency: str | None
) -> None:
    assert kpi(kind, formula, unit, currency).formula == formula


@pytest.mark.parametrize(
    ("kind", "formula", "unit", "currency", "field"),
    [
        ("ratio", Formula("purchase", "amount", 72), "money", "KRW", "formula.denominator"),
        ("funnel", Formula("visit", "occurrence", 72), "rate", None, "formula.then"),
        ("quantile", Formula("visit", "count", 72), "count", None, "formula.quantile"),
        ("mean", Formula("visit", "count", 72, denominator=ORDERS), "count", None,
         "formula.denominator"),
        ("mean", Formula("visit", "count", 72, bands=Bands()), "count", None, "formula.bands"),
        ("proportion", Formula("visit", "occurrence", 72, cap=Cap(Decimal(1), "x")), "rate", None,
         "formula.cap"),
        ("proportion", Formula("visit", "occurrence", 72, times=Decimal(2)), "rate", None,
         "formula.times"),
        ("proportion", Formula("visit", "count", 72), "rate", None, "formula.value"),
        ("time_to_event", Formula("visit", "occurrence", 72, at_least=2), "days", None,
         "formula.at_least"),
        ("mean", Formula("visit", "absence", 72), "count", None, "formula.value"),
        ("mean", Formula("purchase", "amount", 72, plus=(Term("x", "absence"),)), "money", "KRW",
         "formula.plus.0.value"),
        ("mean", Formula("visit", "count", 72), "rate", None, "unit_of_measure"),
        ("mean", Formula("purchase", "amount", 72), "money", None, "currency"),
        ("mean", Formula("visit", "count", 72), "count", "KRW", "currency"),
        ("mean", Formula("purchase", "amount", 72, currency="USD"), "money", "KRW",
         "formula.currency"),
        ("mean", Formula("purchase", "amount", 72, minus=(Term("fee", "amount", currency="USD"),)),
         "money", "KRW", "formula.minus.0.currency"),
        ("mean", Formula("score", "amount", 72, currency="USD"), "score", None, "formula.currency"),
        ("mean", Formula("purchase", "amount", 72, minus=(Term("coupon_used", "count"),)), "money",
         "KRW", "formula.minus.0.value"),
        ("mean", Formula("sent", "message_cost", 72), "count", None, "currency"),
        ("ratio", Formula("purchase", "amount", 72, denominator=SPENT), "money", "KRW",
         "formula.denominator.value"),
        ("ratio", Formula("visit", "count", 72, denominator=MEDIA), "rate", "KRW", "formula.value"),
        ("ratio", Formula("visit", "count", 72, denominator=ORDERS), "rate", "won", "currency"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_named(
    kind: str, formula: Formula, unit: str, currency: str | None, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        kpi(kind, formula, unit, currency)
    assert refusal.value.field == field


AOV = Formula("purchase", "amount", 72, denominator=ORDERS)


@pytest.mark.parametrize(
    ("kind", "formula", "unit", "currency", "reason"),
    [
        ("ratio", AOV, "money", "KRW", "denominator"),
        ("ratio", Formula("click", "count", 72, denominator=Quantity("sent", "count")), "rate",
         None, None),
        ("ratio", Formula("media_cost", "series", denominator=ORDERS), "money", "KRW", "series"),
        ("score", Formula("nps_answer", "number", 720, of="score"), "score", None, "answers"),
        ("quantile", Formula("visit", "count", 72, quantile=Decimal("0.9"), over="with_value"),
         "count", None, "with_value"),
        ("quantile", Formula("visit", "count", 72, quantile=Decimal("0.9")), "count", None, None),
        ("time_to_event", Formula("purchase", "occurrence", 72, since=Events("purchase")), "days",
         None, "since"),
        ("proportion", Formula("purchase", "occurrence", 72, requires=(Requirement("visit"),)),
         "rate", None, None),
    ],
)  # fmt: skip
def test_what_is_picked_out_after_the_anchor_only_describes(
    kind: str, formula: Formula, unit: str, currency: str | None, reason: str | None
) -> None:
    assert kpi(kind, formula, unit, currency).descriptive_because == reason


def test_a_document_may_say_that_it_only_describes_but_not_deny_it() -> None:
    visits = Formula("visit", "occurrence", 72)
    assert kpi("proportion", visits, "rate", descriptive=True).descriptive_because == "marked"
    assert kpi("ratio", AOV, "money", "KRW", descriptive=True).descriptive_because == "denominator"
    assert kpi("proportion", visits, "rate", descriptive=False).descriptive_because is None
    with pytest.raises(Invalid) as refusal:
        kpi("ratio", AOV, "money", "KRW", descriptive=False)
    assert refusal.value.field == "descriptive"


def test_only_a_value_of_the_past_can_sharpen_a_comparison() -> None:
    assert kpi("ratio", AOV, "money", "KRW", covariate_days=28).covariate_days == 28
    score = Formula("nps_answer", "number", 720, of="score")
    with pytest.raises(Invalid) as refusal:
        kpi("score", score, "score", covariate_days=28)
    assert refusal.value.field == "covariate_days"


@pytest.mark.parametrize(("baseline", "fits"), [("-100", True), ("100", True), ("100.1", False)])
def test_a_score_lies_between_minus_100_and_100(baseline: str, fits: bool) -> None:
    score = Formula("nps_answer", "number", 720, of="score")
    if fits:
        kpi("score", score, "score", baseline=Decimal(baseline))
        return
    with pytest.raises(Invalid) as refusal:
        kpi("score", score, "score", baseline=Decimal(baseline))
    assert refusal.value.field == "baseline"


def test_a_ratio_of_sums_may_pass_one_and_fall_below_nothing() -> None:
    roas = Formula("purchase", "amount", 72, denominator=MEDIA)
    target = KpiTarget(Decimal("3.2"))
    document = kpi("ratio", roas, "rate", "KRW", baseline=Decimal("-0.1"), target=target)
    assert document.target == target


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"by": "year"}, "tracking.by"),
        ({}, "tracking.base"),
        ({"by": "period", "aggregate": "most"}, "tracking.aggregate"),
        ({"base": Events("sent"), "rolling_days": 30}, "tracking.rolling_days"),
        ({"by": "period", "rolling_days": 0}, "tracking.rolling_days"),
        ({"base": Events("deliveries?", channels=("pigeon",))}, "tracking.base.channels.0"),
        ({"by": "period", "split_by": ("",)}, "tracking.split_by.0"),
        ({"by": "period", "split_by": ("a",) * 6}, "tracking.split_by"),
    ],
)
def test_tracking_names_what_is_wrong(values: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        Tracking(**values)
    assert refusal.value.field == field
