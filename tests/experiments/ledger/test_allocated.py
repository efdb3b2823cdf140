"""Which variant an exposure is held against: by the phase of its time, and what kept units out."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from experiments.assignment.buckets import BucketRange, variant_at
from experiments.assignment.gates import Holdout, Layer
from experiments.assignment.hashing import bucket
from experiments.ledger.allocated import KnownHoldout, hash_units
from experiments.registry.experiment import Phase
from tests.experiments.ledger.factories import AT, HALVES, exposure, known

DAY = timedelta(days=1)
FIRST, SECOND = HALVES, (BucketRange("b", 0, 5000), BucketRange("a", 5000, 10_000))
HELD = Holdout("all", "all", bucket("all", "1") + 1)
PASSED = Holdout("all", "all", bucket("all", "1"))
SLOT = bucket("crm", "1")
GIVEN = variant_at(HALVES, bucket("spring", "1"))


def phase(**changes: Any) -> Phase:
    return replace(Phase(1, "spring", HALVES, AT - DAY), **changes)


def test_an_exposure_is_held_against_the_phase_of_its_time() -> None:
    phases = (
        phase(ranges=FIRST, ended_at=AT),
        phase(number=2, ranges=SECOND, started_at=AT),
    )
    experiment = known(phases=phases)
    early = experiment.variant_of(exposure(occurred_at=AT - timedelta(seconds=1)))
    late = experiment.variant_of(exposure(occurred_at=AT))
    assert {early, late} == {"a", "b"}
    assert early == GIVEN


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"testers": frozenset({"1"})}, None),
        ({"testers": frozenset({"2"})}, GIVEN),
        ({"layer": Layer("crm", "crm", SLOT, SLOT + 1)}, GIVEN),
        ({"layer": Layer("crm", "crm", 0, SLOT)}, None),
        ({"holdouts": {7: KnownHoldout(HELD)}}, None),
        ({"holdouts": {7: KnownHoldout(PASSED)}}, GIVEN),
        ({"holdouts": {8: KnownHoldout(HELD)}}, GIVEN),
        ({"holdouts": {7: KnownHoldout(HELD, ended_at=AT)}}, GIVEN),
        ({"holdouts": {7: KnownHoldout(HELD, ended_at=AT + DAY)}}, None),
    ],
)
def test_who_was_kept_out_was_given_no_variant(
    changes: dict[str, Any], expected: str | None
) -> None:
    experiment = known(phases=(phase(holdouts=(7,)),), **changes)
    assert experiment.variant_of(exposure()) == expected
    hashed = hash_units({"spring": experiment}, [exposure()])["spring"]
    assert hashed.hashed.keys() == experiment.seeds
    assert hashed.variant_of(exposure()) == expected


def test_a_household_is_held_against_its_own_bucket_where_it_was_sent() -> None:
    experiment = known(phases=(phase(),), hash_attribute="household")
    given = variant_at(HALVES, bucket("spring", "가-7"))
    sent = exposure(properties={"household": "가-7"})
    assert experiment.variant_of(sent) == given
    layered = replace(experiment, layer=Layer("crm", "crm", 0, bucket("crm", "가-7")))
    assert layered.variant_of(sent) is None


@pytest.mark.parametrize("variant", ["a", "b", None])
def test_without_the_household_the_sender_is_believed(variant: str | None) -> None:
    experiment = known(phases=(phase(),), hash_attribute="household")
    assert experiment.variant_of(exposure(variant=variant)) == variant
