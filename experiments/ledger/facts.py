"""Exposures and events: what other systems report, checked where it enters.

An exposure says that a customer met a variant at a time; an event says what the customer
did. Both carry the id that their source gave them, and count once under it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.fields import (
    Missing,
    UnknownField,
    brief,
    check_event_type,
    check_key,
    check_one_of,
    check_source_id,
)
from experiments.ledger.identity.alias import MERGED, Alias, UnfitAlias
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.instants import check_instant, read_instant
from experiments.ledger.money import check_amount
from experiments.ledger.properties import check_properties
from experiments.registry.experiment import CHANNELS
from experiments.units import check_unit_id

EXPOSURE_TYPES = ("assigned", "planned_send", "sent", "trigger", "viewed")
SUPPRESSED_REASONS = (
    "capped", "no_consent", "quiet_hours", "bought_already", "no_message_arm", "failed",
)  # fmt: skip


class TwoCustomers(Invalid):
    """A fact of two customers, or of one who is named twice."""

    template = "the customer is named by unit_id or by alias, and not by both"


@dataclass(frozen=True, slots=True)
class Exposure:
    """This customer met this variant, or was meant to, at this time.

    Attributes:
        source_id: The reporting system's own id of this fact.
        experiment: Key of the experiment.
        unit_id: The customer; None where only an alias is known.
        type: One of ``EXPOSURE_TYPES``.
        occurred_at: Aware.
        variant: Key of the variant; needed where Truelift did not assign.
        channel: One of ``experiments.registry.experiment.CHANNELS``, if known.
        suppressed_reason: Why a planned send was not made; None if it was.
        properties: What was known of the customer then, such as a segment; any JSON.
        alias: By which the customer is known, where the unit is not.
        cost: Of the message, in units of ``currency``.
        currency: ISO 4217 code; without one a cost is in the project's.
    """

    source_id: str
    experiment: str
    unit_id: str | None
    type: str
    occurred_at: datetime
    variant: str | None = None
    channel: str | None = None
    suppressed_reason: str | None = None
    properties: Mapping[str, Any] = field(default_factory=dict)
    alias: Alias | None = None
    cost: Decimal | int | None = None
    currency: str | None = None

    def __post_init__(self) -> None:
        check_source_id(self.source_id)
        check_key(self.experiment, "experiment")
        _check_customer(self.unit_id, self.alias)
        check_one_of(self.type, EXPOSURE_TYPES, "type")
        check_instant(self.occurred_at)
        if self.variant is not None:
            check_key(self.variant, "variant")
        if self.channel is not None:
            check_one_of(self.channel, CHANNELS, "channel")
        if self.suppressed_reason is not None:
            self._check_suppression(self.suppressed_reason)
        if self.properties != {}:
            check_properties(self.properties)
        if self.cost is not None or self.currency is not None:
            self._check_cost()

    def _check_cost(self) -> None:
        check_amount(self.cost, self.currency, "cost")
        if self.cost is not None and self.cost < 0:
            raise Invalid(field="cost", expected="0 or more", got=brief(self.cost))

    def _check_suppression(self, reason: str) -> None:
        check_one_of(reason, SUPPRESSED_REASONS, "suppressed_reason")
        if self.type != "planned_send":
            raise Invalid(
                field="suppressed_reason",
                expected="none, since only a planned_send can be suppressed",
                got=reason,
            )


@dataclass(frozen=True, slots=True)
class Event:
    """What a customer did, or what happened to a message to the customer.

    Attributes:
        source_id: The reporting system's own id of this fact.
        unit_id: The customer; None where only an alias is known.
        type: One of ``experiments.ledger.fields.EVENT_TYPES``, or a name of one's own.
        occurred_at: Aware.
        value: An amount in units of ``currency``, or any other number; of a refund, 0 or less.
        currency: ISO 4217 code; without one a purchase or refund is in the project's.
        machine: Whether a program did it and not the customer: a mail app that opens
            everything, a scanner that follows every link.
        properties: Any JSON.
        experiment: Key of the experiment that led to it, if the source knows.
        variant: Key of the variant, likewise.
        channel: One of ``experiments.registry.experiment.CHANNELS``, if known.
        alias: By which the customer is known, where the unit is not.
    """

    source_id: str
    unit_id: str | None
    type: str
    occurred_at: datetime
    value: Decimal | int | None = None
    currency: str | None = None
    machine: bool = False
    properties: Mapping[str, Any] = field(default_factory=dict)
    experiment: str | None = None
    variant: str | None = None
    channel: str | None = None
    alias: Alias | None = None

    def __post_init__(self) -> None:
        check_source_id(self.source_id)
        _check_customer(self.unit_id, self.alias)
        check_event_type(self.type)
        check_instant(self.occurred_at)
        if self.value is not None or self.currency is not None:
            self._check_value()
        if not isinstance(self.machine, bool):
            raise Invalid(field="machine", expected="true or false", got=brief(self.machine))
        if self.properties != {}:
            check_properties(self.properties)
        if self.experiment is not None:
            check_key(self.experiment, "experiment")
        if self.variant is not None:
            self._check_variant(self.variant)
        if self.channel is not None:
            check_one_of(self.channel, CHANNELS, "channel")

    def _check_value(self) -> None:
        check_amount(self.value, self.currency, "value")
        if self.value is not None and self.value > 0 and self.type == "refund":
            raise Invalid(
                field="value",
                expected="0 or less, since a refund is money back",
                got=brief(self.value),
            )

    def _check_variant(self, variant: str) -> None:
        check_key(variant, "variant")
        if self.experiment is None:
            raise Invalid(
                field="experiment", expected="an experiment, since a variant is given", got=None
            )


Fact = Exposure | Event | AliasFact

REQUIRED = {
    Exposure: ("source_id", "experiment", "unit_id", "type", "occurred_at"),
    Event: ("source_id", "unit_id", "type", "occurred_at"),
}
_FIELDS = {kind: tuple(one.name for one in fields(kind)) for kind in REQUIRED}


def read_exposure(item: object) -> Exposure:
    """Read an exposure from a JSON value; ``null`` is the same as an absent field.

    Raises:
        Invalid: Naming the field, if a field is unknown, missing or not as it should be.

    Examples:
        >>> read_exposure({"source_id": "m-1", "experiment": "spring", "unit_id": "홍길동",
        ...                "type": "sent", "occurred_at": "2025-03-10T10:00:00+09:00"}).unit_id
        '홍길동'
    """
    given = _given(item, Exposure)
    if given.get("suppressed_reason") == "none":
        del given["suppressed_reason"]
    return Exposure(**given)


def read_event(item: object) -> Event:
    """Read an event from a JSON value; ``null`` is the same as an absent field.

    Raises:
        Invalid: Naming the field, if a field is unknown, missing or not as it should be.

    Examples:
        >>> read_event({"source_id": "o-1", "unit_id": "7", "type": "purchase", "value": 42000,
        ...             "currency": "KRW", "occurred_at": "2025-03-10T02:00:00Z"}).value
        42000
    """
    return Event(**_given(item, Event))


def _given(item: object, kind: type[Exposure] | type[Event]) -> dict[str, Any]:
    if not isinstance(item, dict):
        raise Invalid(expected="an object", got=brief(item))
    for name in item:
        if name not in _FIELDS[kind]:
            raise UnknownField(field=str(name)[:60], known=", ".join(_FIELDS[kind]))
    given = {name: value for name, value in item.items() if value is not None}
    if "alias" in given:
        given["alias"] = _read_alias(given["alias"])
        given.setdefault("unit_id", None)
    for name in REQUIRED[kind]:
        if name not in given:
            raise Missing(field=name)
    given["occurred_at"] = read_instant(given["occurred_at"])
    return given


def _read_alias(item: object) -> Alias:
    if not isinstance(item, dict) or set(item) != {"kind", "value"}:
        raise UnfitAlias(field="alias", expected="an object of kind and value")
    return Alias(**item)


def _check_customer(unit_id: str | None, alias: Alias | None) -> None:
    if alias is None:
        check_unit_id(unit_id)
    elif unit_id is not None:
        raise TwoCustomers(field="alias")
    elif alias.kind == MERGED:
        raise UnfitAlias(field="alias.kind", expected="another kind: a unit is named by unit_id")
