"""The fast way through a file of events says what the long way says, or nothing."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import Invalid
from experiments.ledger.imports.document import read_mapping
from experiments.ledger.imports.long import LongMapping
from experiments.ledger.imports.quick_events import QuickEvents, is_quick
from experiments.ledger.imports.readers import reader_for
from experiments.ledger.imports.rows import places
from experiments.ledger.resolve import Context, Resolved, resolve
from tests.experiments.ledger.factories import AT

CELLS = {
    "source_id": ["e-1", "", "사건 1", "x" * 257, "a\0"],
    "unit_id": ["1", "", " 1", "홍길동", "u" * 1025],
    "type": ["open", " open ", "opened", "purchase", "refund", "", "장바구니"],
    "occurred_at": ["2025-03-10T10:00:00+09:00", " 2025-03-10 01:00Z", "2025-03-10 10:00", ""],
    "value": ["", " ", "42000", "42,000", "1.5", "-3", "1e300", "0.0000001", "x"],
    "currency": ["", "KRW", " USD ", "krw"],
    "channel": ["", "email", " sms", "fax"],
    "machine": ["", "1", "false", "예", "maybe"],
}
NAMES = list(CELLS)


def mapping(**changes: Any) -> LongMapping:
    document = {"form": "long", "fact": "event", "columns": {name: name for name in NAMES}}
    found = read_mapping(document | changes)
    assert isinstance(found, LongMapping)
    return found


def quick(fitted: LongMapping, header: list[str]) -> QuickEvents:
    return QuickEvents(fitted, places(header, fitted.columns), "mark", "KRW")


def slowly(fitted: LongMapping, cells: list[str], header: list[str]) -> Resolved | None:
    try:
        [fact] = reader_for(fitted, header, "mark", AT)(7, 1, cells)
        assert not isinstance(fact, Resolved)
        return resolve(fact, Context({}, "KRW"))
    except Invalid:
        return None


@given(
    st.tuples(*(st.sampled_from(cells) for cells in CELLS.values())).map(list),
    st.sampled_from([{}, {"zone": "Asia/Seoul"}]),
)
def test_both_say_the_same(cells: list[str], changes: dict[str, Any]) -> None:
    fitted = mapping(**changes)
    row = quick(fitted, NAMES)(7, cells)
    assert row is None or row == slowly(fitted, cells, NAMES)


def test_what_is_usual_is_read_fast() -> None:
    cells = ["", "홍길동", "purchase", "2025-03-10T10:00:00+09:00", "42,000", "", "email", "no"]
    row = quick(mapping(), NAMES)(7, cells)
    assert row is not None
    assert (row.source_id, row.value, row.currency) == ("mark:7:event:purchase", 42000, "KRW")
    assert row == slowly(mapping(), cells, NAMES)


def test_constants_are_the_same_in_every_row() -> None:
    header = ["unit_id", "value"]
    fixed = {"type": "purchase", "occurred_at": "2025-03-10T10:00:00+09:00", "currency": "USD",
             "channel": "email", "machine": "true"}  # fmt: skip
    fitted = mapping(columns={name: name for name in header}, constants=fixed)
    row = quick(fitted, header)(7, ["1", "13.50"])
    assert row is not None
    assert (row.value, row.currency, row.machine) == (1350, "USD", True)
    assert row == slowly(fitted, ["1", "13.50"], header)


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": {"unit_id": "a", "type": "b", "occurred_at": "c", "experiment": "d"}},
        {"alias": "email"},
        {"values": {"type": {"*": "open"}}},
    ],
)
def test_other_files_are_read_the_long_way(changes: dict[str, Any]) -> None:
    assert not is_quick(mapping(**changes))
