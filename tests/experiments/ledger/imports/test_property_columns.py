"""Columns that become properties: of which facts, of which kinds, within which limits."""

from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.facts import Fact
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.long import LongMapping
from experiments.ledger.imports.preview import fact_document
from experiments.ledger.imports.property_columns import MOST_PROPERTIES
from experiments.ledger.imports.propose import propose
from experiments.ledger.imports.quick_events import is_quick
from experiments.ledger.resolve import Context, resolve
from tests.experiments.ledger.imports.factories import (
    exposure_mapping,
    long_mapping,
    wide_mapping,
)
from tests.experiments.ledger.imports.test_forms import read

EVENT = {
    "event_id": "e-1", "user_id": "u1", "type": "purchase", "time": "2025-03-10T10:00:00+09:00",
    "amount": "42000", "currency": "KRW", "등급": " VIP ", "items": "1,204", "first": "예",
}  # fmt: skip
PROPERTIES = {
    "grade": "등급",
    "items": {"column": "items", "reads": "number"},
    "first": {"column": "first", "reads": "flag"},
}


def of(facts: list[Fact]) -> list[dict[str, Any]]:
    return [dict(fact.properties) for fact in facts if not isinstance(fact, AliasFact)]


def test_cells_become_texts_numbers_and_flags() -> None:
    facts = read(long_mapping(properties=PROPERTIES), EVENT)
    assert of(facts) == [{"grade": "VIP", "items": Decimal(1204), "first": True}]
    assert fact_document(facts[0])["properties"]["grade"] == "VIP"


def test_an_empty_cell_is_no_property() -> None:
    facts = read(
        long_mapping(properties=PROPERTIES), EVENT | {"등급": " ", "items": "", "first": ""}
    )
    assert of(facts) == [{}]
    assert "properties" not in fact_document(facts[0])


def test_they_are_kept_as_those_of_an_event_over_http_are() -> None:
    [fact] = read(long_mapping(properties=PROPERTIES), EVENT)
    row = resolve(fact, Context({}, "KRW"))
    assert row.properties == '{"first":true,"grade":"VIP","items":1204}'


def test_exposures_have_them_too() -> None:
    row = {"user": "u1", "variant": "b", "segment": "휴면"}
    assert of(read(exposure_mapping(properties={"segment": "segment"}), row)) == [
        {"segment": "휴면"}
    ]


def test_messages_have_them_beside_their_own() -> None:
    document = {
        "form": "long", "fact": "message", "properties": {"grade": "grade"},
        "columns": {"unit_id": "user", "type": "type", "occurred_at": "time", "bounce": "bounce"},
    }  # fmt: skip
    row = {"user": "u1", "type": "bounced", "time": "2025-03-10T01:00:00Z", "bounce": "hard",
           "grade": "VIP"}  # fmt: skip
    assert of(read(document, row)) == [{"grade": "VIP", "bounce": "hard"}]


def test_all_facts_of_a_wide_row_have_them() -> None:
    document = wide_mapping(properties={"grade": "grade"})
    row = {"userid": "u1", "segment": "Mens", "visit": "1", "spend": "29.99", "grade": "VIP"}
    assert of(read(document, row)) == [{"grade": "VIP"}] * 3
    bounced = [{"column": "visit", "type": "bounced", "bounce": "hard"}]
    [_, event] = of(read(document | {"events": bounced}, row))
    assert event == {"grade": "VIP", "bounce": "hard"}


def test_a_file_with_properties_takes_the_long_way() -> None:
    plain, more = (read_mapping(long_mapping(**each)) for each in ({}, {"properties": PROPERTIES}))
    assert isinstance(plain, LongMapping)
    assert isinstance(more, LongMapping)
    assert (is_quick(plain), is_quick(more)) == (True, False)


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"items": "viele"}, "properties.items"),
        ({"first": "maybe"}, "properties.first"),
        ({"items": "1e301"}, "properties.items"),
        ({"등급": "x" * 20_000}, "properties"),
        ({"등급": "a\0b"}, "properties.grade"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(cells: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(long_mapping(properties=PROPERTIES), EVENT | cells)
    assert refused.value.field == field


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (long_mapping(properties={"grade": 7}), "properties.grade"),
        (long_mapping(properties=["grade"]), "properties"),
        (long_mapping(properties={"": "등급"}), "properties"),
        (long_mapping(properties={"x" * 129: "등급"}), "properties"),
        (long_mapping(properties={"grade": ""}), "properties.grade.column"),
        (long_mapping(properties={"grade": {"reads": "text"}}), "properties.grade.column"),
        (long_mapping(properties={"grade": {"column": "등급", "reads": "json"}}),
         "properties.grade.reads"),
        (long_mapping(properties={"grade": {"column": "등급", "colour": "red"}}),
         "properties.grade.colour"),
        (long_mapping(properties={f"p{n}": f"c{n}" for n in range(MOST_PROPERTIES + 1)}),
         "properties"),
        (long_mapping(fact="message", properties={"url": "등급"}), "properties.url"),
        (long_mapping(alias="email", properties={"mail": "user_id "}), "properties.mail"),
        (wide_mapping(properties={"bounce": "grade"}), "properties.bounce"),
        (wide_mapping(unit_id={"column": "mail", "alias": "email"}, properties={"x": "mail"}),
         "properties.x"),
    ],
)  # fmt: skip
def test_a_mapping_names_only_what_can_be(document: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_mapping(document)
    assert refused.value.field == field


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(Invalid) as refused:
        read(long_mapping(properties={"grade": "grade"}), EVENT)
    assert refused.value.field == "properties.grade"


@pytest.mark.parametrize(
    ("header", "properties"),
    [
        (["회원번호", "이벤트", "일시", "회원등급"], {"grade": "회원등급"}),
        (["user_id", "variant", "segment"], {"segment": "segment"}),
        (["user_id", "segment"], None),
        (["이메일", "오픈 수", "세그먼트", "등급"], {"segment": "세그먼트", "grade": "등급"}),
    ],
)
def test_usual_columns_are_proposed_as_properties(
    header: list[str], properties: dict[str, str] | None
) -> None:
    found = propose(header, [], "Asia/Seoul")
    assert found.get("properties") == properties
