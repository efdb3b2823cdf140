"""A payload evaluated as clients do it: GrowthBook's published cases, and rules of our own."""

from typing import Any

import pytest

from experiments.assignment.growthbook import eval_feature, run
from experiments.assignment.results import ExperimentResult
from tests.experiments.assignment.left_out import kept

EQUAL = {"variations": ["A", "B"], "ranges": [[0, 0.5], [0.5, 1]], "hashVersion": 2}


def test_published_feature_cases_hold() -> None:
    cases = kept("feature")
    assert len(cases) == 33
    for name, context, key, expected in cases:
        attributes, forced = context.get("attributes", {}), context.get("forcedVariations")
        found = eval_feature(context, attributes, key, forced)
        told = {
            "value": found.value,
            "on": found.on,
            "off": not found.on,
            "source": found.source,
            "ruleId": found.rule_id,
        }
        if found.result is not None:
            told |= {"experiment": found.experiment, "experimentResult": as_client(found.result)}
            expected["experimentResult"]["hashValue"] = str(attributes["id"])
        assert told == expected, name


def as_client(result: ExperimentResult) -> dict[str, Any]:
    """The result under the names of the published cases."""
    told = {
        "key": result.key,
        "featureId": result.feature,
        "value": result.value,
        "variationId": result.variation_id,
        "inExperiment": result.in_experiment,
        "hashUsed": result.hash_used,
        "hashAttribute": result.hash_attribute,
        "hashValue": result.hash_value,
        "stickyBucketUsed": False,
    }
    return told if result.bucket is None else {**told, "bucket": result.bucket}


def test_published_run_cases_hold() -> None:
    cases = kept("run")
    assert len(cases) == 40
    for name, context, experiment, value, in_experiment, hash_used in cases:
        attributes, forced = context.get("attributes", {}), context.get("forcedVariations")
        found = run(experiment, attributes, context, forced)
        told = (found.value, found.in_experiment, found.hash_used)
        assert told == (value, in_experiment, hash_used), name


@pytest.mark.parametrize(
    ("value", "bucket"),
    [("홍길동", 0.2155), ("😀", 0.4346), (1, 0.2140), (1.0, 0.2140), (1.5, 0.3225), (1e21, 0.6672)],
)
def test_ids_are_hashed_as_javascript_writes_them(value: object, bucket: float) -> None:
    found = run({**EQUAL, "key": "k", "seed": "seed"}, {"id": value})
    assert found.bucket == bucket


@pytest.mark.parametrize("value", [None, "", 0, 0.0, True, ["a"], {"a": 1}, float("nan")])
def test_what_names_nobody_is_in_no_test(value: object) -> None:
    found = run({**EQUAL, "key": "k"}, {"id": value})
    assert (found.in_experiment, found.value, found.bucket) == (False, "A", None)


def test_a_variation_may_own_several_ranges() -> None:
    rule = {
        "key": "k", "seed": "seed", "hashVersion": 2, "variations": ["A", "B", "A"],
        "ranges": [[0, 0.2], [0.4, 1], [0.2, 0.4]],
        "meta": [{"key": "a"}, {"key": "b"}, {"key": "a"}],
    }  # fmt: skip
    payload = {"features": {"test": {"defaultValue": None, "rules": [rule]}}}
    found = eval_feature(payload, {"id": "홍길동"}, "test")
    assert found.result is not None
    assert (found.value, found.result.key, found.result.variation_id) == ("A", "a", 2)


@pytest.mark.parametrize(
    ("attributes", "value", "source"),
    [
        ({"id": "u1", "held": True}, "held out", "force"),
        ({"id": "u1"}, "B", "experiment"),
        ({}, None, "defaultValue"),
    ],
)
def test_a_parent_decides_before_the_test(
    attributes: dict[str, Any], value: object, source: str
) -> None:
    held = {"id": "held", "condition": {"value": "holdoutcontrol"}}
    payload = {
        "features": {
            "held": {
                "defaultValue": "genpop",
                "rules": [{"condition": {"held": True}, "force": "holdoutcontrol"}],
            },
            "test": {
                "defaultValue": None,
                "rules": [{"parentConditions": [held], "force": "held out"}, EQUAL | {"seed": "s"}],
            },
        }
    }
    found = eval_feature(payload, attributes, "test")
    assert (found.value, found.source) == (value, source)


def test_a_forced_value_tells_what_was_met() -> None:
    tracks = [{"experiment": {"key": "k"}, "result": {"key": "a"}}]
    feature = {"defaultValue": None, "rules": [{"force": [], "tracks": tracks}]}
    found = eval_feature({"features": {"test": feature}}, {}, "test")
    assert (found.value, found.on, found.tracks) == ([], True, tracks)
