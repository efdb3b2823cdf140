"""Rows of a CSV file with the numbers of their lines, good and bad alike."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from experiments.ledger.imports.errors import (
    ColumnTwice,
    LineTooLong,
    MalformedRow,
    MissingColumn,
    NoHeader,
    NulInRow,
    RaggedRow,
    RowTooLong,
    TooManyColumns,
    UnfitRow,
)

LONGEST_LINE = 1 << 20
MOST_COLUMNS = 10_000
LONGEST_SHOWN = 4000
_MOST_NAMED = 40

Cells = Any
"""Of a row: a list of texts, or for a source the item itself, any JSON value."""


class Row(NamedTuple):
    """A row.

    Attributes:
        line: Of the file, from 1, where it begins.
        cells: As many as the first line has, each a text; of a source the JSON value.
        raw: As it stands in the file.
    """

    line: int
    cells: Cells
    raw: str = ""


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that cannot be read."""

    line: int
    error: UnfitRow
    raw: str = ""


class CsvReader:
    """The rows of a text, after its first line.

    Args:
        text: Opened with ``newline=""``.
        delimiter: Between cells.

    Raises:
        NoHeader: If there is no first line, or it cannot be read.
        TooManyColumns: If it names more than ``MOST_COLUMNS``, or is longer than is read.
    """

    def __init__(self, text: io.TextIOBase, delimiter: str) -> None:
        self._lines = _Lines(text)
        self._reader = csv.reader(self._lines, delimiter=delimiter, strict=True)
        too_many = TooManyColumns(field="file", most=MOST_COLUMNS)
        try:
            first = next(self._reader, [])
        except LineTooLong as error:
            raise too_many from error
        except (csv.Error, RowTooLong) as error:
            raise NoHeader(field="file") from error
        if len(first) > MOST_COLUMNS:
            raise too_many
        self.header = [name.strip() for name in first]
        if not any(self.header):
            raise NoHeader(field="file")

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Every row in order; lines without anything are no rows."""
        lines, reader, expected = self._lines, self._reader, len(self.header)
        while True:
            line = lines.count + 1
            lines.begin()
            try:
                cells = next(reader)
            except StopIteration:
                return
            except (csv.Error, LineTooLong, RowTooLong) as error:
                lines.nul = False
                yield BadRow(line, _row_error(error), lines.text())
                continue
            if lines.nul:
                lines.nul = False
                yield BadRow(line, NulInRow(), lines.text())
            elif len(cells) == expected:
                yield Row(line, cells, lines.raw[0] if len(lines.raw) == 1 else lines.text())
            elif cells:
                ragged = RaggedRow(expected=expected, got=len(cells))
                yield BadRow(line, ragged, lines.text())


def places(header: list[str], columns: dict[str, str]) -> dict[str, int]:
    """Where the columns of a mapping are.

    Args:
        header: Names in the first line.
        columns: Column names by the path of what names them.

    Returns:
        Index of each column by its path.

    Raises:
        MissingColumn: Naming the path, the column and those that are there.
        ColumnTwice: If a name fits two columns.
    """
    found = {}
    for path, column in columns.items():
        name = column.strip()
        if name not in header:
            raise MissingColumn(field=path, column=column, found=_listed(header))
        if header.count(name) > 1:
            raise ColumnTwice(field=path, column=column)
        found[path] = header.index(name)
    return found


def _listed(header: list[str]) -> str:
    shown = ", ".join(repr(name[:60]) for name in header[:_MOST_NAMED])
    return shown if len(header) <= _MOST_NAMED else f"{shown}, …"


def _row_error(error: csv.Error | UnfitRow) -> UnfitRow:
    return error if isinstance(error, UnfitRow) else MalformedRow(reason=str(error))


class _Lines:
    """The lines of a text: counted, looked through for NUL, and never too long for memory.

    Attributes:
        raw: Those of the row that is being read.
    """

    def __init__(self, text: io.TextIOBase) -> None:
        self._read = text.readline
        self.count = 0
        self.nul = False
        self.raw: list[str] = []
        self._length = 0

    def begin(self) -> None:
        """Begin with the next row."""
        self.raw.clear()
        self._length = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._read(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.count += 1
        self.raw.append(line)
        if "\0" in line:
            self.nul = True
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            self._skip_rest()
            raise LineTooLong(most=LONGEST_LINE)
        # Quotes may hold line after line, and a row so any number of cells.
        self._length += len(line)
        if self._length > LONGEST_LINE:
            raise RowTooLong(most=LONGEST_LINE)
        return line

    def text(self) -> str:
        """What was read of the row, not beyond what is shown of it."""
        found: list[str] = []
        length = 0
        for line in self.raw:
            found.append(line[: LONGEST_SHOWN - length])
            length += len(found[-1])
            if length >= LONGEST_SHOWN:
                break
        return "".join(found)

    def _skip_rest(self) -> None:
        while (more := self._read(LONGEST_LINE)) and more[-1] not in "\r\n":
            pass
