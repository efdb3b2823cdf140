"""Answering a list gives what answering its units one by one gives."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange, variant_at
from experiments.assignment.bulk import Assignments, arms, assign_many, buckets
from experiments.assignment.evaluation import REASONS, AssignableExperiment, Assignment, assign
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.hashing import bucket
from experiments.assignment.members import UnitList
from tests.experiments.assignment.assignable import assignable, attributes, experiments, names
from tests.experiments.assignment.many_units import make_ids


@pytest.mark.parametrize("seed", ["subject-line", "봄🎯"])
def test_buckets_of_a_list_are_those_of_its_ids(seed: str) -> None:
    ids = make_ids(100_000)
    assert buckets(seed, ids).tolist() == [bucket(seed, unit_id) for unit_id in ids]


any_text = st.text(st.characters(), max_size=40)


@given(st.text(max_size=5), st.lists(any_text, max_size=20))
def test_buckets_of_any_text_are_those_of_each(seed: str, ids: list[str]) -> None:
    assert buckets(seed, ids).tolist() == [bucket(seed, unit_id) for unit_id in ids]


@given(st.text(max_size=5), st.lists(st.text(min_size=3, max_size=3), min_size=1, max_size=20))
def test_so_are_those_of_ids_of_one_length(seed: str, ids: list[str]) -> None:
    assert buckets(seed, ids).tolist() == [bucket(seed, unit_id) for unit_id in ids]


def test_half_surrogate_pairs_side_by_side_stay_apart() -> None:
    ids = ["\ud83d", "\ude00", "😀", "a\ud83d", "\ude00b"]
    assert buckets("seed", ids).tolist() == [bucket("seed", unit_id) for unit_id in ids]


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


def told(
    experiment: AssignableExperiment, unit_ids: list[str], found: Assignments
) -> list[Assignment]:
    """The answers about a list in the form of those about one unit."""
    answers = []
    for index, unit_id in enumerate(unit_ids):
        code, place = int(found.variants[index]), int(found.buckets[index])
        variant = None if code < 0 else found.keys[code]
        payload = None if variant is None else experiment.payloads.get(variant)
        reason = REASONS[found.reasons[index]]
        bucket_or_none = None if place < 0 else place
        answers.append(
            Assignment(experiment.key, unit_id, variant, payload, reason, bucket_or_none)
        )
    return answers


@settings(max_examples=300)
@given(experiments(), st.lists(st.tuples(names, attributes), max_size=40))
def test_a_list_is_answered_as_each_of_its_units(
    experiment: AssignableExperiment, asked: list[tuple[str, dict[str, Any]]]
) -> None:
    ids, known = [unit_id for unit_id, _ in asked], [each for _, each in asked]
    one_by_one = [assign(experiment, unit_id, each) for unit_id, each in asked]
    assert told(experiment, ids, assign_many(experiment, ids, known)) == one_by_one
    unknown = [assign(experiment, unit_id) for unit_id in ids]
    assert told(experiment, ids, assign_many(experiment, ids)) == unknown


def test_a_long_list_is_answered_as_each_of_its_units() -> None:
    ids = make_ids(100_000)
    experiment = assignable(
        ranges=(BucketRange("a", 0, 3000), BucketRange("b", 5000, 8000)),
        layer=Layer("crm", "crm", 0, 8000),
        holdouts=(Holdout("all", "전체", 500),),
        exclude_lists=(UnitList.of(ids[::7]),),
        capped=UnitList.of(ids[::11]),
        overrides={ids[70_000]: "b"},
    )
    found = assign_many(experiment, ids)
    one_by_one = [assign(experiment, unit_id) for unit_id in ids]
    assert told(experiment, ids, found) == one_by_one
    variants = [each.variant for each in one_by_one]
    assert found.counts() == {"a": variants.count("a"), "b": variants.count("b")}
    reasons = [each.reason for each in one_by_one]
    assert found.reason_counts() == {reason: reasons.count(reason) for reason in set(reasons)}


@pytest.mark.parametrize("state", ["draft", "paused", "stopped"])
def test_a_closed_experiment_answers_its_reason_for_all(state: str) -> None:
    experiment = assignable(state=state)
    found = assign_many(experiment, ["u1", "u2"])
    assert told(experiment, ["u1", "u2"], found) == [
        assign(experiment, "u1"),
        assign(experiment, "u2"),
    ]
