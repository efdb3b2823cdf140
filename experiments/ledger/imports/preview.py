"""A look at a file before it is imported: how it would be read, with nothing stored of it."""

import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import Connection

from experiments.errors import Invalid
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.imports.avro_rows import AvroRows
from experiments.ledger.imports.chunk import place, read_chunk
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.folder import ImportFolder
from experiments.ledger.imports.jobs import check_registry, whole
from experiments.ledger.imports.json_lines import JsonLines
from experiments.ledger.imports.mapping import ColumnMapping
from experiments.ledger.imports.parquet_rows import ParquetRows
from experiments.ledger.imports.propose import likely_source, propose
from experiments.ledger.imports.readers import reader_for
from experiments.ledger.imports.reject import Reject, trimmed
from experiments.ledger.imports.rows import BadRow, CsvReader, Row
from experiments.ledger.imports.run import Target
from experiments.ledger.imports.source import (
    BINARY_MAGIC,
    UTF_16_MARKS,
    SourceFile,
    check_kind,
)
from experiments.ledger.imports.tables import delimiter_of, open_table
from experiments.ledger.resolve import Resolved

ROWS = 20
# Among so many rows it is looked what words there are.
LOOKED_AT = 2000
_MOST_WORDS = 20
MOST_BYTES = 1 << 20
_ENCODINGS = {
    "utf-8-sig": "UTF-8", "cp949": "CP949", "utf-16": "UTF-16", "parquet": "Parquet",
    "avro": "Avro",
}  # fmt: skip
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class PreviewRow:
    """A row as it would be read.

    Attributes:
        line: Of the file.
        row: As it stands there.
        cells: Of a file with columns.
        facts: What it would become; empty where the mapping does not fit yet.
        reject: Why it would not be taken.
    """

    line: int
    row: str
    cells: tuple[str, ...]
    facts: tuple[Fact, ...] = ()
    reject: Reject | None = None


@dataclass(frozen=True)
class Preview:
    """What is known of a file.

    Attributes:
        encoding: As people call it.
        delimiter: Between cells; None where the file has none.
        header: Names of the columns; empty where rows are items.
        mapping: As given, or as proposed.
        problem: What does not fit in the mapping yet; None if the file can be imported.
        rows: The first.
        words: What stands in the column of the variant, each once.
    """

    encoding: str
    delimiter: str | None
    header: tuple[str, ...]
    mapping: Any
    problem: Invalid | None
    rows: tuple[PreviewRow, ...]
    words: tuple[str, ...] = ()


@contextmanager
def first_part(folder: ImportFolder, stream: BinaryIO, *, is_part: bool) -> Iterator[SourceFile]:
    """The first rows of an upload, in a file that is forgotten afterwards.

    Args:
        folder: Where uploads arrive.
        stream: The upload, or its beginning; of Parquet and Avro all of it.
        is_part: Whether more follows that was not sent.

    Raises:
        UnfitFile: If it cannot be read.
    """
    start = stream.read(MOST_BYTES)
    check_kind(start)
    if start.startswith(BINARY_MAGIC):
        stream.seek(0)
        text: BinaryIO = stream
    else:
        text = io.BytesIO(_whole_lines(start, is_part=is_part or bool(stream.read(1))))
    with folder.arriving(text) as file:
        yield file


def _whole_lines(start: bytes, *, is_part: bool) -> bytes:
    if start.startswith(b"\x1f\x8b"):
        unpacking = zlib.decompressobj(wbits=31)
        try:
            start = unpacking.decompress(start, MOST_BYTES)
        except zlib.error:
            return start  # Refused where it is looked through.
        is_part = is_part or not unpacking.eof
    if not is_part:
        return start
    if start.startswith(UTF_16_MARKS):
        return _whole_lines_of_16_bits(start)
    return start[: start.rfind(b"\n") + 1] or start


