"""Avro files: every record as it was written; whatever is none, or never ends, refused."""

import contextlib
import gzip
import io
import json
import random
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import fastavro
import pytest

from experiments.ledger.imports import avro_rows
from experiments.ledger.imports.avro_rows import AvroRows
from experiments.ledger.imports.errors import BadAvro
from experiments.ledger.imports.rows import Row
from experiments.ledger.imports.source import inspect
from experiments.ledger.sources import SOURCES
from experiments.ledger.sources.settings import read_settings

RECORDED = Path(__file__).resolve().parents[4] / "sample_data" / "recorded"
NOW = datetime(2025, 3, 10, 1, 0, 10, tzinfo=UTC)
_AVRO = {str: "string", int: "long", Decimal: "double", bool: "boolean", type(None): "string"}
FIELDS: list[dict[str, Any]] = [
    {"name": "id", "type": "string"},
    {"name": "user", "type": ["null", "string"], "default": None},
    {"name": "time", "type": "int"},
    {"name": "price", "type": ["null", "double"], "default": None},
    {"name": "tags", "type": {"type": "array", "items": "string"}},
    {"name": "bot", "type": ["null", "boolean"], "default": None},
]
SCHEMA = {"type": "record", "name": "Open", "namespace": "x.users.messages.email", "fields": FIELDS}
RECORDS: list[dict[str, Any]] = [
    {"id": "e-1", "user": "홍길동", "time": 5, "price": 0.1, "tags": ["a", "b"], "bot": True},
    {"id": "e-2", "user": None, "time": -1, "price": None, "tags": [], "bot": None},
]


def written(records: list[dict[str, Any]], schema: Any = SCHEMA, **how: Any) -> bytes:
    out = io.BytesIO()
    fastavro.writer(out, schema, records, **how)
    return out.getvalue()


def read(content: bytes, *, as_items: bool = True) -> list[Any]:
    rows = AvroRows(io.BytesIO(content), as_items=as_items)
    return [row.cells for row in rows if isinstance(row, Row)]


@pytest.mark.parametrize("codec", ["null", "deflate"])
def test_records_are_items_with_the_name_of_their_schema(codec: str) -> None:
    first, second = read(written(RECORDS, codec=codec))
    assert first == {
        "avro.schema": "x.users.messages.email.Open", "id": "e-1", "user": "홍길동", "time": 5,
        "price": Decimal("0.1"), "tags": ["a", "b"], "bot": True,
    }  # fmt: skip
    assert (second["user"], second["time"]) == (None, -1)


def test_records_are_rows_of_cells_too() -> None:
    rows = AvroRows(io.BytesIO(written(RECORDS)), as_items=False)
    assert rows.header == ["id", "user", "time", "price", "tags", "bot"]
    assert [row.cells for row in rows if isinstance(row, Row)] == [
        ["e-1", "홍길동", "5", "0.1", '["a","b"]', "true"], ["e-2", "", "-1", "", "[]", ""],
    ]  # fmt: skip


def test_many_blocks_are_read_in_order() -> None:
    many = [RECORDS[0] | {"time": number} for number in range(3000)]
    content = written(many, codec="deflate", sync_interval=500)
    assert [item["time"] for item in read(content)] == list(range(3000))


def test_a_file_is_known_by_its_first_bytes_packed_or_not(tmp_path: Path) -> None:
    for content in (written(RECORDS), gzip.compress(written(RECORDS))):
        path = tmp_path / "file.avro"
        path.write_bytes(content)
        file = inspect(path)
        assert (file.is_avro, file.is_text) == (True, False)
        with file.open_bytes() as (plain, _):
            assert len(list(AvroRows(plain, as_items=True))) == 2


def test_a_file_of_braze_says_what_its_json_says() -> None:
    """Each kind of event in a file of its own, which names it in the schema and nowhere else."""
    example = json.loads((RECORDED / "braze.json").read_text(), parse_float=Decimal)
    settings, source = read_settings(example["settings"]), SOURCES["braze"]
    told: list[Any] = []
    for item in example["body"]["events"]:
        namespace, _, name = str(item.get("event_type")).rpartition(".")
        if not namespace.startswith("users."):
            continue
        plain = {key: value for key, value in item.items() if not isinstance(value, dict)}
        del plain["event_type"]
        fields = [
            {"name": key, "type": ["null", _AVRO[type(value)]]} for key, value in plain.items()
        ]
        schema = {"type": "record", "name": name, "fields": fields,
                  "namespace": f"dataexport.S3.inner.{namespace}"}  # fmt: skip
        numbers = {key: float(each) if isinstance(each, Decimal) else each
                   for key, each in plain.items()}  # fmt: skip
        (row,) = read(written([numbers], schema))
        json_item = plain | {"event_type": item["event_type"]}
        ours, theirs = (list(source.read(each, settings, NOW)) for each in (row, json_item))
        assert ours == theirs
        told += ours
    assert len(told) >= 5


@pytest.mark.parametrize("cut", [1, 3, 10, 100, -1, -20, -40])
def test_a_file_cut_off_is_refused(cut: int) -> None:
    with pytest.raises(BadAvro):
        read(written(RECORDS)[:cut])


def test_a_damaged_file_is_refused_or_read_and_never_fails_otherwise() -> None:
    draw = random.Random(5)
    for codec in ("null", "deflate"):
        whole = written(RECORDS * 20, codec=codec)
        for _ in range(300):
            content = bytearray(whole)
            for _ in range(draw.randrange(1, 4)):
                content[draw.randrange(len(content))] = draw.randrange(256)
            with contextlib.suppress(BadAvro):
                read(bytes(content))


@pytest.mark.parametrize(
    "schema",
    [
        "string",
        {"type": "record", "name": "R", "fields": []},
        {"type": "record", "name": "R", "fields": [{"name": "a", "type": "null"}]},
        {"type": "record", "name": "R", "fields": [
            {"name": "a", "type": {"type": "array", "items": "null"}}]},
        {"type": "record", "name": "R", "fields": [{"name": "next", "type": ["null", "R"]}]},
        {"type": "record", "name": "R", "fields": 7},
        [],
        {"type": {"type": {"type": {}}}},
    ],
)  # fmt: skip
def test_forms_that_never_end_or_are_none_are_refused(schema: Any) -> None:
    meta = {"avro.schema": json.dumps(schema).encode(), "avro.codec": b"null"}
    with pytest.raises(BadAvro):
        read(header(meta) + b"\x00" * 100)


def test_a_block_that_unpacks_to_too_much_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(avro_rows, "LARGEST_BLOCK_BYTES", 1 << 20)
    bomb = written([RECORDS[0] | {"id": "0" * (2 << 20)}], codec="deflate")
    assert len(bomb) < 10_000
    with pytest.raises(BadAvro, match="too large"):
        read(bomb)


def test_another_packing_is_refused_by_name() -> None:
    meta = {"avro.schema": json.dumps(SCHEMA).encode(), "avro.codec": b"zstandard"}
    with pytest.raises(BadAvro, match="zstandard"):
        read(header(meta))


def header(meta: dict[str, bytes]) -> bytes:
    out = bytearray(b"Obj\x01")
    out += number(len(meta))
    for name, value in meta.items():
        out += number(len(name)) + name.encode() + number(len(value)) + value
    return bytes(out + b"\0" + b"s" * 16)


def number(value: int) -> bytes:
    out, left = bytearray(), value << 1
    while left > 0x7F:
        out.append(left & 0x7F | 0x80)
        left >>= 7
    return bytes([*out, left])
