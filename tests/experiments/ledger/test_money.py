"""Amounts and numbers, scaled without loss."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import Invalid
from experiments.ledger.money import (
    LARGEST,
    MINOR_UNIT_DECIMALS,
    check_currency,
    scaled,
    unscaled,
)


@pytest.mark.parametrize(
    ("value", "currency", "kept"),
    [
        (42000, "KRW", 42000),
        (Decimal("42000.00"), "KRW", 42000),
        (Decimal("13.5"), "USD", 1350),
        (Decimal("-13.50"), "USD", -1350),
        (Decimal("1.234"), "KWD", 1234),
        (Decimal("0.000001"), None, 1),
        (3, None, 3_000_000),
        (9007199254740993, "KRW", 9007199254740993),
        (Decimal("90071992547409.93"), "USD", 9007199254740993),
        (Decimal("1E+3"), "JPY", 1000),
        (Decimal("0E+400"), "KRW", 0),
        (Decimal("-0.000"), "KRW", 0),
        (LARGEST, "KRW", LARGEST),
    ],
)
def test_values_are_kept_exactly(value: Decimal | int, currency: str | None, kept: int) -> None:
    assert scaled(value, currency) == kept


@pytest.mark.parametrize(
    ("value", "currency"),
    [
        (Decimal("0.5"), "KRW"),
        (Decimal("13.505"), "USD"),
        (Decimal("0.0000001"), None),
        (Decimal("1E-999999"), "USD"),
        (Decimal("NaN"), "USD"),
        (Decimal("-Infinity"), None),
        (LARGEST + 1, "KRW"),
        (LARGEST, "USD"),
        (Decimal("1E+999999"), "KRW"),
        (-LARGEST - 1, "KRW"),
    ],
)
def test_what_cannot_be_kept_exactly_is_refused(value: Decimal | int, currency: str | None) -> None:
    with pytest.raises(Invalid) as refusal:
        scaled(value, currency, "amount")
    assert refusal.value.field == "amount"
    assert len(str(refusal.value)) < 120


@given(st.integers(-LARGEST, LARGEST), st.sampled_from([*sorted(MINOR_UNIT_DECIMALS), None]))
def test_scaling_back_and_forth_changes_nothing(kept: int, currency: str | None) -> None:
    assert scaled(unscaled(kept, currency), currency) == kept


@pytest.mark.parametrize("code", ["krw", "ZZZ", "", "원", None, 410])
def test_only_money_in_use_is_a_currency(code: object) -> None:
    with pytest.raises(Invalid):
        check_currency(code)


def test_every_currency_is_three_capitals_and_stands_once() -> None:
    assert all(len(code) == 3 and code.isupper() for code in MINOR_UNIT_DECIMALS)
    assert len(MINOR_UNIT_DECIMALS) > 150
