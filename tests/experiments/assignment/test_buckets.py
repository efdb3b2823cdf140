"""Bucket ranges: GrowthBook's arithmetic, and ours in whole buckets."""

from collections import Counter
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.buckets import (
    BucketRange,
    ShareTooSmall,
    allocate,
    bucket_counts,
    choose_variation,
    get_bucket_ranges,
    get_equal_weights,
    in_namespace,
    variant_at,
)
from experiments.assignment.hashing import BUCKETS, bucket
from experiments.errors import Invalid
from tests.experiments.assignment.vectors import growthbook_cases

HALVES = {"a": Decimal("0.5"), "b": Decimal("0.5")}
THIRDS = {"a": Decimal("0.333333"), "b": Decimal("0.333333"), "c": Decimal("0.333334")}


def test_published_range_cases_hold() -> None:
    cases = growthbook_cases("getBucketRange")
    assert len(cases) == 13
    for name, (count, coverage, weights), expected in cases:
        ranges = get_bucket_ranges(count, coverage, weights)
        assert [list(taken) for taken in ranges] == [
            pytest.approx(limits, abs=1e-9) for limits in expected
        ], name


def test_published_choice_cases_hold() -> None:
    cases = growthbook_cases("chooseVariation")
    assert len(cases) == 13
    for name, fraction, ranges, expected in cases:
        assert choose_variation(fraction, ranges) == expected, name


def test_published_namespace_cases_hold() -> None:
    cases = growthbook_cases("inNamespace")
    assert len(cases) == 16
    for name, unit_id, (namespace, start, end), expected in cases:
        assert in_namespace(unit_id, (namespace, start, end)) is expected, name


def test_published_weight_cases_hold() -> None:
    cases = growthbook_cases("getEqualWeights")
    assert len(cases) == 6
    for count, expected in cases:
        assert [round(weight, 8) for weight in get_equal_weights(count)] == expected


def test_full_coverage_leaves_no_bucket_over() -> None:
    ranges = allocate(THIRDS, Decimal(1))
    assert [(taken.start, taken.end) for taken in ranges] == [
        (0, 3333),
        (3333, 6667),
        (6667, 10000),
    ]
    assert bucket_counts(ranges) == {"a": 3333, "b": 3334, "c": 3333}


def test_every_bucket_has_the_owner_growthbooks_fractions_name() -> None:
    ranges = allocate(HALVES, Decimal("0.3"))
    fractions = get_bucket_ranges(2, 0.3, [0.5, 0.5])
    for place in range(BUCKETS):
        index = choose_variation(place / BUCKETS, fractions)
        assert variant_at(ranges, place) == (None if index < 0 else ranges[index].variant)


weights_of_three = st.tuples(st.integers(1, 9998), st.integers(1, 9998)).filter(
    lambda pair: sum(pair) < BUCKETS
)


@given(weights_of_three, st.integers(1, 1000), st.integers(1, 1000))
def test_raising_coverage_moves_nobody(pair: tuple[int, int], one: int, other: int) -> None:
    weights = dict(zip("abc", _fractions(pair), strict=True))
    low, high = sorted((one, other))
    narrow = _allocated(weights, Decimal(low) / 1000)
    wide = _allocated(weights, Decimal(high) / 1000)
    for taken, widened in zip(narrow, wide, strict=False):
        assert (taken.variant, taken.start) == (widened.variant, widened.start)
        assert taken.end <= widened.end


@given(weights_of_three)
def test_ranges_touch_without_overlap(pair: tuple[int, int]) -> None:
    ranges = allocate(dict(zip("abc", _fractions(pair), strict=True)), Decimal(1))
    assert ranges[0].start == 0
    assert ranges[-1].end == BUCKETS
    assert all(left.end == right.start for left, right in pairwise(ranges))


def _fractions(pair: tuple[int, int]) -> tuple[Decimal, ...]:
    return tuple(Decimal(part) / BUCKETS for part in (*pair, BUCKETS - sum(pair)))


def _allocated(weights: dict[str, Decimal], coverage: Decimal) -> tuple[BucketRange, ...]:
    try:
        return allocate(weights, coverage)
    except ShareTooSmall:
        return ()


def test_units_keep_their_variant_when_coverage_rises() -> None:
    units = [f"고객-{number}" for number in range(20_000)]
    steps = [allocate(HALVES, Decimal(tenths) / 10) for tenths in (1, 4, 7, 10)]
    for unit_id in units:
        seen = [variant_at(ranges, bucket("봄", unit_id)) for ranges in steps]
        started = [variant for variant in seen if variant is not None]
        assert len(set(started)) == 1
        assert seen[len(seen) - len(started) :] == started


def test_a_variant_that_would_get_nobody_is_refused_by_name() -> None:
    with pytest.raises(ShareTooSmall) as refusal:
        allocate({"a": Decimal("0.9"), "b": Decimal("0.1")}, Decimal("0.0004"))
    assert refusal.value.field == "variants.1.weight"
    assert "'b' would get nobody" in str(refusal.value)


@pytest.mark.parametrize(("start", "end"), [(-1, 5), (6, 5), (0, 10_001)])
def test_a_range_outside_the_buckets_is_refused(start: int, end: int) -> None:
    with pytest.raises(Invalid):
        BucketRange("a", start, end)


def test_units_spread_evenly_over_buckets() -> None:
    counts = Counter(bucket("subject-line", f"c{number:06d}") // 100 for number in range(100_000))
    expected = 1000
    statistic = sum((counts[cell] - expected) ** 2 / expected for cell in range(100))
    # Chi-square with 99 degrees of freedom: one in a thousand lies above 148.
    assert statistic < 148


def test_seeds_split_independently_of_each_other() -> None:
    units = [f"c{number:06d}" for number in range(40_000)]
    both = Counter(
        (bucket("spring", unit_id) < 5000, bucket("summer", unit_id) < 5000) for unit_id in units
    )
    statistic = sum(
        (both[x, y] - 10_000) ** 2 / 10_000 for x in (True, False) for y in (True, False)
    )
    # Chi-square with 3 degrees of freedom: one in a thousand lies above 16.3.
    assert statistic < 16.3
