"""Facts to rows of the ledger: keys become ids, amounts whole numbers.

A variant that Truelift itself assigned is computed again, so that a report can tell when
a customer met another one.
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import NamedTuple

import msgspec

from experiments.errors import Invalid
from experiments.ledger.allocated import KnownExperiment
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.fields import MONEY_EVENTS
from experiments.ledger.instants import microseconds
from experiments.ledger.money import scaled
from experiments.ledger.properties import written

_ENCODE = msgspec.json.Encoder().encode


class UnknownExperiment(Invalid):
    """A fact names an experiment that is not in the project."""

    template = "no experiment {key!r} in this project"


class NotInTheTest(Invalid):
    """An exposure without a variant, of a customer whom Truelift gave none."""

    template = "the variant is missing, and this test had none for this customer at that time"


class SentToNobody(Invalid):
    """A message is said to have been sent in the arm that gets none."""

    template = "variant {variant!r} gets no message, so nothing can have been sent"


class Resolved(NamedTuple):
    """A row of the ledger, but for its position and where it came from.

    Attributes:
        digest: SHA-256 of what the source said, 32 bytes.
        occurred_at: Microseconds since 1970.
        variant: As reported, or else as Truelift assigned.
        expected_variant: As Truelift assigned; None where it did not.
        value: Minor units of ``currency``, or without one millionths.
        properties: JSON text.
    """

    source_id: str
    digest: bytes
    fact: str
    unit_id: str
    type: str
    occurred_at: int
    channel: str | None
    experiment_id: int | None
    variant: str | None
    expected_variant: str | None
    suppressed_reason: str | None
    value: int | None
    currency: str | None
    machine: bool
    properties: str | None


def resolve(fact: Fact, experiments: Mapping[str, KnownExperiment], currency: str) -> Resolved:
    """Place a fact in the ledger.

    Args:
        fact: As reported.
        experiments: By key, at least the one that the fact names, if the project has it.
        currency: The project's, for purchases and refunds that name none.

    Raises:
        Invalid: Naming the field that does not fit the experiment.
    """
    if isinstance(fact, Event):
        return _event(fact, experiments, currency)
    return _exposure(fact, experiments)


def _event(event: Event, experiments: Mapping[str, KnownExperiment], currency: str) -> Resolved:
    known = None
    if event.experiment is not None:
        known = _known(event.experiment, experiments)
    if known is not None and event.variant is not None:
        _check_variant(event.variant, known)
    money = event.currency
    if money is None and event.value is not None and event.type in MONEY_EVENTS:
        money = currency
    value = None if event.value is None else scaled(event.value, money)
    at = microseconds(event.occurred_at)
    properties = written(event.properties)
    said = (
        "event", event.unit_id, event.type, at, event.channel, event.experiment, event.variant,
        value, money, event.machine, properties,
    )  # fmt: skip
    return Resolved(
        event.source_id, sha256(_ENCODE(said)).digest(), "event", event.unit_id, event.type, at,
        event.channel, known.id if known else None, event.variant, None, None, value, money,
        event.machine, properties,
    )  # fmt: skip


def _exposure(exposure: Exposure, experiments: Mapping[str, KnownExperiment]) -> Resolved:
    known = _known(exposure.experiment, experiments)
    expected = known.variant_of(exposure)
    variant = exposure.variant or expected
    if variant is None:
        raise NotInTheTest(field="variant")
    reason = _reason(exposure, variant, known)
    at = microseconds(exposure.occurred_at)
    properties = written(exposure.properties)
    said = (
        "exposure", exposure.unit_id, exposure.type, at, exposure.channel, exposure.experiment,
        exposure.variant, exposure.suppressed_reason, properties,
    )  # fmt: skip
    return Resolved(
        exposure.source_id, sha256(_ENCODE(said)).digest(), "exposure", exposure.unit_id,
        exposure.type, at, exposure.channel, known.id, variant, expected, reason, None, None,
        False, properties,
    )  # fmt: skip


def _known(key: str, experiments: Mapping[str, KnownExperiment]) -> KnownExperiment:
    known = experiments.get(key)
    if known is None:
        raise UnknownExperiment(field="experiment", key=key)
    return known


def _check_variant(variant: str, known: KnownExperiment) -> None:
    if variant not in known.variants:
        raise Invalid(field="variant", expected="one of " + ", ".join(known.variants), got=variant)


def _reason(exposure: Exposure, variant: str, known: KnownExperiment) -> str | None:
    """Why nothing was sent; a planned send in the arm without message needs no saying."""
    _check_variant(variant, known)
    is_silent = known.variants[variant]
    if is_silent and exposure.type == "sent":
        raise SentToNobody(field="type", variant=variant)
    if exposure.suppressed_reason == "no_message_arm" and not is_silent:
        raise Invalid(
            field="suppressed_reason",
            expected="another reason, since this variant gets a message",
            got=exposure.suppressed_reason,
        )
    if is_silent and exposure.type == "planned_send":
        return exposure.suppressed_reason or "no_message_arm"
    return exposure.suppressed_reason
