"""Numbers, money, dates: written alike, and never alike where they differ."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.reporting.wording.moments import dated_moment, duration, moment
from experiments.reporting.wording.numbers import about, count, large_ko, ratio, relative, share
from experiments.reporting.wording.scales import Scale

RATE, POINTS = Scale("rate", None, "ko"), Scale("points", None, "ko")
WON = Scale("money", "KRW", "ko")
FRACTIONS = st.floats(0, 1)
AMOUNTS = st.floats(-1e12, 1e12)


@pytest.mark.parametrize(
    ("scale", "numbers", "expected"),
    [
        (RATE, (0.1773, 0.2039), ("17.7%", "20.4%")),
        (RATE, (0.0025, 0.0065), ("0.25%", "0.65%")),
        (RATE, (0.048, 0.0484), ("4.80%", "4.84%")),
        (RATE, (0.0, 1.0), ("0.0%", "100.0%")),
        (RATE, (0.00001,), ("0.0010%",)),
        (WON, (2_652, 3_044), ("2,652원", "3,044원")),
        (WON, (-1_200,), ("−1,200원",)),
        (WON, (0.4, 0.6), ("0.4원", "0.6원")),
        (WON, (3_860_000,), ("386만 원",)),
        (WON, (3_860_000, 3_861_000), ("3,860,000원", "3,861,000원")),
        (WON, (123_456_789,), ("1억 2,346만 원",)),
        (Scale("money", "KRW", "en"), (2_652, 3_860_000), ("₩2,652", "₩3.86 million")),
        (Scale("money", "KRW", "en"), (-2.5e9,), ("−₩2.50 billion",)),
        (Scale("money", "USD", "en"), (1234.5, -0.5), ("$1,234.50", "−$0.50")),
        (Scale("money", "USD", "ko"), (1234.5,), ("1,234.50달러",)),
        (Scale("money", "JPY", "ko"), (1234.0,), ("1,234엔",)),
        (Scale("money", "THB", "en"), (12.0,), ("THB 12.00",)),
        (Scale("money", "KWD", "ko"), (1.5,), ("1.500 KWD",)),
        (Scale("count", None, "ko"), (1.234, 250.5), ("1.2", "250.5")),
        (Scale("count", None, "ko"), (1.234,), ("1.23",)),
        (Scale("days", None, "ko"), (5.25,), ("5.2일",)),
        (Scale("days", None, "en"), (1.0,), ("1.0 days",)),
        (Scale("score", None, "ko"), (41.3,), ("41.3점",)),
    ],
)
def test_values_are_written_in_their_unit(
    scale: Scale, numbers: tuple[float, ...], expected: tuple[str, ...]
) -> None:
    assert scale.values(*numbers) == expected


def test_a_range_says_its_unit_once() -> None:
    assert POINTS.between(0.02, 0.033) == "2.0~3.3%p"
    assert POINTS.signed_between(-0.009, 0.016) == "−0.9~+1.6%p"
    assert WON.between(850_000, 1_250_000) == "85만~125만 원"
    assert Scale("money", "USD", "en").signed_between(-1.2, 3.4) == "−$1.20 to +$3.40"


def test_a_side_that_is_not_0_does_not_look_like_0() -> None:
    assert POINTS.signed_between(0.0003, 0.021) == "+0.03~+2.10%p"
    assert POINTS.signed_between(0.0, 0.021) == "0.0~+2.1%p"
    assert POINTS.signed_between(5e-324, 0.021) == "0.0~+2.1%p"


def test_the_reader_may_subtract() -> None:
    assert RATE.change(0.1773, 0.2039) == ("17.7%", "20.4%", "2.7%p")
    assert RATE.change(0.1774, 0.2036) == ("17.74%", "20.36%", "2.62%p")
    assert RATE.change(0.06, 0.052) == ("6.0%", "5.2%", "0.8%p")
    assert WON.change(2_652, 3_044) == ("2,652원", "3,044원", "392원")


@given(FRACTIONS, FRACTIONS)
def test_rates_that_differ_by_a_millionth_do_not_look_the_same(one: float, other: float) -> None:
    first, second = RATE.values(one, other)
    if abs(one - other) > 2e-6:
        assert first != second


@given(AMOUNTS, AMOUNTS, st.sampled_from(["ko", "en"]), st.sampled_from(["KRW", "USD", "KWD"]))
def test_amounts_that_differ_do_not_look_the_same(
    one: float, other: float, language: str, currency: str
) -> None:
    first, second = Scale("money", currency, language).values(one, other)
    if abs(one - other) > 0.001 and currency != "KRW":
        assert first != second
    if abs(one - other) > 1:
        assert first != second


@pytest.mark.parametrize(
    ("share_of", "expected"),
    [(0.15, "+15%"), (-0.133, "−13%"), (0.061, "+6.1%"), (12.34, "+1,234%"), (0.0, "0.0%"),
     (1e-7, "+0.00001%")],
)  # fmt: skip
def test_relative_differences_carry_a_sign(share_of: float, expected: str) -> None:
    assert relative(share_of) == expected


def test_shares_never_round_to_all_or_none() -> None:
    assert [share(each) for each in (0, 0.0004, 0.005, 0.414, 0.9951, 0.99999, 1)] == [
        "0%", "0.1%", "0.5%", "41%", "99%", "99%", "100%",
    ]  # fmt: skip


def test_ratios_have_no_decimals_they_do_not_need() -> None:
    assert ratio([0.5, 0.5]) == "50:50"
    assert ratio([0.485, 0.515]) == "48.5:51.5"
    assert ratio([0.1, 0.9]) == "10:90"


def test_large_numbers_are_read_in_ten_thousands() -> None:
    assert [large_ko(each) for each in (10_000, 3_860_000, 1e8, 1_234_560_000)] == [
        "1만", "386만", "1억", "12억 3,456만",
    ]  # fmt: skip
    assert [about(each, "ko") for each in (428_500, 36_400, 990, 1, 0, 1e8)] == [
        "43만", "3만 7,000", "990", "1", "0", "1억",
    ]  # fmt: skip
    assert count(29_100) == "29,100"


def test_instants_are_told_in_the_zone_of_the_project() -> None:
    at = datetime(2025, 3, 12, 1, 0, tzinfo=UTC)
    assert moment(at, "Asia/Seoul", "ko") == "3월 12일(수) 10:00"
    assert moment(at, "Asia/Seoul", "en") == "Wed 12 March, 10:00"
    assert moment(at, "America/New_York", "en") == "Tue 11 March, 21:00"
    assert dated_moment(at, "Asia/Seoul", "ko") == "2025년 3월 12일(수) 10:00"


def test_windows_are_days_above_72_hours() -> None:
    assert [duration(each, "ko") for each in (4, 24, 72, 96, 100, 168)] == [
        "4시간", "24시간", "72시간", "4일", "100시간", "7일",
    ]  # fmt: skip
    assert [duration(each, "en") for each in (1, 72, 168)] == ["1 hour", "72 hours", "7 days"]
