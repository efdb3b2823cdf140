"""Mappings from JSON: every mistake is refused by its path."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from experiments.errors import Invalid
from experiments.ledger.imports.columns import Reading
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.long import FIELDS, LongMapping, constants
from experiments.ledger.imports.wide import EventColumn, WideMapping
from tests.experiments.ledger.imports.factories import (
    exposure_mapping,
    long_mapping,
    wide_mapping,
)


def test_a_wide_mapping_is_read() -> None:
    assert read_mapping(
        wide_mapping(channel="email", exposure="sent", delimiter=";")
    ) == WideMapping(
        experiment="spring",
        at=datetime(2025, 3, 10, 1, tzinfo=UTC),
        unit_column="userid",
        variant_column="segment",
        variants={"Mens": "b", "None": "a"},
        exposure="sent",
        channel="email",
        events=(
            EventColumn("visit", "visit"),
            EventColumn("spend", "purchase", reads="amount", currency="USD"),
        ),
        reading=Reading(";"),
    )


def test_rows_may_be_customers_by_their_number() -> None:
    mapping = read_mapping(wide_mapping(unit_id={"row_number": True}, variant=None, events=[]))
    assert isinstance(mapping, WideMapping)
    assert (mapping.unit_column, mapping.variant_column) == (None, None)
    assert mapping.columns == {}


def test_a_long_mapping_is_read() -> None:
    mapping = read_mapping(long_mapping(constants={"channel": "email", "machine": True}))
    assert isinstance(mapping, LongMapping)
    assert mapping.fields["occurred_at"] == "time"
    assert dict(constants(mapping)) == {"channel": "email", "machine": True}
    assert mapping.columns["columns.unit_id"] == "user_id"


def test_constants_may_stand_for_columns() -> None:
    mapping = read_mapping(exposure_mapping())
    assert isinstance(mapping, LongMapping)
    assert dict(constants(mapping))["occurred_at"] == datetime(2025, 3, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("document", "field"),
    [
        (None, "mapping"), ([], "mapping"), ("wide", "mapping"), ({}, "form"),
        ({"form": "tall"}, "form"), (wide_mapping(colour="red"), "colour"),
        (wide_mapping(experiment=None), "experiment"), (wide_mapping(at="2008-03-01"), "at"),
        (wide_mapping(experiment="A B"), "experiment"), (wide_mapping(at=5), "at"),
        (wide_mapping(at=None), "at"),
        (wide_mapping(unit_id={}), "unit_id"), (wide_mapping(unit_id="userid"), "unit_id"),
        (wide_mapping(unit_id={"column": "a", "row_number": True}), "unit_id"),
        (wide_mapping(unit_id={"row_number": False}), "unit_id.row_number"),
        (wide_mapping(unit_id={"row_number": 1}), "unit_id.row_number"),
        (wide_mapping(unit_id={"column": ""}), "unit_id.column"),
        (wide_mapping(unit_id={"colum": "a"}), "unit_id.colum"),
        (wide_mapping(variant={"column": "x" * 201}), "variant.column"),
        (wide_mapping(variant={}), "variant.column"),
        (wide_mapping(variant={"column": "a", "values": {"A": 1}}), "variant.values.A"),
        (wide_mapping(variant={"column": "a", "values": {"A": "B!"}}), "variant.values.A"),
        (wide_mapping(variant={"column": "a", "values": {"\ud800": "b"}}), "variant.values"),
        (wide_mapping(exposure="seen"), "exposure"), (wide_mapping(channel="fax"), "channel"),
        (wide_mapping(delimiter="."), "delimiter"), (wide_mapping(events={}), "events"),
        (wide_mapping(events=["visit"]), "events.0"),
        (wide_mapping(events=[{"column": "a"}]), "events.0.type"),
        (wide_mapping(events=[{"column": "a", "type": "Opened"}]), "events.0.type"),
        (wide_mapping(events=[{"column": "a", "type": "x", "ammount": True}]), "events.0.ammount"),
        (wide_mapping(events=[{"column": "a", "type": "x", "amount": 1}]), "events.0.amount"),
        (
            wide_mapping(events=[{"column": "a", "type": "x", "currency": "USD"}]),
            "events.0.amount",
        ),
        (
            wide_mapping(events=[{"column": "a", "type": "x", "amount": True, "currency": "usd"}]),
            "events.0.currency",
        ),
        (wide_mapping(events=[{"column": "a", "type": "x"}] * 2), "events"),
        (
            wide_mapping(events=[{"column": str(n), "type": "x"} for n in range(201)]), "events",
        ),
        (long_mapping(fact="fiction"), "fact"), (long_mapping(columns=None), "columns"),
        (long_mapping(columns={}), "columns.unit_id"),
        (long_mapping(columns={"unit_id": 1}), "columns.unit_id"),
        (long_mapping(columns={"unit": "a"}), "columns"),
        (long_mapping(columns={"unit_id": ""}), "columns.unit_id"),
        (long_mapping(columns={"unit_id": "u", "occurred_at": "t"}), "columns.type"),
        (long_mapping(constants={"type": "open"}), "constants.type"),
        (long_mapping(constants={"unit_id": "1"}), "constants.unit_id"),
        (long_mapping(constants={"suppressed_reason": "capped"}), "constants"),
        (long_mapping(constants={"channel": "fax"}), "constants.channel"),
        (long_mapping(constants={"machine": "perhaps"}), "constants.machine"),
        (exposure_mapping(constants={"type": "sent"}), "columns.experiment"),
        (
            exposure_mapping(
                constants={"type": "open", "experiment": "a", "occurred_at": "2025-03-10T01:00:00Z"}
            ),
            "constants.type",
        ),
        (
            exposure_mapping(constants={"type": "sent", "experiment": "a", "occurred_at": "2025"}),
            "constants.occurred_at",
        ),
    ],
)  # fmt: skip
def test_every_mistake_is_refused_by_its_path(document: Any, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_mapping(document)
    assert refusal.value.field == field


def test_every_mapping_on_the_page_about_imports_can_be_read() -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "imports.md").read_text(encoding="utf-8")
    documents = [json.loads(text) for text in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    mappings = [document for document in documents if "form" in document]
    assert len(mappings) == 4
    for mapping in mappings:
        read_mapping(mapping)


@pytest.mark.parametrize("fact", ["exposure", "event"])
def test_every_field_of_a_long_row_is_on_the_page_about_imports(fact: str) -> None:
    page = (Path(__file__).resolve().parents[4] / "docs" / "imports.md").read_text(encoding="utf-8")
    assert not [name for name in FIELDS[fact] if f"`{name}`" not in page]
