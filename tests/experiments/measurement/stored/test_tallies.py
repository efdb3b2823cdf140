"""The longest delays tell the usual one as all of them would, or say that they do not."""

from collections.abc import Sequence
from math import ceil

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.measurement.stored import tallies
from experiments.measurement.stored.tallies import Longest, Tally, Usual, added

DELAYS = st.lists(st.sampled_from([0, 1, 2, 3, 3, 3, 50, 10**14]), max_size=150)


def longest_of(delays: Sequence[int], floor: int, *, counted: bool = True) -> Longest:
    at_floor = delays.count(floor) if counted else 0
    return Longest(floor, at_floor, sorted(each for each in delays if each > floor))


def tally_of(delays: Sequence[int], floor: int, *, counted: bool = True) -> Tally:
    longest = longest_of(delays, floor, counted=counted) if delays else None
    return Tally(live=len(delays), longest=longest)


def usual_of(delays: Sequence[int]) -> Usual:
    at, ordered = 0.99 * (len(delays) - 1), sorted(delays)
    return Usual(ordered[int(at)], ordered[ceil(at)], at - int(at))


@given(batches=st.lists(DELAYS, max_size=4), floor=st.sampled_from([0, 2, 3, 49]))
def test_what_they_tell_is_what_all_would(batches: list[list[int]], floor: int) -> None:
    found = Tally()
    for counted, batch in enumerate(batches):
        found += tally_of(batch, floor, counted=counted != 1)
    everything = [each for batch in batches for each in batch]
    if not everything:
        assert (found.usual, found.is_whole) == (None, True)
    elif found.usual is not None:
        assert found.usual == usual_of(everything)
    else:
        assert usual_of(everything).low < floor or len(batches) > 1


@given(first=DELAYS, then=DELAYS, floor=st.sampled_from([0, 3]))
def test_those_worth_keeping_can_be_added_to(first: list[int], then: list[int], floor: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tallies, "_LEAST", 3)
        kept = tally_of(first, floor).worth_keeping
    assert kept.usual == tally_of(first, floor).usual
    if kept.longest is not None:
        more = kept + tally_of(then, kept.longest.floor)
        assert more.usual in {None, usual_of([*first, *then])}


def test_as_many_are_kept_as_a_next_day_needs() -> None:
    many = tally_of(range(1_000_000), 900_000).worth_keeping
    assert many.longest is not None
    assert len(many.longest.above) == 12_499
    assert (many.longest.floor, many.longest.at_floor) == (987_500, 1)
    few = tally_of(range(5_000), 0).worth_keeping
    assert few.longest is not None
    assert len(few.longest.above) == 999


def test_of_equal_ones_it_is_known_how_many_there_are() -> None:
    delays = [1] * 90_000 + [2] * 9_000 + [3] * 500
    kept = tally_of(delays, 0).worth_keeping
    assert kept.longest == Longest(2, 9_000, [3] * 500)
    assert kept.usual == usual_of(delays)


def test_equal_ones_that_were_not_counted_tell_nothing() -> None:
    delays = [5] * 1000
    assert tally_of(delays, 5).usual == usual_of(delays)
    assert tally_of(delays, 5, counted=False).usual is None
    assert not tally_of(delays, 5, counted=False).is_whole


def test_where_nothing_is_known_of_some_nothing_is_told() -> None:
    known, unknown = tally_of([1, 2], 0), Tally(live=1)
    assert [each.usual for each in (known + unknown, unknown + known)] == [None, None]
    assert (known + Tally(imported=3)).usual == (Tally(imported=3) + known).usual == known.usual


def test_types_are_added_by_name() -> None:
    one = {"open": Tally(1, 5, 2, 7, Longest(0, 0, [1, 2]))}
    other = {"open": Tally(1, 4, 1, 9, Longest(0, 1, [])), "click": Tally(imported=1)}
    assert added(one, other) == {
        "open": Tally(2, 5, 3, 9, Longest(0, 1, [1, 2])),
        "click": Tally(imported=1),
    }
    assert added({}, one) == one
