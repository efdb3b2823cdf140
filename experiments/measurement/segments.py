"""Segments: ledger rows as immutable Parquet files, one kind of fact of one project in each.

Ids are strings and times whole microseconds, so that any engine can read them (Spark
refuses Parquet's UUID). Values stay the ledger's scaled 64-bit integers; whoever sums
them casts to DECIMAL(38,0) first.
"""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.measurement.manifest import Segment, checksum
from experiments.measurement.unit_numbers import HALVES, with_numbers

# Small enough that the facts of a day are read on several threads.
ROW_GROUP = 61_440
_ARRIVED = [
    ("position", pa.int64()),
    ("source_id", pa.string()),
    ("occurred_at", pa.int64()),
    ("received_at", pa.int64()),
    ("import_id", pa.int64()),
]
# Of a customer: `unit_id`, or where the source knows no unit, `alias`; of an alias, both.
_OF_SOMEBODY = [
    *_ARRIVED,
    ("unit_id", pa.string()),
    ("alias", pa.string()),
    ("type", pa.string()),
]
_MET = [
    *_OF_SOMEBODY,
    ("channel", pa.string()),
    ("experiment_id", pa.int64()),
    ("variant", pa.string()),
    ("properties", pa.string()),
]
EXPOSURES = pa.schema(
    [
        *_MET,
        ("expected_variant", pa.string()),
        ("suppressed_reason", pa.string()),
        # What the message cost.
        ("value", pa.int64()),
        ("currency", pa.string()),
    ]
)
EVENTS = pa.schema(
    [
        *_MET,
        ("value", pa.int64()),
        ("currency", pa.string()),
        ("machine", pa.bool_()),
    ]
)
ALIASES = pa.schema(_OF_SOMEBODY)
WITHDRAWALS = pa.schema(_ARRIVED)
SCHEMAS = {"exposure": EXPOSURES, "event": EVENTS, "alias": ALIASES, "withdrawal": WITHDRAWALS}
_NUMBERS = [pa.field(name, pa.int64()) for name in HALVES]
# What files hold: facts about units, with the units' numbers.
FILES = {
    "exposure": pa.schema([*EXPOSURES, *_NUMBERS]),
    "event": pa.schema([*EVENTS, *_NUMBERS]),
    "alias": ALIASES,
    "withdrawal": WITHDRAWALS,
}
# What is read of the ledger, in this order; `machine` as 0 or 1, which both databases can say.
READ = pa.schema(
    [
        ("project_id", pa.int64()),
        ("fact", pa.string()),
        *EXPOSURES,
        *(
            field
            for field in EVENTS
            if field.name not in EXPOSURES.names and field.name != "machine"
        ),
        ("machine", pa.int8()),
    ]
)
# Columns with few distinct values; unique ones only waste time in a dictionary.
_REPEATING = [
    "type", "channel", "variant", "expected_variant", "suppressed_reason", "currency", "properties",
    "experiment_id", "import_id",
]  # fmt: skip
# Numbers near to those before them: their differences take less room, and are read sooner.
_NEARBY = dict.fromkeys(("position", "occurred_at", "received_at", "value"), "DELTA_BINARY_PACKED")


def to_table(columns: Iterable[Sequence[Any]]) -> pa.Table:
    """Ledger rows, at least one, from the columns of :data:`READ`."""
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, READ, strict=True)],
        schema=READ,
    )


def split(table: pa.Table) -> dict[tuple[int, str], pa.Table]:
    """The rows of each (project, fact), in ledger order, with the columns of its files."""
    keys = ["project_id", "fact"]
    ordered = table.sort_by([(name, "ascending") for name in (*keys, "position")])
    counts = ordered.group_by(keys, use_threads=False).aggregate([([], "count_all")]).to_pylist()
    parts, start = {}, 0
    for row in sorted(counts, key=lambda row: (row["project_id"], row["fact"])):
        part = ordered.slice(start, row["count_all"])
        parts[row["project_id"], row["fact"]] = _shaped(part, row["fact"])
        start += row["count_all"]
    return parts


def _shaped(table: pa.Table, fact: str) -> pa.Table:
    schema = SCHEMAS[fact]
    found = table.select(schema.names).cast(schema)
    return with_numbers(found) if FILES[fact] != schema else found


def write(folder: Path, project_id: int, fact: str, tables: Iterable[pa.Table]) -> Segment:
    """Write the tables, one after the other, as one segment below ``folder``, to the disk.

    Returns:
        The segment, with the positions of its first and last row.
    """
    draft = folder / f"project-{project_id}" / f"{fact}.new"
    draft.parent.mkdir(parents=True, exist_ok=True)
    first, last, rows, aliased = _write_rows(draft, FILES[fact], tables)
    size, digest = draft.stat().st_size, checksum(draft)
    segment = Segment(project_id, fact, first, last, rows, size, digest, aliased)
    draft.replace(folder / segment.name)
    return segment


def _write_rows(
    path: Path, schema: pa.Schema, tables: Iterable[pa.Table]
) -> tuple[int, int, int, int]:
    dictionary = [name for name in schema.names if name in _REPEATING]
    encoding = {name: kind for name, kind in _NEARBY.items() if name in schema.names}
    positions: list[int] = []
    rows = aliased = 0
    with path.open("wb") as file:
        with pq.ParquetWriter(
            file, schema, compression="zstd", use_dictionary=dictionary, column_encoding=encoding
        ) as writer:
            for table in tables:
                writer.write_table(table, row_group_size=ROW_GROUP)
                positions += pc.min_max(table["position"]).as_py().values()
                rows += table.num_rows
                if "alias" in schema.names:
                    aliased += table.num_rows - table["alias"].null_count
        file.flush()
        os.fsync(file.fileno())
    return min(positions), max(positions), rows, aliased


def merge(folder: Path, segments: Sequence[Segment]) -> Segment:
    """Write one segment with the rows of several of one project and fact; these stay."""
    project_id, fact = segments[0].project_id, segments[0].fact
    # Imports pandas, and most replicas are never merged.
    import pyarrow.dataset as ds  # noqa: PLC0415 - slow to import

    paths = [folder / segment.name for segment in segments]
    batches = ds.dataset(paths, schema=FILES[fact], format="parquet").to_batches(
        batch_size=ROW_GROUP, use_threads=False
    )
    return write(folder, project_id, fact, _gathered(batches))


def _gathered(batches: Iterable[pa.RecordBatch]) -> Iterable[pa.Table]:
    """Batches of many small files, as tables large enough for a row group each."""
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if batch.num_rows:
            waiting.append(batch)
        if sum(found.num_rows for found in waiting) >= ROW_GROUP:
            yield pa.Table.from_batches(waiting)
            waiting = []
    if waiting:
        yield pa.Table.from_batches(waiting)
