"""Remote evaluation answers as assignment does, lists included, and tells no rule."""

from collections.abc import Mapping
from typing import Any

import pytest
from growthbook import GrowthBook
from hypothesis import given, settings

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.members import UnitList
from experiments.assignment.payload import value_of
from experiments.assignment.remote import RemoteQuestion, remote_features
from experiments.errors import Invalid
from tests.experiments.assignment.assignable import assignable, attributes, experiments, names

NOTHING = {"defaultValue": None}
B = {"subject": "{이름}님만을 위한 혜택"}


def answer(experiment: AssignableExperiment, **question: Any) -> dict[str, Any]:
    return remote_features([experiment], RemoteQuestion(**question))[experiment.key]


def test_a_customer_gets_a_forced_value_and_what_to_report() -> None:
    ranges = (BucketRange("a", 0, 2000), BucketRange("b", 2000, 9000), BucketRange("a", 9000, 9500))
    experiment = assignable(seed="seed", ranges=ranges, phase=3)
    assert answer(experiment, attributes={"id": "홍길동"}) == {
        "defaultValue": None,
        "rules": [
            {
                "force": B,
                "tracks": [
                    {
                        "experiment": {
                            "key": "subject-line",
                            "phase": "3",
                            "variations": ["a", "b", "a"],
                        },
                        "result": {
                            "key": "b",
                            "featureId": "subject-line",
                            "variationId": 1,
                            "value": B,
                            "inExperiment": True,
                            "hashUsed": True,
                            "hashAttribute": "id",
                            "hashValue": "홍길동",
                            "bucket": 0.2155,
                            "stickyBucketUsed": False,
                        },
                    }
                ],
            }
        ],
    }


@pytest.mark.parametrize("unit_id", [None, "", 0, True, ["u1"]])
def test_without_an_id_there_is_no_test(unit_id: object) -> None:
    assert answer(assignable(), attributes={"id": unit_id}) == NOTHING
    assert answer(assignable()) == NOTHING


@pytest.mark.parametrize("unit_id", ["x" * 1025, "a\x00b"])
def test_an_id_that_is_none_is_refused(unit_id: str) -> None:
    with pytest.raises(Invalid) as refusal:
        answer(assignable(), attributes={"id": unit_id})
    assert refusal.value.field == "attributes.id"


def test_a_number_is_the_unit_of_its_text() -> None:
    assert answer(assignable(), attributes={"id": 7.0}) == answer(
        assignable(), attributes={"id": "7"}
    )


def test_a_variant_given_by_hand_is_not_reported_as_met() -> None:
    experiment = assignable(overrides={"tester": "b"})
    assert answer(experiment, attributes={"id": "tester"})["rules"] == [{"force": B}]


def test_lists_decide_here() -> None:
    experiment = assignable(exclude_lists=(UnitList.of(["홍길동"]),), by_list=True)
    assert answer(experiment, attributes={"id": "홍길동"}) == NOTHING
    assert answer(experiment, attributes={"id": "김민지"}) != NOTHING


def test_a_developer_may_ask_for_a_variation_or_a_value() -> None:
    unit = {"id": "홍길동"}
    forced = answer(assignable(), attributes=unit, forced_variations={"subject-line": 1})
    assert forced["rules"] == [{"force": B}]
    for index in (-1, 2):
        asked = answer(assignable(), attributes=unit, forced_variations={"subject-line": index})
        assert asked == NOTHING
    asked = answer(assignable(), attributes=unit, forced_features={"subject-line": False})
    assert asked["rules"] == [{"force": False}]
    assert answer(assignable(), attributes=unit, forced_features={"subject-line": None}) == NOTHING


@pytest.mark.parametrize("state", ["draft", "paused", "stopped"])
def test_a_test_that_does_not_run_is_not_told(state: str) -> None:
    question = RemoteQuestion(attributes={"id": "u1"}, forced_variations={"subject-line": 1})
    assert remote_features([assignable(state=state)], question) == {}


@settings(max_examples=100)
@given(experiments(), names, attributes)
def test_the_python_client_believes_what_assignment_says(
    experiment: AssignableExperiment, unit_id: str, known: Mapping[str, Any]
) -> None:
    found = assign(experiment, unit_id, known)
    theirs = {**known, "id": unit_id}
    reported: list[tuple[str, str]] = []
    client = GrowthBook(
        attributes=theirs,
        features=remote_features([experiment], RemoteQuestion(theirs)),
        on_experiment_viewed=lambda **met: reported.append(
            (met["experiment"].key, met["result"].key)
        ),
    )
    value = None if found.variant is None else value_of(experiment, found.variant)
    assert client.eval_feature(experiment.key).value == value
    is_met = found.reason == "assigned"
    assert reported == ([(experiment.key, found.variant)] if is_met else [])
