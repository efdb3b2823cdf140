"""A change of allocation moves as few units as can be, and drops nobody."""

from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange, ShareTooSmall, allocate, bucket_counts
from experiments.assignment.buckets import owners as owners_of
from experiments.assignment.hashing import BUCKETS
from experiments.assignment.reallocation import (
    Allocation,
    CoverageShrinks,
    Ranges,
    moves_between,
)
from experiments.assignment.reallocation import reallocate as reallocate_from

Weights = dict[str, Decimal]


def weights_of(*shares: str) -> Weights:
    return dict(zip("abcdefgh", map(Decimal, shares), strict=False))


def reallocate(
    ranges: Ranges, before: Weights, after: Weights, coverage: Decimal
) -> tuple[BucketRange, ...]:
    """A change of a test in its first phase."""
    least = Decimal("0.0001")
    return reallocate_from([ranges], Allocation(before, least), Allocation(after, coverage))


def moved(before: Ranges, after: Ranges) -> int:
    return moves_between(before, after).buckets_moved


@pytest.mark.parametrize(
    ("before", "after", "share"),
    [
        (("0.34", "0.33", "0.33"), ("0.5", "0.25", "0.25"), 1600),
        (("0.25", "0.25", "0.25", "0.25"), ("0.4", "0.2", "0.2", "0.2"), 1500),
        (("0.9", "0.05", "0.05"), ("0.333333", "0.333333", "0.333334"), 5667),
        (("0.5", "0.5"), ("0.9", "0.1"), 4000),
    ],
)
def test_a_change_of_weights_moves_the_least_share(
    before: tuple[str, ...], after: tuple[str, ...], share: int
) -> None:
    ranges = allocate(weights_of(*before), Decimal(1))
    changed = reallocate(ranges, weights_of(*before), weights_of(*after), Decimal(1))
    assert abs(moved(ranges, changed) - share) <= 1


