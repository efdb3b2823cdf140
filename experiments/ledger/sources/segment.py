"""Segment's and RudderStack's libraries: a batch of calls.

https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/ (batch),
https://segment.com/docs/connections/spec/email/ and .../spec/ecommerce/v2/ (names of events).
The libraries of both were observed to send ``{"batch": [...], "sentAt": ...}``.

A ``messageId`` is the source id as it stands: the sender's own, like that of our interface.
A customer is the ``userId``, else the alias ``anonymous`` of the ``anonymousId``. ``identify``
and ``alias`` say which alias is which unit (``identify.py``); ``group``, ``page`` and
``screen`` are ignored.

A client whose clock is wrong by more than a minute has its times moved by the time between
``sentAt`` and arrival (Segment's rule, unverified; by less, the network is the likelier
cause). What is told to be a repetition is the time as sent, since each retry has another
``sentAt``.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from experiments.errors import Invalid
from experiments.ledger.facts import Exposure, Fact
from experiments.ledger.fields import MONEY_EVENTS, brief, check_key, usual_name
from experiments.ledger.identity.facts import AliasFact
from experiments.ledger.instants import read_instant
from experiments.ledger.resolve import Context, Resolved
from experiments.ledger.sources.contract import Source
from experiments.ledger.sources.customers import Customer, customer_at, named
from experiments.ledger.sources.identify import ANONYMOUS, identified, merged
from experiments.ledger.sources.messages import Report, digest, place, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    amount_at,
    at_path,
    instant_at,
    needed_text,
    text_at,
    without_addresses,
)

EVENTS: dict[str, str | None] = {
    "Email Sent": "sent", "Email Delivered": "delivered", "Email Opened": "open",
    "Email Link Clicked": "click", "Email Bounced": "bounced",
    "Email Marked as Spam": "complaint", "Unsubscribed": "unsubscribe",
    "Order Completed": "purchase", "Order Refunded": "refund",
}  # fmt: skip
VIEWED = "Experiment Viewed"
_OF_MAIL = frozenset({"sent", "delivered", "open", "click", "bounced", "complaint", "unsubscribe"})
_SAY_NOTHING = ("group", "page", "screen")
_NAMING = {"identify": identified, "alias": merged}
_CLOCK_IS_WRONG = timedelta(minutes=1)
_AMOUNTS = ("revenue", "total", "value")


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:
    """The facts of one call."""
    kind = needed_text(item, "type")
    if kind in _NAMING:
        yield from _NAMING[kind](item, settings, _time(item, now))
        return
    if kind in _SAY_NOTHING:
        return
    if kind != "track":
        expected = "track, identify, alias, group, page or screen"
        raise Invalid(field="type", expected=expected, got=brief(kind))
    name = needed_text(item, "event")
    properties = at_path(item, "properties")
    if not isinstance(properties, Mapping | None):
        raise Invalid(field="properties", expected="an object", got=brief(properties))
    said, at = properties or {}, _time(item, now)
    if name == VIEWED:
        yield _viewed(item, said, settings, at)
        return
    named = {**EVENTS, **settings.events}
    event = named[name] if name in named else usual_name(name)
    if event is not None:
        yield _report(item, event, said, settings, at).fact()


def items_of(body: object, settings: SourceSettings) -> Sequence[object]:  # noqa: ARG001 - the contract's
    """The calls of a batch.

    Raises:
        Invalid: If there is no batch.
    """
    found = at_path(body, "batch")
    if not isinstance(found, list):
        raise Invalid(field="batch", expected="a list", got=brief(found))
    return found


def place_by_clock_of(body: object, now: datetime) -> Callable[..., Resolved]:
    """Makes a row of a fact of this batch, its time moved where the client's clock is wrong."""
    try:
        shift = now - read_instant(at_path(body, "sentAt"))
    except Invalid:
        shift = timedelta()

    def moved(fact: Fact, context: Context) -> Resolved:
        if abs(shift) <= _CLOCK_IS_WRONG:
            return place(fact, context)
        return place(_moved(fact, shift), context)._replace(digest=digest(fact, context))

    return moved


