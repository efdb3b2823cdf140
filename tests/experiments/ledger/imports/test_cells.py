"""Cells as values."""

from decimal import Decimal

import pytest

from experiments.errors import Invalid
from experiments.ledger.imports.cells import READ_CELL, read_amount, read_flag


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("42000", "42000"), (" 29.99 ", "29.99"), ("42,000", "42000"),
        ("-1,234,567.89", "-1234567.89"),
        ("+5", "5"), (".5", "0.5"), ("5.", "5"), ("1e-05", "0.00001"), ("0", "0"),
    ],
)  # fmt: skip
def test_numbers_are_read_exactly(cell: str, number: str) -> None:
    assert read_amount(cell, "amount") == Decimal(number)


@pytest.mark.parametrize(
    "cell",
    ["1_000", "42,00", "4,2000", "1.000,50", "₩42000", "NaN", "inf", "１２", "1 000", "0x10",
     "9" * 65, "1e9999", "--1", "abc"],
)  # fmt: skip
def test_what_is_no_number_is_refused_by_name(cell: str) -> None:
    with pytest.raises(Invalid) as refusal:
        read_amount(cell, "amount")
    assert refusal.value.field == "amount"


@pytest.mark.parametrize("cell", ["1", "true", "True", "YES", " y ", "1.0", "t"])
def test_yes_has_many_spellings(cell: str) -> None:
    assert read_flag(cell, "visit")


@pytest.mark.parametrize("cell", ["", "0", "False", "no", "N", "0.0", " "])
def test_so_has_no(cell: str) -> None:
    assert not read_flag(cell, "visit")


@pytest.mark.parametrize("cell", ["2", "perhaps", "x", "-1"])
def test_anything_else_is_neither(cell: str) -> None:
    with pytest.raises(Invalid):
        read_flag(cell, "visit")


def test_a_send_suppressed_for_no_reason_was_not_suppressed() -> None:
    read = READ_CELL["suppressed_reason"]
    assert read("none", "x") is None
    assert read(" capped", "x") == "capped"
