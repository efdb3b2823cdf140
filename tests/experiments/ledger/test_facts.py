"""Exposures and events, read strictly from JSON."""

from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.facts import read_event, read_exposure
from experiments.ledger.fields import Missing, UnknownField
from tests.experiments.ledger.factories import AT, event, event_item, exposure, exposure_item


def test_an_exposure_is_read_with_everything_it_may_carry() -> None:
    item = exposure_item(
        type="planned_send",
        channel="alimtalk",
        suppressed_reason="quiet_hours",
        properties={"segment": "VIP"},
    )
    assert read_exposure(item) == exposure(
        type="planned_send",
        channel="alimtalk",
        suppressed_reason="quiet_hours",
        properties={"segment": "VIP"},
    )


def test_an_event_is_read_with_everything_it_may_carry() -> None:
    more: dict[str, Any] = {
        "type": "purchase", "value": Decimal("12.50"), "currency": "USD", "machine": False,
        "properties": {"order": ["o-1", 2, None]}, "experiment": "spring", "variant": "b",
        "channel": "email",
    }  # fmt: skip
    assert read_event(event_item(**more)) == event(**more)


def test_null_means_absent_and_a_planned_send_may_be_suppressed_for_no_reason() -> None:
    item = exposure_item(type="planned_send", suppressed_reason="none", channel=None)
    assert read_exposure(item) == exposure(type="planned_send")


@pytest.mark.parametrize("name", ["source_id", "experiment", "unit_id", "type", "occurred_at"])
@pytest.mark.parametrize("absent", [True, False])
def test_an_exposure_without_a_required_field_is_refused(name: str, absent: bool) -> None:
    item = exposure_item(**{name: None})
    if absent:
        del item[name]
    with pytest.raises(Missing) as refusal:
        read_exposure(item)
    assert refusal.value.field == name


@pytest.mark.parametrize("name", ["source_id", "unit_id", "type", "occurred_at"])
def test_an_event_without_a_required_field_is_refused(name: str) -> None:
    with pytest.raises(Missing) as refusal:
        read_event(event_item(**{name: None}))
    assert refusal.value.field == name


def test_an_unknown_field_is_refused_by_name() -> None:
    with pytest.raises(UnknownField, match="there are source_id, unit_id, type") as refusal:
        read_event(event_item(userid="1"))
    assert refusal.value.field == "userid"


@pytest.mark.parametrize("item", [None, 1, "x", [], [["source_id", "1"]]])
def test_an_item_is_an_object(item: object) -> None:
    with pytest.raises(Invalid, match="expected an object"):
        read_event(item)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("source_id", ""), ("source_id", "x" * 257), ("source_id", 7), ("source_id", "a\0"),
        ("source_id", "\ud800"), ("experiment", "Spring Sale"), ("experiment", 3),
        ("unit_id", ""), ("unit_id", 12), ("unit_id", "x" * 1025), ("unit_id", "a\0b"),
        ("type", "mailed"), ("type", ["sent"]), ("type", "open"),
        ("occurred_at", "2025-03-10T10:00:00"), ("occurred_at", 1741568400),
        ("variant", "A!"), ("variant", 1), ("channel", "fax"), ("channel", {}),
        ("suppressed_reason", "capped"), ("properties", []), ("properties", "x"),
    ],
)  # fmt: skip
def test_an_unfit_field_of_an_exposure_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read_exposure(exposure_item(**{name: value}))
    assert refusal.value.field == name


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("type", {"type": ""}), ("type", {"type": " open"}), ("type", {"type": "x" * 65}),
        ("type", {"type": "a\0"}), ("type", {"type": 4}), ("type", {"type": "tab\tbed"}),
        ("value", {"value": "12"}), ("value", {"value": 1.5}), ("value", {"value": True}),
        ("value", {"value": Decimal("NaN")}), ("value", {"value": Decimal("-Infinity")}),
                ("value", {"currency": "KRW"}),
        ("value", {"type": "refund", "value": 100, "currency": "KRW"}),
        ("currency", {"value": 1, "currency": "won"}), ("currency", {"value": 1, "currency": 1}),
        ("machine", {"machine": 1}), ("machine", {"machine": "true"}),
        ("experiment", {"variant": "a"}), ("experiment", {"experiment": ""}),
        ("variant", {"experiment": "spring", "variant": ""}), ("channel", {"channel": "post"}),
    ],
)  # fmt: skip
def test_an_unfit_field_of_an_event_is_refused_by_name(name: str, more: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        read_event(event_item(**more))
    assert refusal.value.field == name
    assert len(str(refusal.value)) < 300


@pytest.mark.parametrize(
    ("said", "usual"),
    [("opened", "open"), ("Open", "open"), ("CLICKED", "click"), ("spam", "complaint")],
)
def test_another_spelling_of_a_known_event_is_refused_naming_the_usual(
    said: str, usual: str
) -> None:
    with pytest.raises(Invalid, match=f"expected {usual}, the name"):
        read_event(event_item(type=said))


@pytest.mark.parametrize("name", ["visit", "장바구니 담기", "Order Viewed"])
def test_events_of_ones_own_are_welcome(name: str) -> None:
    assert read_event(event_item(type=name)).type == name


def test_a_refund_takes_money_back() -> None:
    refund = read_event(event_item(type="refund", value=-5000, currency="KRW"))
    assert refund.value == -5000


def test_a_time_is_the_same_at_every_offset() -> None:
    assert read_event(event_item(occurred_at="2025-03-10T01:00:00Z")).occurred_at == AT
