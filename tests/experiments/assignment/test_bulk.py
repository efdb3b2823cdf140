"""Hashing a list gives what hashing its ids one by one gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange, variant_at
from experiments.assignment.bulk import arms, buckets
from experiments.assignment.hashing import bucket
from tests.experiments.assignment.many_units import make_ids


@pytest.mark.parametrize("seed", ["subject-line", "봄🎯"])
def test_bulk_equals_scalar_on_100_000_ids(seed: str) -> None:
    ids = make_ids(100_000)
    assert buckets(seed, ids).tolist() == [bucket(seed, unit_id) for unit_id in ids]


@given(st.text(max_size=5), st.lists(st.text(max_size=40), max_size=20))
def test_bulk_equals_scalar_on_any_text(seed: str, ids: list[str]) -> None:
    assert buckets(seed, ids).tolist() == [bucket(seed, unit_id) for unit_id in ids]


def test_an_empty_list_has_no_buckets() -> None:
    assert buckets("seed", []).shape == (0,)


def test_arms_are_the_ranges_that_variant_at_names() -> None:
    ranges = (BucketRange("a", 0, 2500), BucketRange("b", 5000, 7500), BucketRange("a", 9000, 9001))
    places = np.arange(10_000)
    named = [None if arm < 0 else ranges[arm].variant for arm in arms(ranges, places)]
    assert named == [variant_at(ranges, place) for place in range(10_000)]


def test_the_first_of_overlapping_ranges_wins() -> None:
    ranges = (BucketRange("a", 0, 6000), BucketRange("b", 5000, 10_000))
    assert arms(ranges, np.array([5500])).tolist() == [0]
