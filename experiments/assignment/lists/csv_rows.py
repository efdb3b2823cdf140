"""CSV: every row goes out as it came in, byte for byte, with cells added at its end."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from experiments.assignment.lists.deciding import Decider
from experiments.assignment.lists.reading import BYTE_ORDER_MARK, blocks, encoding_of
from experiments.assignment.lists.rows import (
    DELIMITERS,
    Batch,
    BrokenText,
    ListOptions,
    RaggedRow,
    attributes_of,
    checked_unit_id,
    encoded,
)
from experiments.errors import Invalid
from experiments.units import LONGEST_UNIT_ID

_QUOTE = '"'


class NoHeader(Invalid):
    """The file is empty, or its first row is."""

    template = "the list is empty: its first row should name the columns"


@dataclass(frozen=True)
class _Form:
    """How this file is written."""

    columns: tuple[str, ...]
    place: int
    delimiter: str
    newline: str
    encoding: str


def assign_csv(source: Path, target: BinaryIO, options: ListOptions, decider: Decider) -> None:
    """Answer a CSV file row by row.

    Raises:
        NoHeader: If there is none.
        ColumnMissing: If it lacks the unit column.
        ColumnTaken: If it has a column of a name to be added.
        RowTooLong: If a quote is left open.
    """
    encoding = options.encoding or encoding_of(source)
    with source.open("rb") as file:
        header = _header(file)
        mark, header = _without_mark(header)
        form = _form(header.decode(encoding, "replace"), encoding, options, decider.columns)
        target.write(mark + header.rstrip(b"\r\n"))
        target.write(encoded(_cells(decider.columns, form), encoding))
        line = 1 + header.count(b"\n")
        for block in blocks(file, quoted=True):
            batch = _Block(form, options, decider, line).read(block)
            answers = decider.decide(batch)
            suffixes = [_cells(values, form) for values in answers.values]
            lines = [
                row + suffixes[code] for row, code in zip(batch.rows, answers.codes, strict=True)
            ]
            target.write(encoded("".join(lines), encoding))
            line += block.count(b"\n")


def _header(file: BinaryIO) -> bytes:
    """The first row; a quoted name may hold line ends."""
    header = file.readline()
    while header.count(b'"') % 2 and (more := file.readline()):
        header += more
    if not header.strip():
        raise NoHeader(field="file")
    return header


def _without_mark(header: bytes) -> tuple[bytes, bytes]:
    bare = header.removeprefix(BYTE_ORDER_MARK)
    return header[: len(header) - len(bare)], bare


def _form(header: str, encoding: str, options: ListOptions, added: Sequence[str]) -> _Form:
    newline = "\r\n" if header.endswith("\r\n") else "\n"
    delimiter = options.delimiter or max(DELIMITERS, key=header.count)
    columns = tuple(_split(header.rstrip("\r\n"), delimiter))
    return _Form(columns, options.place(columns, added), delimiter, newline, encoding)


def _split(record: str, delimiter: str) -> list[str]:
    if _QUOTE not in record:
        return record.split(delimiter)
    return next(csv.reader(io.StringIO(record, newline=""), delimiter=delimiter), [])


def _cells(values: Sequence[str], form: _Form) -> str:
    """Cells for the end of a row, quoted where they must be, with the row's end."""
    out = io.StringIO()
    csv.writer(out, delimiter=form.delimiter, lineterminator=form.newline).writerow(["", *values])
    return out.getvalue()


