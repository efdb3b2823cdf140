"""Points in time: read strictly, kept as whole microseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.errors import Invalid
from experiments.ledger.instants import check_instant, microseconds, read_instant


@pytest.mark.parametrize(
    "text",
    [
        "2025-03-10T01:00:00Z",
        "2025-03-10T10:00:00+09:00",
        "2025-03-10 10:00:00+0900",
        "2025-03-10T10:00+09:00",
        "2025-03-09T15:30:00.000000-09:30",
        "2025-03-10T01:00:00.000000999Z",
    ],
)
def test_the_same_instant_has_many_spellings(text: str) -> None:
    assert read_instant(text) == datetime(2025, 3, 10, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    "value",
    [
        "2025-03-10T10:00:00", "2025-03-10", "2025-02-30T00:00:00Z", "2025-03-10T24:00:00Z",
        "2025-W11-1T00:00:00Z", "20250310T010000Z", "2025-03-10x01:00:00Z", "", " ", "now",
        " 2025-03-10T01:00:00Z", "2025-03-10T01:00:00+25:00", "２０２５-03-10T01:00:00Z",
        "0001-01-01T00:00:00+09:00", "1969-12-31T23:59:59Z", "2200-01-01T00:00:00Z",
        "9999-12-31T23:59:59-09:00", "2025-03-10T01:00:00Z" * 1000, 1741568400, None, True, [],
    ],
)  # fmt: skip
def test_anything_else_is_refused_by_name(value: object) -> None:
    with pytest.raises(Invalid) as refusal:
        read_instant(value, "sent_at")
    assert refusal.value.field == "sent_at"
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize("value", [datetime(2025, 3, 10), "2025-03-10T01:00:00Z", None])  # noqa: DTZ001 - naive on purpose
def test_a_fact_takes_aware_times_only(value: object) -> None:
    with pytest.raises(Invalid):
        check_instant(value)


@given(
    st.datetimes(min_value=datetime(1970, 1, 2), max_value=datetime(2199, 12, 30)),  # noqa: DTZ001 - naive on purpose
    st.integers(-23 * 60, 23 * 60),
)
def test_microseconds_are_exact_at_every_offset(naive: datetime, minutes: int) -> None:
    at = naive.replace(tzinfo=timezone(timedelta(minutes=minutes)))
    back = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=microseconds(at))
    assert back == at
    assert read_instant(at.isoformat()) == at