def _moved(fact: Fact, shift: timedelta) -> Fact:
    at = fact.valid_from if isinstance(fact, AliasFact) else fact.occurred_at
    try:
        right = at + shift
    except OverflowError as error:
        raise Invalid(field="timestamp", expected="a time", got=at.isoformat()) from error
    if isinstance(fact, AliasFact):
        return replace(fact, valid_from=right)
    return replace(fact, occurred_at=right)


def _viewed(
    item: Mapping[str, Any], properties: Mapping[str, Any], settings: SourceSettings, at: datetime
) -> Exposure:
    experiment = text_at(properties, "experiment_id", "experimentId")
    variant = text_at(properties, "variation_id", "variationId")
    return Exposure(
        source_id=needed_text(item, "messageId"),
        experiment=check_key(experiment, "properties.experiment_id"),
        type="viewed",
        occurred_at=at,
        variant=variant and check_key(variant, "properties.variation_id"),
        **named(_customer(item, settings)),
    )


def _report(
    item: Mapping[str, Any],
    event: str,
    properties: Mapping[str, Any],
    settings: SourceSettings,
    at: datetime,
) -> Report:
    value = _value(event, properties)
    return Report(
        source_id=needed_text(item, "messageId"),
        customer=_customer(item, settings),
        event=event,
        at=at,
        tag=tag_of(
            settings,
            properties,
            _campaign(item, settings),
            ids=[text_at(properties, "campaign_id")],
            url=text_at(properties, "link_url", "url") if event == "click" else None,
        ),
        channel="email" if event in _OF_MAIL else None,
        machine=settings.machine.marks(event, at_path(item, "context.userAgent")),
        value=value,
        currency=text_at(properties, "currency"),
        properties=_kept(properties, event, lifted=value is not None),
    )


def _value(event: str, properties: Mapping[str, Any]) -> Decimal | int | None:
    """What was paid; of any other event the number under ``value``, if it is one."""
    if event in MONEY_EVENTS:
        return amount_at(properties, *_AMOUNTS)
    found = properties.get("value")
    is_number = isinstance(found, int | Decimal) and not isinstance(found, bool)
    return amount_at(properties, "value") if is_number else None


def _campaign(item: Mapping[str, Any], settings: SourceSettings) -> dict[str, str]:
    """The tags of the link that led to it, as the libraries of browsers note them."""
    name, content = (
        text_at(item, "context.campaign.name"),
        text_at(item, "context.campaign.content"),
    )
    return {settings.experiment: name, settings.variant: content} if name and content else {}


def _kept(properties: Mapping[str, Any], event: str, *, lifted: bool) -> dict[str, Any]:
    """Its properties; of a message, without the address that it went to."""
    left_out = {"currency", *_AMOUNTS} if lifted else set()
    kept = {name: value for name, value in properties.items() if name not in left_out}
    return {name: _nameless(value) for name, value in kept.items()} if event in _OF_MAIL else kept


def _nameless(value: Any) -> Any:
    """A value without addresses, however deep they stand."""
    if isinstance(value, Mapping):
        return {name: _nameless(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_nameless(each) for each in value]
    return without_addresses(value) if isinstance(value, str) else value


def _customer(item: Mapping[str, Any], settings: SourceSettings) -> Customer:
    return customer_at(item, settings, "userId", aliases=[(ANONYMOUS, "anonymousId")])


def _time(item: Mapping[str, Any], now: datetime) -> datetime:
    """As the client says; without a time, that of arrival."""
    for path in ("originalTimestamp", "timestamp"):
        if at_path(item, path) is not None:
            return instant_at(item, path)
    return now


SOURCE = Source(
    name="segment",
    title="Segment, RudderStack",
    documentation=(
        "https://segment.com/docs/connections/sources/catalog/libraries/server/http-api/"
    ),
    facts=facts,
    items=items_of,
    id_path="messageId",
)