@st.composite
def weightings(draw: st.DrawFn, count: int) -> Weights:
    parts = draw(st.lists(st.integers(200, 10_000), min_size=count, max_size=count))
    shares = [Decimal(part * 10_000 // sum(parts)) / 10_000 for part in parts]
    shares[0] += 1 - sum(shares)
    return dict(zip("abcdefgh", shares, strict=False))


@st.composite
def changes(draw: st.DrawFn) -> tuple[Weights, Decimal, list[tuple[Weights, Decimal]]]:
    """Weights and coverage of a test, and up to four changes of both."""
    count = draw(st.integers(2, 6))
    thousandths = draw(st.lists(st.integers(50, 1000), min_size=2, max_size=5).map(sorted))
    coverages = [Decimal(each) / 1000 for each in thousandths]
    return (
        draw(weightings(count)),
        coverages[0],
        [(draw(weightings(count)), coverage) for coverage in coverages[1:]],
    )


@settings(deadline=None)
@example(
    (
        weights_of("0.1511", "0.1509", "0.1509", "0.2626", "0.2845"),
        Decimal("0.05"),
        [(weights_of("0.0883", "0.088", "0.1743", "0.1585", "0.4909"), Decimal("0.05"))],
    )
)
@given(changes())
def test_nobody_leaves_and_no_more_move_than_weights_ask_for(
    change: tuple[Weights, Decimal, list[tuple[Weights, Decimal]]],
) -> None:
    weights, coverage, steps = change
    phases = [allocate(weights, coverage)]
    for wanted, wider in steps:
        before = Allocation(weights, Decimal("0.0001"))
        changed = reallocate_from(phases, before, Allocation(wanted, wider))
        owned = owners_of(phases[-1])
        assert all(
            now is not None for was, now in zip(owned, owners_of(changed), strict=True) if was
        )
        covered = sum(bucket_counts(phases[-1]).values())
        half_change = sum((abs(wanted[key] - weights[key]) for key in weights), Decimal(0)) / 2
        assert abs(moved(phases[-1], changed) - covered * half_change) <= len(weights)
        _check_counts(changed, wanted, wider)
        _check_form(changed)
        phases, weights = [*phases, changed], wanted
        _check_strata(phases, weights)


def _check_strata(phases: list[tuple[BucketRange, ...]], weights: Weights) -> None:
    """Whenever a bucket was covered first: the split among its like is that of the weights."""
    now = owners_of(phases[-1])
    seen: set[int] = set()
    for ranges in phases:
        places = {place for each in ranges for place in range(each.start, each.end)} - seen
        seen |= places
        for key, weight in weights.items():
            have = sum(1 for place in places if now[place] == key)
            assert abs(have - weight * len(places)) <= len(phases)


def _check_counts(ranges: tuple[BucketRange, ...], weights: Weights, coverage: Decimal) -> None:
    counts = bucket_counts(ranges)
    total = sum(counts.values())
    assert abs(total - coverage * BUCKETS) <= len(weights)
    assert all(abs(counts[key] - weight * total) <= 1 for key, weight in weights.items())


def _check_form(ranges: tuple[BucketRange, ...]) -> None:
    """In order, apart, and no two of one variant side by side."""
    assert all(each.start < each.end for each in ranges)
    for left, right in pairwise(ranges):
        assert left.end < right.start or (left.end == right.start and left.variant != right.variant)


@settings(deadline=None)
@given(weightings(5), st.lists(st.integers(500, 10_000), min_size=2, max_size=6).map(sorted))
def test_a_ramp_of_coverage_moves_nobody(weights: Weights, steps: list[int]) -> None:
    phases = [allocate(weights, Decimal(steps[0]) / BUCKETS)]
    for step in steps[1:]:
        now, wanted = (Allocation(weights, Decimal(each) / BUCKETS) for each in (1, step))
        wider = reallocate_from(phases, now, wanted)
        assert moved(phases[-1], wider) == 0
        assert sum(bucket_counts(wider).values()) >= step
        phases.append(wider)


def test_a_ramp_gives_the_ranges_that_a_start_with_that_coverage_gives() -> None:
    weights = weights_of("0.5", "0.3", "0.2")
    ranges = allocate(weights, Decimal("0.01"))
    for coverage in ("0.05", "0.25", "1"):
        ranges = reallocate(ranges, weights, weights, Decimal(coverage))
        assert ranges == allocate(weights, Decimal(coverage))


def test_new_buckets_are_split_by_the_new_weights_as_the_old_ones_are() -> None:
    even, uneven = weights_of("0.5", "0.5"), weights_of("0.7", "0.3")
    ranges = allocate(even, Decimal("0.1"))
    changed = reallocate(ranges, even, uneven, Decimal("0.4"))
    moves = moves_between(ranges, changed)
    assert moves.moved == {("b", "a"): 200}
    assert moves.added == {"a": 2100, "b": 900}


def test_a_variant_can_be_taken_out_and_its_units_go_to_the_others() -> None:
    weights = weights_of("0.4", "0.3", "0.3")
    ranges = allocate(weights, Decimal(1))
    changed = reallocate(ranges, weights, weights_of("0.6", "0.4", "0"), Decimal(1))
    assert bucket_counts(changed) == {"a": 6000, "b": 4000}
    assert moves_between(ranges, changed).moved == {("c", "a"): 2000, ("c", "b"): 1000}


def test_there_and_back_again_is_the_same_split() -> None:
    even, uneven = weights_of("0.5", "0.5"), weights_of("0.9", "0.1")
    ranges = allocate(even, Decimal(1))
    there = reallocate(ranges, even, uneven, Decimal(1))
    assert bucket_counts(reallocate(there, uneven, even, Decimal(1))) == bucket_counts(ranges)


def test_fewer_than_take_part_already_is_refused() -> None:
    even = weights_of("0.5", "0.5")
    ranges = allocate(even, Decimal("0.5"))
    half, less = Allocation(even, Decimal("0.5")), Allocation(even, Decimal("0.4999"))
    with pytest.raises(CoverageShrinks) as refusal:
        reallocate_from([ranges], half, less)
    assert str(refusal.value).startswith("0.5 of all customers take part already")


def test_a_weight_too_small_for_a_bucket_is_refused_by_name() -> None:
    even = weights_of("0.5", "0.5")
    ranges = allocate(even, Decimal("0.1"))
    with pytest.raises(ShareTooSmall) as refusal:
        reallocate(ranges, even, weights_of("0.9999", "0.0001"), Decimal("0.1"))
    assert refusal.value.field == "weights.b"
