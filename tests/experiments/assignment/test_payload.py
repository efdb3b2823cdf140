"""What clients evaluate by themselves comes out as the service itself answers."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest
from growthbook import GrowthBook
from hypothesis import given, settings
from hypothesis import strategies as st

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.growthbook import eval_feature
from experiments.assignment.members import UnitList
from experiments.assignment.payload import build_payload, value_of, variations
from tests.experiments.assignment.assignable import assignable, attributes, experiments, names

HASHABLE = {"$or": [{"id": {"$type": "string"}}, {"id": {"$type": "number"}}]}
RULE = {
    "key": "subject-line",
    "seed": "subject-line",
    "hashAttribute": "id",
    "hashVersion": 2,
    "phase": "1",
    "variations": ["a", {"subject": "{이름}님만을 위한 혜택"}],
    "meta": [{"key": "a"}, {"key": "b"}],
    "ranges": [[0.0, 0.5], [0.5, 1.0]],
    "condition": HASHABLE,
}


def features_of(*served: AssignableExperiment) -> dict[str, Any]:
    return dict(build_payload(served).features)


def rules_of(experiment: AssignableExperiment) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = features_of(experiment)[experiment.key]["rules"]
    return rules


def test_a_test_is_a_feature_of_ranges_and_keys() -> None:
    assert features_of(assignable()) == {"subject-line": {"defaultValue": None, "rules": [RULE]}}


def test_a_variant_of_two_ranges_stands_there_twice_under_one_key() -> None:
    ranges = (BucketRange("a", 0, 2000), BucketRange("b", 2000, 9000), BucketRange("a", 9000, 9500))
    (rule,) = rules_of(assignable(ranges=ranges))
    assert rule["meta"] == [{"key": "a"}, {"key": "b"}, {"key": "a"}]
    assert rule["ranges"] == [[0, 0.2], [0.2, 0.9], [0.9, 0.95]]
    assert rule["variations"][0] == rule["variations"][2] == "a"


def test_a_variant_without_buckets_is_still_listed() -> None:
    ranges = (BucketRange("b", 0, 10_000), BucketRange("a", 5000, 5000))
    (rule,) = rules_of(assignable(ranges=ranges))
    assert rule["meta"] == [{"key": "b"}, {"key": "a"}]
    assert rule["ranges"] == [[0, 1], [0, 0]]


def test_what_stands_around_a_test_goes_out_as_clients_know_it() -> None:
    experiment = assignable(
        hash_attribute="household",
        layer=Layer("mail", "layer:mail", 2500, 5000),
        holdouts=(Holdout("global", "holdout:global", 500),),
        condition={"grade": {"$eq": "vip"}},
        overrides={"tester-2": "b", "tester-1": "b", "tester-3": "a"},
    )
    features = features_of(experiment)
    testers_of_a, testers_of_b, held_out, rule = features["subject-line"]["rules"]
    assert testers_of_a == {"condition": {"id": {"$in": ["tester-3"]}}, "force": "a"}
    assert testers_of_b["condition"] == {"id": {"$in": ["tester-1", "tester-2"]}}
    assert held_out == {
        "parentConditions": [
            {
                "id": "$holdout:global",
                "condition": {"value": {"$ne": "holdoutcontrol"}},
                "gate": True,
            }
        ]
    }
    assert rule["filters"] == [
        {
            "seed": "layer:mail",
            "attribute": "household",
            "hashVersion": 2,
            "ranges": [[0.25, 0.5]],
        }
    ]
    of_a_kind = [{"household": {"$type": kind}} for kind in ("string", "number")]
    assert rule["condition"] == {"$and": [{"$or": of_a_kind}, {"grade": {"$eq": "vip"}}]}
    assert features["$holdout:global"] == {
        "defaultValue": "genpop",
        "rules": [
            {
                "key": "$holdout:global",
                "seed": "holdout:global",
                "hashAttribute": "id",
                "hashVersion": 2,
                "phase": "0",
                "variations": ["holdoutcontrol", "holdouttreatment"],
                "meta": [{"key": "0"}, {"key": "1"}],
                "ranges": [[0.0, 0.05], [0.5, 0.55]],
            }
        ],
    }


def test_a_name_with_a_dot_is_no_path() -> None:
    (rule,) = rules_of(assignable(hash_attribute="home.id"))
    assert "condition" not in rule


@pytest.mark.parametrize("unit_id", ["", None, 0, True, ["u1"], {"id": "u1"}])
def test_what_is_no_id_is_in_no_test(unit_id: object) -> None:
    features = features_of(assignable())
    found = eval_feature({"features": features}, {"id": unit_id}, "subject-line")
    assert (found.value, found.source) == (None, "defaultValue")


@pytest.mark.parametrize(
    "changes",
    [
        *({"state": state} for state in ("draft", "scheduled", "paused", "stopped", "decided")),
        {"allocation": "external"},
        {"by_list": True},
    ],
)
def test_only_what_a_client_may_answer_goes_out(changes: dict[str, Any]) -> None:
    assert features_of(assignable(**changes)) == {}


def test_the_same_tests_in_any_order_give_the_same_bytes() -> None:
    first = assignable(key="first", holdouts=(Holdout("b", "b", 5), Holdout("a", "a", 5)))
    second = assignable(key="second", overrides={"u2": "a", "u1": "a"})
    turned = replace(second, overrides={"u1": "a", "u2": "a"})
    one, other = build_payload([first, second]), build_payload([turned, first])
    assert json.dumps(one.features) == json.dumps(other.features)
    assert one.digest == other.digest
    assert list(one.features) == ["first", "second", "$holdout:a", "$holdout:b"]
    assert build_payload([first]).digest != one.digest


@pytest.mark.parametrize(
    ("payload", "on"), [(0, False), (False, False), ("", False), ([], True), ({}, True)]
)
def test_a_payload_that_counts_for_nothing_is_a_value(payload: object, *, on: bool) -> None:
    experiment = assignable(payloads={"a": payload, "b": None})
    found = eval_feature({"features": features_of(experiment)}, {"id": "홍길동"}, experiment.key)
    assert (found.value, found.on) == (payload, on)


def as_registered(experiment: AssignableExperiment) -> AssignableExperiment:
    """The test without lists; a seed is never empty, to clients that would be none."""
    holdouts = tuple(replace(each, seed=f"h{each.seed}") for each in experiment.holdouts)
    bare = replace(experiment, exclude_lists=(), require_lists=(), capped=None, cooling=None)
    return replace(bare, seed=f"s{experiment.seed}", holdouts=holdouts)


@settings(max_examples=100)
@given(experiments().map(as_registered), st.lists(names, min_size=5, max_size=20), attributes)
def test_clients_answer_as_the_service_does(
    experiment: AssignableExperiment, units: list[str], known: Mapping[str, Any]
) -> None:
    features = features_of(experiment)
    client = GrowthBook(features=features)
    for unit_id in units:
        found = assign(experiment, unit_id, known)
        theirs = {**known, "id": unit_id}
        ours = eval_feature({"features": features}, theirs, experiment.key)
        client.set_attributes(theirs)
        told = client.eval_feature(experiment.key)
        value = None if found.variant is None else value_of(experiment, found.variant)
        assert ours.value == told.value == value
        if found.reason == "assigned":
            assert ours.result is not None
            assert told.experimentResult is not None
            assert ours.result.key == told.experimentResult.key == found.variant
            assert variations(experiment)[ours.result.variation_id].variant == found.variant


def test_a_unit_list_keeps_its_test_from_clients() -> None:
    experiment = assignable(exclude_lists=(UnitList.of(["u1"]),), by_list=True)
    assert features_of(experiment, assignable(key="other")) == features_of(assignable(key="other"))
