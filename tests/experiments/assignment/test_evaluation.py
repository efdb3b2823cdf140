"""What a caller is told about one unit."""

import dataclasses

import pytest

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import AssignableExperiment, assign
from experiments.assignment.hashing import bucket

RUNNING = AssignableExperiment(
    id=1,
    key="subject-line",
    project_id=1,
    state="running",
    seed="subject-line",
    ranges=(BucketRange("a", 0, 5000), BucketRange("b", 5000, 10_000)),
    payloads={"a": None, "b": {"subject": "{이름}님만을 위한 혜택"}},
)


def test_a_running_experiment_assigns_by_bucket_and_gives_the_payload() -> None:
    answer = assign(RUNNING, "홍길동", {"grade": "VIP"})
    place = bucket("subject-line", "홍길동")
    assert (answer.experiment, answer.unit_id, answer.bucket) == ("subject-line", "홍길동", place)
    assert answer.variant == ("a" if place < 5000 else "b")
    assert answer.payload == RUNNING.payloads[answer.variant]
    assert answer.reason == "assigned"


def test_attributes_do_not_change_the_answer() -> None:
    assert assign(RUNNING, "c000001", {"country": "KR"}) == assign(RUNNING, "c000001")


def test_a_unit_outside_coverage_gets_no_variant_but_its_bucket() -> None:
    narrow = dataclasses.replace(RUNNING, ranges=(BucketRange("a", 0, 1),))
    answer = assign(narrow, "홍길동")
    assert (answer.variant, answer.payload, answer.reason) == (None, None, "not_covered")
    assert answer.bucket == bucket("subject-line", "홍길동")


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("draft", "not_started"),
        ("scheduled", "not_started"),
        ("paused", "paused"),
        ("stopped", "stopped"),
        ("decided", "stopped"),
        ("archived", "stopped"),
    ],
)
def test_only_a_running_experiment_assigns(state: str, reason: str) -> None:
    answer = assign(dataclasses.replace(RUNNING, state=state), "홍길동")
    assert (answer.variant, answer.payload, answer.reason, answer.bucket) == (
        None,
        None,
        reason,
        None,
    )


def test_an_external_allocation_is_not_ours_to_answer() -> None:
    answer = assign(dataclasses.replace(RUNNING, allocation="external"), "홍길동")
    assert (answer.variant, answer.reason, answer.bucket) == (None, "external", None)


def test_a_variant_without_payload_answers_none() -> None:
    bare = dataclasses.replace(RUNNING, payloads={})
    assert assign(bare, "홍길동").payload is None
