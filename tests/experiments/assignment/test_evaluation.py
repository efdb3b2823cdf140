"""What a caller is told about one unit."""

import dataclasses
from typing import Any

import pytest

from experiments.assignment.buckets import BucketRange
from experiments.assignment.evaluation import REASONS, assign
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.hash_values import number_text
from experiments.assignment.hashing import bucket
from experiments.assignment.members import UnitList
from tests.experiments.assignment.assignable import RUNNING, assignable


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


# A unit whose bucket in every layer and holdout below is known.
UNIT = "홍길동"
HELD = Holdout("all", "all", bucket("all", UNIT) + 1)
PASSED = Holdout("all", "all", bucket("all", UNIT))
OWN_SLOT = bucket("crm", UNIT)
INSIDE = Layer("crm", "crm", OWN_SLOT, OWN_SLOT + 1)
BELOW, ABOVE = Layer("crm", "crm", 0, OWN_SLOT), Layer("crm", "crm", OWN_SLOT + 1, 10_000)
ON, OFF = UnitList.of([UNIT]), UnitList.of(["김민지"])


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"holdouts": (HELD,)}, "holdout"),
        ({"holdouts": (PASSED,)}, "assigned"),
        ({"holdouts": (PASSED, HELD)}, "holdout"),
        ({"layer": INSIDE}, "assigned"),
        ({"layer": BELOW}, "other_test"),
        ({"layer": ABOVE}, "other_test"),
        ({"exclude_lists": (OFF, ON)}, "suppressed"),
        ({"exclude_lists": (OFF,)}, "assigned"),
        ({"require_lists": (ON, OFF)}, "no_consent"),
        ({"require_lists": (ON,)}, "assigned"),
        ({"condition": {"grade": {"$eq": "vip"}}}, "assigned"),
        ({"condition": {"grade": {"$eq": "new"}}}, "not_targeted"),
        ({"condition": {"id": {"$eq": UNIT}}}, "assigned"),
        ({"capped": ON}, "capped"),
        ({"capped": OFF, "cooling": ON}, "cooling_down"),
        ({"capped": OFF, "cooling": OFF}, "assigned"),
        ({"overrides": {UNIT: "b"}}, "override"),
        ({"overrides": {"김민지": "b"}}, "assigned"),
    ],
)
def test_everything_that_keeps_a_unit_out_has_its_reason(
    changes: dict[str, Any], reason: str
) -> None:
    answer = assign(assignable(**changes), UNIT, {"grade": "vip", "id": "김민지"})
    assert answer.reason == reason
    assert (answer.variant is None) is (reason not in {"assigned", "override"})
    assert (answer.bucket is None) is (reason != "assigned")


def test_the_first_reason_is_told() -> None:
    everything: dict[str, Any] = {
        "holdouts": (HELD,),
        "layer": BELOW,
        "exclude_lists": (ON,),
        "require_lists": (OFF,),
        "condition": {"grade": {"$eq": "new"}},
        "capped": ON,
        "cooling": ON,
        "ranges": (),
    }
    reasons = []
    while everything:
        reasons.append(assign(assignable(**everything), UNIT).reason)
        everything.pop(next(iter(everything)))
    start = REASONS.index("holdout")
    assert reasons == list(REASONS[start : start + len(reasons)])


def test_a_tester_gets_the_variant_given_by_hand_whatever_keeps_others_out() -> None:
    held_out = assignable(overrides={UNIT: "b"}, holdouts=(HELD,), capped=ON, ranges=())
    answer = assign(held_out, UNIT)
    assert (answer.variant, answer.payload) == ("b", RUNNING.payloads["b"])
    assert assign(assignable(overrides={UNIT: "b"}, state="paused"), UNIT).reason == "paused"


@pytest.mark.parametrize(("value", "text"), [("가-7", "가-7"), ("8", "8"), (8, "8"), (8.0, "8")])
def test_units_of_one_household_get_one_variant(value: object, text: str) -> None:
    by_household = assignable(hash_attribute="household")
    place = bucket("subject-line", text)
    for unit_id in ("u1", "u2", "u3"):
        answer = assign(by_household, unit_id, {"household": value})
        assert (answer.unit_id, answer.bucket) == (unit_id, place)


@pytest.mark.parametrize("value", ["", None, 0, True, ["8"], {"a": 1}, float("nan"), float("inf")])
def test_a_unit_without_a_household_to_hash_gets_no_variant(value: object) -> None:
    by_household = assignable(hash_attribute="household")
    answer = assign(by_household, UNIT, {"household": value})
    assert (answer.variant, answer.reason) == (None, "no_hash_value")
    assert assign(by_household, UNIT).reason == "no_hash_value"


def test_a_layer_goes_by_the_household_too_and_a_holdout_by_the_unit() -> None:
    slot = bucket("crm", "가-7")
    layered = assignable(hash_attribute="household", layer=Layer("crm", "crm", slot, slot + 1))
    assert assign(layered, UNIT, {"household": "가-7"}).reason == "assigned"
    held = assignable(hash_attribute="household", holdouts=(HELD,))
    assert assign(held, UNIT, {"household": "가-7"}).reason == "holdout"


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (1.0, "1"), (-1.5, "-1.5"), (0.1, "0.1"), (123456.789, "123456.789"),
        (1e-6, "0.000001"), (1e-7, "1e-7"), (1.25e-9, "1.25e-9"),
        (123456789012345680000.0, "123456789012345680000"), (1e21, "1e+21"),
        (-1.5e300, "-1.5e+300"),
        (0.1 + 0.2, "0.30000000000000004"), (5e-324, "5e-324"), (2**53 + 0.0, "9007199254740992"),
    ],
)  # fmt: skip
def test_numbers_are_written_as_javascript_writes_them(number: float, text: str) -> None:
    assert number_text(number) == text
