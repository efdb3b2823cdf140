"""Rows of a Parquet file, a row group at a time, as the texts that a CSV file would have."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from experiments.ledger.imports.errors import BadParquet, NulInRow
from experiments.ledger.imports.rows import LONGEST_SHOWN, BadRow, Row
from experiments.ledger.imports.values import as_item, as_text, shown

BATCH_ROWS = 2000
# Of one row group unpacked: files are written with groups far smaller than this.
LARGEST_GROUP_BYTES = 512 << 20
MOST_COLUMNS = 5000
_BUFFER_BYTES = 1 << 20


class ParquetRows:
    """The rows of a file; their line is their number.

    Args:
        path: Of the file.
        columns: Those that are needed; None: all, and rows as items, each a JSON object.

    Attributes:
        header: Names of all columns.
        rows: How many there are.

    Raises:
        BadParquet: If it cannot be read, or unpacks to more than is read.
    """

    def __init__(self, path: Path, columns: set[str] | None) -> None:
        # Large, and of no use where a file is text.
        import pyarrow as pa  # noqa: PLC0415 - large, for Parquet only
        import pyarrow.parquet as pq  # noqa: PLC0415 - large, for Parquet only

        self._errors = (pa.ArrowException, OSError)
        try:
            self._file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
        except self._errors as error:
            raise BadParquet(field="file", reason=str(error)[:200]) from error
        self._check_size()
        self.header: list[str] = [name.strip() for name in self._file.schema_arrow.names]
        self.rows: int = self._file.metadata.num_rows
        self._columns = columns
        self.skipped = 0

    def skip(self, count: int) -> None:
        """Leave the first rows out; groups that are left out whole are not read."""
        self.skipped = count

    def close(self) -> None:
        """Let go of the file."""
        self._file.close()

    def __iter__(self) -> Iterator[Row | BadRow]:
        """Every row in order, those that are skipped aside."""
        number = 0
        for group in range(self._file.num_row_groups):
            rows = self._file.metadata.row_group(group).num_rows
            if number + rows > self.skipped:
                for row in self._group(group, number):
                    if row.line > self.skipped:
                        yield row
            number += rows

    def _group(self, group: int, number: int) -> Iterator[Row | BadRow]:
        names = self._file.schema_arrow.names
        wanted = None
        if self._columns is not None:
            wanted = [name for name in names if name.strip() in self._columns]
        try:
            batches = self._file.iter_batches(
                BATCH_ROWS, row_groups=[group], columns=wanted, use_threads=False
            )
            for batch in batches:
                yield from self._rows(batch, number)
                number += batch.num_rows
        except self._errors as error:
            raise BadParquet(field="file", reason=str(error)[:200]) from error

    def _rows(self, batch: Any, number: int) -> Iterator[Row | BadRow]:
        if self._columns is None:
            for line, item in enumerate(batch.to_pylist(), start=number + 1):
                yield Row(line, as_item(item), shown(item))
            return
        names = [name.strip() for name in batch.schema.names]
        columns = dict(zip(names, batch.columns, strict=True))
        texts = [
            [as_text(value) for value in columns[name].to_pylist()] if name in columns else None
            for name in self.header
        ]
        for index in range(batch.num_rows):
            cells = ["" if column is None else column[index] for column in texts]
            line, raw = number + index + 1, "\t".join(cells)
            if "\0" in raw:
                yield BadRow(line, NulInRow(), raw[:LONGEST_SHOWN].replace("\0", ""))
            else:
                yield Row(line, cells, raw)

    def _check_size(self) -> None:
        metadata = self._file.metadata
        if metadata.num_columns > MOST_COLUMNS:
            raise BadParquet(field="file", reason=f"more than {MOST_COLUMNS} columns")
        for group in range(metadata.num_row_groups):
            if metadata.row_group(group).total_byte_size > LARGEST_GROUP_BYTES:
                raise BadParquet(field="file", reason="a row group too large to be read at once")
