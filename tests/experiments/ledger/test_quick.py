"""The fast way says what the long way says, or nothing."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from experiments.errors import Invalid
from experiments.ledger.facts import read_event
from experiments.ledger.quick import event_reader, quick_row
from experiments.ledger.resolve import Context, Resolved, resolve
from tests.experiments.ledger.factories import event_item
from tests.experiments.ledger.test_batch import JSON

USUAL = {
    "source_id": st.sampled_from(["e-1", "사건 1", "x" * 256, "x" * 257, "", "a\0", "\ud800"]),
    "unit_id": st.sampled_from(["1", "홍길동", "u" * 1024, "u" * 1025, "", "a\tb", "😀"]),
    "type": st.sampled_from(["open", "opened", "purchase", "refund", "장바구니", " open", ""]),
    "occurred_at": st.sampled_from(
        ["2025-03-10T10:00:00+09:00", "2025-03-10 01:00Z", "2025-03-10T01:00:00.1234567Z",
         "2025-03-10T01:00:00", "2025-02-30T01:00:00Z", "1969-12-31T23:59:59Z", "yesterday"]
    ),
    "value": st.sampled_from(
        [None, 0, 1, -5, True, Decimal("1.5"), Decimal("0.0000001"), Decimal("NaN"), 2**63, "1"]
    ),
    "currency": st.sampled_from([None, "KRW", "USD", "krw", "XXX", 7, ["KRW"]]),
    "channel": st.sampled_from([None, "email", "sms", "fax", {}]),
    "machine": st.sampled_from([None, True, False, 0, 1, "no"]),
    "properties": st.sampled_from(
        [None, {}, [], 0, {"a": 1, "b": "ㄱ"}, {"a": {"b": [1, None]}}, {"a": "\0"}, {"": 1}]
    ),
    "experiment": st.sampled_from([None, "spring"]),
    "alias": st.sampled_from([None, {"kind": "email", "value": "a@b.kr"}]),
}  # fmt: skip


def slowly(item: object) -> Resolved | None:
    try:
        return resolve(read_event(item), Context({}, "KRW"))
    except Invalid:
        return None


@given(st.fixed_dictionaries(USUAL) | st.fixed_dictionaries({}, optional=USUAL), st.none() | JSON)
@example({"machine": 0}, None)
def test_both_say_the_same(changes: dict[str, Any], whole: Any) -> None:
    for item in (changes, event_item(**changes), event_item() | changes, whole):
        row = quick_row(item, "KRW")
        assert row is None or row == slowly(item)


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"type": "purchase", "value": 42000},
        {"type": "purchase", "value": Decimal("13.50"), "currency": "USD"},
        {"type": "refund", "value": -7, "channel": None},
        {"type": "장바구니 담기", "unit_id": "홍길동", "channel": "alimtalk"},
        {"machine": True, "properties": {"url": "https://example.com", "n": [1]}},
    ],
)
def test_what_is_usual_is_read_fast(changes: dict[str, Any]) -> None:
    row = quick_row(event_item(**changes), "KRW")
    assert row is not None
    assert row == slowly(event_item(**changes))


@pytest.mark.parametrize(
    "changes", [{"experiment": "spring"}, {"unit_id": "a\0"}, {"type": "opened"}, {"user": "1"}]
)
def test_what_is_not_is_left_to_the_long_way(changes: dict[str, Any]) -> None:
    assert quick_row(event_item(**changes), "KRW") is None


def test_a_reader_gives_rows_where_it_can_and_refuses_as_the_long_way_does() -> None:
    read = event_reader("KRW")
    assert isinstance(read(event_item()), Resolved)
    assert read(event_item(experiment="spring")) == read_event(event_item(experiment="spring"))
    with pytest.raises(Invalid, match="expected open"):
        read(event_item(type="opened"))
