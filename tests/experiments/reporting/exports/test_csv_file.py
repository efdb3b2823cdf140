"""CSV: every spreadsheet opens it, none computes it, and it reads back as it was."""

import csv
import io
import re

import pytest

from experiments.reporting.exports.csv_file import csv_file, guarded, unguarded
from experiments.reporting.exports.rows import COLUMNS, rows_of
from experiments.reporting.report import State
from tests.experiments.reporting.exports.naughty import keys_of, naughty_names, report_named
from tests.experiments.reporting.factories import example

LEADS = ("=", "+", "-", "@", "\t", "\0", "\r", "\n")


def read_back(text: str) -> list[dict[str, str]]:
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_all_naughty_names_come_back_and_none_is_a_formula() -> None:
    names = naughty_names()
    assert len(names) == 515
    rows = read_back(csv_file(rows_of(report_named(names), "en")))
    named = {row["variant"]: row["variant_name"] for row in rows}
    assert [unguarded(named[key]) for key in keys_of(names)] == names
    texts = [cell for row in rows for name, cell in row.items() if name != "value"]
    assert [cell for cell in texts if cell.startswith(LEADS)] == []


@pytest.mark.parametrize("text", ["=1", "'=1", "''=1", "'a", "", "-", "\0x", "@x", "A안", "+82"])
def test_guarding_a_text_can_be_undone(text: str) -> None:
    cell = guarded(text)
    assert unguarded(cell) == text
    assert not cell.startswith(LEADS)


def test_numbers_stay_numbers_with_every_digit() -> None:
    report = example(State.LOSS)
    rows = read_back(csv_file(rows_of(report, "en")))
    values = {(row["variant"], row["figure"]): row["value"] for row in rows}
    difference = report.goals[0].comparisons[0].difference
    assert difference is not None
    assert difference < 0
    assert float(values["b", "difference"]) == difference
    assert values["b", "difference"].startswith("-0.00")
    assert not re.search(r"nan|inf", " ".join(values.values()), re.IGNORECASE)


@pytest.mark.parametrize("state", list(State))
def test_the_heading_names_every_column_in_every_state(state: State) -> None:
    rows = read_back(csv_file(rows_of(example(state), "ko")))
    assert rows
    assert all(tuple(row) == COLUMNS for row in rows)
