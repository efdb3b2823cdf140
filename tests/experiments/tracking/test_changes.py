"""A change split into volume, rate and mix: the parts add up exactly, whatever the numbers."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.tracking.changes import (
    Change,
    GroupSums,
    NothingToDivideBy,
    Sums,
    split_change,
)

AMOUNTS = st.fractions(min_value=-1000, max_value=1000, max_denominator=1000)
UNITS = st.integers(0, 500).map(Fraction)
ZERO = Fraction(0)
SUMS = st.builds(Sums, AMOUNTS, UNITS)


def groups_of(*rows: tuple[int, int, int, int]) -> list[GroupSums]:
    """Groups of (value, units) before and after."""
    return [
        GroupSums(str(place), Sums(Fraction(v), Fraction(n)), Sums(Fraction(w), Fraction(m)))
        for place, (v, n, w, m) in enumerate(rows)
    ]


def all_of(groups: list[GroupSums]) -> GroupSums:
    def added(name: str) -> Sums:
        each = [getattr(group, name) for group in groups]
        zero = Fraction(0)
        return Sums(sum((e.value for e in each), zero), sum((e.units for e in each), zero))

    return GroupSums("", added("before"), added("after"))


@given(st.lists(st.tuples(SUMS, SUMS), min_size=1, max_size=6), st.booleans())
def test_the_parts_are_the_change(rows: list[tuple[Sums, Sums]], total: bool) -> None:
    groups = [GroupSums(str(place), *each) for place, each in enumerate(rows)]
    whole = all_of(groups)
    if not (whole.before.units and whole.after.units):
        with pytest.raises(NothingToDivideBy):
            split_change(whole, groups, total=total)
        return
    found = split_change(whole, groups, total=total)
    assert found.volume + found.rate + found.mix + found.rest == found.difference
    assert sum(each.rate for each in found.groups) == found.rate
    assert sum(each.mix for each in found.groups) == found.mix
    if all(each.units > 0 for row in rows for each in row):
        assert found.rest == 0
        assert sum(each.volume for each in found.groups) == found.volume


def test_rates_that_stay_leave_only_the_mix() -> None:
    groups = groups_of((30, 100, 90, 300), (10, 100, 10, 100))
    found = split_change(all_of(groups), groups, total=False)
    assert (found.rate, found.mix) == (ZERO, Fraction(1, 20))


def test_shares_that_stay_leave_only_the_rates() -> None:
    groups = groups_of((30, 100, 80, 200), (10, 100, 40, 200))
    found = split_change(all_of(groups), groups, total=False)
    assert (found.rate, found.mix) == (Fraction(1, 10), ZERO)
    total = split_change(all_of(groups), groups, total=True)
    assert [total.volume, total.rate, total.difference] == [Fraction(each) for each in (50, 30, 80)]


def test_simpson_is_seen_through() -> None:
    """Each rate rises, and the whole falls: the mix is why."""
    groups = groups_of((80, 100, 9, 10), (1, 10, 15, 100))
    found = split_change(all_of(groups), groups, total=False)
    assert found.difference < 0 < found.rate
    assert found.mix < -found.rate


def test_a_group_that_is_new_changes_the_mix_only() -> None:
    groups = groups_of((10, 100, 10, 100), (0, 0, 50, 100))
    found = split_change(all_of(groups), groups, total=False)
    assert (found.rate, found.mix, found.rest) == (ZERO, Fraction(1, 5), ZERO)
    assert found.groups[1].rate_before is None


def test_what_no_group_accounts_for_is_said() -> None:
    groups = groups_of((10, 100, 10, 100))
    whole = GroupSums("", Sums(Fraction(20), Fraction(200)), Sums(Fraction(50), Fraction(200)))
    found = split_change(whole, groups, total=False)
    assert (found.rest, found.difference) == (Fraction(3, 20), Fraction(3, 20))


def test_parts_that_do_not_add_up_cannot_be_made() -> None:
    zero = ZERO
    with pytest.raises(ValueError, match="do not add up"):
        Change(zero, Fraction(1), zero, zero, zero, zero, ())
