"""Rows: read with their true lines, whatever stands around them."""

import io
from pathlib import Path

import pytest

from experiments.ledger.imports import rows as rows_module
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
)
from experiments.ledger.imports.rows import BadRow, CsvReader, Row, places


def reader(text: str, delimiter: str = ",") -> CsvReader:
    return CsvReader(io.TextIOWrapper(io.BytesIO(text.encode()), "utf-8", newline=""), delimiter)


def read(text: str) -> list[tuple[int, list[str] | type[Exception]]]:
    return [
        (row.line, row.cells if isinstance(row, Row) else type(row.error)) for row in reader(text)
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("last", [True, False])
def test_lines_end_in_any_way(end: str, last: bool) -> None:
    text = end.join(["a,b", "1,2", "3,4"]) + (end if last else "")
    assert read(text) == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_a_cell_may_hold_commas_quotes_and_lines_and_the_count_stays_true() -> None:
    text = 'a,b\n1,"x, ""y""\nand\r\nmore"\n\n2,z\n'
    assert read(text) == [(2, ["1", 'x, "y"\nand\r\nmore']), (6, ["2", "z"])]


def test_lines_with_nothing_are_no_rows() -> None:
    assert read("a,b\n\n\n1,2\n\n") == [(4, ["1", "2"])]


def test_ragged_rows_are_told_with_their_line_and_the_rest_is_read() -> None:
    text = "a,b\n1\n1,2,3\n1,2\n,\n"
    assert read(text) == [(2, RaggedRow), (3, RaggedRow), (4, ["1", "2"]), (5, ["", ""])]
    bad = next(iter(reader(text)))
    assert isinstance(bad, BadRow)
    assert str(bad.error) == "expected 2 cells as in the first line, got 1"


def test_nul_is_told_with_its_line_and_the_rest_is_read() -> None:
    assert read('a,b\n1,\0\n1,"x\n\0y"\n5,6\n') == [(2, NulInRow), (3, NulInRow), (5, ["5", "6"])]


def test_quotes_that_do_not_match_are_told_with_their_line() -> None:
    assert read('a,b\n1,"x"y\n3,4\n') == [(2, MalformedRow), (3, ["3", "4"])]
    assert read('a,b\n1,2\n3,"never closed\n5,6\n') == [(2, ["1", "2"]), (3, MalformedRow)]


def test_a_cell_beyond_reason_is_told_and_the_rest_is_read() -> None:
    huge = "x" * 200_000
    assert read(f"a,b\n1,{huge}\n3,4\n") == [(2, MalformedRow), (3, ["3", "4"])]


def test_a_line_beyond_reason_never_comes_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "LONGEST_LINE", 1000)
    for end in ("\n", "\r\n"):
        text = f"a,b{end}1,{'x' * 5000}{end}3,4{end}"
        assert read(text) == [(2, LineTooLong), (3, ["3", "4"])]
    assert read("a,b\n1," + "x" * 5000) == [(2, LineTooLong)]
    exactly = "y" * 997
    assert read(f"a,b\n1,{exactly}\n3,4\n") == [(2, ["1", exactly]), (3, ["3", "4"])]


def test_ten_thousand_columns_are_read() -> None:
    names = ",".join(f"c{n}" for n in range(10_000))
    [(line, cells)] = read(f"{names}\n{',' * 9_999}\n")
    assert line == 2
    assert len(cells) == 10_000  # type: ignore[arg-type] # a good row


@pytest.mark.parametrize("columns", [10_001, 600_000])
def test_more_columns_are_refused_whatever_they_come_to(columns: int) -> None:
    """The second is longer than a line that is read."""
    with pytest.raises(TooManyColumns) as refusal:
        reader(",".join(["ab"] * columns) + "\n1,2\n")
    assert refusal.value.field == "file"
    assert str(refusal.value) == "the first line has more than 10000 columns"


def test_a_row_of_ten_million_columns_is_told_and_the_rest_is_read() -> None:
    assert read(f"a,b\n{',' * 10_000_000}\n3,4\n") == [(2, LineTooLong), (3, ["3", "4"])]


def test_a_row_of_many_lines_never_comes_into_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows_module, "LONGEST_LINE", 1000)
    wide = ",".join(['"x\n"'] * 10_000)
    table = reader(f"a,b\n1,2\n{wide}\n")
    rows = iter(table)
    assert next(rows) == Row(2, ["1", "2"], "1,2\n")
    first, *others = rows
    assert isinstance(first, BadRow)
    assert (first.line, type(first.error)) == (3, RowTooLong)
    assert all(isinstance(each, BadRow) and len(each.raw) < 1100 for each in others)
    many = "\n".join(["1,2"] * 1_000)
    assert len(read(f"a,b\n{many}\n")) == 1_000


@pytest.mark.parametrize("text", ["", "\n", " , \n1,2\n", '"never closed\n'])
def test_a_file_needs_a_first_line(text: str) -> None:
    with pytest.raises(NoHeader) as refusal:
        reader(text)
    assert refusal.value.field == "file"


def test_another_delimiter_may_be_declared() -> None:
    assert [row.cells for row in reader("a;b\n1;2,5\n", ";") if isinstance(row, Row)] == [
        ["1", "2,5"]
    ]


def test_columns_are_found_by_name_with_the_space_around_it_ignored() -> None:
    table = reader(" user id ,type\n1,2\n")
    assert places(table.header, {"unit": "user id", "kind": " type"}) == {"unit": 0, "kind": 1}


def test_a_missing_column_is_named_beside_those_that_are_there() -> None:
    with pytest.raises(MissingColumn) as refusal:
        places(["userid", "version"], {"columns.unit_id": "user"})
    assert refusal.value.field == "columns.unit_id"
    assert str(refusal.value) == "the file has no column 'user'; it has 'userid', 'version'"


def test_of_very_many_columns_the_first_are_named() -> None:
    with pytest.raises(MissingColumn) as refusal:
        places([f"c{n}" * 50 for n in range(10_000)], {"at": "time"})
    assert len(str(refusal.value)) < 4000
    assert str(refusal.value).endswith("…")


def test_a_column_that_stands_twice_is_refused_if_it_is_needed() -> None:
    header = ["id", "type", "type"]
    assert places(header, {"at": "id"}) == {"at": 0}
    with pytest.raises(ColumnTwice):
        places(header, {"at": "type"})


def test_rows_come_one_by_one_from_a_file_of_any_size(tmp_path: Path) -> None:
    """Memory is bounded: a reader never looks further than a buffer ahead."""
    path = tmp_path / "large.csv"
    path.write_text("a,b\n" + "1,2\n" * 200_000)
    with path.open("rb") as raw:
        rows = iter(CsvReader(io.TextIOWrapper(raw, "utf-8", newline=""), ","))
        assert next(rows) == Row(2, ["1", "2"], "1,2\n")
        assert raw.tell() < 100_000
