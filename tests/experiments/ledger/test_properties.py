"""Properties: JSON within bounds."""

from decimal import Decimal
from typing import Any

import pytest

from experiments.ledger.properties import UnfitProperty, check_properties, written


def nested(depth: int) -> Any:
    return {"x": nested(depth - 1)} if depth else 1


@pytest.mark.parametrize(
    "properties",
    [
        {},
        {"segment": "VIP", "링크": "https://example.com/?a=b", "n": 3, "share": Decimal("0.25")},
        {"items": [{"sku": "a", "n": 1}, None, True]},
        nested(8),
    ],
)
def test_json_objects_are_kept(properties: dict[str, Any]) -> None:
    check_properties(properties)


@pytest.mark.parametrize(
    ("properties", "field"),
    [
        ([1], "properties"),
        (None, "properties"),
        ({"": 1}, "properties"),
        ({1: 1}, "properties"),
        ({"x" * 129: 1}, "properties"),
        ({"a\0": 1}, "properties"),
        ({"a": "\ud800"}, "properties.a"),
        ({"a": {"b": ["fine", "\0"]}}, "properties.a.b.1"),
        ({"a": 0.5}, "properties.a"),
        ({"a": Decimal("Infinity")}, "properties.a"),
        ({"a": Decimal("1E+400")}, "properties.a"),
        ({"a": 2**63}, "properties.a"),
        ({"a": {1}}, "properties.a"),
        (nested(10), "properties" + ".x" * 9),
        ({"a": "x" * 16_384}, "properties"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_its_path(properties: object, field: str) -> None:
    with pytest.raises(UnfitProperty) as refusal:
        check_properties(properties)
    assert refusal.value.field == field


def test_the_order_of_names_does_not_matter() -> None:
    assert written({"b": {"d": 1, "c": 2}, "a": 1}) == written({"a": 1, "b": {"c": 2, "d": 1}})
    assert written({}) is None
