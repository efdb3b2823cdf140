"""Amazon SES, through SNS: an envelope with the event as a text in it.

https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html
https://docs.aws.amazon.com/sns/latest/dg/sns-message-and-json-formats.html

An open or a click of a message to several addresses does not say whose it was: it is one
event for each of them, so such messages are better sent one by one. Raw delivery, without
the envelope, is not taken: it carries no signature. That a transient bounce is a soft one is
unverified.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

import msgspec

from experiments.errors import Invalid
from experiments.ledger.facts import Fact
from experiments.ledger.fields import Missing, brief
from experiments.ledger.identity.alias import EMAIL
from experiments.ledger.sources.contract import Source, Unstorable, event_name
from experiments.ledger.sources.customers import customer_at
from experiments.ledger.sources.messages import Report, link, tag_of
from experiments.ledger.sources.settings import SourceSettings
from experiments.ledger.sources.values import (
    at_path,
    flag_at,
    instant_at,
    needed_text,
    source_id,
    text_at,
)
from experiments.units import is_storable

EVENTS: dict[str, str | None] = {
    "Send": "sent", "Delivery": "delivered", "Open": "open", "Click": "click",
    "Bounce": "bounced", "Complaint": "complaint", "Reject": "dropped",
    "Rendering Failure": "dropped", "RenderingFailure": "dropped", "DeliveryDelay": "deferred",
    "Subscription": "unsubscribe",
}  # fmt: skip
# Where an event has its own part: its name, and the addresses it is about.
_PARTS = {
    "Delivery": ("delivery", "recipients"),
    "Open": ("open", None),
    "Click": ("click", None),
    "Bounce": ("bounce", "bouncedRecipients"),
    "Complaint": ("complaint", "complainedRecipients"),
    "DeliveryDelay": ("deliveryDelay", "delayedRecipients"),
    "Subscription": ("subscription", None),
}
_DESTINATION = "mail.destination"
_MOST_RECIPIENTS = 50
_DECODE = msgspec.json.Decoder(float_hook=Decimal).decode


def facts(item: Mapping[str, Any], settings: SourceSettings, now: datetime) -> Iterable[Fact]:  # noqa: ARG001 - the contract's
    """One fact for each address that the event is about."""
    if text_at(item, "Type") != "Notification":
        return
    id_, event = needed_text(item, "MessageId"), _inner(needed_text(item, "Message"))
    said = needed_text(event, "eventType", "notificationType")
    name = event_name(said, EVENTS, settings)
    if name is None or (said == "Subscription" and not _all_unsubscribed(event)):
        return
    part = _PARTS.get(said, ("mail", None))[0]
    at = instant_at(event, f"{part}.timestamp" if at_path(event, part) else "mail.timestamp")
    tags, url = _tags(event), text_at(event, "click.link")
    for number, address in enumerate(_addresses(event, said)):
        yield Report(
            source_id=source_id("ses", id_, str(number), said),
            customer=customer_at(
                {**tags, _DESTINATION: address}, settings, "unit_id",
                aliases=[(EMAIL, _DESTINATION)],
            ),
            event=name,
            at=at,
            tag=tag_of(settings, tags, ids=[tags.get("ses:configuration-set")], url=url),
            machine=settings.machine.marks(name, at_path(event, f"{part}.userAgent")),
            properties={
                "message": text_at(event, "mail.messageId"),
                "url": link(url),
                "bounce": _bounce(event) if name == "bounced" else None,
            },
        ).fact()  # fmt: skip


def _inner(text: str) -> Mapping[str, Any]:
    try:
        event = _DECODE(text.encode())
    except (msgspec.DecodeError, RecursionError, UnicodeEncodeError) as error:
        raise Invalid(field="Message", expected="a JSON object as text", got=brief(text)) from error
    if not isinstance(event, dict):
        raise Invalid(field="Message", expected="a JSON object as text", got=brief(event))
    return event


def _addresses(event: Mapping[str, Any], said: str) -> Iterator[str]:
    """The addresses in small letters, each once: their order is that of every delivery."""
    part, field = _PARTS.get(said, ("mail", None))
    listed = at_path(event, f"{part}.{field}") if field else None
    path = f"{part}.{field}" if listed else _DESTINATION
    listed = listed or at_path(event, _DESTINATION)
    if not isinstance(listed, list) or not 0 < len(listed) <= _MOST_RECIPIENTS:
        raise Invalid(
            field=path, expected=f"a list of 1 to {_MOST_RECIPIENTS} addresses", got=brief(listed)
        )
    found = {_address(each, f"{path}.{index}") for index, each in enumerate(listed)}
    yield from sorted(found)


def _address(each: object, path: str) -> str:
    text = each if isinstance(each, str) else text_at(each, "emailAddress")
    if not text:
        raise Missing(field=path)
    if not is_storable(text):
        raise Unstorable(field=path)
    return text.strip().lower()


def _tags(event: Mapping[str, Any]) -> dict[str, str]:
    """The message's tags, each of which is a list: the first value counts."""
    tags = at_path(event, "mail.tags")
    if not isinstance(tags, dict):
        return {}
    return {
        name: values[0]
        for name, values in tags.items()
        if isinstance(values, list) and values and isinstance(values[0], str)
    }


def _bounce(event: Mapping[str, Any]) -> str:
    return "hard" if text_at(event, "bounce.bounceType") == "Permanent" else "soft"


def _all_unsubscribed(event: Mapping[str, Any]) -> bool:
    return flag_at(event, "subscription.newTopicPreferences.unsubscribeAll")


SOURCE = Source(
    name="ses",
    title="Amazon SES",
    documentation=(
        "https://docs.aws.amazon.com/ses/latest/dg/event-publishing-retrieving-sns-contents.html"
    ),
    facts=facts,
    id_path="MessageId",
)