@dataclass(frozen=True)
class _Block:
    """Some rows of the file, from a line on."""

    form: _Form
    options: ListOptions
    decider: Decider
    line: int

    def read(self, block: bytes) -> Batch:
        """The rows with their units; those that cannot be read are rejected."""
        batch = self.decider.batch()
        try:
            text = block.decode(self.form.encoding)
        except UnicodeDecodeError:
            return self._row_by_row(self._decoded(block, batch), batch)
        named = batch.attributes is not None and self.decider.zone_column is None
        if _QUOTE in text or named or not self._all_at_once(text, batch):
            return self._row_by_row(self._records(text), batch)
        return batch

    def _all_at_once(self, text: str, batch: Batch) -> bool:
        """Read plain rows that are all in order; False where one is not, and nothing is kept."""
        plain = text.replace("\r\n", "\n")
        rows = plain.removesuffix("\n").split("\n")
        delimiter, place, width = self.form.delimiter, self.form.place, len(self.form.columns)
        # Counting is several times as fast as splitting what is not looked at.
        if {row.count(delimiter) for row in rows} != {width - 1} or "\0" in plain or "\r" in plain:
            return False
        unit_ids = [row.split(delimiter, place + 1)[place] for row in rows]
        lengths = list(map(len, unit_ids))
        if not lengths or not 0 < min(lengths) <= max(lengths) <= LONGEST_UNIT_ID:
            return False
        if batch.attributes is not None:
            zones = self._zones(rows, batch)
            if zones is None:
                return False
            batch.attributes = zones
        batch.rows, batch.unit_ids = rows, unit_ids
        return True

    def _zones(self, rows: Sequence[str], batch: Batch) -> list[Mapping[str, object] | None] | None:
        """The zones of plain rows, as attributes; None where a row has none that is known."""
        name, columns = self.decider.zone_column or "", self.form.columns
        if columns.count(name) != 1:
            return None if name in columns else [None] * len(rows)
        place, delimiter = columns.index(name), self.form.delimiter
        cells = [row.split(delimiter, place + 1)[place] for row in rows]
        known: dict[str, Mapping[str, object] | None] = {
            cell: {name: cell} if cell else None for cell in set(cells)
        }
        try:
            for attributes in known.values():
                if batch.check is not None:
                    batch.check(attributes)
        except Invalid:
            return None
        return [known[cell] for cell in cells]

    def _records(self, text: str) -> Iterator[tuple[int, str]]:
        """Rows with the line they begin at; a row goes on while a quote is open."""
        line, start, kept = self.line, self.line, ""
        for part in _lines(text):
            kept += part
            line += part.count("\n")
            if kept.count(_QUOTE) % 2 == 0:
                yield start, kept.rstrip("\r\n")
                start, kept = line, ""
        if kept:
            yield start, kept.rstrip("\r\n")

    def _decoded(self, block: bytes, batch: Batch) -> Iterator[tuple[int, str]]:
        """Rows of a block that is not all text; the broken ones are rejected."""
        encoding = self.form.encoding
        readable = block.decode(encoding, "surrogateescape")
        for line, record in self._records(readable):
            if any("\udc80" <= letter <= "\udcff" for letter in record):
                batch.reject(line, BrokenText(field="file", encoding=encoding))
            else:
                yield line, record

    def _row_by_row(self, records: Iterator[tuple[int, str]], batch: Batch) -> Batch:
        for line, record in records:
            if not record:
                continue
            try:
                self._take(record, batch)
            except Invalid as refusal:
                batch.reject(line, refusal)
        return batch

    def _take(self, record: str, batch: Batch) -> None:
        cells = _split(record, self.form.delimiter)
        if len(cells) != len(self.form.columns):
            raise RaggedRow(field="file", count=len(cells), expected=len(self.form.columns))
        unit_id = checked_unit_id(cells[self.form.place], self.options)
        known = None
        if batch.attributes is not None:
            named = dict(zip(self.form.columns, cells, strict=True))
            known = attributes_of(named, self.options.numbers)
        batch.keep(record, unit_id, known)


def _lines(text: str) -> Iterator[str]:
    """Lines with their ends; letters that only look like line ends are none."""
    start = 0
    while (end := text.find("\n", start)) >= 0:
        yield text[start : end + 1]
        start = end + 1
    if start < len(text):
        yield text[start:]
