"""Rows to facts."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.errors import MissingColumn
from experiments.ledger.imports.readers import reader_for
from experiments.ledger.resolve import Resolved
from tests.experiments.ledger.imports.factories import (
    exposure_mapping,
    long_mapping,
    wide_mapping,
)

MARK = "0123456789abcdef"
AT = datetime(2025, 3, 10, 1, tzinfo=UTC)


def read(document: Any, row: dict[str, str], *, line: int = 2, number: int = 1) -> list[Fact]:
    reader = reader_for(read_mapping(document), list(row), MARK, AT)
    facts = reader(line, number, list(row.values()))
    return [fact for fact in facts if not isinstance(fact, Resolved)]


def event_row(**changes: str) -> dict[str, str]:
    return {
        "event_id": "e-1", "user_id": "홍길동", "type": "purchase",
        "time": "2025-03-10T10:00:00+09:00", "amount": "42,000", "currency": "KRW",
    } | changes  # fmt: skip


def wide_row(**changes: str) -> dict[str, str]:
    return {"userid": "u1", "segment": "Mens", "visit": "1", "spend": "29.99"} | changes


def test_a_long_row_is_one_fact() -> None:
    assert read(long_mapping(), event_row()) == [
        Event(
            source_id="e-1", unit_id="홍길동", type="purchase", occurred_at=AT,
            value=Decimal(42000), currency="KRW", channel="email",
        )
    ]  # fmt: skip


def test_empty_cells_are_absent_and_a_currency_without_amount_says_nothing() -> None:
    [event] = read(long_mapping(), event_row(type="open", amount=""))
    assert isinstance(event, Event)
    assert (event.value, event.currency) == (None, None)


def test_ids_are_taken_as_they_stand_and_words_without_the_space_around() -> None:
    [event] = read(long_mapping(), event_row(user_id=" u 1 ", type=" open ", currency=" KRW "))
    assert isinstance(event, Event)
    assert (event.unit_id, event.type) == (" u 1 ", "open")


def test_a_row_without_an_id_of_its_own_gets_one_from_file_line_and_meaning() -> None:
    [event] = read(long_mapping(), event_row(event_id=""), line=17)
    assert event.source_id == f"{MARK}:17:event:purchase"
    [exposure] = read(exposure_mapping(), {"user": "u1", "variant": "a"}, line=17)
    assert exposure.source_id == f"{MARK}:17:exposure:spring:sent"


def test_constants_hold_for_every_row() -> None:
    assert read(exposure_mapping(), {"user": "u1", "variant": "b"}) == [
        Exposure(
            source_id=f"{MARK}:2:exposure:spring:sent", experiment="spring", unit_id="u1",
            type="sent", occurred_at=AT, variant="b",
        )
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("user_id", "", "unit_id"), ("user_id", "x" * 1025, "unit_id"), ("type", "", "type"),
        ("type", "Opened", "type"), ("time", "", "occurred_at"),
        ("time", "2025-03-10 10:00", "occurred_at"), ("time", "10/03/2025", "occurred_at"),
        ("amount", "viele", "value"), ("amount", "NaN", "value"), ("currency", "WON", "currency"),
        ("event_id", "x" * 257, "source_id"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_fit_is_named_by_its_field(column: str, cell: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(long_mapping(), event_row(**{column: cell}))
    assert refusal.value.field == field


def test_a_wide_row_is_an_exposure_and_its_events_at_one_instant() -> None:
    assert read(wide_mapping(channel="email"), wide_row(), line=5) == [
        Exposure(
            source_id=f"{MARK}:5:exposure:spring:assigned", experiment="spring", unit_id="u1",
            type="assigned", occurred_at=AT, variant="b", channel="email",
        ),
        Event(
            source_id=f"{MARK}:5:visit", unit_id="u1", type="visit", occurred_at=AT,
            channel="email",
        ),
        Event(
            source_id=f"{MARK}:5:spend", unit_id="u1", type="purchase", occurred_at=AT,
            value=Decimal("29.99"), currency="USD", channel="email",
        ),
    ]  # fmt: skip


@pytest.mark.parametrize(("visit", "spend"), [("0", "0"), ("False", ""), ("", "0.00")])
def test_what_did_not_happen_makes_no_event(visit: str, spend: str) -> None:
    assert len(read(wide_mapping(), wide_row(visit=visit, spend=spend))) == 1


def test_a_customer_known_by_the_rows_number_is_nobody_elses() -> None:
    document = wide_mapping(unit_id={"row_number": True})
    facts = read(document, wide_row(), line=9, number=7)
    assert {fact.unit_id for fact in facts} == {f"{MARK}:7"}


def test_variants_may_stand_in_the_column_as_keys_or_be_truelifts() -> None:
    [exposure, *_] = read(wide_mapping(variant={"column": "segment"}), wide_row(segment=" b "))
    assert isinstance(exposure, Exposure)
    assert exposure.variant == "b"
    [exposure, *_] = read(wide_mapping(variant=None), wide_row())
    assert isinstance(exposure, Exposure)
    assert exposure.variant is None


@pytest.mark.parametrize(
    ("column", "cell", "field"),
    [
        ("userid", "", "userid"), ("segment", "Womens", "segment"), ("segment", "", "segment"),
        ("visit", "maybe", "visit"), ("spend", "viel", "spend"),
    ],
)  # fmt: skip
def test_a_wide_row_with_one_bad_cell_is_refused_whole(column: str, cell: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read(wide_mapping(), wide_row(**{column: cell}))
    assert refusal.value.field == field


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(MissingColumn) as refusal:
        read(wide_mapping(), {"userid": "u1", "segment": "Mens", "visit": "1"})
    assert refusal.value.field == "events.1.column"
