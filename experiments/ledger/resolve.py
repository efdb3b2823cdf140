"""Facts to rows of the ledger: keys become ids, amounts whole numbers.

A variant that Truelift itself assigned is computed again, so that a report can tell when
a customer met another one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import NamedTuple

import msgspec

from experiments.errors import Invalid
from experiments.ledger.allocated import OUTSIDE_DATES, TESTER, KnownExperiment
from experiments.ledger.facts import Event, Exposure, Fact
from experiments.ledger.fields import LONGEST_SOURCE_ID, MONEY_EVENTS
from experiments.ledger.identity.alias import Alias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.identity.key import AliasHasher
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


class NoVariantForAlias(Invalid):
    """An exposure without a variant, of a customer whose unit is not known yet."""

    template = (
        "the variant is missing, and cannot be worked out for a customer who is known by an alias"
    )


class AliasesNotTaken(Invalid):
    """There is no key here that an alias could be hashed with."""

    template = "no customer can be named by an alias here"


class SentToNobody(Invalid):
    """A message is said to have been sent in the arm that gets none."""

    template = "variant {variant!r} gets no message, so nothing can have been sent"


class Resolved(NamedTuple):
    """A row of the ledger, but for its position and where it came from.

    Attributes:
        digest: SHA-256 of what the source said, 32 bytes; of an alias, its keyed hash.
        unit_id: The customer; None where only an alias is known.
        alias: Kind and keyed hash, ``email:5f…``; or ``unit:`` and the id of a merged unit.
        occurred_at: Microseconds since 1970.
        variant: As reported, or else as Truelift assigned.
        expected_variant: As Truelift assigned; None where it did not.
        value: Minor units of ``currency``, or without one millionths.
        properties: JSON text.
    """

    source_id: str
    digest: bytes
    fact: str
    unit_id: str | None
    alias: str | None
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


@dataclass(frozen=True, slots=True)
class Context:
    """What facts are placed by.

    Attributes:
        experiments: By key, at least those that the facts name, if the project has them.
        currency: The project's, for purchases, refunds and costs that name none.
        hasher: Of the project's aliases; None where none are taken.
    """

    experiments: Mapping[str, KnownExperiment]
    currency: str
    hasher: AliasHasher | None = None

    def knowing(self, experiments: Mapping[str, KnownExperiment]) -> "Context":
        """The same with other experiments."""
        return replace(self, experiments=experiments)

    def hashed(self, alias: Alias | None) -> str | None:
        """The alias as the ledger keeps it; None of none.

        Raises:
            AliasesNotTaken: If there is no key.
        """
        if alias is None:
            return None
        if self.hasher is None:
            raise AliasesNotTaken(field="alias")
        return self.hasher.hashed(alias)


def resolve(fact: Fact, context: Context) -> Resolved:
    """Place a fact in the ledger.

    Args:
        fact: As reported.
        context: Of its project.

    Raises:
        Invalid: Naming the field that does not fit the experiment.
    """
    if isinstance(fact, Event):
        return _event(fact, context)
    if isinstance(fact, Exposure):
        return _exposure(fact, context)
    return _alias(fact, context)


def _event(event: Event, context: Context) -> Resolved:
    known = None
    if event.experiment is not None:
        known = _known(event.experiment, context.experiments)
    if known is not None and event.variant is not None:
        _check_variant(event.variant, known)
    alias = context.hashed(event.alias)
    money = event.currency
    if money is None and event.value is not None and event.type in MONEY_EVENTS:
        money = context.currency
    value = None if event.value is None else scaled(event.value, money)
    at = microseconds(event.occurred_at)
    properties = written(event.properties)
    said = (
        "event", event.unit_id, alias, event.type, at, event.channel, event.experiment,
        event.variant, value, money, event.machine, properties,
    )  # fmt: skip
    return Resolved(
        _source_id(event, alias), digest_of(said), "event", event.unit_id, alias, event.type, at,
        event.channel, known.id if known else None, event.variant, None, None, value, money,
        event.machine, properties,
    )  # fmt: skip


def _exposure(exposure: Exposure, context: Context) -> Resolved:
    known = _known(exposure.experiment, context.experiments)
    # Whom an alias stands for is found out when reading: then it is too late to compare.
    expected = known.variant_of(exposure) if exposure.alias is None else None
    variant = exposure.variant or expected
    if variant is None:
        kind = NotInTheTest if exposure.alias is None else NoVariantForAlias
        raise kind(field="variant")
    if exposure.unit_id in known.testers:
        expected = TESTER
    elif known.allocates and not known.was_open_at(exposure.occurred_at):
        expected = OUTSIDE_DATES
    reason = _reason(exposure, variant, known)
    alias = context.hashed(exposure.alias)
    money = None if exposure.cost is None else exposure.currency or context.currency
    cost = None if exposure.cost is None else scaled(exposure.cost, money, "cost")
    at = microseconds(exposure.occurred_at)
    properties = written(exposure.properties)
    said = (
        "exposure", exposure.unit_id, alias, exposure.type, at, exposure.channel,
        exposure.experiment, exposure.variant, exposure.suppressed_reason, cost, money, properties,
    )  # fmt: skip
    return Resolved(
        _source_id(exposure, alias), digest_of(said), "exposure", exposure.unit_id, alias,
        exposure.type, at, exposure.channel, known.id, variant, expected, reason, cost, money,
        False, properties,
    )  # fmt: skip


def _alias(fact: AliasFact, context: Context) -> Resolved:
    alias, at = context.hashed(fact.alias), microseconds(fact.valid_from)
    digest = digest_of(("alias", alias, fact.unit_id, at))
    return Resolved(
        fact.source_id or f"alias:{digest.hex()[:40]}", digest, "alias", fact.unit_id, alias,
        fact.alias.kind, at, None, None, None, None, None, None, None, False, None,
    )  # fmt: skip


def digest_of(said: object) -> bytes:
    """What tells a repetition of a fact from another fact with its id, 32 bytes."""
    return sha256(_ENCODE(said)).digest()


def _source_id(fact: Event | Exposure, alias: str | None) -> str:
    """The fact's own id; of one that holds for its customer only, with the customer's hash."""
    if alias is None or fact.alias is None or not fact.alias.tells_facts:
        return fact.source_id
    whole = f"{fact.source_id}:{alias}"
    if len(whole) <= LONGEST_SOURCE_ID:
        return whole
    source = fact.source_id.partition(":")[0]
    return f"{source}:{sha256(whole.encode()).hexdigest()}"


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