def _whole_lines_of_16_bits(start: bytes) -> bytes:
    """As much as ends with a line, a character being two bytes (or twice two)."""
    end = "\n".encode("utf-16-le" if start.startswith(UTF_16_MARKS[0]) else "utf-16-be")
    place = start.rfind(end)
    while place % 2 and place > 0:
        place = start.rfind(end, 0, place + 1)
    return start[: place + 2] if place > 0 else start[: len(start) // 2 * 2]


def look(target: Target, file: SourceFile, document: object | None, *, zone: str) -> Preview:
    """How a file would be read.

    Args:
        target: Whose ledger it would go to; nothing is written.
        file: Its first part.
        document: The mapping; None: one is proposed.
        zone: For local times, if a mapping is proposed.

    Raises:
        UnfitFile: If it cannot be read at all.
    """
    if document is None:
        document = _of_items(file)
    is_source = isinstance(document, dict) and document.get("form") == "source"
    delimiter = _delimiter(file, document) if file.is_text and not is_source else None
    header, looked_at = _plain_rows(file, delimiter, is_source=is_source)
    rows = looked_at[:ROWS]
    mapping, problem = document, None
    if mapping is None:
        mapping = propose(header, [row.cells for row in rows], zone)
        if delimiter is not None:
            mapping["delimiter"] = delimiter
    try:
        with target.database.reading() as db:
            mapping = whole(file, mapping)
            rows = _as_read(db, target, file, read_mapping(mapping))
    except Invalid as error:
        problem = error
    encoding = _encoding(file)
    words = _words(header, looked_at, mapping)
    return Preview(encoding, delimiter, tuple(header), mapping, problem, tuple(rows), words)


def _of_items(file: SourceFile) -> dict[str, str] | None:
    """The mapping of a file of items, by what the first one has; None if it has columns."""
    if not file.is_text:
        return None
    with file.open() as source:
        start = source.text.read(1)
        while start.isspace():
            start = source.text.read(1)
        if start not in {"{", "["}:
            return None
    with file.open() as source:
        first = next((row for row in JsonLines(source.text) if isinstance(row, Row)), None)
    return {"form": "source", "source": likely_source(first.cells if first else None)}


def _delimiter(file: SourceFile, document: object | None) -> str:
    said = document.get("delimiter") if isinstance(document, dict) else None
    return said if isinstance(said, str) and len(said) == 1 else delimiter_of(file)


def _encoding(file: SourceFile) -> str:
    with file.path.open("rb") as raw:
        has_mark = raw.read(3) == _BYTE_ORDER_MARK
    return _ENCODINGS[file.encoding] + (" (BOM)" if has_mark else "")


def _plain_rows(
    file: SourceFile, delimiter: str | None, *, is_source: bool
) -> tuple[list[str], list[PreviewRow]]:
    """The first rows as cells, whatever they mean."""
    if file.is_parquet:
        opened = ParquetRows(file.path, set(ParquetRows(file.path, set()).header))
        rows = [_plain(row) for row in islice(opened, LOOKED_AT)]
        opened.close()
        return opened.header, rows
    if file.is_avro:
        with file.open_bytes() as (plain, _):
            records = AvroRows(plain, as_items=is_source)
            header = [] if is_source else records.header
            return header, [_plain(row) for row in islice(records, LOOKED_AT)]
    with file.open() as source:
        reader = JsonLines(source.text) if is_source else CsvReader(source.text, delimiter or ",")
        return reader.header, [_plain(row) for row in islice(reader, LOOKED_AT)]


def _words(header: list[str], rows: list[PreviewRow], mapping: Any) -> tuple[str, ...]:
    if not isinstance(mapping, dict):
        return ()
    of_wide, of_long = mapping.get("variant"), mapping.get("columns")
    column = of_wide.get("column") if isinstance(of_wide, dict) else None
    column = column or (of_long.get("variant") if isinstance(of_long, dict) else None)
    if column not in header:
        return ()
    place = header.index(column)
    found = dict.fromkeys(row.cells[place].strip() for row in rows if place < len(row.cells))
    return tuple(word for word in found if word)[:_MOST_WORDS]


def _plain(row: Row | BadRow) -> PreviewRow:
    if isinstance(row, BadRow):
        return PreviewRow(row.line, trimmed(row.raw), (), reject=_refused(row))
    cells = tuple(row.cells) if isinstance(row.cells, list) else ()
    cells = tuple(each for each in cells if isinstance(each, str))
    return PreviewRow(row.line, trimmed(row.raw), cells)


def _refused(row: BadRow) -> Reject:
    return Reject.of(row.line, row.error, row.raw)


def _as_read(
    db: Connection, target: Target, file: SourceFile, mapping: ColumnMapping
) -> list[PreviewRow]:
    check_registry(db, target.project, mapping)
    with open_table(file, mapping) as table:
        read = reader_for(mapping, table.header, file.mark, target.clock())
        rows = list(islice(table.rows, ROWS))
    chunk = read_chunk(rows, read, 1)
    placed = place(chunk, target.context(db, chunk), is_tagged=mapping.is_tagged)
    refused = {reject.line: reject for reject in placed.rejects}
    facts = {
        row.line: tuple(fact for fact in found if not isinstance(fact, Resolved))
        for row, found in chunk.facts
    }
    return [
        PreviewRow(
            each.line,
            each.row,
            each.cells,
            () if each.line in refused else facts.get(each.line, ()),
            refused.get(each.line),
        )
        for each in map(_plain, rows)
    ]


def fact_document(fact: Fact) -> dict[str, Any]:
    """A fact as a preview tells it; of an alias the kind only."""
    if isinstance(fact, Exposure):
        told: dict[str, Any] = {"fact": "exposure", "type": fact.type, "variant": fact.variant}
        told |= {"experiment": fact.experiment, "value": fact.cost, "currency": fact.currency}
    elif isinstance(fact, Event):
        told = {"fact": "event", "type": fact.type, "variant": fact.variant}
        told |= {"experiment": fact.experiment, "value": fact.value, "currency": fact.currency}
    else:
        return {
            "fact": "alias", "type": fact.alias.kind, "unit_id": fact.unit_id,
            "occurred_at": _instant(fact.valid_from),
        }  # fmt: skip
    told |= {"unit_id": fact.unit_id, "alias": fact.alias.kind if fact.alias else None}
    told |= {"occurred_at": _instant(fact.occurred_at), "channel": fact.channel}
    told |= {"properties": dict(fact.properties) or None}
    return {name: value for name, value in told.items() if value is not None}


def _instant(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
