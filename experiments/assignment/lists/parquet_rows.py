"""Parquet: columns of text are added, all others go out with their types."""

from pathlib import Path
from typing import Any, BinaryIO

from experiments.assignment.lists.deciding import Decider
from experiments.assignment.lists.rows import BATCH_ROWS, ListOptions, checked_unit_id
from experiments.errors import Invalid


class NotParquet(Invalid):
    """The file does not read as Parquet."""

    template = "not a Parquet file that can be read: {reason}"


def assign_parquet(source: Path, target: BinaryIO, options: ListOptions, decider: Decider) -> None:
    """Answer a Parquet file in batches; whole numbers as unit ids are read as their digits.

    Raises:
        NotParquet: If it cannot be read.
        ColumnMissing: If it lacks the unit column.
        ColumnTaken: If it has a column of a name to be added.
    """
    # Large, and of no use where a list is text.
    import pyarrow as pa  # noqa: PLC0415 - large, for Parquet only
    import pyarrow.parquet as pq  # noqa: PLC0415 - large, for Parquet only

    try:
        file = pq.ParquetFile(source)
    except (pa.ArrowException, OSError) as error:
        raise NotParquet(field="file", reason=str(error)[:200]) from error
    with file:
        schema = file.schema_arrow
        options.place(schema.names, decider.columns)
        for name in decider.columns:
            schema = schema.append(pa.field(name, pa.string()))
        with pq.ParquetWriter(target, schema) as writer:
            row = 1
            try:
                for table in file.iter_batches(BATCH_ROWS):
                    writer.write_batch(_answered(table, row, options, decider, schema))
                    row += len(table)
            except pa.ArrowException as error:
                raise NotParquet(field="file", reason=str(error)[:200]) from error


def _answered(table: Any, first: int, options: ListOptions, decider: Decider, schema: Any) -> Any:
    import pyarrow as pa  # noqa: PLC0415 - large, for Parquet only

    batch = decider.batch()
    items = table.to_pylist() if decider.needs_attributes else None
    for index, value in enumerate(table.column(options.unit_column).to_pylist()):
        try:
            unit_id = checked_unit_id(_text(value), options)
            batch.keep(index, unit_id, None if items is None else items[index])
        except Invalid as refusal:
            batch.reject(first + index, refusal)
    answers = decider.decide(batch)
    kept = table.take(pa.array(batch.rows, pa.int64()))
    added = [
        pa.array([answers.values[code][place] or None for code in answers.codes], pa.string())
        for place in range(len(decider.columns))
    ]
    return pa.record_batch([*kept.columns, *added], schema=schema)


def _text(value: object) -> object:
    return str(value) if type(value) is int else value
