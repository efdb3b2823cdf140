"""Exports of other tools: each example is told by its columns, and read as it should be."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest

from experiments.errors import Invalid
from experiments.ledger.imports.chunk import read_chunk
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.jobs import whole
from experiments.ledger.imports.presets import PRESETS, expanded, fitting
from experiments.ledger.imports.presets.contract import Columns, NotThisExport, plain
from experiments.ledger.imports.preview import fact_document
from experiments.ledger.imports.readers import reader_for
from experiments.ledger.imports.source import SourceFile, inspect
from experiments.ledger.imports.tables import header_of, open_table
from experiments.ledger.resolve import Resolved

ROOT = Path(__file__).resolve().parents[4]
NOW = datetime(2025, 3, 10, 12, tzinfo=UTC)
RECORDED = ROOT / "sample_data" / "recorded" / "imports"
# What only a person knows of each example.
SAID: dict[str, dict[str, Any]] = {
    "mailchimp": {"experiment": "spring", "variant": "b", "at": "2025-03-10T10:00:00+09:00"},
    "salesforce": {"tags": {"77": {"experiment": "spring", "variant": "b"}}},
    "flarelane": {"zone": "Asia/Seoul", "channel": "app_push"},
    "dfinery": {"channel": "alimtalk"},
    "mail_tool": {"zone": "Asia/Seoul"},
}


def recorded(name: str) -> SourceFile:
    return inspect(RECORDED / f"{name}.csv")


def facts_of(file: SourceFile, document: dict[str, Any]) -> list[dict[str, Any]]:
    mapping = read_mapping(whole(file, document))
    with open_table(file, mapping) as table:
        read = reader_for(mapping, table.header, file.mark, NOW)
        chunk = read_chunk(table.rows, read, 1)
    assert chunk.rejects == []
    found = [fact for _, facts in chunk.facts for fact in facts]
    return [fact_document(fact) for fact in found if not isinstance(fact, Resolved)]


@pytest.mark.parametrize("name", PRESETS)
def test_the_recorded_example_is_read_as_is_written(name: str) -> None:
    facts = facts_of(recorded(name), {"preset": name} | SAID[name])
    written = json.loads((RECORDED / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(json.dumps(facts, default=str)) == written


@pytest.mark.parametrize("name", PRESETS)
def test_an_export_is_told_by_its_columns(name: str) -> None:
    found = fitting(header_of(recorded(name)))
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("name", PRESETS)
def test_a_file_of_other_columns_is_refused_by_the_name_of_one_that_is_missing(name: str) -> None:
    with pytest.raises(NotThisExport) as refusal:
        expanded({"preset": name}, ["x", "y"])
    assert refusal.value.field == "file"


@pytest.mark.parametrize("name", PRESETS)
def test_the_documents_name_every_preset_with_what_is_unverified(name: str) -> None:
    page = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
    [row] = [line for line in page.splitlines() if line.startswith(f"| `{name}` |")]
    assert PRESETS[name].unverified in row
    assert (PRESETS[name].documentation or "none") in row


def test_what_the_document_says_itself_wins() -> None:
    header = ["Email Address", "Opens", "Clicks", "member"]
    found = expanded({"preset": "mailchimp", "unit_id": {"column": "member"}}, header)
    assert found["unit_id"] == {"column": "member"}
    assert found["channel"] == "email"


def test_a_preset_that_is_none_is_refused() -> None:
    with pytest.raises(Invalid) as refusal:
        expanded({"preset": "nobody"}, ["a"])
    assert refusal.value.field == "preset"


def test_the_words_and_spaces_of_a_header_do_not_matter() -> None:
    header = ["E-MAIL  address", "오픈수", "클릭-수"]
    found = expanded({"preset": "mail_tool"}, header)
    assert found["unit_id"] == {"column": "E-MAIL  address", "alias": "email"}
    assert [each["column"] for each in found["events"]] == ["오픈수", "클릭-수"]


def test_however_much_is_looked_for_the_header_is_spelled_out_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else a file of very many columns, within a megabyte, keeps a server busy for seconds."""
    columns = Columns(["a", "B", "b", ""])
    assert columns.find(["x", "b"]) == "B"
    spelled = Mock(side_effect=plain)
    monkeypatch.setattr("experiments.ledger.imports.presets.contract.plain", spelled)
    assert [columns.find([each]) for each in ("A", "")] == ["a", None]
    assert spelled.call_count == 2
