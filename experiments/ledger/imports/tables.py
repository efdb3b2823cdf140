"""A file as rows, whatever its kind: CSV, JSON lines, Parquet or Avro."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from experiments.ledger.imports.avro_rows import AvroRows
from experiments.ledger.imports.columns import sniffed
from experiments.ledger.imports.json_lines import JsonLines
from experiments.ledger.imports.mapping import ColumnMapping
from experiments.ledger.imports.parquet_rows import ParquetRows
from experiments.ledger.imports.rows import BadRow, CsvReader, Row
from experiments.ledger.imports.source import SourceFile
from experiments.ledger.imports.source_items import SourceMapping

_LONGEST_FIRST_LINE = 1 << 16


@dataclass(frozen=True)
class Table:
    """An open file.

    Attributes:
        header: Names of its columns; empty where rows are items.
        rows: Those that are not skipped, good and bad.
        bytes_read: How far into the file on disk reading has come.
    """

    header: list[str]
    rows: Iterator[Row | BadRow]
    bytes_read: Callable[[], int]


@contextmanager
def open_table(file: SourceFile, mapping: ColumnMapping, skip: int = 0) -> Iterator[Table]:
    """Open a file as a mapping reads it.

    Args:
        file: Looked through.
        mapping: Of its columns.
        skip: How many rows are left out.

    Raises:
        UnfitFile: If it has no first line, or is damaged.
    """
    if file.is_parquet:
        with _parquet(file, mapping, skip) as table:
            yield table
        return
    is_source = isinstance(mapping, SourceMapping)
    if file.is_avro:
        with file.open_bytes() as (plain, raw):
            opened = AvroRows(plain, as_items=is_source)
            header = [] if is_source else opened.header
            yield Table(header, islice(opened, skip, None), raw.tell)
        return
    delimiter = mapping.reading.delimiter or delimiter_of(file)
    with file.open() as source:
        reader = JsonLines(source.text) if is_source else CsvReader(source.text, delimiter)
        rows = iter(reader)
        for _ in islice(rows, skip):
            pass
        yield Table(reader.header, rows, lambda: source.bytes_read)


def header_of(file: SourceFile, delimiter: str | None = None) -> list[str]:
    """The names of a file's columns.

    Raises:
        UnfitFile: If there is no first line, or it cannot be read.
    """
    if file.is_parquet:
        return columns_of(file.path)
    if file.is_avro:
        with file.open_bytes() as (plain, _):
            return AvroRows(plain, as_items=False).header
    with file.open() as source:
        return CsvReader(source.text, delimiter or delimiter_of(file)).header


def columns_of(path: Path) -> list[str]:
    """The names of the columns of a Parquet file.

    Raises:
        BadParquet: If it cannot be read.
    """
    opened = ParquetRows(path, set())
    try:
        return opened.header
    finally:
        opened.close()


def delimiter_of(file: SourceFile) -> str:
    """What the cells of the first line are most likely separated by."""
    with file.open() as source:
        return sniffed(source.text.readline(_LONGEST_FIRST_LINE))


@contextmanager
def _parquet(file: SourceFile, mapping: ColumnMapping, skip: int) -> Iterator[Table]:
    is_source = isinstance(mapping, SourceMapping)
    needed = {name.strip() for name in mapping.columns.values()}
    opened = ParquetRows(file.path, None if is_source else needed)
    opened.skip(skip)
    done = [skip]

    def rows() -> Iterator[Row | BadRow]:
        for row in opened:
            done[0] = row.line
            yield row

    try:
        share = file.size / max(opened.rows, 1)
        header = [] if is_source else opened.header
        yield Table(header, rows(), lambda: int(done[0] * share))
    finally:
        opened.close()
