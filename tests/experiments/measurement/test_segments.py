"""Segments give back what was written, and are small groups of few bytes."""

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from experiments.measurement.segments import FILES, ROW_GROUP, merge, write

LEAST, MOST = -(2**63), 2**63 - 1
VALUES = [MOST, LEAST, None, 0, LEAST, MOST, -1, 1, None, None, MOST]


def facts(values: list[int | None], first: int = 1) -> pa.Table:
    """Events with these values, at consecutive positions."""
    numbers = range(first, first + len(values))
    columns = {
        "position": pa.array(numbers, pa.int64()),
        "source_id": pa.array([f"s-{n}" for n in numbers]),
        "occurred_at": pa.array(values, pa.int64()),
        "value": pa.array(values, pa.int64()),
        "import_id": pa.array([n % 3 or None for n in numbers], pa.int64()),
        "machine": pa.array([n % 2 == 0 for n in numbers]),
    }
    schema = FILES["event"]
    return pa.table(
        [columns.get(each.name, pa.nulls(len(values), each.type)) for each in schema],
        schema=schema,
    )


@pytest.mark.parametrize("count", [1, len(VALUES), 2 * ROW_GROUP + 7])
def test_what_is_read_is_what_was_written(tmp_path: Path, count: int) -> None:
    table = facts((VALUES * (count // len(VALUES) + 1))[:count])
    path = tmp_path / write(tmp_path, 1, "event", [table]).name
    assert pq.read_table(path).equals(table)
    with duckdb.connect() as connection:
        query = f"SELECT * FROM read_parquet('{path}') ORDER BY position"
        assert connection.sql(query).to_arrow_table().to_pylist() == table.to_pylist()


def test_groups_are_small_and_positions_take_next_to_no_room(tmp_path: Path) -> None:
    table = facts([None] * (ROW_GROUP + 5))
    segment = write(tmp_path, 1, "event", [table])
    told = pq.read_metadata(tmp_path / segment.name)
    assert [told.row_group(n).num_rows for n in range(told.num_row_groups)] == [ROW_GROUP, 5]
    assert told.row_group(0).column(0).total_compressed_size < ROW_GROUP / 20


def test_segments_become_one(tmp_path: Path) -> None:
    tables = [facts(VALUES), facts(VALUES, first=101)]
    segments = [write(tmp_path, 1, "event", [table]) for table in tables]
    merged = merge(tmp_path, segments)
    assert (merged.first, merged.last, merged.rows) == (1, 111, 2 * len(VALUES))
    assert pq.read_table(tmp_path / merged.name).equals(pa.concat_tables(tables))
