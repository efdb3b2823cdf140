"""Columns of a terminal: widths, breaks, tables, bars."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.reporting.columns import Forest, clean, cut, padded, table, width, wrapped
from experiments.reporting.goal_facts import Range

LIMITS = st.none() | st.floats(-1e6, 1e6)


@pytest.mark.parametrize(
    ("text", "columns"),
    [("A안", 3), ("17.7%", 5), ("Ａ", 2), ("😀", 2), ("é", 1), ("e\u0301", 1), ("−", 1), ("", 0)],
)
def test_korean_letters_take_two_columns(text: str, columns: int) -> None:
    assert width(text) == columns


def test_text_is_padded_and_cut_by_columns() -> None:
    assert padded("A안", 5) == "A안  "
    assert padded("A안", 5, right=True) == "  A안"
    assert [cut("내일 끝나요", each) for each in (11, 9, 3)] == ["내일 끝나요", "내일 끝~", "내~"]


def test_names_cannot_move_the_cursor() -> None:
    assert clean("A\x1b[2J\r\n\u202eB\u200b안") == "A [2J B 안"
    assert clean("\u110f\u116e\u1111\u1169\u11ab") == "쿠폰"


@given(st.text(max_size=300), st.integers(0, 4), st.integers(0, 4))
def test_no_line_is_too_wide_and_no_word_is_lost(text: str, indent: int, hanging: int) -> None:
    lines = wrapped(text, indent, hanging, columns=24)
    assert max(width(line) for line in lines) <= 24
    assert "".join("".join(lines).split()) == "".join(clean(text).split())


def test_lines_break_at_spaces() -> None:
    assert wrapped("하나 둘 셋 넷", 1, 2, columns=9) == [" 하나 둘", "   셋 넷"]


def test_columns_stand_below_each_other() -> None:
    assert table([["안", "고객"], ["‘내일 끝나요’ 안", "30,000"]]) == [
        "  안                  고객",
        "  ‘내일 끝나요’ 안  30,000",
    ]


def test_a_table_that_does_not_fit_cuts_the_names_or_becomes_lines() -> None:
    rows = [["a long name", "1"], ["b", "12,000"]]
    assert table(rows, 0, columns=14) == ["a lon~       1", "b       12,000"]
    assert table(rows, 0, columns=9) == ["a long", "  name 1", "b 12,000"]


def test_bars_stand_on_one_axis_with_0() -> None:
    forest = Forest([(2.0, Range(1.0, 3.0)), (0.0, Range(-1.0, 1.0))], columns=21)
    assert forest.bars() == ["     |    [----o----]", "[----o----]"]
    assert forest.axis("-1", "+3") == "-1   0             +3"


def test_open_sides_point_outwards() -> None:
    forest = Forest([(1.0, Range(None, 2.0)), (1.0, Range(-2.0, None))], columns=21)
    assert forest.bars() == ["<---------|----o----]", "[---------|----o---->"]


def test_a_bar_beside_0_does_not_touch_it() -> None:
    (bar,) = Forest([(0.5, Range(0.0001, 1.0))], columns=21).bars()
    assert bar.startswith("|[")
    (bar,) = Forest([(-0.5, Range(-1.0, -0.0001))], columns=21).bars()
    assert bar.endswith("]|")


def test_nothing_but_0_is_in_the_middle() -> None:
    assert Forest([(0.0, Range(0.0, 0.0))], columns=5).bars() == ["  o"]


@given(st.lists(st.tuples(st.floats(-1e6, 1e6), LIMITS, LIMITS), min_size=1, max_size=5))
def test_bars_keep_to_their_columns(rows: list[tuple[float, float | None, float | None]]) -> None:
    around = [
        (value, Range(_at_most(value, low), _at_least(value, high))) for value, low, high in rows
    ]
    forest = Forest(around)
    for (_, limits), bar in zip(around, forest.bars(), strict=True):
        assert len(bar) <= 61
        assert bar.count("o") == 1
        inside = (limits.lower or -1) < 0 < (limits.upper or 1)
        assert inside or "|" in bar or "o" in bar[forest.zero]
    assert width(forest.axis("−1.0", "+1.0")) <= 61


def _at_most(value: float, limit: float | None) -> float | None:
    return None if limit is None else min(value, limit)


def _at_least(value: float, limit: float | None) -> float | None:
    return None if limit is None else max(value, limit)
