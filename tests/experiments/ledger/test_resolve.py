"""Facts in the light of the registry: keys, variants and amounts."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from experiments.assignment.buckets import BucketRange, variant_at
from experiments.assignment.hashing import bucket
from experiments.errors import Invalid
from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.facts import Fact
from experiments.ledger.identity.key import IdentityKey
from experiments.ledger.resolve import (
    Context,
    NotInTheTest,
    Resolved,
    SentToNobody,
    UnknownExperiment,
    resolve,
)
from experiments.registry.experiment import Phase
from tests.experiments.ledger.factories import AT, HALVES, event, exposure, known

EXTERNAL = known(allocates=False, phases=())
HASHER = IdentityKey.derived("k" * 32).hasher("shop")
SILENT = known(allocates=False, variants={"a": False, "b": True}, phases=())


def resolved(fact: Fact, experiment: KnownExperiment | None = None) -> Resolved:
    return resolve(fact, Context({"spring": experiment or known()}, "KRW", HASHER))


def unit_of(variant: str) -> str:
    """A customer whom the hash gives that variant."""
    units = map(str, range(100))
    return next(unit for unit in units if variant_at(HALVES, bucket("spring", unit)) == variant)


def test_an_exposure_without_a_variant_gets_the_one_that_truelift_assigned() -> None:
    row = resolved(exposure(unit_id=unit_of("b"), variant=None))
    assert (row.variant, row.expected_variant, row.experiment_id) == ("b", "b", 1)


def test_a_variant_that_differs_from_the_assigned_one_is_kept_beside_it() -> None:
    row = resolved(exposure(unit_id=unit_of("b"), variant="a"))
    assert (row.variant, row.expected_variant) == ("a", "b")


def test_another_tools_allocation_is_believed() -> None:
    row = resolved(exposure(unit_id=unit_of("b"), variant="a"), EXTERNAL)
    assert (row.variant, row.expected_variant) == ("a", None)


def test_another_tools_exposure_needs_its_variant() -> None:
    with pytest.raises(NotInTheTest) as refusal:
        resolved(exposure(variant=None), EXTERNAL)
    assert refusal.value.field == "variant"


def test_the_phase_that_was_open_at_the_time_counts() -> None:
    change = datetime(2025, 3, 8, tzinfo=UTC)
    everyone = {arm: (BucketRange(arm, 0, 10_000),) for arm in ("a", "b")}
    experiment = known(
        phases=(
            Phase(1, "spring", everyone["a"], change - timedelta(days=7), change),
            Phase(2, "spring", everyone["b"], change),
        )
    )
    before = exposure(variant=None, occurred_at=change - timedelta(microseconds=1))
    at = exposure(variant=None, occurred_at=change)
    assert resolved(before, experiment).variant == "a"
    assert resolved(at, experiment).variant == "b"


@pytest.mark.parametrize(
    ("phases", "given"),
    [
        ((), "~outside"),
        ((Phase(1, "spring", HALVES, AT + timedelta(days=1)),), "~outside"),
        ((Phase(1, "spring", HALVES, AT - timedelta(days=2), AT - timedelta(days=1)),), "~outside"),
        ((Phase(1, "spring", (BucketRange("a", 0, 0),), AT - timedelta(days=1)),), None),
    ],
    ids=["never started", "before the start", "after the stop", "not covered"],
)
def test_outside_the_allocation_only_a_reported_variant_is_kept(
    phases: tuple[Phase, ...], given: str | None
) -> None:
    row = resolved(exposure(), known(phases=phases))
    assert (row.variant, row.expected_variant) == ("a", given)
    with pytest.raises(NotInTheTest):
        resolved(exposure(variant=None), known(phases=phases))


@pytest.mark.parametrize("experiment", [known(), EXTERNAL])
def test_a_variant_must_be_one_of_the_experiments(experiment: KnownExperiment) -> None:
    with pytest.raises(Invalid, match="expected one of a, b, got 'c'") as refusal:
        resolved(exposure(variant="c"), experiment)
    assert refusal.value.field == "variant"


def test_an_events_variant_must_be_one_of_the_experiments() -> None:
    with pytest.raises(Invalid) as refusal:
        resolved(event(experiment="spring", variant="c"))
    assert refusal.value.field == "variant"


@pytest.mark.parametrize("fact", [exposure(experiment="autumn"), event(experiment="autumn")])
def test_an_experiment_must_be_in_the_project(fact: Fact) -> None:
    with pytest.raises(UnknownExperiment, match="no experiment 'autumn'") as refusal:
        resolved(fact)
    assert refusal.value.field == "experiment"


def test_an_event_may_name_its_experiment_and_need_not() -> None:
    assert resolved(event()).experiment_id is None
    row = resolved(event(experiment="spring", variant="b"))
    assert (row.experiment_id, row.variant, row.expected_variant) == (1, "b", None)


def test_nothing_is_sent_in_an_arm_without_message() -> None:
    with pytest.raises(SentToNobody) as refusal:
        resolved(exposure(variant="b"), SILENT)
    assert refusal.value.field == "type"
    always_silent = (Phase(1, "s", (BucketRange("b", 0, 10_000),), AT),)
    filled = replace(SILENT, allocates=True, phases=always_silent)
    with pytest.raises(SentToNobody):
        resolved(exposure(variant=None), filled)


def test_a_planned_send_in_an_arm_without_message_says_why_nothing_went_out() -> None:
    planned = exposure(type="planned_send", variant="b")
    assert resolved(planned, SILENT).suppressed_reason == "no_message_arm"
    bought = replace(planned, suppressed_reason="bought_already")
    assert resolved(bought, SILENT).suppressed_reason == "bought_already"
    assert resolved(exposure(type="planned_send"), SILENT).suppressed_reason is None


def test_an_arm_with_a_message_is_not_the_one_without() -> None:
    planned = exposure(type="planned_send", suppressed_reason="no_message_arm")
    with pytest.raises(Invalid) as refusal:
        resolved(planned, SILENT)
    assert refusal.value.field == "suppressed_reason"


def test_amounts_become_whole_numbers_in_their_own_currency_or_the_projects() -> None:
    dollars = resolved(event(type="purchase", value=Decimal("12.5"), currency="USD"))
    assert (dollars.value, dollars.currency) == (1250, "USD")
    won = resolved(event(type="purchase", value=9007199254740993))
    assert (won.value, won.currency) == (9007199254740993, "KRW")
    score = resolved(event(type="rating", value=Decimal("4.5")))
    assert (score.value, score.currency) == (4_500_000, None)


@pytest.mark.parametrize(
    "more",
    [
        {"type": "purchase", "value": Decimal("12.5")},
        {"value": Decimal("1.5"), "currency": "KRW"},
        {"value": Decimal("0.0000001")},
        {"value": 2**63, "currency": "KRW"},
        {"value": 10**5000},
    ],
)
def test_an_amount_that_cannot_be_kept_exactly_is_refused(more: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        resolved(event(**more))
    assert refusal.value.field == "value"
    assert len(str(refusal.value)) < 200


def test_the_same_fact_has_the_same_digest_however_it_is_written() -> None:
    one = event(
        type="purchase", value=Decimal("10.50"), currency="USD", properties={"a": 1, "b": 2}
    )
    other = event(
        type="purchase", value=Decimal("10.5"), currency="USD", properties={"b": 2, "a": 1},
        source_id="e-2",
    )  # fmt: skip
    assert resolved(one).digest == resolved(other).digest


@pytest.mark.parametrize(
    "other",
    [
        event(unit_id="2"), event(type="click"), event(machine=True), event(channel="email"),
        event(occurred_at=AT + timedelta(microseconds=1)), event(properties={"a": "1"}),
        event(value=1), event(experiment="spring"), event(experiment="spring", variant="a"),
    ],
)  # fmt: skip
def test_another_fact_has_another_digest(other: Fact) -> None:
    assert resolved(other).digest != resolved(event()).digest


def test_the_digest_is_of_what_was_said_and_not_of_what_the_registry_made_of_it() -> None:
    said = exposure(variant=None, unit_id=unit_of("b"))
    everyone_a = (Phase(1, "spring", (BucketRange("a", 0, 10_000),), AT),)
    first, later = resolved(said), resolved(said, known(phases=everyone_a))
    assert (first.variant, later.variant) == ("b", "a")
    assert first.digest == later.digest
